"""What happens in a turn, for whoever watches: in this process at once, in others from the database soon after."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, JsonValue

from memory.turns import NewEvent

if TYPE_CHECKING:
    from memory.turns import Turns
    from tools.declaration import Clock

__all__ = ["TurnEvent", "TurnEvents"]


class TurnEvent(BaseModel):
    """One thing that happened: `plan`, `step`, `progress`, `approval`, `ended` …"""

    turn: str
    kind: str
    text: str
    data: dict[str, JsonValue] = {}


class TurnEvents:
    """Hands events to listeners of this process and writes those that other processes show."""

    def __init__(self, turns: Turns, clock: Clock) -> None:
        self._turns = turns
        self._clock = clock
        self._listeners: list[Callable[[TurnEvent], None]] = []

    def listen(self, listener: Callable[[TurnEvent], None]) -> Callable[[], None]:
        """Call `listener` with every event from now on; the answer stops that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, event: TurnEvent) -> None:
        """Show an event here and now, without keeping it."""
        for listener in tuple(self._listeners):
            listener(event)

    async def emit(
        self, turn: str, kind: str, text: str, data: dict[str, JsonValue] | None = None, **changes: Any
    ) -> None:
        """Show an event and keep it, in one transaction with `changes` to the turn (see `Turns.update`)."""
        self.tell(TurnEvent(turn=turn, kind=kind, text=text, data=data or {}))
        kept = NewEvent(kind=kind, text=text, data=data or {})
        await self._turns.update(turn, self._clock.now(), events=[kept], **changes)
