"""Work that is kept alive by tasks of this process: what is stored and unfinished is taken up again when it starts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from agent.sophia import Sophia
from memory.arrivals import Arrivals

__all__ = ["WorkHere"]


class WorkHere:
    """Starts work at once, side by side."""

    def __init__(self, sophia: Sophia) -> None:
        self._sophia = sophia
        self._tasks: set[asyncio.Task[Any]] = set()
        self.arrived: Callable[[str], Awaitable[None]] | None = None
        """Works on an arrival."""

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def arrive(self, key: str) -> None:
        """Have an arrival worked on."""
        assert self.arrived is not None, "a surface is there before anything arrives"
        self._start(_awaited(self.arrived(key)))

    async def drive(self, turn: str, cause: str) -> None:
        """Have a turn driven."""
        self._start(self._sophia.drive(turn))

    async def take_up(self, arrivals: Arrivals) -> None:
        """Start what was left unfinished."""
        for arrival in await arrivals.pending():
            await self.arrive(arrival.key)
        for turn in await arrivals.unfinished():
            await self.drive(turn.id, "taken up")

    async def aclose(self) -> None:
        """Wait for what stops between steps."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _awaited(work: Awaitable[None]) -> None:
    await work
