"""Moments of the past as people name them, to find the checkpoint that was taken before one: `before lunch`, `9:30`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["find", "moment"]

_CLOCK = r"\d{1,2}[:.]\d{2}(?:\s?[ap]\.?m\.?)?|\d{1,2}\s?[ap]\.?m\.?"
_PARTS = {
    "breakfast": time(7), "lunch": time(12), "lunchtime": time(12), "noon": time(12), "midday": time(12),
    "midnight": time(0), "dinner": time(18), "this morning": time(6), "this afternoon": time(12),
    "this evening": time(18), "tonight": time(18), "today": time(0),
}  # fmt: skip
"""When each begins, on the last day on which it has."""
_DAYTIMES = {"morning": time(6), "afternoon": time(12), "evening": time(18)}
"""The same, beside the name of a day."""
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "half an": 0.5}
_UNITS = {"minute": 60, "min": 60, "hour": 3600, "day": 86400, "week": 604800}
_ISO = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?)?"
_DAY = rf"(?:(?:last|this|on)\s+)?(?:{'|'.join(_DAYS)})|yesterday|last night|last week|this week"
_AGO = rf"(?:\d+|{'|'.join(_NUMBERS)})\s+(?:{'|'.join(_UNITS)})s?\s+ago"
_WHEN = (
    rf"{_ISO}|{_AGO}|(?:{_DAY})(?:\s+at)?\s+(?:{_CLOCK}|noon|lunch|midnight|{'|'.join(_DAYTIMES)})"
    rf"|(?:{_CLOCK})\s+(?:{_DAY})"
    rf"|(?:{_CLOCK})|(?:{_DAY})|{'|'.join(sorted(_PARTS, key=len, reverse=True))}"
)
_LED = re.compile(
    rf"\b(?:before|prior to|as of|as at|(?:was|were|been|looked|ran)(?:\s+(?:at|on))?)\s+({_WHEN})\b", re.IGNORECASE
)
_TAKEN = re.compile(rf"\b(?:to|from|of|since)\s+(?!\d+\.)({_WHEN})(?:'?s)?\b", re.IGNORECASE)
"""The same after a word that leads to a version as well: `to 10.12` isn't a time."""
_AGO_ALONE = re.compile(rf"\b({_AGO})\b", re.IGNORECASE)
_WHOLE = re.compile(rf"(?:(?:before|prior to|as of|as at|at|on|from)\s+)?({_WHEN})(?:'s\b.*)?$", re.IGNORECASE)


def find(text: str) -> str:
    """The moment that a text names to go back to, in its own words; empty when it names none."""
    found = _LED.search(text) or _TAKEN.search(text) or _AGO_ALONE.search(text)
    if not found:
        return ""
    return found[0] if found[0].casefold().startswith(("before", "prior")) else found[1]


def moment(words: str, now: datetime, zone: str) -> datetime | None:
    """When that was, the last time before `now`; None when the words name no moment. `zone` is the person's."""
    found = _WHOLE.match(words.strip())
    if not found:
        return None
    text, local = found[1].casefold(), now.astimezone(ZoneInfo(zone))
    return (_iso(text, local) or _ago(text, local) or _on_a_day(text, local) or _today(text, local)).astimezone(UTC)


def _iso(text: str, local: datetime) -> datetime | None:
    if not re.fullmatch(_ISO, text, re.IGNORECASE):
        return None
    read = datetime.fromisoformat(text.upper())
    return read if read.tzinfo else read.replace(tzinfo=local.tzinfo)


def _ago(text: str, local: datetime) -> datetime | None:
    found = re.fullmatch(rf"(\d+|{'|'.join(_NUMBERS)})\s+({'|'.join(_UNITS)})s?\s+ago", text)
    if not found:
        return None
    number = _NUMBERS.get(found[1]) or float(found[1])
    return local - timedelta(seconds=number * _UNITS[found[2]])


def _clock(text: str) -> time | None:
    found = re.search(rf"({_CLOCK})", text)
    if not found:
        named = (_PARTS | _DAYTIMES).items()
        return next((at for name, at in named if re.search(rf"\b{name}\b", text)), None)
    numbers = [int(part) for part in re.findall(r"\d+", found[1])]
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
    if "p" in found[1] and hour < 12:
        hour += 12
    elif "a" in found[1] and hour == 12:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _on_a_day(text: str, local: datetime) -> datetime | None:
    """A day that isn't today: its beginning, or a time on it."""
    weekday = next((index for index, name in enumerate(_DAYS) if name in text), None)
    if weekday is not None:
        back = (local.weekday() - weekday) % 7 or 7
    elif "yesterday" in text or "last night" in text:
        back = 1
    elif "week" in text:
        back = local.weekday() + (7 if "last" in text else 0)
    else:
        return None
    at = _clock(text) or (time(18) if "night" in text else time(0))
    return _at(local - timedelta(days=back), at)


def _today(text: str, local: datetime) -> datetime:
    at = _at(local, _clock(text) or time(0))
    return at if at <= local else at - timedelta(days=1)


def _at(day: datetime, at: time) -> datetime:
    return day.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
