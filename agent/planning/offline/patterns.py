"""A small language for patterns over tokens, so that the grammar can be read as tables.

A pattern is a row of items. `can|could` is either word; `@soft` a token with that tag; `?` makes an item optional, `*`
repeats it; `...` stands for up to six tokens and `$` for the end. Matching is greedy and goes back when the rest
doesn't fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from agent.planning.offline.tables import rows
from agent.planning.offline.tokens import Token

__all__ = ["Pattern", "Table", "pattern"]

_GAP: Final = 6


@dataclass(frozen=True)
class _Item:
    words: frozenset[str]
    tags: frozenset[str]
    least: int = 1
    most: int = 1
    anything: bool = False
    end: bool = False

    def fits(self, token: Token) -> bool:
        if self.anything:
            return token.kind != "mark"
        return token.text in self.words or not self.tags.isdisjoint(token.tags)


def _item(written: str) -> _Item:
    if written == "$":
        return _Item(frozenset(), frozenset(), end=True)
    if written == "...":
        return _Item(frozenset(), frozenset(), 0, _GAP, anything=True)
    least, most = 1, 1
    if written.endswith("?"):
        written, least = written[:-1], 0
    elif written.endswith("*"):
        written, least, most = written[:-1], 0, _GAP
    alternatives = written.split("|")
    return _Item(
        frozenset(part for part in alternatives if not part.startswith("@")),
        frozenset(part[1:] for part in alternatives if part.startswith("@")),
        least,
        most,
    )


class Pattern:
    """One compiled pattern."""

    def __init__(self, written: str) -> None:
        self.written = written
        self._items = tuple(_item(part) for part in written.split())

    def match(self, tokens: Sequence[Token], at: int = 0) -> int | None:
        """Where a match that begins at `at` ends, or None."""
        return self._from(0, tokens, at)

    def _from(self, index: int, tokens: Sequence[Token], at: int) -> int | None:
        if index == len(self._items):
            return at
        item = self._items[index]
        if item.end:
            return self._from(index + 1, tokens, at) if at == len(tokens) else None
        count = 0
        while count < item.most and at + count < len(tokens) and item.fits(tokens[at + count]):
            count += 1
        while count >= item.least:
            end = self._from(index + 1, tokens, at + count)
            if end is not None:
                return end
            count -= 1
        return None

    def search(self, tokens: Sequence[Token]) -> tuple[int, int] | None:
        """The first place where the pattern matches."""
        for at in range(len(tokens)):
            end = self.match(tokens, at)
            if end is not None:
                return at, end
        return None

    def whole(self, tokens: Sequence[Token]) -> bool:
        """Whether the pattern matches all of it."""
        return self.match(tokens) == len(tokens)


@cache
def pattern(written: str) -> Pattern:
    """The compiled form of a pattern; each is compiled once."""
    return Pattern(written)


class Table:
    """Patterns with what each stands for; the first row that matches wins."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        self._rows = tuple((meaning, Pattern(written)) for meaning, written in rows)

    @classmethod
    def read(cls, text: str) -> Table:
        """One row a line: `meaning: pattern`."""
        lines = (line.partition(": ") for line in rows(text))
        return cls((meaning.strip(), written.strip()) for meaning, _, written in lines)

    def match(self, tokens: Sequence[Token], at: int = 0) -> tuple[str, int] | None:
        """What begins at `at`, and where it ends."""
        for meaning, row in self._rows:
            end = row.match(tokens, at)
            if end is not None and end > at:
                return meaning, end
        return None

    def search(self, tokens: Sequence[Token]) -> tuple[str, int, int] | None:
        """The first row found anywhere: what it stands for and where it is."""
        for meaning, row in self._rows:
            found = row.search(tokens)
            if found:
                return meaning, *found
        return None

    def whole(self, tokens: Sequence[Token]) -> str | None:
        """What all of the tokens stand for."""
        return next((meaning for meaning, row in self._rows if row.whole(tokens)), None)
