"""Periods as people write them: `7d`, `36h`, `2w`, `45m`, `3mo`, or the day that they begin with."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tools.errors import ToolError

__all__ = ["beginning", "duration", "ending"]

_DAY = timedelta(days=1)
_UNITS = {
    "m": timedelta(minutes=1), "min": timedelta(minutes=1), "h": timedelta(hours=1),
    "d": _DAY, "w": 7 * _DAY, "mo": 30.44 * _DAY, "y": 365.25 * _DAY,
}  # fmt: skip
_ROLLING = re.compile(r"\d\s*(m|min|h)\s*$", re.IGNORECASE)
_DURATION = re.compile(r"\s*(\d{1,5})\s*(min|mo|[mhdwy])\s*", re.IGNORECASE)


def duration(text: str) -> timedelta | None:
    """`7d` as a timedelta; None when the text is no duration."""
    found = _DURATION.fullmatch(text)
    return int(found[1]) * _UNITS[found[2].lower()] if found else None


def beginning(text: str, now: datetime, zone: str) -> datetime:
    """The moment from which a period up to `now` counts, in UTC.

    Minutes and hours count back from now. Days and what is longer count from the beginning of that day by the clocks of
    `zone` (an IANA name), so that `1d`, asked for in the afternoon, has the whole of yesterday; so does a date. Raises
    ToolError, which the requester can mend, for anything else and for what lies beyond the calendar.
    """
    local = now.astimezone(ZoneInfo(zone))
    length = duration(text)
    try:
        if length is None:
            moment = datetime.fromisoformat(text.strip())
        elif _ROLLING.search(text):
            moment = now - length
        else:
            moment = (local - length).replace(hour=0, minute=0, second=0, microsecond=0)
    except (ValueError, OverflowError) as error:
        raise ToolError(
            f"{text[:80]!r} isn't a time to look back to.",
            not_done="Nothing was looked up.",
            to_do="Write for example 45m, 36h, 7d, 2w or 2026-01-31.",
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=local.tzinfo)).astimezone(UTC)


def ending(text: str, now: datetime, zone: str) -> datetime:
    """The moment to come up to which something holds: `7d` is in seven days, a date is its beginning in `zone`.

    To the second: people say it back. Raises ToolError, which the requester can mend, for what isn't a time, has
    passed, or lies beyond the calendar.
    """
    length = duration(text)
    try:
        ahead = now + length if length is not None else datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError) as error:
        raise ToolError(
            f"{text[:80]!r} isn't a time.", not_done="Nothing was changed.", to_do="Write 7d, 2w or 2026-01-31."
        ) from error
    ahead = ahead if ahead.tzinfo else ahead.replace(tzinfo=ZoneInfo(zone))
    if ahead <= now:
        raise ToolError(
            f"{text!r} has passed.", not_done="Nothing was changed.", to_do="Name a time to come, such as 7d."
        )
    return ahead.replace(microsecond=0)
