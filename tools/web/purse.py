"""Paying for pages and requests before they are asked for. What isn't used of a block is given back at the end."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, Protocol

from tools.web.failures import FetchError

__all__ = ["Meter", "OverBudget", "Purse", "pocket"]

BLOCK = 25
"""So many are set aside at once: one transaction for so many pages."""


class OverBudget(FetchError):
    """The budget of whoever asks is used up, so that nothing was sent."""


class Meter(Protocol):
    """Keeps the account that all processes share."""

    async def set_aside(self, kind: str, amount: int, note: str) -> tuple[int, int]:
        """Up to so many: a receipt and how many. Raises OverBudget when none is left."""
        ...

    async def settle(self, receipt: int, used: int) -> None:
        """So many were used."""
        ...


@dataclass
class _Block:
    receipt: int
    amount: int
    used: int = 0


class Purse:
    """What one session may use."""

    def __init__(self, meter: Meter | None) -> None:
        self._meter = meter
        self._blocks: dict[str, _Block] = {}
        self._lock = asyncio.Lock()

    async def pay(self, kind: str, url: str) -> None:
        """Pay for one. Raises OverBudget."""
        if self._meter is None:
            return
        async with self._lock:
            block = self._blocks.get(kind)
            if block is None or block.used == block.amount:
                if block is not None:
                    await self._meter.settle(block.receipt, block.used)
                    del self._blocks[kind]
                block = _Block(*await self._meter.set_aside(kind, BLOCK, url))
                self._blocks[kind] = block
            block.used += 1

    async def close(self) -> None:
        """Say what was used, which gives the rest back."""
        async with self._lock:
            while self._blocks and self._meter is not None:
                _, block = self._blocks.popitem()
                await self._meter.settle(block.receipt, block.used)


pocket: Final[ContextVar[Purse | None]] = ContextVar("pocket", default=None)
"""The purse of the session for which this task fetches."""
