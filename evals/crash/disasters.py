"""What else can happen than a kill, and how each is made to happen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from evals.crash.carrying import Strike

__all__ = ["ASLEEP", "DISASTERS", "KILLED", "Disaster"]


class Disaster(NamedTuple):
    """What strikes, and how somebody starts again."""

    name: str
    strike: Strike
    starters: int = 1
    later: float = 60.0
    """Seconds until somebody starts again, by the clock that they see."""
    at_most: int = 15
    """Moments at which it is tried."""
    restored: bool = False
    """A backup is made of what the crash left, the work ends, and then the backup is restored."""
    refuses: bool = False
    """The world refuses: an effect may fail, where that is said."""
    files_kept: bool = False
    """A power cut takes what wasn't synced of the database alone: files may reach the disk before it."""


KILLED: Final = Disaster("kill", "kill", at_most=1000)
_SAME: Final = (
    Disaster("two at once", "kill", starters=2),
    Disaster("clock 2 h ahead", "kill", later=7_200.0),
    Disaster("clock a day back", "kill", later=-86_400.0),
    Disaster("restored", "kill", restored=True),
)
ASLEEP: Final = Disaster("asleep", "asleep")
"""It is stopped, somebody else takes over when its lease is over and goes on to the end, and then it wakes up."""
DISASTERS: Final[Mapping[str, tuple[Disaster, ...]]] = {
    "sqlite": (
        Disaster("power cut", "power"),
        Disaster("power cut, files ahead", "power", files_kept=True),
        Disaster("disk full", "full", refuses=True),
        Disaster("disk read-only", "read-only", refuses=True),
        Disaster("sync fails", "sync", refuses=True),
        ASLEEP,
        *_SAME,
    ),
    "postgresql": (
        Disaster("database gone", "gone", at_most=4),
        Disaster("server killed", "server", at_most=6),
        Disaster("disk read-only", "read-only", refuses=True),
        ASLEEP,
        *_SAME,
    ),
}
