"""The event loop that Sophia works in, as it is called from the one that takes what comes in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["Home"]

T = TypeVar("T")


class Home:
    """Does things in the loop that it was made in."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()

    async def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Have it done at home, from wherever this runs."""
        if asyncio.get_running_loop() is self._loop:
            return await work
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))
