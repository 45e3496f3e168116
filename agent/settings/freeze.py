"""Times in which a stack isn't changed."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from agent.settings.part import Part, Zone

__all__ = ["FreezeWindow"]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKLY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]* +([0-9]{1,2}:[0-9]{2})", re.IGNORECASE)
_DAILY = re.compile(r"[0-9]{1,2}:[0-9]{2}")
_WRITE = 'must be a moment: "Fri 16:00" every week, "22:00" every day, or 2026-12-20 or 2026-12-20T18:00 once'


def _as_written(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime | date | time) else value


def _moment(text: str) -> str:
    try:
        _parsed(text)
    except ValueError as error:
        raise ValueError(_WRITE) from error
    return text


Moment = Annotated[str, BeforeValidator(_as_written), AfterValidator(_moment)]


def _parsed(text: str) -> tuple[int, time] | time | date | datetime:
    weekly = _WEEKLY.fullmatch(text)
    if weekly:
        return _DAYS.index(weekly[1].lower()), _clock(weekly[2])
    if _DAILY.fullmatch(text):
        return _clock(text)
    if len(text) > 10:
        return datetime.fromisoformat(text)
    return date.fromisoformat(text)


def _clock(text: str) -> time:
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))


class FreezeWindow(Part):
    """A time in which a stack isn't changed: once, every week or every day. A bare end date includes that day."""

    start: Moment = Field(examples=["Fri 16:00"])
    end: Moment = Field(examples=["Mon 08:00"])
    zone: Zone | None = Field(None, examples=["America/New_York"])
    why: str = Field("", examples=["Nobody is there to help."])

    @model_validator(mode="after")
    def _ordered(self) -> FreezeWindow:
        start, end = _parsed(self.start), _parsed(self.end)
        once = isinstance(start, date)
        if once is not isinstance(end, date) or (not once and type(start) is not type(end)):
            raise ValueError("start and end must be moments of the same kind: both every week, every day, or once")
        if once and self.span(ZoneInfo("UTC"))[0] >= self.span(ZoneInfo("UTC"))[1]:
            raise ValueError("the end must come after the start")
        return self

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Start and end of a window that happens once. Raises TypeError for one that repeats."""
        start, end = _parsed(self.start), _parsed(self.end)
        if not (isinstance(start, date) and isinstance(end, date)):
            raise TypeError("this window repeats")
        return _aware(start, zone), _aware(end, zone) if isinstance(end, datetime) else _aware(
            end + timedelta(days=1), zone
        )

    def covers(self, now: datetime, zone: str) -> bool:
        """Whether the aware `now` is in the window, read in its own zone or else in `zone`."""
        local = now.astimezone(ZoneInfo(self.zone or zone))
        start, end = _parsed(self.start), _parsed(self.end)
        if isinstance(start, time) and isinstance(end, time):
            return _between(_second(0, start), _second(0, local.time()), _second(0, end))
        if isinstance(start, tuple) and isinstance(end, tuple):
            return _between(_second(*start), _second(local.weekday(), local.time()), _second(*end))
        begins, ends = self.span(ZoneInfo(self.zone or zone))
        return begins <= now < ends

    def __str__(self) -> str:
        zone = f" {self.zone}" if self.zone else ""
        return f"{self.start} – {self.end}{zone}" + (f": {self.why}" if self.why else "")


def _second(day: int, clock: time) -> int:
    return ((day * 24 + clock.hour) * 60 + clock.minute) * 60 + clock.second


def _between(start: int, now: int, end: int) -> bool:
    """Whether now lies between them on a dial, where the end may come before the start."""
    return start <= now < end if start <= end else now >= start or now < end


def _aware(moment: date, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
