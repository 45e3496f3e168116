"""Pairs of consecutive captures: from a folder with an `index.jsonl`, or of invented pages."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evals.captures import Body, half_of, index_of
from evals.rivals import CHANGES, COSMETIC, KINDS, NOISES, Frame, first_content, render
from evals.suite import SuiteError

__all__ = ["Pair", "load"]

_OWN = 10
"""Changes and noises a kind of page."""


@dataclass(frozen=True)
class Pair:
    """Two captures in a row and what happened between them: `text`, `noise`, or a cosmetic kind."""

    name: str
    document: str
    kind: str
    before: Body
    after: Body

    @property
    def half(self) -> str:
        """`development` or `held_out`."""
        return half_of(self.document)


def load(folder: Path | None) -> list[Pair]:
    """Those of the folder, or the suite's own. Raises SuiteError."""
    return list(_own() if folder is None else _of(folder))


def _of(folder: Path) -> Iterator[Pair]:
    home = folder if folder.is_dir() else folder.parent
    for row in index_of(folder):
        try:
            if row.get("unlabelled"):
                continue
            kind = str(row["kind"]) if row["label"] == "change" else "noise"
            before, after = (
                Body(datetime.fromisoformat(str(row[f"captured_{when}"])), home / str(row[when]))
                for when in ("before", "after")
            )
            yield Pair(f"{row['id']} {row['document']}", str(row["document"]), kind, before, after)
        except (KeyError, ValueError) as error:
            raise SuiteError(f"{folder}: a line of the index lacks or garbles {error}") from error


def _own() -> Iterator[Pair]:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for kind in KINDS:
        for number in range(_OWN):
            pick = random.Random(f"{kind} {number}")
            content, frame = first_content(kind, number), Frame(today=at if number % 2 else None)
            later = at + timedelta(days=1)
            moved = frame
            for noise in pick.sample(sorted(NOISES), 3):
                moved = NOISES[noise](moved, pick)
            moved = replace(moved, today=later if frame.today else None)
            before = Body(at, content=render(content, frame))
            yield Pair(
                f"{kind} {number} noise",
                f"{kind} {number}",
                "noise",
                before,
                Body(later, content=render(content, moved)),
            )
            change = CHANGES[kind][number % len(CHANGES[kind])]
            after = Body(later, content=render(change(content, pick), moved))
            yield Pair(f"{kind} {number} {change.__name__.strip('_')}", f"{kind} {number}", "text", before, after)
            cosmetic, touch = list(COSMETIC.items())[number % len(COSMETIC)]
            after = Body(later, content=touch(render(content, moved)))
            yield Pair(f"{kind} {number} {cosmetic}", f"{kind} {number}", cosmetic, before, after)
