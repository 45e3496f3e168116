"""Verifying the audit log: each entry against the tree before and after it, the whole against signed heads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, Row, func, select

from memory.entries import entries, leaf_of, tree
from memory.merkle import EMPTY, Frontier
from memory.witness import EVERY, SignedHead

__all__ = ["Damage", "Problem", "Verification", "verify_in"]


class Damage(StrEnum):
    """What was done to the log."""

    EDITED = "edited"
    MISSING = "missing"
    """An entry isn't there though later ones are."""
    OUT_OF_PLACE = "out_of_place"
    """An entry doesn't follow the one before it: moved, or inserted or removed before it and the rest renumbered."""
    INSERTED = "inserted"
    """There are more entries than were ever appended."""
    TRUNCATED = "truncated"
    """Its end is gone."""
    FORKED = "forked"
    """It is consistent with itself, and isn't the log that was signed."""
    UNSIGNED = "unsigned"
    """A signed head is gone, can't be read, or isn't signed by our key."""


class Problem(BaseModel):
    """Something that is wrong with the log, and the first entry that it concerns."""

    model_config = ConfigDict(frozen=True)

    index: int | None
    """None when it concerns no entry, but the signed heads."""
    damage: Damage
    message: str


class Verification(BaseModel):
    """What was found. The log is what it was when `ok`."""

    model_config = ConfigDict(frozen=True)

    size: int
    """How many entries, from the first on, are what was written."""
    root: str
    heads: int
    """How many signed heads agree with the log."""
    unsigned: int
    """How many of the last entries no head covers yet, as after a crash right behind a commit."""
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify_in(
    connection: Connection, heads: Sequence[tuple[SignedHead | None, bool]], *, must_be_signed: bool
) -> Verification:
    """Read the log once, from its first entry to its last.

    `heads` are those that were signed, each with whether its signature holds; `must_be_signed` says that there should
    be some and there is none.
    """
    size, root, _ = connection.execute(select(tree.c.size, tree.c.root, tree.c.frontier)).one()
    good = [head for head, holds in heads if head is not None and holds]
    reader = _Reader({head.size for head in good})
    problems = [*reader.read(connection, size)]
    if not problems:
        problems += [*_compare_end(connection, reader, size, root), *_cut_off(reader, good)]
    problems += _rewritten(reader, good)
    if len(good) < len(heads):
        bad = len(heads) - len(good)
        message = f"{bad} of {len(heads)} signed heads can't be read or aren't signed by our key"
        problems.append(Problem(index=None, damage=Damage.UNSIGNED, message=message))
    if must_be_signed and size:
        message = f"the log has {size} entries and signed heads that must be there aren't"
        problems.append(Problem(index=None, damage=Damage.UNSIGNED, message=message))
    agreeing = [head for head in good if reader.roots.get(head.size) == head.root]
    unsigned = max(0, reader.size - max((head.size for head in agreeing), default=0))
    if heads and not problems and unsigned >= EVERY:
        message = f"the last {unsigned} entries were never signed: an older head is in the newest one's place"
        problems.append(Problem(index=reader.size - unsigned, damage=Damage.UNSIGNED, message=message))
    return Verification(
        size=reader.size,
        root=reader.root.hex(),
        heads=len(agreeing),
        unsigned=unsigned,
        problems=tuple(problems),
    )


class _Reader:
    """Grows a tree entry by entry, and notes its root at the sizes for which a head was signed."""

    def __init__(self, sizes: set[int]) -> None:
        self.size, self.root = 0, EMPTY
        """Of what has been read and is right."""
        self.roots: dict[int, str] = {0: EMPTY.hex()}
        self._frontier = Frontier()
        self._sizes = sizes

    def read(self, connection: Connection, size: int) -> Iterator[Problem]:
        """The first entry that is wrong, if one is; what comes after it can't be told right from wrong."""
        query = select(entries).where(entries.c.index < size).order_by(entries.c.index)
        with connection.execute(query.execution_options(yield_per=1000)) as rows:
            for row in rows:
                problem = self._follows(row)
                if problem:
                    yield problem
                    return
                self.size, self.root = self._frontier.size, row.root
                if self.size in self._sizes:
                    self.roots[self.size] = self.root.hex()

    def _follows(self, row: Row[Any]) -> Problem | None:
        index, expected = row[0], self.size
        if index != expected:
            return Problem(index=expected, damage=Damage.MISSING, message=f"entry {expected} is missing")
        if row.previous != self.root:
            message = f"entry {index} doesn't follow entry {index - 1}: entries were moved, inserted or removed there"
            return Problem(index=index, damage=Damage.OUT_OF_PLACE, message=message)
        self._frontier.append(leaf_of(row))
        if row.root != self._frontier.root():
            return Problem(index=index, damage=Damage.EDITED, message=f"entry {index} isn't what was written")
        return None


def _compare_end(connection: Connection, reader: _Reader, size: int, root: bytes) -> Iterator[Problem]:
    count = connection.execute(select(func.count()).where(entries.c.index >= size)).scalar() or 0
    if reader.size < size:
        message = f"{size} entries were appended and {reader.size} are there"
        yield Problem(index=reader.size, damage=Damage.TRUNCATED, message=message)
    elif reader.root != root:
        message = f"the root over {size} entries isn't the one that was stored with the last"
        yield Problem(index=max(size - 1, 0), damage=Damage.EDITED, message=message)
    if count:
        message = f"{count} entries are there beyond the {size} that were appended"
        yield Problem(index=size, damage=Damage.INSERTED, message=message)


def _cut_off(reader: _Reader, good: Sequence[SignedHead]) -> Iterator[Problem]:
    newest = max(good, key=lambda head: head.size, default=None)
    if newest and newest.size > reader.size:
        message = f"at {newest.at:%Y-%m-%d %H:%M:%S} UTC {newest.size} entries were signed; {reader.size} are there"
        yield Problem(index=reader.size, damage=Damage.TRUNCATED, message=message)


def _rewritten(reader: _Reader, good: Sequence[SignedHead]) -> Iterator[Problem]:
    wrong = [head for head in good if head.size <= reader.size and reader.roots[head.size] != head.root]
    if wrong:
        first = min(head.size for head in wrong)
        before = max((head.size for head in good if head.size < first), default=0)
        message = f"the log was rewritten from an entry in {before} to {first - 1} on: their root isn't the signed one"
        yield Problem(index=before, damage=Damage.FORKED, message=message)
