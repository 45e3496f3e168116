"""Where a turn goes on when a wave has ended: the next wave, a new plan, taking back what was done, or the report."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from agent.plan import Plan, Step
from agent.turn.state import TurnState, ended, plan_of

__all__ = ["Route", "Routing"]


class Route(NamedTuple):
    """The next stage, and what it is told."""

    goto: Literal["prepare", "plan", "undo", "report"]
    update: dict[str, Any]


class Routing:
    """Decides where a turn goes on. Has no effect of its own."""

    def __init__(self, *, replans: int, can_replan: bool) -> None:
        """`replans` bounds how often a turn is planned anew; a planner that only reads words can't mend a plan."""
        self._replans = replans if can_replan else 0

    def after_wave(self, state: TurnState) -> Route:
        """Go on with the next wave while there are steps; then replan, undo or report."""
        plan = plan_of(state)
        if not all(ended(state, step.id) for step in plan.steps):
            return Route("prepare", {})
        statuses, past = state.get("statuses", {}), state.get("past", {})
        failed = [
            step
            for step in plan.steps
            if statuses[step.id] == "failed" and step.id not in past and not _provided_for(step, plan)
        ]
        if failed and plan.on_failure == "undo":
            return Route("undo", {})
        mendable = [step for step in failed if state.get("problems", {}).get(step.id, {}).get("acts") == "model"]
        if mendable and state.get("replans", 0) < self._replans:
            return Route("plan", _for_replan(state, plan))
        return Route("report", {})


def _provided_for(step: Step, plan: Plan) -> bool:
    """Whether the plan itself says what happens when this step fails."""
    return any(other.when and f"{step.id} failed" in other.when for other in plan.steps)


def _for_replan(state: TurnState, plan: Plan) -> dict[str, Any]:
    return {
        "replans": state.get("replans", 0) + 1,
        "past": state.get("past", {}) | {step.id: step.tool for step in plan.steps},
    }
