"""The people as they are configured now: whoever loses a role loses it for what waits already."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from agent.people import People
from agent.settings import Settings, SettingsError, load

__all__ = ["FixedPeople", "PeopleNow", "Roster"]

_log = logging.getLogger(__name__)


class Roster(Protocol):
    """Who everybody is, each time it is asked."""

    def __call__(self) -> People:
        """The people as they are now."""
        ...

    def problem(self) -> str:
        """Why the newest configuration isn't what counts; empty when it is."""
        ...


class FixedPeople:
    """The people of a command that ends soon."""

    def __init__(self, people: People) -> None:
        self.people = people

    def __call__(self) -> People:
        """The people."""
        return self.people

    def problem(self) -> str:
        """None: nothing else is looked for."""
        return ""


class PeopleNow:
    """Reads the configuration again when its file was changed. While it can't be read, the last good one counts."""

    def __init__(self, settings: Settings, again: Callable[[], Settings] = load) -> None:
        self._people = People.of(settings)
        self._file = settings.source
        self._again = again
        self._stamp = self._stamped()
        self._problem = ""

    def _stamped(self) -> tuple[int, int, int]:
        try:
            found = self._file.stat() if self._file else None
        except OSError:
            return (0, 0, 0)
        return (found.st_mtime_ns, found.st_size, found.st_ino) if found else (0, 0, 0)

    def __call__(self) -> People:
        """The people."""
        stamp = self._stamped()
        if stamp != self._stamp:
            self._stamp, self._problem = stamp, ""
            try:
                if stamp == (0, 0, 0):
                    raise OSError("the file is gone, or may not be read")
                self._people = People.of(self._again())
            except (SettingsError, OSError) as error:
                why = error.tried if isinstance(error, SettingsError) else error
                self._problem = f"{self._file} was changed and can't be read, so the people of before count: {why}"
                _log.error("%s", self._problem)
        return self._people

    def problem(self) -> str:
        """What is wrong with the file as it is now."""
        self()
        return self._problem
