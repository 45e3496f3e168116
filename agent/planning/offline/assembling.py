"""From drafts to a plan: ids, needs, conditions in the closed grammar, references."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from agent.plan import Plan, Step
from agent.planning.offline.drafts import Draft
from agent.planning.offline.parts import Link

__all__ = ["assemble"]


def assemble(drafts: Sequence[Draft], first: int = 1) -> Plan:
    """The plan of the drafts, in their order; ids begin with `s{first}`."""
    ids = {id(draft): f"s{first + at}" for at, draft in enumerate(drafts)}
    return Plan(steps=[_step(draft, at, drafts, ids) for at, draft in enumerate(drafts)], planner="offline")


def _step(draft: Draft, at: int, drafts: Sequence[Draft], ids: dict[int, str]) -> Step:
    needs = _needs(draft, at, drafts)
    return Step(
        id=ids[id(draft)],
        tool=draft.tool,
        args={name: _argument(value, ids) for name, value in draft.args.items()},
        needs=[ids[id(need)] for need in needs],
        when=_when(draft, needs, ids),
        why=draft.why,
    )


def _argument(value: JsonValue | Draft, ids: dict[int, str]) -> JsonValue:
    return {"$from": f"{ids[id(value)]}.summary"} if isinstance(value, Draft) else value


def _needs(draft: Draft, at: int, drafts: Sequence[Draft]) -> list[Draft]:
    """What must have ended before: what is referred to, and the step before when the order matters."""
    needed: dict[int, Draft] = {}
    for value in draft.args.values():
        if isinstance(value, Draft):
            needed[id(value)] = value
    if draft.when is not None:
        needed |= {id(look): look for look in draft.when.looks}
    if at and _ordered(drafts[at - 1], draft):
        needed[id(drafts[at - 1])] = drafts[at - 1]
    return [other for other in drafts if id(other) in needed]


def _ordered(before: Draft, after: Draft) -> bool:
    """Effects keep their order; looks wait for each other only when that was said."""
    return before.writes or after.writes or after.link is Link.THEN


def _when(draft: Draft, needs: Sequence[Draft], ids: dict[int, str]) -> str | None:
    """The step's own condition; for a step after a conditional one, that it goes on when that one was skipped."""
    if draft.when is not None:
        joint = " and " if draft.when.every else " or "
        return joint.join(draft.when.comparison.format(ids[id(look)]) for look in draft.when.looks)
    if not any(need.when is not None for need in needs):
        return None
    told = [value for value in draft.args.values() if isinstance(value, Draft)]
    if told:
        return f"{ids[id(told[0])]} succeeded"
    return " and ".join(
        f"({ids[id(need)]} succeeded or {ids[id(need)]} skipped)"
        if need.when is not None
        else f"{ids[id(need)]} succeeded"
        for need in needs
    )
