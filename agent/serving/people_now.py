"""The people as they are configured now: whoever loses a role loses it for what waits already."""

from __future__ import annotations

import logging

from agent.people import People
from agent.settings import Settings, SettingsError, load

__all__ = ["PeopleNow"]

_log = logging.getLogger(__name__)


class PeopleNow:
    """Reads the configuration again when its file was changed. While it can't be read, the last good one counts."""

    def __init__(self, settings: Settings) -> None:
        self._people = People.of(settings)
        self._file = settings.source
        self._stamp = self._stamped()

    def _stamped(self) -> tuple[int, int]:
        try:
            found = self._file.stat() if self._file else None
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size) if found else (0, 0)

    def __call__(self) -> People:
        """The people."""
        stamp = self._stamped()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._people = People.of(load())
            except SettingsError as error:
                _log.error("the changed configuration can't be read, so the last one counts: %s", error)
        return self._people
