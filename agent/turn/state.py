"""The state of a turn: small, plain data. Values live in the result store, approvals in theirs."""

from __future__ import annotations

from typing import Any, TypedDict

from agent.plan import Plan, Step

__all__ = ["ENDED", "TurnState", "ended", "plan_of", "ready_steps"]

ENDED = frozenset({"succeeded", "failed", "skipped", "refused", "undone"})
"""Step statuses after which nothing more happens to a step. `refused` and `undone` count as failed in conditions."""


class TurnState(TypedDict, total=False):
    """What LangGraph checkpoints. Everything but the turn's id is filled in on the way."""

    turn: str
    plan: dict[str, Any]
    question: str
    planner: str
    answer: str
    """`plan`, `clarify`, `refuse` or `failed`: what planning came to."""
    pending: dict[str, Any] | None
    wave: list[str]
    asked: dict[str, str]
    """Step → approval that was asked for it."""
    granted: dict[str, str]
    """Step → standing grant that speaks for it."""
    foreseen: dict[str, dict[str, Any]]
    """Step → the preview that a grant with kinds was found to cover; execution is bound to it."""
    statuses: dict[str, str]
    problems: dict[str, dict[str, str]]
    """Step → what was tried, what did not happen, what to do."""
    moved: dict[str, list[str]]
    """Step → why what was approved for it couldn't be done any more, each time; it was previewed and asked for anew."""
    replans: int
    past: dict[str, str]
    """Ids of steps of earlier plans of this turn → their tools."""


def plan_of(state: TurnState) -> Plan:
    """The current plan."""
    return Plan.model_validate(state["plan"])


def ended(state: TurnState, step: str) -> bool:
    """Whether nothing more happens to the step."""
    return state.get("statuses", {}).get(step) in ENDED


def ready_steps(state: TurnState) -> list[Step]:
    """The steps that haven't ended and wait for no other."""
    from agent.plan import dependencies

    return [
        step
        for step in plan_of(state).steps
        if not ended(state, step.id) and all(ended(state, other) for other in dependencies(step))
    ]
