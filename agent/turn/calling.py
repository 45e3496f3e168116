"""Calling a tool's functions with the ports that their signatures name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from agent.calls import Call
from agent.turn.events import TurnEvent, TurnEvents
from agent.turn.ports import CallScope, Ports
from memory.turns import Turn
from tools.declaration import Attempt, Permit, Preview, ProgressEvent, Reconciliation, Verification
from tools.result import Result

__all__ = ["Calling"]


@dataclass(frozen=True)
class _Asker:
    person: str
    thread: str
    turn: str
    audience: str


class Calling:
    """The one place where a tool's functions are called."""

    def __init__(self, ports: Ports, events: TurnEvents) -> None:
        self._ports = ports
        self._events = events

    def _scope(self, call: Call, turn: Turn, permit: Permit | None = None, bound: Preview | None = None) -> CallScope:
        def progress(event: ProgressEvent) -> None:
            data = {"step": call.step.id, "event": event.kind} | event.data
            self._events.tell(TurnEvent(turn=turn.id, kind="progress", text=event.text, data=data))

        return CallScope(progress, _Asker(turn.person, turn.thread, turn.id, turn.audience), permit, bound)

    async def preview(self, call: Call, turn: Turn) -> Preview:
        """What the call would do; for a tool without a preview, which only a read may be, its name."""
        if call.tool.preview is None:
            return Preview(summary=call.tool.summary)
        keywords = self._ports.arguments(call.tool.preview, self._scope(call, turn))
        return cast(Preview, await call.tool.preview(call.arguments, **keywords))

    async def run(self, call: Call, turn: Turn, permit: Permit | None, bound: Preview | None) -> Result:
        """Make the call."""
        keywords = self._ports.arguments(call.tool.run, self._scope(call, turn, permit, bound))
        return cast(Result, await call.tool.run(call.arguments, **keywords))

    async def verify(self, call: Call, turn: Turn, result: Result) -> Verification:
        """Whether the world is as the call should have left it."""
        if call.tool.verify is None:
            return Verification(ok=True, evidence=[])
        keywords = self._ports.arguments(call.tool.verify, self._scope(call, turn))
        return cast(Verification, await call.tool.verify(call.arguments, result, **keywords))

    async def reconcile(self, call: Call, turn: Turn, attempt: Attempt) -> Reconciliation:
        """Whether an attempt happened, by looking at the world."""
        assert call.tool.reconcile is not None, f"{call.tool.name} has an effect and no reconcile"
        keywords = self._ports.arguments(call.tool.reconcile, self._scope(call, turn))
        return cast(Reconciliation, await call.tool.reconcile(call.arguments, attempt, **keywords))
