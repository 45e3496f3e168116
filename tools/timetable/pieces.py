"""What the words about a time say, piece by piece: days, times of day, steps, zones. Nothing is left out silently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tools.timetable import zones
from tools.timetable.tokens import Clock, Words, month, number, ordinal, weekday, weekdays

__all__ = ["Piece", "Read", "read"]

_EVERY: Final = ("every", "each")
_FILLERS: Final = frozenset({
    "at", "on", "in", "the", "of", "and", "to", "for", ",", "&", ".", ";", "!", "(", ")", "-", "then", "please",
    "always", "just", "only", "exactly", "sharp", "around", "about", "day", "run", "it", "do", "this", "that", "both",
    *_EVERY,
})  # fmt: skip
_UNITS: Final = {
    "second": "second", "sec": "second", "s": "second",
    "minute": "minute", "min": "minute", "m": "minute",
    "hour": "hour", "hr": "hour", "h": "hour",
    "day": "day", "d": "day",
    "week": "week", "wk": "week", "w": "week", "fortnight": "fortnight",
    "month": "month", "quarter": "quarter", "year": "year",
}  # fmt: skip
_ADVERBS: Final = {
    "hourly": (1, "hour"), "daily": (1, "day"), "weekly": (1, "week"), "biweekly": (2, "week"),
    "fortnightly": (2, "week"), "monthly": (1, "month"), "quarterly": (1, "quarter"), "yearly": (1, "year"),
    "annually": (1, "year"),
}  # fmt: skip
_PARTS: Final = ("morning", "afternoon", "evening", "night", "lunchtime")
_PORTIONS: Final = {"half": 0.5, "quarter": 0.25}
_TIMES: Final = {"once": 1, "twice": 2, "thrice": 3}


@dataclass(frozen=True)
class Piece:
    """One thing that was said, and at which word."""

    kind: str
    """`zone`, `local`, `times`, `part`, `window`, `minute`, `step`, `count`, `days`, `except`, `nth`, `dates`,
    `months`, `date`, `monthly`, `again`."""
    value: Any
    place: int
    again: bool = False
    """That it comes again and again was said with it: `every Monday`, `Mondays`."""
    end: int = 0
    """The word behind it."""


@dataclass
class Read:
    """All pieces in the order in which they were said, and the words that none of them explains."""

    pieces: list[Piece] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def all(self, kind: str) -> list[Piece]:
        """The pieces of this kind."""
        return [piece for piece in self.pieces if piece.kind == kind]

    def one(self, kind: str) -> Any:
        """The first value of this kind, or None."""
        return next((piece.value for piece in self.pieces if piece.kind == kind), None)


Found = tuple[Piece, int]


def _zone(words: Words, at: int) -> Found | None:
    word = words.at(at)
    if "/" in word and word[0].isalpha():
        return Piece("zone", zones.known(word).key, at), at + 1
    for length in (3, 2, 1):
        name = " ".join(words.at(at + n) for n in range(length))
        found = zones.called(name) if words.at(at + length - 1) else None
        if found:
            return Piece("zone", found, at), words.skip(at + length, "standard", "daylight", "summer", "time")
    if words.at(at + 1) == "time" and word.isalpha() and word not in _FILLERS | {"local", "my", "our", "same", "your"}:
        raise zones.unknown(word)
    return None


def _local(words: Words, at: int) -> Found | None:
    if words.at(at) in ("local", "my", "our") and words.at(at + 1) in ("time", "zone", "timezone"):
        return Piece("local", None, at), at + 2
    return None


def _now_on(words: Words, at: int) -> Found | None:
    if [words.at(at + n) for n in range(3)] == ["from", "now", "on"]:
        return Piece("again", None, at), at + 3
    return None


def _window(words: Words, at: int) -> Found | None:
    """`between 9 and 17`, `from 9am to 5pm`, `during business hours`."""
    begin = words.skip(at, "during", "in", "within", "only")
    if words.at(begin) in ("business", "working", "office", "work") and words.at(begin + 1) == "hours":
        return Piece("window", (Clock(9, 0, exact=True), Clock(17, 0, exact=True)), at), begin + 2
    opened = words.at(at) in ("between", "from")
    first = words.clock(at + opened, bare=True)
    if first is None or words.at(first[1]) not in ("and", "to", "until", "till", "-"):
        return None
    if not opened and words.at(first[1]) != "-":
        return None
    second = words.clock(first[1] + 1, bare=True)
    return (Piece("window", (first[0], second[0]), at), second[1]) if second else None


def _times(words: Words, at: int) -> Found | None:
    """`at 9`, `7:30 pm`, `at 9, 13 and 17`, `noon`."""
    begin = words.skip(at, "at", "@", "around", "about", "by")
    bare = begin > at
    clock = words.clock(begin, bare=bare)
    if clock is None:
        return None
    found, end = [clock[0]], clock[1]
    while words.at(end) in (",", "and", "&"):
        after = words.skip(end, ",", "and", "&")
        following = words.clock(words.skip(after, "at", "@"), bare=bare)
        if following is None:
            break
        found.append(following[0])
        end = following[1]
    return Piece("times", tuple(found), at), end


def _minute(words: Words, at: int) -> Found | None:
    """`at :15` past each hour, `on the hour`."""
    if [words.at(at + n) for n in range(3)] == ["on", "the", "hour"]:
        return Piece("minute", 0, at), at + 3
    begin = words.skip(at, "at")
    word = words.at(begin)
    return (Piece("minute", int(word[1:]), at), begin + 1) if word.startswith(":") and word[1:].isdigit() else None


def _part(words: Words, at: int) -> Found | None:
    if words.at(at) == "nightly":
        return Piece("part", "night", at, again=True), at + 1
    begin = words.skip(at, *_EVERY)
    name = words.at(begin).removesuffix("s")
    again = begin > at or words.at(begin).endswith("s")
    return (Piece("part", name, at, again=again), begin + 1) if name in _PARTS else None


def _step(words: Words, at: int) -> Found | None:
    """`every 4 hours`, `each day`, `every other week`, `every second day`, `every other Monday`, `daily`."""
    adverb = _ADVERBS.get(words.at(at))
    if adverb:
        return Piece("step", (float(adverb[0]), adverb[1]), at, again=True), at + 1
    if words.at(at) not in _EVERY:
        return None
    begin = words.skip(at + 1, "single", "full")
    if words.at(begin) == "other" and weekday(words.at(begin + 1)) is not None:
        return Piece("step", (2.0, "week"), at, again=True), begin + 1
    count, end = _counted(words, begin)
    unit = _unit(words.at(end))
    if unit is None and end > begin:
        count, end, unit = 1.0, begin, _unit(words.at(begin))
    if unit is None or (count < 1 and unit != "hour"):
        return None
    return Piece("step", (count, unit), at, again=True), end + 1


def _unit(word: str) -> str | None:
    return _UNITS.get(word) or _UNITS.get(word.removesuffix("s"))


def _counted(words: Words, at: int) -> tuple[float, int]:
    """How many units, and where the unit stands."""
    word = words.at(at)
    if word in _PORTIONS:
        return _PORTIONS[word], words.skip(at + 1, "of", "a", "an")
    if word == "other":
        return 2.0, at + 1
    told = number(word) or ordinal(word)
    return (float(told), at + 1) if told and told > 0 else (1.0, at)


def _count(words: Words, at: int) -> Found | None:
    """`twice a day`, `three times per week`."""
    count, end = _TIMES.get(words.at(at)), at + 1
    if count is None:
        told = number(words.at(at))
        if told is None or words.at(at + 1) != "times":
            return None
        count, end = int(told), at + 2
    unit = _UNITS.get(words.at(end + 1)) if words.at(end) in ("a", "an", "per", *_EVERY) else None
    if words.at(end) in _ADVERBS:
        return Piece("count", (count, _ADVERBS[words.at(end)][1]), at, again=True), end + 1
    return (Piece("count", (count, unit), at, again=True), end + 2) if unit else None


def _day(words: Words, at: int) -> tuple[frozenset[int], int, bool] | None:
    """A weekday, a range of them or a group; and whether its words say that it comes again."""
    begin = words.skip(at, "business", "working")
    if begin > at and words.at(begin) in ("day", "days"):
        return frozenset(range(5)), begin + 1, True
    group = weekdays(words.at(at))
    if group:
        return group, at + 1, words.at(at).endswith("s")
    first = weekday(words.at(at))
    if first is None:
        return None
    last = weekday(words.at(at + 2)) if words.at(at + 1) in ("-", "to", "through", "thru", "until", "till") else None
    if last is not None:
        return frozenset((first + n) % 7 for n in range((last - first) % 7 + 1)), at + 3, True
    return frozenset({first}), at + 1, words.at(at).endswith("s") and words.at(at) not in ("tues", "weds", "thurs")


def _days(words: Words, at: int) -> Found | None:
    """`every Monday and Thursday`, `weekdays`, `on Mon-Fri`, `except Sunday`."""
    without = words.at(at) in ("except", "excluding", "but")
    begin = words.skip(at, "except", "excluding", "but", "not", "from", "for")
    begin = words.skip(begin, "on", *_EVERY)
    again = any(word in _EVERY for word in words.all[at:begin])
    found: frozenset[int] = frozenset()
    end = place = begin
    while (day := _day(words, place)) is not None:
        found, end, again = found | day[0], day[1], again or day[2]
        place = words.skip(end, ",", "and", "&", "on", *_EVERY, "plus")
        if place == end:
            break
    if not found:
        return None
    return Piece("except" if without else "days", found, at, again=again), end


def _nth(words: Words, at: int) -> Found | None:
    """`the first Monday`, `every last Friday`, `the 1st and 3rd Tuesday`."""
    begin = words.skip(at, "on", "the", *_EVERY)
    told = any(word in _EVERY for word in words.all[at:begin])
    counts: list[int] = []
    place = begin
    while (count := ordinal(words.at(place))) is not None:
        counts.append(count)
        place = words.skip(place + 1, ",", "and", "the", "&")
    day = weekday(words.at(place))
    if not counts or day is None or max(counts) > 5:
        return None
    return Piece("nth", (tuple(counts), day), at, again=told), place + 1


def _dates(words: Words, at: int) -> Found | None:
    """`the 1st`, `on the 1st and the 15th`, `the last day`, `the end of`."""
    begin = words.skip(at, "on", "the", *_EVERY)
    if words.at(begin) == "end" and words.at(begin + 1) == "of":
        return Piece("dates", ("L",), at), begin + 2
    if words.at(begin) == "day" and words.at(begin + 1).isdigit():
        return Piece("dates", (words.at(begin + 1),), at), begin + 2
    every = any(word in _EVERY for word in words.all[at:begin])
    found: list[str] = []
    place = end = begin
    while _is_date(words, place, every=every):
        found.append("L" if words.at(place) == "last" else str(ordinal(words.at(place))))
        end = words.skip(place + 1, "day")
        place = words.skip(end, ",", "and", "&", "the")
    return (Piece("dates", tuple(found), at), end) if found else None


def _is_date(words: Words, at: int, *, every: bool) -> bool:
    """Whether an ordinal is a day of the month, and neither `every second day` nor `every second`."""
    word, after = words.at(at), words.at(at + 1)
    if ordinal(word) is None or (every and after in _UNITS):
        return False
    if word == "last":
        return after == "day"
    return word[0].isdigit() or (not every and after in ("of", "day", "and", ","))


def _date(words: Words, at: int) -> Found | None:
    """`March 3`, `3 March`, `March 3rd`, `the 3rd of March`."""
    begin = words.skip(at, "on", "the", *_EVERY)
    first, again = words.at(begin), any(word in _EVERY for word in words.all[at:begin])
    if (told := month(first)) is not None:
        day = _day_of_month(words.at(begin + 1))
        timed = words.at(begin + 2) in ("am", "pm", "h") or words.at(begin + 2).startswith(":")
        return (Piece("date", (told, day), at, again=again), begin + 2) if day and not timed else None
    after = words.skip(begin + 1, "of")
    day, told = _day_of_month(first), month(words.at(after))
    return (Piece("date", (told, day), at, again=again), after + 1) if day and told else None


def _day_of_month(word: str) -> int | None:
    day = int(word) if word.isdigit() and len(word) <= 2 else ordinal(word)
    return day if day and 1 <= day <= 31 else None


def _months(words: Words, at: int) -> Found | None:
    begin = words.skip(at, "in", "of", *_EVERY)
    found: list[int] = []
    place = end = begin
    while (told := month(words.at(place))) is not None:
        found.append(told)
        end = place + 1
        place = words.skip(end, ",", "and", "&")
    again = any(word in _EVERY for word in words.all[at:begin])
    return (Piece("months", tuple(found), at, again=again), end) if found else None


def _monthly(words: Words, at: int) -> Found | None:
    """`of the month`, `of each month`, `of the year`: it comes again in each."""
    if words.at(at) not in ("of", "in", "a", "per"):
        return None
    end = words.skip(at, "of", "in", "the", "a", "per", "any", "every", "each")
    unit = words.at(end)
    return (Piece("monthly", unit, at, again=True), end + 1) if unit in ("month", "quarter", "year", "week") else None


_READERS: Final[tuple[Callable[[Words, int], Found | None], ...]] = (
    _now_on,
    _local,
    _count,
    _nth,
    _monthly,
    _date,
    _dates,
    _part,
    _days,
    _step,
    _months,
    _window,
    _minute,
    _times,
    _zone,
)


def read(words: Words) -> Read:
    """The pieces of what was said. Raises ToolError for a time zone that doesn't exist."""
    result = Read()
    at = 0
    while at < len(words):
        found = next((piece for reader in _READERS if (piece := reader(words, at))), None)
        if found is not None:
            result.pieces.append(replace(found[0], end=found[1]))
            at = found[1]
            continue
        if words.at(at) not in _FILLERS:
            result.unread.append(words.at(at))
        at += 1
    return result
