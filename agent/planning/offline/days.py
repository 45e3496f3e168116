"""Days and the words for them: weekdays, months, the start of the quarter, as seen from today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

__all__ = [
    "COUNTS",
    "DAYTIMES",
    "NUMBERS",
    "PERIODS",
    "UNITS",
    "WEEKDAYS",
    "Calendar",
    "bare_amount",
    "duration",
    "month_of",
    "ordinal_of",
    "weekday_of",
]

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
SHORT_MONTHS: Final = {month[:3]: at + 1 for at, month in enumerate(MONTHS)} | {"sept": 9}
SHORT_DAYS: Final = {
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
_ONES: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS: Final = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
COUNTS: Final = (
    {"a": 1, "an": 1, "couple": 2, "few": 3, "several": 3, "half": 0.5, "dozen": 12, "hundred": 100}
    | {word: at for at, word in enumerate((*_ONES, *_TEENS), 1)}
    | {word: 10 * at for at, word in enumerate(_TENS, 2)}
    | {f"{ten}-{one}": 10 * at + more for at, ten in enumerate(_TENS, 2) for more, one in enumerate(_ONES, 1)}
)
NUMBERS: Final = {word: int(number) for word, number in COUNTS.items() if word in (*_ONES, *_TEENS, *_TENS)}
"""`three`, and no `few`."""
UNITS: Final = {
    "minute": 1 / 1440, "min": 1 / 1440, "mins": 1 / 1440, "m": 1 / 1440, "hour": 1 / 24, "hr": 1 / 24, "hrs": 1 / 24,
    "h": 1 / 24, "day": 1, "d": 1, "week": 7, "wk": 7, "wks": 7, "w": 7, "fortnight": 14, "month": 30, "mo": 30,
    "quarter": 90, "year": 365, "y": 365, "night": 1, "morning": 1, "weekend": 7,
}  # fmt: skip
PERIODS: Final = frozenset({"week", "month", "quarter", "year"})
DAYTIMES: Final = {
    "morning": 9,
    "noon": 12,
    "midday": 12,
    "lunchtime": 12,
    "afternoon": 14,
    "evening": 18,
    "night": 22,
    "midnight": 0,
}


@dataclass(frozen=True)
class Calendar:
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


def duration(days: float) -> str:
    """Days as the shortest of `7d`, `36h`, `90m` that says them exactly."""
    minutes = round(days * 1440)
    if minutes % 1440 == 0:
        return f"{minutes // 1440}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def weekday_of(word: str) -> int | None:
    """0 for Monday up to 6, in full or short; None for other words."""
    if word in WEEKDAYS:
        return WEEKDAYS.index(word)
    return SHORT_DAYS.get(word) if word not in ("sun", "sat") else None


def month_of(word: str) -> int | None:
    """1 for January up to 12, in full or short; None for other words."""
    return MONTHS.index(word) + 1 if word in MONTHS else SHORT_MONTHS.get(word)


def ordinal_of(word: str) -> int | None:
    """`3rd`, `3`, `third` → 3, as a day of a month; None for other words."""
    digits = word.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th")
    if digits.isdigit() and len(digits) <= 2 and 1 <= int(digits) <= 31:
        return int(digits)
    spelled = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    return spelled.index(word) + 1 if word in spelled else None


def bare_amount(words: Sequence[str]) -> str | None:
    """How far back a number and a unit reach that stand alone: `deployment history of dev, 30 days`."""
    for count, unit in pairwise(words):
        days = UNITS.get(unit.removesuffix("s")) if len(unit) > 1 else None
        if days and (count in COUNTS or count.isdigit()) and count not in ("a", "an", "one"):
            return duration(days * float(COUNTS.get(count, 0) or count))
    return None
