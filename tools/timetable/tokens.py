"""The words in which people say when something happens, and the small facts that these words stand for."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

__all__ = ["MONTHS", "Clock", "Words", "month", "number", "ordinal", "weekday", "weekdays"]

_TOKEN: Final = re.compile(
    r"""
    [a-z]+(?:/[a-z_+\-0-9]+)+             # Europe/Berlin
    | \d{4}-\d{2}-\d{2}(?:t\d{2}:\d{2})?  # 2026-12-01
    | \d{1,2}[/.]\d{1,2}[/.]\d{2,4}       # 12/05/2026
    | \d+(?:st|nd|rd|th)\b
    | :\d{2}(?!\d)                        # 2:30am
    | \d+(?:\.\d+)?
    | [a-z]+(?:'[a-z]+)?
    | \S
    """,
    re.VERBOSE,
)
_SPELLINGS: Final = (
    (re.compile(r"\b([ap])\.\s?m\b\.?"), r"\1m"),
    (re.compile(r"o['’]?\s?clock\b"), "oclock"),
    (re.compile(r"[–—]"), "-"),
    (re.compile(r"[“”\"`]|(?<!\w)['‘’]|['‘’](?!\w)"), " "),
    (re.compile(r"(\b(?:at|um|à)\s+|@\s*)([01]?\d|2[0-3])[.h]([0-5]\d)(?![\d./])"), r"\1\2:\3"),
    (re.compile(r"\b(week)\s+(days|ends)\b"), r"\1\2"),
    (re.compile(r"\bbi-?weekly\b"), "biweekly"),
    (re.compile(r"\b(\d{4}-\d{2}-\d{2})t(\d)"), r"\1 \2"),
)
MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_DAYS: Final = {
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
_GROUPS: Final = {
    "weekday": frozenset(range(5)),
    "workday": frozenset(range(5)),
    "weekend": frozenset({5, 6}),
}
_NUMBERS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "sixty": 60,
    "ninety": 90,
}  # fmt: skip
_ORDINALS: Final = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
}  # fmt: skip
_NAMED: Final = {"noon": 12, "midday": 12, "midnight": 0}


@dataclass(frozen=True)
class Clock:
    """A time of day as it was said; `exact` unless it could be in the morning as well as in the evening."""

    hour: int
    minute: int
    exact: bool


class Words:
    """What was said, word for word."""

    def __init__(self, text: str) -> None:
        plain = unicodedata.normalize("NFKC", text).casefold()
        for pattern, spelling in _SPELLINGS:
            plain = pattern.sub(spelling, plain)
        self.all: tuple[str, ...] = tuple(_TOKEN.findall(plain))

    def __len__(self) -> int:
        return len(self.all)

    def at(self, place: int) -> str:
        """The word there; empty behind the end."""
        return self.all[place] if 0 <= place < len(self.all) else ""

    def skip(self, place: int, *words: str) -> int:
        """The first place from there on that has none of these words."""
        while self.at(place) in words and self.at(place):
            place += 1
        return place

    def clock(self, place: int, *, bare: bool) -> tuple[Clock, int] | None:
        """A time of day, and where it ends; with `bare` a number alone is one. 25:00 is one, and is refused later."""
        named = _NAMED.get(self.at(place))
        if named is not None:
            return Clock(named, 0, exact=True), place + 1
        digits = self.at(place)
        if not digits.isdigit() or len(digits) > 2:
            return None
        hour, minute, end = int(digits), 0, place + 1
        if re.fullmatch(r":\d{2}", self.at(end)):
            minute, end = int(self.at(end)[1:]), end + 1
        if self.at(end) in ("am", "pm"):
            shift = 12 if self.at(end) == "pm" else 0
            return Clock(hour % 12 + shift if 1 <= hour <= 12 else 99, minute, exact=True), end + 1
        if self.at(end) in ("h", "oclock", "uhr", "sharp") or (bare and self.at(end) in ("hours", "hrs")):
            end += 1
        if end == place + 1 and not bare:
            return None
        return Clock(hour, minute, exact=hour > 12 or digits.startswith("0")), end


def number(word: str) -> float | None:
    """`4`, `1.5`, `two`, `an`."""
    if re.fullmatch(r"\d+(?:\.\d+)?", word):
        return float(word)
    return _NUMBERS.get(word)


def ordinal(word: str) -> int | None:
    """`first` … `fifteenth`, `1st` … `31st`; -1 for `last`."""
    if word == "last":
        return -1
    digits = re.fullmatch(r"(\d+)(?:st|nd|rd|th)", word)
    return int(digits[1]) if digits else _ORDINALS.get(word)


def month(word: str) -> int | None:
    """1 for `january` or `jan`; `mar` is March."""
    if word in MONTHS:
        return MONTHS.index(word) + 1
    short = word.removesuffix(".")
    found = [at + 1 for at, name in enumerate(MONTHS) if name[:3] == short or (short == "sept" and at == 8)]
    return found[0] if found else None


def weekday(word: str) -> int | None:
    """0 for `monday`, `mondays` or `mon`."""
    for name in (word, word.removesuffix("s"), word.removesuffix("'s")):
        if name in _DAYS:
            return _DAYS.index(name)
        if name in _SHORT_DAYS:
            return _SHORT_DAYS[name]
    return None


def weekdays(word: str) -> frozenset[int] | None:
    """The days of `weekdays`, `weekends`, `workday`; None for other words."""
    return _GROUPS.get(word.removesuffix("s"))
