"""What a turn may still spend on models, checked before each call and settled after it."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from agent.planning.model.errors import BudgetSpent
from agent.settings.machine import Limits
from tools.declaration import Clock

__all__ = ["Budget", "Kind", "Payer", "Price", "SpendStore", "SpendingLimits"]

_REMEMBERED_TURNS = 1000


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
    _turns: OrderedDict[str, dict[Kind, float]] = field(default_factory=OrderedDict)
    _open: dict[Kind, float] = field(default_factory=lambda: dict.fromkeys(Kind, 0.0))
    """Reserved and not settled, by all turns of this process."""

    async def left(self, payer: Payer, kind: Kind) -> float:
        """What both the turn and the day leave."""
        turn = await self._of(payer)
        return max(0.0, min(self._turn_limit(kind) - turn[kind], await self._day_left(kind)))

    async def reserve(self, payer: Payer, kind: Kind, amount: float) -> None:
        left = await self.left(payer, kind)
        if amount > left:
            raise BudgetSpent(kind, kind.said(amount), kind.said(left))
        (await self._of(payer))[kind] += amount
        self._open[kind] += amount

    async def record(self, payer: Payer, kind: Kind, reserved: float, used: float) -> None:
        turn = await self._of(payer)
        turn[kind] = max(0.0, turn[kind] + used - reserved)
        self._open[kind] = max(0.0, self._open[kind] - reserved)
        if self.store is not None and used and kind is not Kind.SECONDS:
            await self.store.record(kind, used, payer.turn, payer.person, self.clock.now(), self.note)

    def _turn_limit(self, kind: Kind) -> float:
        limits: Mapping[Kind, float] = {
            Kind.TOKENS: self.limits.tokens_per_turn,
            Kind.MONEY: self.limits.dollars_per_turn,
            Kind.SECONDS: self.limits.seconds_per_turn,
        }
        return limits[kind]

    async def _day_left(self, kind: Kind) -> float:
        if kind is Kind.SECONDS or self.store is None:
            return math.inf
        limit = self.limits.tokens_per_day if kind is Kind.TOKENS else self.limits.dollars_per_day
        midnight = self.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return limit - float(await self.store.total(midnight, kind)) - self._open[kind]

    async def _of(self, payer: Payer) -> dict[Kind, float]:
        if payer.turn not in self._turns:
            before = dict.fromkeys(Kind, 0.0)
            if self.store is not None and payer.turn:
                epoch = datetime(1970, 1, 1, tzinfo=self.clock.now().tzinfo)
                for kind in (Kind.TOKENS, Kind.MONEY):
                    before[kind] = float(await self.store.total(epoch, kind, turn=payer.turn))
            self._turns.setdefault(payer.turn, before)
        self._turns.move_to_end(payer.turn)
        while len(self._turns) > _REMEMBERED_TURNS:
            self._turns.popitem(last=False)
        return self._turns[payer.turn]
