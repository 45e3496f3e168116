"""Taking back what a turn did before one of its steps failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from agent.calls import resolve
from agent.plan import ON_FAILURE, Step
from agent.turn.effects import Effects
from agent.turn.events import TurnEvents
from agent.turn.state import TurnState, plan_of
from memory.ledger import Ledger
from memory.results import Results
from memory.turns import Turn
from tools.declaration import Tool

__all__ = ["UndoDone"]


class UndoDone:
    """Takes back, newest first, what this turn did before a step failed."""

    def __init__(
        self,
        *,
        tools: Mapping[str, Tool],
        results: Results,
        ledger: Ledger,
        effects: Effects,
        events: TurnEvents,
    ) -> None:
        self._tools = tools
        self._results = results
        self._ledger = ledger
        self._effects = effects
        self._events = events

    async def __call__(self, state: TurnState, runtime: Runtime[Turn]) -> Command[Literal["report"]]:
        """Undo every done effect; what can't be taken back stays, and the report says so."""
        turn = runtime.context
        statuses = dict(state.get("statuses", {}))
        problems = dict(state.get("problems", {}))
        for step in reversed(plan_of(state).steps):
            if statuses.get(step.id) == "succeeded" and self._tools[step.tool].effect.writes:
                statuses[step.id], problems[step.id] = await self._undo(step, state, turn)
        return Command(goto="report", update={"statuses": statuses, "problems": problems})

    async def _undo(self, step: Step, state: TurnState, turn: Turn) -> tuple[str, dict[str, str]]:
        call = resolve(step, plan_of(state), self._tools, await self._results.envelopes(turn.id))
        row = await self._ledger.find(turn.id, step.id, call.digest)
        if row is not None and row.approval is None and not plan_of(state).label_of(ON_FAILURE).trusted:
            return "succeeded", {"tried": f"{step.tool} was done and stays: nobody asked for it to be taken back."}
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
