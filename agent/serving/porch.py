"""Where what comes in is taken: a thread with an event loop of its own, beside the one that turns run in.

Turns keep the interpreter busy for long stretches. What is acknowledged here waits for none of them: it shares with
them the database and the interpreter's lock, which goes round often enough while there is a porch. Slack hears at once,
however much is going on.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

__all__ = ["Porch", "porch"]

T = TypeVar("T")
SWITCH_SECONDS: Final = 0.0005
"""So long a thread keeps the interpreter from another one that waits for it. By default it is 5 ms, and an
acknowledgement asks for it about ten times."""


class Porch:
    """Runs what is handed to it in its own loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sophia-porch", daemon=True)
        self._thread.start()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it there; cancelled there when it is cancelled here."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def aclose(self) -> None:
        """End what still runs there, and the thread."""
        await self.run(_end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        if not task.cancelling():  # a second time would break off what it does to end well, such as to close its socket
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()


@asynccontextmanager
async def porch() -> AsyncIterator[Porch]:
    """A porch, while the block runs."""
    before, found = sys.getswitchinterval(), Porch()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield found
    finally:
        sys.setswitchinterval(before)
        await found.aclose()
