"""What was planned before, and how it is planned once more."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import JsonValue

from agent.planning.offline.drafts import Composition, Draft
from agent.planning.offline.situation import Situation
from agent.planning.planner import Call

__all__ = ["asking", "last_steps", "planned"]


def last_steps(situation: Situation) -> list[Call]:
    """The calls of the last turn that planned any."""
    turn = next((turn for turn in reversed(situation.context.turns) if turn.steps), None)
    return [call for call in turn.steps if call.tool in situation.catalogue] if turn else []


def planned(calls: Sequence[Call], situation: Situation) -> Composition:
    """The calls as steps; references into an earlier turn's results are left out."""
    done = Composition()
    for call in calls:
        declared = situation.catalogue.get(call.tool)
        if declared is None:
            continue
        args: dict[str, JsonValue | Draft] = {
            name: value for name, value in call.args.items() if not isinstance(value, dict)
        }
        why = "asked, leaning on what was said before"
        done.drafts.append(Draft(call.tool, args, None, writes=declared.effect.writes, why=why))
    return done


def asking(text: str, pending: Call | None = None) -> Composition:
    """A question instead of steps."""
    done = Composition()
    done.ask(text, pending)
    return done
