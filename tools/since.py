"""Durations as people write them: `7d`, `36h`, `2w`, `45m`."""

from __future__ import annotations

import re
from datetime import timedelta

from tools.errors import ToolError

__all__ = ["duration"]

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"\s*(\d{1,5})\s*([mhdw])\s*", re.IGNORECASE)


def duration(text: str) -> timedelta:
    """`7d` as a timedelta. Raises ToolError, which the requester can mend, for anything else."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise ToolError(f"“{text}” is no duration.", to_do="Write for example 45m, 36h, 7d or 2w.")
    return timedelta(**{_UNITS[found[2].lower()]: int(found[1])})
