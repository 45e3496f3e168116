"""The demo's time: the days of the captures pass without waiting, everything else happens now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["DemoClock"]


class DemoClock:
    """The real time, moved into the past while captures of earlier days are served."""

    def __init__(self) -> None:
        self._behind = timedelta()

    def now(self) -> datetime:
        """The current time of the story, aware, in UTC."""
        return datetime.now(UTC) - self._behind

    def set_back(self, behind: timedelta) -> None:
        """From now on it is so much earlier; nothing is the real time."""
        self._behind = behind
