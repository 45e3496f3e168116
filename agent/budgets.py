"""Who pays for what is used, and by which limits: of a request, a day and a month; of everybody, a person, a schedule.

Days and months are counted from midnight UTC. Everything is set aside before it is used, in the database that all
processes share.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from agent.settings.machine import Limits, Shares
from agent.turn.events import TurnEvent
from memory.spend import Bound, Kind, LimitReached, SetAside, Spend, Used
from memory.turns import Turn
from tools.declaration import Clock
from tools.web.purse import OverBudget

__all__ = ["Payer", "Strain", "WebMeter", "bounds", "nearly", "payer_of", "paying", "strained"]

_log = logging.getLogger(__name__)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WORDS: Final = {Kind.TOKENS: "tokens", Kind.MONEY: "dollars", Kind.REQUESTS: "requests", Kind.PAGES: "pages"}


@dataclass(frozen=True)
class Payer:
    """Whose budget it is."""

    turn: str = ""
    person: str = ""
    schedule: str = ""


paying: Final[ContextVar[Payer]] = ContextVar("paying", default=Payer())  # noqa: B039 - frozen
"""Who pays for what this task does: set where a turn is driven."""


def payer_of(turn: Turn) -> Payer:
    """Who pays for a turn; a run's thread begins with the id of its schedule."""
    return Payer(turn.id, turn.person, turn.thread.partition(".")[0] if turn.surface == "schedule" else "")


def bounds(limits: Limits, payer: Payer, kind: Kind, now: datetime) -> list[Bound]:
    """Every limit of a kind that holds for a payer."""
    found = _of(limits, kind, payer.turn, now)
    if payer.person:
        found += _shares(limits.person, kind, f"for {payer.person}", now, person=payer.person)
    if payer.schedule:
        found += _shares(limits.schedule, kind, f"for the schedule {payer.schedule}", now, schedule=payer.schedule)
    return found


def _of(limits: Limits, kind: Kind, turn: str, now: datetime) -> list[Bound]:
    most = getattr(limits, f"{_WORDS[kind]}_per_turn")
    found = [Bound(what="for this request", most=most, since=_EPOCH, turn=turn)] if most is not None and turn else []
    return found + _shares(limits, kind, "", now)


def _shares(limits: Shares, kind: Kind, whose: str, now: datetime, **of: str) -> list[Bound]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    periods = {"day": ("today", midnight), "month": ("this month", midnight.replace(day=1))}
    found = []
    for period, (said, since) in periods.items():
        most = getattr(limits, f"{_WORDS[kind]}_per_{period}")
        if most is not None:
            found.append(Bound.model_validate({"what": f"{whose} {said}".strip(), "most": most, "since": since} | of))
    return found


def nearly(kind: Kind, found: Iterable[Used]) -> list[str]:
    """A sentence for each limit of which most is used now."""
    return [
        f"More than 80 % of the {each.bound.most:,g} {_WORDS[kind]} {each.bound.what} are used ({_much(kind, each)}); "
        "at 100 % nothing that needs them is begun any more (sophia.toml, [limits])."
        for each in found
    ]


def _much(kind: Kind, found: Used) -> str:
    """`812`, `812, and 100 more set aside for what runs now`."""
    more = f", and {_amount(kind, found.held)} more set aside for what runs now" if found.held else ""
    return f"{_amount(kind, found.used)}{more}"


def _amount(kind: Kind, much: float) -> str:
    return f"{much:,.2f}" if kind is Kind.MONEY else f"{much:,.0f}"


@dataclass(frozen=True)
class Strain:
    """A limit of a day or a month of which most, or all, is used: an operator's business, whoever used it."""

    kind: Kind
    found: Used

    @property
    def bound(self) -> Bound:
        """Which limit it is."""
        return self.found.bound

    @property
    def whole(self) -> bool:
        """Whether nothing is left of it."""
        return self.found.used >= self.bound.most

    @property
    def name(self) -> str:
        """The same for the same limit in the same day or month, until more is to be said of it."""
        return f"{self.kind}:{self.bound.what}:{self.bound.since:%Y%m%d}:{'all' if self.whole else 'most'}"

    def sentence(self) -> str:
        """What an operator is told."""
        used, held = _amount(self.kind, self.found.used), _amount(self.kind, self.found.held)
        limit = f"{used} of the {self.bound.most:,g} {_WORDS[self.kind]} {self.bound.what} are used"
        limit += f", and {held} more are set aside for what runs now" if self.found.held else ""
        if self.whole:
            anew = "tomorrow" if self.bound.what.endswith("today") else "next month"
            return (
                f"{limit}: what needs more isn't begun before {anew} (UTC). Raise the limit in sophia.toml, [limits]."
            )
        return f"{limit}. At 100 % nothing that needs them is begun any more (sophia.toml, [limits])."


async def strained(limits: Limits, payers: Iterable[Payer], spend: Spend, now: datetime) -> list[Strain]:
    """The limits of days and months of which at least four fifths are used; everybody's, and those of these payers."""
    shared = [(kind, bound) for kind in Kind for bound in bounds(limits, Payer(), kind, now)]
    own = [(kind, bound) for payer in payers for kind in Kind for bound in bounds(limits, payer, kind, now)]
    found = []
    for kind, bound in dict.fromkeys([*shared, *own]):
        used = await spend.used(kind, bound, now)
        if bound.most > 0 and used.nearly:
            found.append(Strain(kind, used))
    return found


class WebMeter:
    """Sets requests and pages aside for whoever pays in the task that asks."""

    def __init__(self, limits: Limits, spend: Spend, clock: Clock, tell: Callable[[TurnEvent], None]) -> None:
        self._limits = limits
        self._spend = spend
        self._clock = clock
        self._tell = tell
        self._open: dict[int, tuple[SetAside, Payer]] = {}

    async def set_aside(self, kind: str, amount: int, note: str) -> tuple[int, int]:
        """As many as are left, up to so many; the receipt and how many. Raises OverBudget when none is."""
        payer, now, what = paying.get(), self._clock.now(), Kind(kind)
        limits = bounds(self._limits, payer, what, now)
        try:
            aside = await self._spend.set_aside(what, amount, payer.turn, payer.person, limits, now, least=1, note=note)
        except LimitReached as error:
            bound = error.bound
            raise OverBudget(note, f"all {bound.most:,g} {_WORDS[what]} {bound.what} are used ([limits])") from error
        self._open[aside.id] = aside, payer
        return aside.id, int(aside.amount)

    async def settle(self, receipt: int, used: int) -> None:
        """So many were used of what was set aside; what comes near its limit with it is told."""
        aside, payer = self._open.pop(receipt)
        for sentence in nearly(aside.kind, await self._spend.settle(aside, used, self._clock.now())):
            _log.warning("%s", sentence)
            self._tell(TurnEvent(turn=payer.turn, kind="budget", text=sentence))
