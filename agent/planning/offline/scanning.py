"""Amounts of time, clocks and days, read from a place in the tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from agent.planning.offline.days import (
    COUNTS,
    DAYTIMES,
    PERIODS,
    UNITS,
    WEEKDAYS,
    Calendar,
    month_of,
    ordinal_of,
    weekday_of,
)
from agent.planning.offline.tokens import Token

__all__ = ["Scan"]

_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)([a-z]+)")


_AFTER_CLOCK: Final = (
    "am", "pm", "utc", "gmt", "est", "edt", "et", "pst", "pdt", "pt", "cst", "cdt", "ct", "mst", "mdt", "mt", "cet",
    "cest", "bst", "eastern", "pacific", "central", "mountain", "sharp", "oclock",
)  # fmt: skip


_NO_PLURALS: Final = frozenset({"thanks", "always", "unless", "across", "towards", "cheers", "please"})


class Scan:
    """Reads one expression from a place in the tokens."""

    def __init__(self, tokens: Sequence[Token], calendar: Calendar) -> None:
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
            unit = UNITS.get(found[2]) or UNITS.get(found[2].rstrip("s"))
            return (float(found[1]) * unit, at + 1) if unit else None
        count = self._count(at)
        number, at = count or (1.0, at)
        at = self.skip(at, "of", "full", "business", "working", "whole", "more", "calendar")
        unit = UNITS.get(self.word(at)) or UNITS.get(self.word(at).removesuffix("s"))
        return (number * unit, at + 1) if unit and len(self.word(at)) > 1 else None

    def _count(self, at: int) -> tuple[float, int] | None:
        token = self.tokens[at]
        if token.kind == "number" and token.text.replace(".", "", 1).isdigit():
            return float(token.text), at + 1
        if token.text in COUNTS:
            count, at = float(COUNTS[token.text]), at + 1
            while self.word(at) in ("couple", "few"):
                count, at = float(COUNTS[self.word(at)]), at + 1
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
            token.text in DAYTIMES and (begin != at or token.text in ("noon", "midnight", "midday"))
        ):
            return self._suffixed(begin, at + 1)
        if self._several(at + 1):
            return None
        if begin != at and token.kind == "number" and token.text.isdigit() and int(token.text) < 25:
            return self._suffixed(begin, at + 1)
        hour = COUNTS.get(token.text, 0) if begin != at and token.text not in ("a", "an", "one", "half") else 0
        if hour in range(2, 13) and self.word(at + 1).rstrip("s") not in UNITS:
            return self._suffixed(begin, at + 1)
        return None

    def _several(self, at: int) -> bool:
        """`by two versions`: a number of things, and no hour."""
        word = self.word(at)
        days = word.removesuffix("s") in (*WEEKDAYS, *DAYTIMES)
        return len(word) > 4 and word.endswith("s") and not days and word not in _NO_PLURALS

    def _suffixed(self, begin: int, end: int) -> tuple[str, int]:
        while self.word(end) in _AFTER_CLOCK or (end > begin + 1 and self.word(end) == "time"):
            end += 1
        if self.word(end) == "in" and self.word(end + 1) == "the" and self.word(end + 2) in DAYTIMES:
            end += 3
        end = self.zone(end)
        return self.words(begin, end), end

    def zone(self, at: int) -> int:
        """Where `in Europe/Berlin` ends, whether there is such a zone or not; `at` when none is named."""
        begin = self.skip(at, "in")
        if not (self.word(begin).isalpha() and self.word(begin + 1) == "/" and self._touch(begin, begin + 2)):
            return at
        end = begin + 3
        while self.word(end) == "/" and self._touch(end - 1, end + 1):
            end += 2
        return end

    def _touch(self, begin: int, end: int) -> bool:
        """Whether nothing stands between the tokens."""
        if end >= len(self.tokens):
            return False
        return all(self.tokens[at].end == self.tokens[at + 1].start for at in range(begin, end))

    def words(self, begin: int, end: int, *, as_written: bool = False) -> str:
        """What stands there, a space between words; a zone's or a cron's parts, or all of it, as it was written."""
        said = ""
        for at in range(begin, end):
            token, joined = self.tokens[at], at > begin and self._touch(at - 1, at)
            slashed = as_written or "/" in (self.word(at), self.word(at - 1), self.word(at + 1))
            said += ("" if joined or not said else " ") + (token.raw if slashed else token.text)
        return said

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
        weekday = weekday_of(token.text)
        if weekday is not None:
            return self.calendar.weekday(weekday, ahead), at + 1
        if token.kind == "number" and self.word(at + 1) == "/" and self.word(at + 2).isdigit() and token.text.isdigit():
            month, day = int(token.text), int(self.word(at + 2))
            return self._found(month, day, at + 3, ahead) if 1 <= month <= 12 and 1 <= day <= 31 else None
        return self._month_day(at, ahead)

    def _dated(self, at: int) -> bool:
        after = self.skip(at, "the", "on", "this", "last", "past", "about", "around")
        word = self.word(after)
        return (
            weekday_of(word) is not None
            or month_of(word) is not None
            or ordinal_of(word) is not None
            or word in ("yesterday", "today", "tomorrow", "tonight")
            or (after < len(self.tokens) and self.tokens[after].kind == "date")
        )

    def _month_day(self, at: int, ahead: bool) -> tuple[date, int] | None:
        first, second, third = self.word(at), self.word(at + 1), self.word(at + 2)
        month, day = month_of(first), ordinal_of(second)
        if month and day:
            return self._found(month, day, at + 2, ahead)
        day = ordinal_of(first)
        if day:
            if second == "of" and month_of(third):
                return self._found(month_of(third) or 0, day, at + 3, ahead)
            if month_of(second):
                return self._found(month_of(second) or 0, day, at + 2, ahead)
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
        return (unit, at + 1) if unit in PERIODS else None
