"""One sweep at a time: whoever wants another while one is running waits for it and takes what it has read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from memory.leases import Leases
from tools.declaration import Clock, Progress, ProgressEvent

__all__ = ["only_sweep"]

_NAME = "sweep"
_LONGEST = timedelta(minutes=30)
"""A sweep that takes longer is no longer waited for. One whose process has died isn't at all."""
_LOOK_AGAIN = 0.25


@asynccontextmanager
async def only_sweep(effect: str, leases: Leases, clock: Clock, progress: Progress) -> AsyncIterator[str]:
    """Be the only sweep in the block. Yields the effect of the sweep that was running before, empty if none was."""
    before = ""
    while (lease := await leases.acquire(_NAME, effect, _LONGEST, clock.now())) is None:
        running = await leases.holder(_NAME, clock.now())
        if running and running.holder != before:
            before = running.holder
            progress(ProgressEvent(kind="joined", text="A sweep is running; waiting for what it reads.", data={}))
        await asyncio.sleep(_LOOK_AGAIN)
    try:
        yield before
    finally:
        await leases.release(lease)
