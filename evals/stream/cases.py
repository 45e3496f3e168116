"""Streams of captures a document: from a folder with an `index.jsonl`, or of invented pages with walls and noise."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from evals.awkward import histories
from evals.captures import Body, half_of, index_of
from evals.rivals import CHANGES, KINDS, NOISES, Frame, days, first_content, render, wall
from evals.suite import SuiteError

__all__ = ["Moment", "Stream", "load"]

_OWN_LENGTH = 60


@dataclass(frozen=True)
class Moment:
    """One capture: whether the page really changed at it; None when it is to be scored neither way."""

    body: Body
    change: bool | None


@dataclass(frozen=True)
class Stream:
    """All captures of one document in order."""

    document: str
    moments: tuple[Moment, ...]

    @property
    def half(self) -> str:
        """`development` or `held_out`."""
        return half_of(self.document)


def load(folder: Path | None) -> list[Stream]:
    """Those of the folder, or the suite's own. Raises SuiteError."""
    return list(_own() if folder is None else _of(folder))


def _of(folder: Path) -> Iterator[Stream]:
    home = folder if folder.is_dir() else folder.parent
    found: dict[str, list[Moment]] = {}
    for row in index_of(folder):
        try:
            body = Body(datetime.fromisoformat(str(row["captured"])), home / str(row["file"]))
            change = None if row.get("unlabelled") else bool(row["change"])
            found.setdefault(str(row["document"]), []).append(Moment(body, change))
        except (KeyError, ValueError) as error:
            raise SuiteError(f"{folder}: a line of the index lacks or garbles {error}") from error
    yield from (Stream(document, tuple(moments)) for document, moments in found.items())


def _own() -> Iterator[Stream]:
    for number in range(2):
        for kind in KINDS:
            yield Stream(f"{kind} {number}", tuple(_moments(kind, number)))
    for name, captures in histories():
        at = days(datetime(2026, 3, 2, tzinfo=UTC), len(captures))
        moments = (
            Moment(Body(when, content=html.encode()), new) for when, (html, new) in zip(at, captures, strict=True)
        )
        yield Stream(name, tuple(moments))


def _moments(kind: str, number: int) -> Iterator[Moment]:
    pick = random.Random(f"stream {kind} {number}")
    content, frame = first_content(kind, number), Frame()
    blocked = 0
    for turn, at in enumerate(days(datetime(2026, 3, 2, tzinfo=UTC), _OWN_LENGTH)):
        changed = False
        for noise in pick.sample(sorted(NOISES), pick.randrange(3)):
            frame = NOISES[noise](frame, pick)
        frame = replace(frame, today=at if number else None, quote=frame.quote + (turn % 9 == 0))
        blocked = max(0, blocked - 1) or (pick.randrange(1, 4) if turn > 2 and pick.random() < 0.06 else 0)
        if not blocked and turn > 2 and pick.random() < 0.08:
            content, changed = pick.choice(CHANGES[kind])(content, pick), True
        rotated = turn % 9 == 0
        body = Body(at, content=wall(pick) if blocked else render(content, frame))
        yield Moment(body, None if rotated and not changed else changed)
