"""Until when: what an expression of time is, and those that look ahead to an end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from agent.planning.offline.days import PERIODS, Calendar, duration
from agent.planning.offline.scanning import Scan
from tools.timetable.assembly import times_of_day
from tools.timetable.pieces import read
from tools.timetable.tokens import Words

__all__ = ["Reading", "When", "until"]

_HOLIDAYS: Final = {"christmas": (12, 25), "xmas": (12, 25), "new": (1, 1)}


@dataclass(frozen=True)
class When:
    """An expression of time. `since` looks back, `until` and `at` look ahead, `often` comes again and again."""

    since: str | None = None
    until: str | None = None
    at: str | None = None
    often: str | None = None


_SILENCING: Final = frozenset({"mute", "snooze", "silence", "hush", "quiet", "ignore"})

Reading = tuple[When, int]


def until(scan: Scan, at: int) -> Reading | None:
    """`until 2026-12-10`, `till next Monday`, `until the end of the week`, `for two weeks`, `before the 10th`."""
    word = scan.word(at)
    if word == "for":
        return _for_a_while(scan, at + 1)
    if at and scan.tokens[at].kind == "span" and any(scan.word(before) in _SILENCING for before in range(at)):
        return _for_a_while(scan, at)  # `mute eliseai.com/blog 2d`
    if word == "before":
        day = scan.day(at + 1, ahead=True)
        return (When(until=day[0].isoformat()), day[1]) if day else None
    if word not in ("until", "till", "til", "through", "thru", "untill"):
        return None
    after = scan.skip(at + 1, "after", "about", "around", "on")
    return _until_edge(scan, after) or _until_holiday(scan, after) or _until_day(scan, after)


def _for_a_while(scan: Scan, at: int) -> Reading | None:
    """`for two weeks`, `for the next month`, `for the rest of the year`."""
    calendar = scan.calendar
    if scan.word(at) == "the" and scan.word(at + 1) == "rest":
        end = scan.skip(at + 2, "of", "the", "this")
        unit = scan.word(end)
        return (When(until=calendar.following(unit).isoformat()), end + 1) if unit in PERIODS else None
    if scan.word(at) == "the" and scan.word(at + 1) in ("next", "coming"):
        at += 2
    elif scan.word(at) in ("the", "last", "past"):
        return None
    amount = scan.amount(scan.skip(at, "about", "another", "next"))
    if amount and any(scan.word(back) in ("been", "was", "were") for back in range(max(0, at - 6), at)):
        return When(since=duration(amount[0])), amount[1]
    return (When(until=_ahead(calendar, amount[0])), amount[1]) if amount else None


def _until_edge(scan: Scan, at: int) -> Reading | None:
    """`the end of the week`, `next month`, `next Monday`."""
    edge = scan.edge(at, ("end", "close"))
    if edge:
        return When(until=(scan.calendar.following(edge[0]) - timedelta(days=1)).isoformat()), edge[1]
    begin = scan.skip(at, "the")
    if scan.word(begin) not in ("next", "following", "coming"):
        return None
    unit = scan.word(begin + 1)
    if unit in PERIODS:
        return When(until=scan.calendar.following(unit).isoformat()), begin + 2
    day = scan.day(begin + 1, ahead=True)
    return (When(until=day[0].isoformat()), day[1]) if day else None


def _until_holiday(scan: Scan, at: int) -> Reading | None:
    begin = scan.skip(at, "the")
    holiday = _HOLIDAYS.get(scan.word(begin))
    found = scan.calendar.in_year(*holiday, ahead=True) if holiday else None
    if found is None:
        return None
    return When(until=found.isoformat()), scan.skip(begin + 1, "year", "years", "'s", "day", "eve")


def _until_day(scan: Scan, at: int) -> Reading | None:
    exact = scan.tokens[at].raw if at < len(scan.tokens) and scan.tokens[at].kind == "date" else ""
    if "T" in exact:
        return When(until=exact), at + 1
    day = scan.day(at, ahead=True)
    if day:
        later = scan.clock(day[1])
        return (
            (When(until=_moment(scan.calendar, day[0], later[0])), later[1])
            if later
            else (When(until=day[0].isoformat()), day[1])
        )
    clock = scan.clock(at)
    return (When(until=_moment(scan.calendar, None, clock[0])), clock[1]) if clock else None


def _moment(calendar: Calendar, day: date | None, clock: str) -> str:
    """A time of a day, or the next such time; the day alone where the words name no single time."""
    found = read(Words(clock))
    times = times_of_day(found)
    if len(times) != 1:
        return (day or calendar.today).isoformat()
    zone = next((ZoneInfo(str(piece.value)) for piece in found.all("zone")), calendar.now.tzinfo)
    at = datetime.combine(day or calendar.today, time(*times[0]), zone)
    return (at if day or at > calendar.now else at + timedelta(days=1)).isoformat()


def _ahead(calendar: Calendar, days: float) -> str:
    if days >= 1:
        return (calendar.today + timedelta(days=round(days))).isoformat()
    return (calendar.now + timedelta(days=days)).replace(microsecond=0).isoformat()
