"""What happened, as far as it counts, and the sides of a change in which it is looked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tools.detection.judgement import Item

__all__ = ["AT_ONCE", "LATER", "Event", "Sides"]

AT_ONCE = 0.6
"""What somebody would be annoyed to learn a day late."""
LATER = 0.34
"""True news that a line of tomorrow's summary is enough for."""


@dataclass(frozen=True, slots=True)
class Event:
    """How much it counts, 0 to 1, and how it is said."""

    weight: float
    words: str


@dataclass(frozen=True, slots=True)
class Sides:
    """All that was said before and all that is said after, of what differs."""

    items: Sequence[Item]
    before: str
    after: str

    @classmethod
    def of(cls, items: Sequence[Item]) -> Sides:
        return cls(items, _joined(item.before for item in items), _joined(item.after for item in items))

    def come(self, pattern: re.Pattern[str]) -> str:
        """The first that is said now and wasn't; empty for none."""
        return _first(pattern, self.after, self.before)

    def gone(self, pattern: re.Pattern[str]) -> str:
        """The first that was said and isn't any more; empty for none."""
        return _first(pattern, self.before, self.after)


def _joined(texts: Iterable[str | None]) -> str:
    return "\n".join(text for text in texts if text)


def _first(pattern: re.Pattern[str], text: str, other: str) -> str:
    there = {" ".join(found.group().lower().split()) for found in pattern.finditer(other)}
    said = (" ".join(found.group().split()) for found in pattern.finditer(text))
    return next((word for word in said if word.lower() not in there), "")
