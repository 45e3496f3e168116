"""Captures on their way into memory: each as it comes, those that come together in one transaction."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from memory.competitors import Change, Competitors, Observation

__all__ = ["Recorder"]


class Recorder:
    """Writes what it is handed, in the order in which it came. `record` returns when the observation is stored."""

    def __init__(self, memory: Competitors) -> None:
        self._memory = memory
        self._waiting: list[tuple[Observation, asyncio.Future[list[Change]]]] = []
        self._something = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._writer is not None
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)

    async def record(self, observation: Observation) -> list[Change]:
        """Store it; the changes that were new. Raises the errors of memory.errors."""
        stored: asyncio.Future[list[Change]] = asyncio.get_running_loop().create_future()
        self._waiting.append((observation, stored))
        self._something.set()
        return await stored

    async def _write(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            batch, self._waiting = self._waiting, []
            try:
                made = await self._memory.record([observation for observation, _ in batch])
            except Exception as error:  # noqa: BLE001 - handed on to those who wait for it
                for _, stored in batch:
                    if not stored.done():
                        stored.set_exception(error)
                continue
            for observation, stored in batch:
                if not stored.done():
                    stored.set_result([change for change in made if change.url == observation.capture.url])
