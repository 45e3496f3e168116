"""Expressions of time in a request: how far back, until when, how often.

`now` and the person's zone are given. Calendar expressions count whole days back from today, so `this quarter` on the
23rd of November is `53d`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from agent.planning.offline.tokens import Token

__all__ = ["When", "mark_times"]

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_SHORT_MONTHS: Final = {month[:3]: at + 1 for at, month in enumerate(_MONTHS)} | {"sept": 9}
_SHORT_DAYS: Final = {
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
_COUNTS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "couple": 2, "three": 3, "few": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fourteen": 14, "twenty": 20, "thirty": 30, "sixty": 60,
    "ninety": 90, "several": 3, "half": 0.5,
}  # fmt: skip
_UNITS: Final = {
    "minute": 1 / 1440, "min": 1 / 1440, "mins": 1 / 1440, "m": 1 / 1440, "hour": 1 / 24, "hr": 1 / 24, "hrs": 1 / 24,
    "h": 1 / 24, "day": 1, "d": 1, "week": 7, "wk": 7, "wks": 7, "w": 7, "fortnight": 14, "month": 30, "mo": 30,
    "quarter": 90, "year": 365, "y": 365, "night": 1, "morning": 1, "weekend": 7,
}  # fmt: skip
_PERIODS: Final = frozenset({"week", "month", "quarter", "year"})
_DAYTIMES: Final = {
    "morning": 9,
    "noon": 12,
    "midday": 12,
    "lunchtime": 12,
    "afternoon": 14,
    "evening": 18,
    "night": 22,
    "midnight": 0,
}
_RECURRING: Final = frozenset(
    ["daily", "nightly", "weekly", "hourly", "monthly", "weekdays", "quarterly", "yearly", "biweekly", "fortnightly"]
)  # fmt: skip
_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)([a-z]+)")
_HOLIDAYS: Final = {"christmas": (12, 25), "xmas": (12, 25), "new": (1, 1)}


@dataclass(frozen=True)
class When:
    """An expression of time. `since` looks back, `until` and `at` look ahead, `often` comes again and again."""

    since: str | None = None
    until: str | None = None
    at: str | None = None
    often: str | None = None


@dataclass(frozen=True)
class _Calendar:
    """Today, in the person's zone."""

    now: datetime

    @property
    def today(self) -> date:
        return self.now.date()

    def back(self, day: date) -> str:
        """The duration from a day to now."""
        days = (self.today - day).days
        return f"{days}d" if days > 0 else self.hours()

    def hours(self) -> str:
        """Since midnight, for `today`: at least an hour."""
        return "1d"

    def start(self, unit: str) -> date:
        """The first day of the current week, month, quarter or year."""
        today = self.today
        if unit == "week":
            return today - timedelta(days=today.weekday())
        month = {"month": today.month, "quarter": 3 * ((today.month - 1) // 3) + 1, "year": 1}[unit]
        return date(today.year, month, 1)

    def following(self, unit: str) -> date:
        """The first day of the next week, month, quarter or year."""
        start = self.start(unit)
        if unit == "week":
            return start + timedelta(days=7)
        months = {"month": 1, "quarter": 3, "year": 12}[unit]
        month = start.month - 1 + months
        return date(start.year + month // 12, month % 12 + 1, 1)

    def weekday(self, index: int, ahead: bool) -> date:
        """The last such day before today, or the next one after it."""
        behind = (self.today.weekday() - index) % 7 or 7
        return (
            self.today + timedelta(days=7 - behind if behind < 7 else 7)
            if ahead
            else self.today - timedelta(days=behind)
        )

    def in_year(self, month: int, day: int, ahead: bool) -> date | None:
        """That day of this year, or of the next or last one, whichever side of today is meant."""
        for year in (self.today.year, self.today.year + (1 if ahead else -1)):
            try:
                found = date(year, month, day)
            except ValueError:
                return None
            if (found >= self.today) if ahead else (found <= self.today):
                return found
        return None


def _duration(days: float) -> str:
    minutes = round(days * 1440)
    if minutes % 1440 == 0:
        return f"{minutes // 1440}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


class _Scan:
    """Reads one expression from a place in the tokens."""

    def __init__(self, tokens: Sequence[Token], calendar: _Calendar) -> None:
        self.tokens = tokens
        self.calendar = calendar

    def word(self, at: int) -> str:
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def skip(self, at: int, *words: str) -> int:
        while self.word(at) in words and self.word(at):
            at += 1
        return at

    def amount(self, at: int) -> tuple[float, int] | None:
        """`7d`, `7 days`, `two weeks`, `a couple of days`, `week`: days, and where it ends."""
        token = self.tokens[at] if at < len(self.tokens) else None
        if token is None:
            return None
        if token.kind == "span" and (found := _SPAN.fullmatch(token.text)):
            unit = _UNITS.get(found[2]) or _UNITS.get(found[2].rstrip("s"))
            return (float(found[1]) * unit, at + 1) if unit else None
        count = self._count(at)
        number, at = count or (1.0, at)
        at = self.skip(at, "of", "full", "business", "working", "whole", "more", "calendar")
        unit = _UNITS.get(self.word(at)) or _UNITS.get(self.word(at).removesuffix("s"))
        return (number * unit, at + 1) if unit and len(self.word(at)) > 1 else None

    def _count(self, at: int) -> tuple[float, int] | None:
        token = self.tokens[at]
        if token.kind == "number" and token.text.replace(".", "", 1).isdigit():
            return float(token.text), at + 1
        if token.text in _COUNTS:
            count, at = float(_COUNTS[token.text]), at + 1
            while self.word(at) in ("couple", "few"):
                count, at = float(_COUNTS[self.word(at)]), at + 1
            return count, at
        return None

    def clock(self, at: int) -> tuple[str, int] | None:
        """`at 9`, `08:00`, `5pm`, `noon`: the words of it, and where it ends."""
        begin = at
        at = self.skip(at, "at", "around", "about", "by", "@")
        token = self.tokens[at] if at < len(self.tokens) else None
        if token is None:
            return None
        if token.kind == "clock" or (
            token.text in _DAYTIMES and (begin != at or token.text in ("noon", "midnight", "midday"))
        ):
            return self._suffixed(begin, at + 1)
        if begin != at and token.kind == "number" and token.text.isdigit() and int(token.text) < 25:
            return self._suffixed(begin, at + 1)
        return None

    def _suffixed(self, begin: int, end: int) -> tuple[str, int]:
        if self.word(end) in ("am", "pm", "utc", "gmt", "est", "et", "cet", "sharp", "oclock"):
            end += 1
        if self.word(end) == "in" and self.word(end + 1) == "the" and self.word(end + 2) in _DAYTIMES:
            end += 3
        return " ".join(self.word(i) for i in range(begin, end)), end

    def day(self, at: int, ahead: bool) -> tuple[date, int] | None:
        """A date, a weekday, `yesterday`, `the 3rd of November`, `Nov 3`, `the start of the month`."""
        at = self.skip(at, "the", "on", "this", "last", "past", "about", "around") if self._dated(at) else at
        token = self.tokens[at] if at < len(self.tokens) else None
        if token is None:
            return None
        if token.kind == "date":
            return date.fromisoformat(token.text[:10]), at + 1
        simple = {"today": 0, "yesterday": -1, "tomorrow": 1, "tonight": 0}.get(token.text)
        if simple is not None:
            return self.calendar.today + timedelta(days=simple), at + 1
        weekday = _weekday(token.text)
        if weekday is not None:
            return self.calendar.weekday(weekday, ahead), at + 1
        return self._month_day(at, ahead)

    def _dated(self, at: int) -> bool:
        after = self.skip(at, "the", "on", "this", "last", "past", "about", "around")
        word = self.word(after)
        return (
            _weekday(word) is not None
            or _month(word) is not None
            or _ordinal(word) is not None
            or word in ("yesterday", "today", "tomorrow", "tonight")
            or (after < len(self.tokens) and self.tokens[after].kind == "date")
        )

    def _month_day(self, at: int, ahead: bool) -> tuple[date, int] | None:
        first, second, third = self.word(at), self.word(at + 1), self.word(at + 2)
        month, day = _month(first), _ordinal(second)
        if month and day:
            return self._found(month, day, at + 2, ahead)
        day = _ordinal(first)
        if day:
            if second == "of" and _month(third):
                return self._found(_month(third) or 0, day, at + 3, ahead)
            if _month(second):
                return self._found(_month(second) or 0, day, at + 2, ahead)
            if first[-1].isalpha():
                return self._this_month(day, at + 1, ahead)
        if month and (first != "may" or self.word(at - 1) in ("in", "since", "until", "of", "early")):
            return self._found(month, 1, at + 1, ahead)
        return None

    def _found(self, month: int, day: int, end: int, ahead: bool) -> tuple[date, int] | None:
        if self.word(end).isdigit() and len(self.word(end)) == 4:
            try:
                return date(int(self.word(end)), month, day), end + 1
            except ValueError:
                return None
        if self.word(end) == "," and self.word(end + 1).isdigit() and len(self.word(end + 1)) == 4:
            return self._found(month, day, end + 1, ahead)
        found = self.calendar.in_year(month, day, ahead)
        return (found, end) if found else None

    def _this_month(self, day: int, end: int, ahead: bool) -> tuple[date, int] | None:
        today = self.calendar.today
        month = today.month + (1 if ahead and day < today.day else 0) - (1 if not ahead and day > today.day else 0)
        year, month = today.year + (month - 1) // 12, (month - 1) % 12 + 1
        try:
            return date(year, month, day), end
        except ValueError:
            return None

    def edge(self, at: int, edges: tuple[str, ...]) -> tuple[str, int] | None:
        """`the beginning of the month`: its unit, and where it ends."""
        at = self.skip(at, "the", "very", "this")
        if self.word(at) not in edges:
            return None
        at = self.skip(at + 1, "of", "the", "this", "current")
        unit = self.word(at)
        return (unit, at + 1) if unit in _PERIODS else None


def _weekday(word: str) -> int | None:
    if word in _WEEKDAYS:
        return _WEEKDAYS.index(word)
    return _SHORT_DAYS.get(word) if word not in ("sun", "sat") else None


def _month(word: str) -> int | None:
    return _MONTHS.index(word) + 1 if word in _MONTHS else _SHORT_MONTHS.get(word)


def _ordinal(word: str) -> int | None:
    digits = word.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th")
    if digits.isdigit() and len(digits) <= 2 and 1 <= int(digits) <= 31:
        return int(digits)
    spelled = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    return spelled.index(word) + 1 if word in spelled else None


Reading = tuple[When, int]


def _since(scan: _Scan, at: int) -> Reading | None:
    """`since yesterday`, `since the 3rd of November`, `since the start of the month`, `from Monday on`."""
    if scan.word(at) not in ("since", "from", "after", "starting"):
        return None
    strict = scan.word(at) != "since"
    after = scan.skip(at + 1, "about", "around", "early", "late", "mid", "from", "like")
    edge = scan.edge(after, ("beginning", "start", "first", "top", "turn", "dawn"))
    if edge:
        return When(since=scan.calendar.back(scan.calendar.start(edge[0]))), edge[1]
    last = scan.skip(after, "the", "this")
    if not strict and scan.word(last) in ("last", "past") and (amount := scan.amount(last + 1)):
        return When(since=_duration(amount[0])), amount[1]
    if not strict and scan.word(after) in ("this", "the") and scan.word(after + 1) in _DAYTIMES:
        return When(since=scan.calendar.hours()), after + 2
    if not strict and scan.word(after) in ("noon", "midnight", "lunch", "breakfast", "midday"):
        return When(since=scan.calendar.hours()), after + 1
    if not strict and (amount := scan.amount(after)) and scan.word(amount[1]) == "ago":
        return When(since=_duration(amount[0])), amount[1] + 1
    day = scan.day(after, ahead=False)
    if day and day[0] <= scan.calendar.today:
        end = day[1] + 1 if scan.word(day[1]) in _DAYTIMES or scan.word(day[1]) == "onwards" else day[1]
        return When(since=scan.calendar.back(day[0])), end
    return None


def _lately(scan: _Scan, at: int) -> Reading | None:
    """`in the last two weeks`, `over the past month`, `this quarter`, `last night`, `a week ago`, `month to date`."""
    if scan.word(at) == "'s" and scan.word(at + 1) in _PERIODS and scan.word(at + 2) == "":
        return When(since=_duration(_UNITS[scan.word(at + 1)])), at + 2
    begin = scan.skip(at, "in", "over", "during", "for", "within", "of", "from", "throughout", "across", "so", "far")
    begin = scan.skip(begin, "the", "these", "those", "our", "all")
    word = scan.word(begin)
    if word in ("last", "past", "previous", "recent", "preceding", "trailing", "prior"):
        amount = scan.amount(begin + 1)
        if amount:
            return When(since=_duration(amount[0])), amount[1]
        day = scan.day(begin + 1, ahead=False)
        return (When(since=scan.calendar.back(day[0])), day[1]) if day and day[0] < scan.calendar.today else None
    if word in ("this", "current") and scan.word(begin + 1) in _PERIODS:
        return When(since=scan.calendar.back(scan.calendar.start(scan.word(begin + 1)))), begin + 2
    amount = scan.amount(at)
    if amount and scan.word(amount[1]) in ("ago", "back"):
        return When(since=_duration(amount[0])), amount[1] + 1
    if word in _PERIODS and scan.word(begin + 1) == "to" and scan.word(begin + 2) == "date":
        return When(since=scan.calendar.back(scan.calendar.start(word))), begin + 3
    if scan.word(at) in ("in", "during", "throughout") and (month := _month(scan.word(begin))):
        first = scan.calendar.in_year(month, 1, ahead=False)
        return (When(since=scan.calendar.back(first)), begin + 1) if first else None
    if word in ("ytd", "mtd"):
        return When(since=scan.calendar.back(scan.calendar.start("year" if word == "ytd" else "month"))), begin + 1
    return None


def _yesterday(scan: _Scan, at: int) -> Reading | None:
    """`yesterday`, `today`, `overnight`, `this morning`, `in November`, `on Tuesday`: a past day, if asked about the past."""
    begin = scan.skip(at, "on", "in", "during", "late", "early", "later")
    word = scan.word(begin)
    if word in ("yesterday", "overnight"):
        end = begin + 2 if scan.word(begin + 1) in _DAYTIMES else begin + 1
        return When(since="1d"), end
    if word == "this" and scan.word(begin + 1) in _DAYTIMES:
        return When(since="1d", at="this " + scan.word(begin + 1)), begin + 2
    return None


def _until(scan: _Scan, at: int) -> Reading | None:
    """`until 2026-12-10`, `till next Monday`, `until the end of the week`, `for two weeks`."""
    calendar = scan.calendar
    if (
        scan.word(at) == "for"
        and scan.word(at + 1) not in ("the", "last", "past")
        and (amount := scan.amount(scan.skip(at + 1, "about", "another", "next")))
    ):
        return When(until=_ahead(calendar, amount[0])), amount[1]
    if scan.word(at) == "for" and scan.word(at + 1) == "the" and scan.word(at + 2) in ("next", "coming", "rest"):
        if scan.word(at + 2) == "rest":
            edge = scan.skip(at + 3, "of", "the", "this")
            unit = scan.word(edge)
            return (When(until=calendar.following(unit).isoformat()), edge + 1) if unit in _PERIODS else None
        amount = scan.amount(at + 3)
        return (When(until=_ahead(calendar, amount[0])), amount[1]) if amount else None
    if scan.word(at) == "before" and (day := scan.day(at + 1, ahead=True)):
        return When(until=day[0].isoformat()), day[1]
    if scan.word(at) not in ("until", "till", "til", "through", "thru", "untill"):
        return None
    after = scan.skip(at + 1, "after", "about", "around", "on")
    edge = scan.edge(after, ("end", "close"))
    if edge:
        return When(until=(calendar.following(edge[0]) - timedelta(days=1)).isoformat()), edge[1]
    edge = scan.edge(after, ("beginning", "start"))
    if scan.word(scan.skip(after, "the")) in ("next", "following", "coming"):
        unit_at = scan.skip(after, "the") + 1
        if scan.word(unit_at) in _PERIODS:
            return When(until=calendar.following(scan.word(unit_at)).isoformat()), unit_at + 1
        day = scan.day(unit_at, ahead=True)
        return (When(until=day[0].isoformat()), day[1]) if day else None
    holiday = _HOLIDAYS.get(scan.word(scan.skip(after, "the")))
    if holiday and (found := calendar.in_year(*holiday, ahead=True)):
        end = scan.skip(after, "the") + 1
        return When(until=found.isoformat()), scan.skip(end, "year", "years", "'s", "day", "eve")
    day = scan.day(after, ahead=True)
    if day:
        clock = scan.clock(day[1])
        return When(until=day[0].isoformat()), clock[1] if clock else day[1]
    clock = scan.clock(after)
    if clock and clock[1] > after:
        return When(until=calendar.today.isoformat()), clock[1]
    return None


def _ahead(calendar: _Calendar, days: float) -> str:
    if days >= 1:
        return (calendar.today + timedelta(days=round(days))).isoformat()
    return (calendar.now + timedelta(days=days)).replace(microsecond=0).isoformat()


def _often(scan: _Scan, at: int) -> Reading | None:
    """`every weekday at 08:00`, `each night`, `daily`, `on Mondays`, `at 9 every Monday`, `twice a day`."""
    end = _recurrence(scan, at)
    if end is None:
        clock = scan.clock(at)
        end = _recurrence(scan, clock[1]) if clock else None
    if end is None:
        return None
    bare = end == at + 1
    end = _with_details(scan, end)
    if bare and end == at + 1 and scan.word(at) in _RECURRING and _describes(scan, end):
        return None
    return When(often=" ".join(scan.word(i) for i in range(at, end))), end


def _describes(scan: _Scan, at: int) -> bool:
    """`the weekly digest`, `my daily report`: which one, and no schedule."""
    token = scan.tokens[at] if at < len(scan.tokens) else None
    told = scan.word(at) in ("digest", "report", "summary", "update", "overview", "news", "newsletter", "cost", "costs", "bill", "spend", "changes")
    asked = any(other.text in ("schedule", "up", "create", "every", "want", "like", "need", "automate", "start", "send") for other in scan.tokens[:at])
    return token is not None and told and not asked


def _recurrence(scan: _Scan, at: int) -> int | None:
    begin = scan.skip(at, "on", "once", "twice", "thrice")
    word, following = scan.word(begin), scan.word(begin + 1)
    if word in ("every", "each"):
        if scan.word(begin + 2) == "of" and _ordinal(scan.word(begin + 1)) and scan.word(begin + 3) in ("the", "month"):
            return scan.skip(begin + 3, "the", "month")
        after = scan.skip(begin + 1, "single", "other", "second", "first", "third", "last", "working", "business")
        amount = scan.amount(after)
        if amount:
            return amount[1]
        known = scan.word(after).removesuffix("s")
        is_day = _weekday(known) is not None or known in (
            "weekday",
            "weekend",
            "morning",
            "evening",
            "afternoon",
            "midnight",
            "noon",
        )
        return after + 1 if is_day else None
    if word in _RECURRING:
        return begin + 1
    if begin > at and word in ("a", "per") and following in _UNITS:
        return begin + 2
    if word.endswith("s") and _weekday(word[:-1]) is not None and word[:-1] in _WEEKDAYS:
        return begin + 1
    if begin > at and word.endswith("s") and word[:-1] in ("weekday", "weekend", "morning", "evening", "night"):
        return begin + 1
    return None


def _with_details(scan: _Scan, end: int) -> int:
    """`… and Thursdays`, `… of the month`, `… at 9am`."""
    while True:
        following = _clock_end(scan, end) or _recurrence(scan, scan.skip(end, "and", ",")) or _joined_unit(scan, end)
        if following is None:
            return end
        end = following


def _clock_end(scan: _Scan, at: int) -> int | None:
    clock = scan.clock(at)
    return clock[1] if clock else None


def _joined_unit(scan: _Scan, end: int) -> int | None:
    joined = scan.skip(end, "and", ",", "of", "the", "on", "in")
    unit = scan.word(joined).removesuffix("s") in (*_WEEKDAYS, "morning", "evening", "month", "week")
    return joined + 1 if unit and joined > end else None


def _later(scan: _Scan, at: int) -> Reading | None:
    """`at 17:00`, `tomorrow morning`, `tonight`, `in two hours`, `on Friday`, `next week`: once, and not now."""
    word = scan.word(at)
    end: int | None = None
    if word == "in" and (amount := scan.amount(at + 1)) and scan.word(amount[1]) != "ago":
        end = amount[1]
    elif word in ("tonight", "later") or (word == "this" and scan.word(at + 1) in ("afternoon", "evening")):
        end = scan.skip(at + (2 if word == "this" else 1), "today", "on", "tonight")
    elif word in ("next", "coming", "following") and scan.word(at + 1) in (*_PERIODS, *_WEEKDAYS, "weekend"):
        end = at + 2
    elif word in ("tomorrow", "overmorrow"):
        end = at + 1
    elif (
        word in ("on", "this", "by")
        or _weekday(word) is not None
        or (at < len(scan.tokens) and scan.tokens[at].kind == "date")
    ):
        day = scan.day(scan.skip(at, "on", "this", "by"), ahead=True)
        end = day[1] if day and scan.word(scan.skip(at, "on", "this", "by")) != "today" else None
    if end is None:
        clock = scan.clock(at)
        if clock is None:
            return None
        end = clock[1]
    end = (
        scan.skip(end, "in", "the", "morning", "afternoon", "evening", "night")
        if scan.word(end) in _DAYTIMES or (scan.word(end) == "in" and scan.word(end + 2) in _DAYTIMES)
        else end
    )
    clock = scan.clock(end)
    end = clock[1] if clock else end
    at_words = " ".join(scan.word(i) for i in range(at, end))
    past = scan.day(scan.skip(at, "on", "this"), ahead=False)
    since = scan.calendar.back(past[0]) if past and past[0] < scan.calendar.today else None
    return When(since=since, at=at_words), scan.skip(end, "today", "tomorrow", "tonight")


_READERS: Final[tuple[tuple[str, Callable[[_Scan, int], Reading | None]], ...]] = (
    ("often", _often),
    ("since", _since),
    ("since", _lately),
    ("until", _until),
    ("since", _yesterday),
    ("later", _later),
)
_TAGS: Final[Mapping[str, str]] = {"often": "often", "since": "since", "until": "until", "later": "later"}


def mark_times(tokens: Sequence[Token], now: datetime) -> list[Token]:
    """The tokens with every expression of time merged into one, tagged `since`, `until`, `often` or `later`."""
    scan = _Scan(tokens, _Calendar(now))
    result: list[Token] = []
    at = 0
    while at < len(tokens):
        found = _read(scan, at)
        if found is None:
            result.append(tokens[at])
            at += 1
            continue
        tag, when, end = found
        span = tokens[at:end]
        result.append(
            replace(
                span[0],
                text=" ".join(token.text for token in span),
                raw=" ".join(token.raw for token in span),
                end=span[-1].end,
                kind="time",
                tags=frozenset({"time", _TAGS[tag]}),
                value=when,
            )
        )
        at = end
    return result


def _read(scan: _Scan, at: int) -> tuple[str, When, int] | None:
    token = scan.tokens[at]
    if token.kind in ("name", "quote", "url", "domain", "channel", "pair", "id"):
        return None
    for tag, reader in _READERS:
        found = reader(scan, at)
        if found and found[1] > at:
            return tag, found[0], found[1]
    return None
