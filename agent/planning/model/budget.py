"""What a turn may still spend on models, checked before each call and settled after it."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from agent.budgets import Payer as Account
from agent.budgets import bounds, nearly, paying
from agent.planning.model.errors import BudgetSpent
from agent.settings.machine import Limits
from memory.spend import Bound, LimitReached, SetAside, Used
from memory.spend import Kind as Spent
from tools.declaration import Clock

__all__ = ["Budget", "Kind", "Payer", "Price", "SpendStore", "SpendingLimits"]

_log = logging.getLogger(__name__)
_REMEMBERED = 3000


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

    async def set_aside(
        self,
        kind: Spent,
        amount: float,
        turn: str,
        person: str,
        bounds: Sequence[Bound],
        at: datetime,
        *,
        least: float | None = None,
        note: str = "",
    ) -> SetAside:
        """Set so much aside. Raises LimitReached."""
        ...

    async def settle(self, aside: SetAside, used: float, now: datetime) -> list[Used]:
        """Correct it to what was used; the bounds of which that made it four fifths."""
        ...

    async def left(self, kind: Spent, bounds: Sequence[Bound]) -> float:
        """What the tightest bound leaves."""
        ...


@dataclass
class SpendingLimits:
    """The configured limits, counted in the spend store: a restart forgets nothing, and all processes share them.

    Without a store it counts in this process only, by turns. Seconds are those spent waiting for models and are never
    stored.
    """

    limits: Limits
    clock: Clock
    store: SpendStore | None = None
    note: str = ""
    """What the money went to: the model's name."""
    tell: Callable[[Payer, str], None] = lambda _, sentence: _log.warning("%s", sentence)
    """Told when a limit comes near."""
    _aside: dict[tuple[str, Kind], list[SetAside]] = field(default_factory=dict)
    """Set aside in the store and not settled, by the turns of this process."""
    _open: dict[tuple[str, Kind], float] = field(default_factory=dict)
    """Reserved and not settled, of what no store counts."""
    _used: OrderedDict[tuple[str, Kind], float] = field(default_factory=OrderedDict)
    """What no store counts."""

    async def left(self, payer: Payer, kind: Kind) -> float:
        """What every limit that holds for the payer leaves."""
        if self.store is None or kind is Kind.SECONDS:
            return max(0.0, self._turn_left(payer.turn, kind))
        return max(0.0, await self.store.left(Spent(kind), self._bounds(payer, kind)))

    async def reserve(self, payer: Payer, kind: Kind, amount: float) -> None:
        if self.store is None or kind is Kind.SECONDS:
            left = await self.left(payer, kind)
            if amount > left:
                raise BudgetSpent(kind, kind.said(amount), kind.said(left))
            self._open[payer.turn, kind] = self._open.get((payer.turn, kind), 0.0) + amount
            return
        limits, now = self._bounds(payer, kind), self.clock.now()
        try:
            aside = await self.store.set_aside(
                Spent(kind), amount, payer.turn, payer.person, limits, now, note=self.note
            )
        except LimitReached as error:
            raise BudgetSpent(kind, kind.said(amount), kind.said(error.left), error.bound.what) from error
        self._aside.setdefault((payer.turn, kind), []).append(aside)

    async def record(self, payer: Payer, kind: Kind, reserved: float, used: float) -> None:
        if self.store is None or kind is Kind.SECONDS:
            self._count(payer.turn, kind, used)
            rest = self._open.pop((payer.turn, kind), 0.0) - reserved
            if rest > 0:
                self._open[payer.turn, kind] = rest
            return
        aside = self._aside[payer.turn, kind]
        settled = aside.pop()
        if not aside:  # before anything is awaited: steps of one turn ask side by side
            del self._aside[payer.turn, kind]
        for sentence in nearly(Spent(kind), await self.store.settle(settled, used, self.clock.now())):
            self.tell(payer, sentence)

    def _bounds(self, payer: Payer, kind: Kind) -> list[Bound]:
        whose = Account(payer.turn, payer.person, paying.get().schedule)
        return bounds(self.limits, whose, Spent(kind), self.clock.now())

    def _count(self, turn: str, kind: Kind, used: float) -> None:
        self._used[turn, kind] = self._used.pop((turn, kind), 0.0) + used
        while len(self._used) > _REMEMBERED:
            self._used.popitem(last=False)

    def _turn_left(self, turn: str, kind: Kind) -> float:
        limits: Mapping[Kind, float] = {
            Kind.TOKENS: self.limits.tokens_per_turn,
            Kind.MONEY: self.limits.dollars_per_turn,
            Kind.SECONDS: self.limits.seconds_per_turn,
        }
        return limits[kind] - self._used.get((turn, kind), 0.0) - self._open.get((turn, kind), 0.0)
