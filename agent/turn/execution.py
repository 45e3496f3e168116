"""Executing a wave: its steps side by side, each to its verified end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command
from pydantic import JsonValue

from agent.calls import Call, looks_back, resolve_for_use
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
from tools.declaration import Preview, Tool

__all__ = ["ExecuteWave"]

_ASKED_ANEW = 3
"""So often a step is asked for anew within one turn; what never stays as it was approved has another cause."""


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
        """Run the wave. A cancelled turn runs nothing more, but what a crash left half done is brought to an end."""
        turn = runtime.context
        steps = [step for step in plan_of(state).steps if step.id in state["wave"]]
        cancelled = await self._turns.cancel_requested(turn.id)
        results = await self._results.envelopes(turn.id) if any(map(looks_back, steps)) else {}
        endings = await asyncio.gather(*(self._run(step, state, turn, results, cancelled) for step in steps))
        again = {e.step: _why_again(e, state) for e in endings if _asks_again(e, state)}
        ended = [ending for ending in endings if ending.step not in again]
        update: TurnState = {
            "wave": [],
            "asked": {step: ref for step, ref in state.get("asked", {}).items() if step not in again},
            "moved": state.get("moved", {}) | again,
            "statuses": state.get("statuses", {}) | {e.step: _final(e.status) for e in ended},
            "problems": state.get("problems", {}) | {e.step: e.problem for e in ended if e.problem},
        }
        route = self._routing.after_wave({**state, **update})
        return Command(goto=route.goto, update={**update, **route.update})

    async def _run(
        self, step: Step, state: TurnState, turn: Turn, results: Mapping[str, Envelope], cancelled: bool
    ) -> Ending:
        try:
            call = resolve_for_use(step, plan_of(state), self._tools, results)
        except SophiaError as error:
            return Ending(step.id, "failed", problem_of(error))
        if cancelled and not await self._effects.begun(call, turn):
            return _stopped(step)
        await self._events.emit(turn.id, "step", call.in_words, self._data(call, "running"))
        began = time.monotonic()
        ending = await self._effects.perform(call, turn, await self._warrant(step, state))
        seconds = round(time.monotonic() - began, 3)
        text = ending.problem["tried"] if ending.problem else call.in_words
        await self._events.emit(turn.id, "step", text, self._data(call, ending.status, seconds))
        return ending

    @staticmethod
    def _data(call: Call, status: str, seconds: float | None = None) -> dict[str, JsonValue]:
        told: dict[str, JsonValue] = {"step": call.step.id, "tool": call.tool.name, "status": status}
        return told | {"seconds": seconds, "call": call.in_words}

    async def _warrant(self, step: Step, state: TurnState) -> Warrant:
        approval = state.get("asked", {}).get(step.id)
        if approval:
            return Warrant(approval=await self._approvals.get(approval))
        foreseen = state.get("foreseen", {}).get(step.id)
        return Warrant(
            grant=state.get("granted", {}).get(step.id),
            foreseen=Preview.model_validate(foreseen) if foreseen else None,
        )


def _asks_again(ending: Ending, state: TurnState) -> bool:
    """What somebody approved and can't be done as it was approved is previewed and asked for anew, a few times."""
    tried = state.get("moved", {}).get(ending.step, [])
    return ending.status == "moved" and ending.step in state.get("asked", {}) and len(tried) < _ASKED_ANEW


def _why_again(ending: Ending, state: TurnState) -> list[str]:
    why = ending.problem["tried"] if ending.problem else ""
    return [*state.get("moved", {}).get(ending.step, []), why]


def _final(status: str) -> str:
    return "failed" if status == "moved" else status


def _stopped(step: Step) -> Ending:
    return Ending(step.id, "refused", {"tried": f"{step.tool} was not called, because the request was stopped."})
