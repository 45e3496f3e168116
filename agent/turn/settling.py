"""After a wave: the next one, a new plan, taking back what was done, or the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from langgraph.types import Command

from agent.calls import resolve
from agent.plan import Plan, Step
from agent.turn.effects import Effects
from agent.turn.events import TurnEvents
from agent.turn.state import TurnState, ended, plan_of
from memory.ledger import Ledger
from memory.results import Results
from memory.turns import Turn, Turns
from tools.declaration import Tool

__all__ = ["SettleWave", "UndoDone"]


class SettleWave:
    """Decides where a turn goes on. Has no effect of its own."""

    def __init__(self, *, turns: Turns, replans: int, can_replan: bool) -> None:
        """`replans` bounds how often a turn is planned anew; a planner that only reads words can't mend a plan."""
        self._turns = turns
        self._replans = replans if can_replan else 0

    async def __call__(self, state: TurnState) -> Command[Literal["prepare", "plan", "undo", "report"]]:
        """Go on with the next wave while there are steps; then replan, undo or report."""
        plan = plan_of(state)
        if not all(ended(state, step.id) for step in plan.steps):
            return Command(goto="prepare")
        statuses = state.get("statuses", {})
        failed = [
            step
            for step in plan.steps
            if statuses[step.id] == "failed" and step.id not in state.get("past", {}) and not _provided_for(step, plan)
        ]
        if failed and plan.on_failure == "undo":
            return Command(goto="undo")
        mendable = [step for step in failed if state.get("problems", {}).get(step.id, {}).get("acts") == "model"]
        if mendable and state.get("replans", 0) < self._replans:
            return Command(goto="plan", update=_for_replan(state, plan))
        return Command(goto="report")


def _provided_for(step: Step, plan: Plan) -> bool:
    """Whether the plan itself says what happens when this step fails."""
    return any(other.when and f"{step.id} failed" in other.when for other in plan.steps)


def _for_replan(state: TurnState, plan: Plan) -> TurnState:
    return {
        "replans": state.get("replans", 0) + 1,
        "past": state.get("past", {}) | {step.id: step.tool for step in plan.steps},
    }


class UndoDone:
    """Takes back, newest first, what this turn did before a step failed."""

    def __init__(
        self,
        *,
        tools: Mapping[str, Tool],
        turns: Turns,
        results: Results,
        ledger: Ledger,
        effects: Effects,
        events: TurnEvents,
    ) -> None:
        self._tools = tools
        self._turns = turns
        self._results = results
        self._ledger = ledger
        self._effects = effects
        self._events = events

    async def __call__(self, state: TurnState) -> Command[Literal["report"]]:
        """Undo every done effect; what can't be taken back stays, and the report says so."""
        turn = await self._turns.get(state["turn"])
        statuses = dict(state.get("statuses", {}))
        problems = dict(state.get("problems", {}))
        for step in reversed(plan_of(state).steps):
            if statuses.get(step.id) == "succeeded" and self._tools[step.tool].effect.writes:
                statuses[step.id], problems[step.id] = await self._undo(step, state, turn)
        return Command(goto="report", update={"statuses": statuses, "problems": problems})

    async def _undo(self, step: Step, state: TurnState, turn: Turn) -> tuple[str, dict[str, str]]:
        call = resolve(step, plan_of(state), self._tools, await self._results.envelopes(turn.id))
        row = await self._ledger.find(turn.id, step.id, call.digest)
        undone = await self._effects.take_back(call, turn, row) if row else None
        if undone is not None and undone.status == "succeeded":
            text = f"{step.tool} was taken back, because a later step failed."
            status = "undone"
        else:
            why = undone.problem["tried"] if undone and undone.problem else call.tool.irreversible or "nothing to undo"
            text = f"{step.tool} was done and could not be taken back: {why}"
            status = "succeeded"
        await self._events.emit(turn.id, "step", text, {"step": step.id, "tool": step.tool, "status": status})
        return status, {"tried": text}
