"""Single times: `tomorrow at 9`, `on 5 December at 15:00`, `in two hours`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tools.errors import ToolError
from tools.timetable.assembly import times_of_day
from tools.timetable.pieces import Read
from tools.timetable.rules import Once, instant_of
from tools.timetable.tokens import Words

__all__ = ["single"]

_IGNORED: Final = frozenset({"on", "at", "the", "this", "coming", "by", "of", ",", ".", "for", "a", "once", "please"})
_CLOCKED: Final = ("zone", "local", "times", "part")
_AMBIGUOUS: Final = re.compile(r"\d{1,2}[/.]\d{1,2}[/.]\d{2,4}")
_DEFAULT: Final = (9, 0)


def _refused(tried: str) -> ToolError:
    return ToolError(
        tried,
        not_done="No schedule was made.",
        to_do="Write for example “tomorrow at 17:00”, “2026-12-05 09:00” or “every Monday at 9”.",
    )


def single(words: Words, found: Read, zone: str, now: datetime) -> Once:
    """The one time that is meant; it may be in the past. `now` is in the zone. Raises ToolError."""
    clocked = {at for piece in found.pieces if piece.kind in _CLOCKED for at in range(piece.place, piece.end)}
    rest = [word for at, word in enumerate(words.all) if at not in clocked]
    said = " ".join(words.all)
    if any(_AMBIGUOUS.fullmatch(word) for word in rest):
        raise _refused(f"“{said}” could be read with the day or with the month first.")
    times = times_of_day(found)
    if len(times) > 1:
        raise _refused(f"“{said}” names several times.")
    time = times[0] if times else None
    dates = found.all("dates")
    if dates:
        day = _next_date(dates[0].value[0], now)
        rest = [
            word for at, word in enumerate(words.all) if at not in clocked | set(range(dates[0].place, dates[0].end))
        ]
        if [word for word in rest if word not in _IGNORED]:
            raise _refused(f"I don't understand when “{said}” is.")
        return _at(day, time, zone, now)
    return _parsed([word for word in rest if word not in _IGNORED], said, time, zone, now)


def _parsed(rest: list[str], said: str, time: tuple[int, int] | None, zone: str, now: datetime) -> Once:
    """The day by dateparser; a time of day alone is the next one of that kind."""
    if not rest:
        if time is None:
            raise _refused(f"“{said}” doesn't say when.")
        today = now.replace(tzinfo=None)
        coming = _at(today, time, zone, now)
        return coming if coming.at > now else _at(today + timedelta(days=1), time, zone, now)
    if rest == ["tonight"]:
        rest, time = ["today"], _at_night(time)
    relative = rest[0] == "in" and bool({"minute", "minutes", "min", "hour", "hours", "h"}.intersection(rest))
    day = _dateparser(" ".join(rest), now)
    if day is None or (relative and time):
        raise _refused(f"I don't understand when “{said}” is.")
    if relative:
        return Once(at=instant_of(day.replace(second=0, microsecond=0), zone), zone=zone)
    return _at(day, time, zone, now)


def _at_night(time: tuple[int, int] | None) -> tuple[int, int]:
    """`tonight`, `at 6 tonight`: after noon."""
    if time is None:
        return 20, 0
    return (time[0] + 12, time[1]) if 0 < time[0] < 12 else time


def _dateparser(text: str, now: datetime) -> datetime | None:
    """A local date; None for what isn't one. A bare number is none."""
    if not re.search(r"\d{4}-\d{2}-\d{2}|[a-z]{3}", text):
        return None
    import dateparser

    return dateparser.parse(
        text,
        languages=["en"],
        settings={
            "RELATIVE_BASE": now.replace(tzinfo=None),
            "PREFER_DATES_FROM": "future",
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )


def _next_date(date: str, now: datetime) -> datetime:
    """The next such day of a month, today included."""
    for ahead in range(62):
        day = now.replace(tzinfo=None) + timedelta(days=ahead)
        last = (day + timedelta(days=1)).day == 1
        if (date == "L" and last) or date == str(day.day):
            return day
    raise _refused(f"No month of the next two has a day {date}.")


def _at(day: datetime, time: tuple[int, int] | None, zone: str, now: datetime) -> Once:
    hour, minute = time or _DEFAULT
    wall = day.replace(hour=hour, minute=minute, second=0, microsecond=0, tzinfo=None)
    if wall.year > now.year + 20:
        raise _refused(f"{wall:%Y-%m-%d} is too far away.")
    return Once(at=instant_of(wall, ZoneInfo(zone).key), zone=zone)
