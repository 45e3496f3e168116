"""Executing a wave: its steps side by side, each to its verified end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command
from pydantic import JsonValue

from agent.calls import looks_back, resolve
from agent.errors import SophiaError
from agent.plan import Step
from agent.turn.effects import Effects, Ending, Warrant, problem_of
from agent.turn.events import TurnEvents
from agent.turn.routing import Routing
from agent.turn.state import TurnState, plan_of
from memory.approvals import Approvals
from memory.labels import Envelope
from memory.results import Results
from memory.turns import Turn, Turns
from tools.declaration import Tool

__all__ = ["ExecuteWave"]


class ExecuteWave:
    """Run what was prepared and, where it was asked for, approved."""

    def __init__(
        self,
        *,
        tools: Mapping[str, Tool],
        turns: Turns,
        results: Results,
        approvals: Approvals,
        effects: Effects,
        events: TurnEvents,
        routing: Routing,
    ) -> None:
        self._routing = routing
        self._tools = tools
        self._turns = turns
        self._results = results
        self._approvals = approvals
        self._effects = effects
        self._events = events

    async def __call__(
        self, state: TurnState, runtime: Runtime[Turn]
    ) -> Command[Literal["prepare", "plan", "undo", "report"]]:
        """Run the wave; a cancelled turn runs nothing more."""
        turn = runtime.context
        steps = [step for step in plan_of(state).steps if step.id in state["wave"]]
        if await self._turns.cancel_requested(turn.id):
            endings = [_stopped(step) for step in steps]
        else:
            results = await self._results.envelopes(turn.id) if any(map(looks_back, steps)) else {}
            endings = await asyncio.gather(*(self._run(step, state, turn, results) for step in steps))
        update: TurnState = {
            "wave": [],
            "statuses": state.get("statuses", {}) | {ending.step: ending.status for ending in endings},
            "problems": state.get("problems", {}) | {e.step: e.problem for e in endings if e.problem},
        }
        route = self._routing.after_wave({**state, **update})
        return Command(goto=route.goto, update={**update, **route.update})

    async def _run(self, step: Step, state: TurnState, turn: Turn, results: Mapping[str, Envelope]) -> Ending:
        await self._events.emit(turn.id, "step", step.why or step.tool, self._data(step, "running"))
        try:
            call = resolve(step, plan_of(state), self._tools, results)
        except SophiaError as error:
            ending = Ending(step.id, "failed", problem_of(error))
        else:
            ending = await self._effects.perform(call, turn, await self._warrant(step, state))
        text = ending.problem["tried"] if ending.problem else step.why or step.tool
        await self._events.emit(turn.id, "step", text, self._data(step, ending.status))
        return ending

    @staticmethod
    def _data(step: Step, status: str) -> dict[str, JsonValue]:
        return {"step": step.id, "tool": step.tool, "status": status}

    async def _warrant(self, step: Step, state: TurnState) -> Warrant:
        approval = state.get("asked", {}).get(step.id)
        if approval:
            return Warrant(approval=await self._approvals.get(approval))
        return Warrant(grant=state.get("granted", {}).get(step.id))


def _stopped(step: Step) -> Ending:
    return Ending(step.id, "refused", {"tried": f"{step.tool} was not called, because the request was stopped."})
