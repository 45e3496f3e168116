"""Numbers that moved, each with the word that it counts, and how large a client is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["LARGE", "Move", "largest", "moves"]

LARGE = 20_000
"""From how many units on a portfolio is a large one."""
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mm": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9}
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_TIMES = re.compile(
    rf"\b\d{{1,2}}:\d\d(?::\d\d)?\b|\b\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}\b|\b{_MONTH} \d{{1,2}}(?:,? \d{{4}})?\b"
    rf"|\b\d{{1,2}} {_MONTH}(?: \d{{4}})?\b|\b{_MONTH} \d{{4}}\b|\b(?:19|20)\d\d\b(?! ?(?:units|homes))",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?<![\w.])(?P<number>\d[\d,]*(?:\.\d+)?)\s?(?P<scale>(?:k|mm?|bn?|thousand|million"
    r"|billion)\b)?\+?\s?(?P<noun>[%¢]|[a-z]+)?",
    re.IGNORECASE,
)
_HOMES = r"(?:units?|homes?|apartments?|doors?|beds?|residents?|households?|residences)\b"
_HOMES_AFTER = re.compile(rf"(?:[\w-]+ ){{0,2}}{_HOMES}", re.IGNORECASE)
_HOMES_BEFORE = re.compile(rf"\b{_HOMES}[:\s–-]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Move:
    """A number that moved; `share` is by how much of what it was: 0.25 for a quarter more."""

    noun: str
    before: float
    after: float

    @property
    def share(self) -> float:
        return (self.after - self.before) / self.before if self.before else 1.0


def _counts(text: str) -> list[tuple[str, float]]:
    """Every number with the word after it. Dates and times of day are none."""
    return [((match["noun"] or "").lower(), _number(match)) for match in _COUNT.finditer(_TIMES.sub(" ", text))]


def _number(match: re.Match[str]) -> float:
    return float(match["number"].replace(",", "")) * _SCALES.get((match["scale"] or "").lower(), 1.0)


def moves(before: str, after: str) -> Iterator[Move]:
    """The numbers of one text that the other has otherwise, matched by what they count, in their order."""
    old, new = _counts(before), _counts(after)
    for noun in dict.fromkeys(noun for noun, _ in old):
        one, other = ([number for name, number in counts if name == noun] for counts in (old, new))
        if len(one) == len(other):
            yield from (Move(noun, was, now) for was, now in zip(one, other, strict=True) if was != now)


def largest(text: str) -> float:
    """The largest number of homes that a text names; in a row of a table also a number by itself. 0 for none."""
    plain = _TIMES.sub(" ", text)
    said = [
        match
        for match in _COUNT.finditer(plain)
        if _counted_homes(plain, match) or (" | " in text and not match["noun"])
    ]
    return max((_number(match) for match in said), default=0.0)


def _counted_homes(text: str, match: re.Match[str]) -> bool:
    """Whether homes are counted: `62,000 multifamily units`, `Units: 62,000`."""
    start = match.start("noun") if match["noun"] else match.end()
    return bool(_HOMES_AFTER.match(text, start) or _HOMES_BEFORE.search(text[: match.start()]))
