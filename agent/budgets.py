"""Who pays for what is used, and by which limits: of a request, a day and a month; of everybody, a person, a schedule.

Days and months are counted from midnight UTC. Everything is set aside before it is used, in the database that all
processes share.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from agent.settings.machine import Limits, Shares
from agent.turn.events import TurnEvent
from memory.spend import Bound, Kind, LimitReached, SetAside, Spend
from memory.turns import Turn
from tools.declaration import Clock
from tools.web.purse import OverBudget

__all__ = ["Payer", "WebMeter", "bounds", "nearly", "payer_of", "paying"]

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


def nearly(kind: Kind, aside: SetAside) -> list[str]:
    """A sentence for each limit that comes near with this."""
    return [
        f"More than 80 % of the {bound.most:,g} {_WORDS[kind]} {bound.what} are used; "
        "at 100 % nothing that needs them is begun any more (sophia.toml, [limits])."
        for bound in aside.nearly
    ]


class WebMeter:
    """Sets requests and pages aside for whoever pays in the task that asks."""

    def __init__(self, limits: Limits, spend: Spend, clock: Clock, tell: Callable[[TurnEvent], None]) -> None:
        self._limits = limits
        self._spend = spend
        self._clock = clock
        self._tell = tell

    async def set_aside(self, kind: str, amount: int, note: str) -> tuple[int, int]:
        """As many as are left, up to so many; the receipt and how many. Raises OverBudget when none is."""
        payer, now, what = paying.get(), self._clock.now(), Kind(kind)
        limits = bounds(self._limits, payer, what, now)
        try:
            aside = await self._spend.set_aside(what, amount, payer.turn, payer.person, limits, now, least=1, note=note)
        except LimitReached as error:
            bound = error.bound
            raise OverBudget(note, f"all {bound.most:,g} {_WORDS[what]} {bound.what} are used ([limits])") from error
        whole = int(aside.amount)
        for sentence in nearly(what, aside):
            _log.warning("%s", sentence)
            self._tell(TurnEvent(turn=payer.turn, kind="budget", text=sentence))
        return aside.id, whole

    async def settle(self, receipt: int, used: int) -> None:
        """So many were used of what was set aside."""
        await self._spend.settle(receipt, used)
