"""What a turn may still spend on models, checked before each call and settled after it."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from agent.planning.model.errors import BudgetSpent
from agent.settings.machine import Limits
from tools.declaration import Clock

__all__ = ["Budget", "Kind", "Payer", "Price", "SpendStore", "SpendingLimits"]

_REMEMBERED = 3000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    """What is spent. Money is in US dollars."""

    TOKENS = "tokens"
    MONEY = "money"
    SECONDS = "seconds"

    def said(self, amount: float) -> str:
        """An amount for people."""
        if self is Kind.MONEY:
            return f"${amount:.4f}"
        return f"{amount:,.0f} {self.value}"


@dataclass(frozen=True)
class Payer:
    """Whose budget it is."""

    turn: str
    person: str = ""


@dataclass(frozen=True)
class Price:
    """Dollars for a million tokens."""

    read: float = 0.0
    written: float = 0.0

    def of(self, read: int, written: int) -> float:
        """Dollars."""
        return (read * self.read + written * self.written) / 1_000_000


class Budget(Protocol):
    """What may still be spent. A reservation counts as spent until it is settled."""

    async def left(self, payer: Payer, kind: Kind) -> float:
        """How much more may be reserved; infinite when there is no limit."""
        ...

    async def reserve(self, payer: Payer, kind: Kind, amount: float) -> None:
        """Set this much aside. Raises BudgetSpent, having set nothing aside, when so much isn't left."""
        ...

    async def record(self, payer: Payer, kind: Kind, reserved: float, used: float) -> None:
        """Replace a reservation by what was really used."""
        ...


class SpendStore(Protocol):
    """Where spending is written down for good: `memory.spend.Spend`."""

    async def record(
        self, kind: Any, amount: Decimal | float, turn: str, person: str, at: datetime, note: str = ""
    ) -> None:
        """Write it down."""
        ...

    async def total(
        self,
        since: datetime,
        kind: Any,
        person: str | None = None,
        until: datetime | None = None,
        turn: str | None = None,
    ) -> Decimal:
        """What was written down from then on, by all or by one turn."""
        ...


@dataclass
class SpendingLimits:
    """The configured limits of a turn and of a day, counted in the spend store, so that a restart forgets nothing.

    Without a store it counts in this process only. Seconds are those spent waiting for models and are never stored.
    """

    limits: Limits
    clock: Clock
    store: SpendStore | None = None
    note: str = ""
    """What the money went to: the model's name."""
    _open: dict[tuple[str, Kind], float] = field(default_factory=dict)
    """Reserved and not settled, by the turns of this process."""
    _used: OrderedDict[tuple[str, Kind], float] = field(default_factory=OrderedDict)
    """What no store counts."""

    async def left(self, payer: Payer, kind: Kind) -> float:
        """What both the turn and the day leave."""
        return max(0.0, min(await self._turn_left(payer.turn, kind), await self._day_left(kind)))

    async def reserve(self, payer: Payer, kind: Kind, amount: float) -> None:
        left = await self.left(payer, kind)
        if amount > left:
            raise BudgetSpent(kind, kind.said(amount), kind.said(left))
        self._open[payer.turn, kind] = self._open.get((payer.turn, kind), 0.0) + amount

    async def record(self, payer: Payer, kind: Kind, reserved: float, used: float) -> None:
        store = self._store_of(kind)
        if store is None:
            self._count(payer.turn, kind, used)
        elif used:
            await store.record(kind, used, payer.turn, payer.person, self.clock.now(), self.note)
        rest = self._open.pop((payer.turn, kind), 0.0) - reserved
        if rest > 0:
            self._open[payer.turn, kind] = rest

    def _store_of(self, kind: Kind) -> SpendStore | None:
        return None if kind is Kind.SECONDS else self.store

    def _count(self, turn: str, kind: Kind, used: float) -> None:
        self._used[turn, kind] = self._used.pop((turn, kind), 0.0) + used
        while len(self._used) > _REMEMBERED:
            self._used.popitem(last=False)

    async def _turn_left(self, turn: str, kind: Kind) -> float:
        store = self._store_of(kind)
        used = self._used.get((turn, kind), 0.0)
        if store is not None:
            used = float(await store.total(_EPOCH, kind, turn=turn))
        limits: Mapping[Kind, float] = {
            Kind.TOKENS: self.limits.tokens_per_turn,
            Kind.MONEY: self.limits.dollars_per_turn,
            Kind.SECONDS: self.limits.seconds_per_turn,
        }
        return limits[kind] - used - self._open.get((turn, kind), 0.0)

    async def _day_left(self, kind: Kind) -> float:
        store = self._store_of(kind)
        if store is None:
            return math.inf
        limit = self.limits.tokens_per_day if kind is Kind.TOKENS else self.limits.dollars_per_day
        midnight = self.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        reserved = sum(amount for (_, what), amount in self._open.items() if what is kind)
        return limit - float(await store.total(midnight, kind)) - reserved
