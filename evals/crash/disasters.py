"""What else can happen than a kill, and how each is made to happen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from evals.crash.carrying import Strike

__all__ = ["DISASTERS", "KILLED", "Disaster"]


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


KILLED: Final = Disaster("kill", "kill", at_most=1000)
_SAME: Final = (
    Disaster("two at once", "kill", starters=2),
    Disaster("clock 2 h ahead", "kill", later=7_200.0),
    Disaster("clock a day back", "kill", later=-86_400.0),
    Disaster("restored", "kill", restored=True),
)
DISASTERS: Final[Mapping[str, tuple[Disaster, ...]]] = {
    "sqlite": (Disaster("power cut", "power"), Disaster("disk full", "full"), *_SAME),
    "postgresql": (Disaster("database gone", "gone", at_most=4), *_SAME),
}
