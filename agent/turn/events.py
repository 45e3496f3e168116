"""What happens in a turn, for whoever watches: in this process at once, in others from the database soon after."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, JsonValue

from memory.errors import StoreError
from memory.turns import NewEvent

if TYPE_CHECKING:
    from memory.turns import Turns
    from tools.declaration import Clock

__all__ = ["TurnEvent", "TurnEvents"]

LATER_SECONDS = 0.05


class TurnEvent(BaseModel):
    """One thing that happened: `plan`, `step`, `progress`, `approval`, `ended` …"""

    turn: str
    kind: str
    text: str
    data: dict[str, JsonValue] = {}


class TurnEvents:
    """Hands events to listeners of this process and writes those that other processes show.

    What only shows where a turn is gets written along with the turn's next change, or 50 ms later.
    """

    def __init__(self, turns: Turns, clock: Clock) -> None:
        self._turns = turns
        self._clock = clock
        self._listeners: list[Callable[[TurnEvent], None]] = []
        self._noted: dict[str, list[NewEvent]] = {}
        self._writing = asyncio.Lock()
        self._later: asyncio.Task[None] | None = None

    def listen(self, listener: Callable[[TurnEvent], None]) -> Callable[[], None]:
        """Call `listener` with every event from now on; the answer stops that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, event: TurnEvent) -> None:
        """Show an event here and now, without keeping it."""
        for listener in tuple(self._listeners):
            listener(event)

    def note(self, event: TurnEvent) -> None:
        """Show an event, and keep it along with the turn's next change."""
        self.tell(event)
        if event.turn:
            kept = NewEvent(kind=event.kind, text=event.text, data=event.data, at=self._clock.now())
            self._noted.setdefault(event.turn, []).append(kept)

    async def emit(
        self, turn: str, kind: str, text: str, data: dict[str, JsonValue] | None = None, **changes: Any
    ) -> None:
        """Show an event and keep it: with `changes` to the turn (see `Turns.update`) at once, without them soon."""
        self.tell(TurnEvent(turn=turn, kind=kind, text=text, data=data or {}))
        kept = NewEvent(kind=kind, text=text, data=data or {}, at=self._clock.now())
        self._noted.setdefault(turn, []).append(kept)
        if changes:
            await self.write(turn, **changes)
        elif self._later is None:
            self._later = asyncio.create_task(self._write_later())

    async def write(self, turn: str, **changes: Any) -> None:
        """Keep the events that aren't yet, in one transaction with `changes` to the turn (see `Turns.update`)."""
        async with self._writing:
            noted = self._noted.pop(turn, [])
            try:
                await self._turns.update(turn, self._clock.now(), events=noted, **changes)
            except StoreError:
                self._noted[turn] = noted + self._noted.get(turn, [])
                raise

    async def _write_later(self) -> None:
        await asyncio.sleep(LATER_SECONDS)
        self._later = None
        with contextlib.suppress(StoreError):  # the turn's next change meets the same
            await self._write_all()

    async def _write_all(self) -> None:
        for turn in tuple(self._noted):
            await self.write(turn)

    async def aclose(self) -> None:
        """Keep the events that aren't yet."""
        if self._later is not None:
            self._later.cancel()
        await self._write_all()
        async with self._writing:
            return
