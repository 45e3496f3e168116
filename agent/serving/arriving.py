"""Work on what arrives: at once, as tasks of this process; the table of arrivals keeps it until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from agent.serving.durable import DurableWork
from agent.serving.logs import about
from agent.serving.tracing import span

__all__ = ["Arriving"]


class Arriving:
    """The port that the Slack surface starts work through."""

    def __init__(self, work: DurableWork) -> None:
        self._work = work
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.work_on: Callable[[str], Awaitable[None]] | None = None
        """Works on an arrival; there as soon as a surface is."""

    async def arrive(self, key: str) -> None:
        """Have an arrival worked on, unless it is already."""
        assert self.work_on is not None, "a surface is there before anything arrives"
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._worked(self.work_on, key))

    async def _worked(self, work_on: Callable[[str], Awaitable[None]], key: str) -> None:
        about.set({"arrival": key})
        try:
            with span("arrival", about.get()):
                await work_on(key)
        finally:
            self._tasks.pop(key, None)

    async def drive(self, turn: str, cause: str) -> None:
        """Have a turn driven."""
        await self._work.drive(turn, cause)

    async def aclose(self) -> None:
        """Wait for what is worked on."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
