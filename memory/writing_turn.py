"""Whose turn it is to write to a SQLite file, among the threads and event loops of one process.

SQLite has one writer at a time and tells the others only to try again. A thread that tries again takes the
interpreter's lock from the one that writes, mostly in the middle of its transaction, as SQLite's calls give that lock
up; so it finds the file held nearly always, and under load waiting took a second. Here who has to wait sleeps, which
lets the writer finish, and is woken by the end of the transaction. It is a courtesy: other processes know nothing of
it, and who has waited in vain tries all the same and hears from SQLite who holds the file.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

__all__ = ["WritingTurn"]

PATIENCE_SECONDS = 0.02
"""So long a whole event loop stands still for a writer of its own process; most are done in one or two milliseconds.
Who waits for a disk takes longer, and the loop goes on meanwhile."""


class WritingTurn:
    """Held by a thread, or by a coroutine of any loop, while it writes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._guard = threading.Lock()
        self._waiting: dict[asyncio.AbstractEventLoop, deque[asyncio.Future[None]]] = {}

    @contextmanager
    def in_thread(self, until: float) -> Iterator[None]:
        """Hold it in a thread that may wait, `until` this moment of the monotonic clock at the latest."""
        mine = self._lock.acquire(timeout=max(0.0, until - time.monotonic()))
        try:
            yield
        finally:
            if mine:
                self._pass_on()

    @asynccontextmanager
    async def in_loop(self, until: float) -> AsyncIterator[None]:
        """Hold it in a coroutine; the loop stands still for a moment at most."""
        queued = asyncio.get_running_loop() in self._waiting
        mine = self._lock.acquire(timeout=0 if queued else PATIENCE_SECONDS) or await self._after_others(until)
        try:
            yield
        finally:
            if mine:
                self._pass_on()

    async def _after_others(self, until: float) -> bool:
        """Wait for it; False when the time is over."""
        while (left := until - time.monotonic()) > 0:
            free = self._queue_up()
            try:
                if self._lock.acquire(blocking=False):  # it became free before anybody knew that we wait
                    return True
                await asyncio.wait_for(free, left)
            except BaseException as error:
                self._wake_first()  # we may have been woken in vain
                if isinstance(error, TimeoutError):
                    return False
                raise
            finally:
                self._leave(free)
            if self._lock.acquire(timeout=PATIENCE_SECONDS):
                return True
        return False

    def _queue_up(self) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        free = loop.create_future()
        with self._guard:
            self._waiting.setdefault(loop, deque()).append(free)
        return free

    def _leave(self, free: asyncio.Future[None]) -> None:
        loop = free.get_loop()
        with self._guard:
            queue = self._waiting.get(loop, deque())
            with suppress(ValueError):  # it was woken
                queue.remove(free)
            if not queue:
                self._waiting.pop(loop, None)

    def _pass_on(self) -> None:
        self._lock.release()
        if self._waiting:
            self._wake_first()

    def _wake_first(self) -> None:
        """Wake the first of each loop: whoever has nothing else to do isn't kept waiting by a loop that is busy."""
        with self._guard:
            first = [(loop, queue.popleft()) for loop, queue in self._waiting.items() if queue]
        for loop, free in first:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(_wake, free)


def _wake(free: asyncio.Future[None]) -> None:
    if not free.done():
        free.set_result(None)
