"""What the suites `pages` and `stream` share: captures, the systems that are compared, two processes to run them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from pydantic import JsonValue

from evals.suite import SuiteError
from tools.detection.job import Job, Known, Reading, read
from tools.detection.learning import Learned
from tools.detection.page import PageState

__all__ = [
    "CURVE",
    "SYSTEMS",
    "Body",
    "Sight",
    "Watcher",
    "half_of",
    "index_of",
    "side_by_side",
    "verdict",
    "why_wrong",
]

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True)
class Body:
    """A captured page: a file, or its bytes."""

    at: datetime
    path: Path | None = None
    content: bytes = b""

    def bytes(self) -> bytes:
        """As it was sent."""
        return self.path.read_bytes() if self.path else self.content


@dataclass(frozen=True)
class Sight:
    """What a system says of a capture."""

    alert: bool
    score: float = 0.0
    state: str = "ok"
    words: str = ""


CURVE = (0.205, 0.21, 0.225, 0.25, 0.3, 0.4, 0.5)
"""Least scores at which an alert would count: the curve beside the point that is shipped."""


def verdict(sight: Sight) -> dict[str, JsonValue]:
    """What was said of a capture, for a result."""
    return {"alert": sight.alert, "score": sight.score, "state": sight.state, "words": sight.words}


def why_wrong(sight: Sight, *, change: bool) -> dict[str, JsonValue]:
    """Why a capture was judged wrongly, and how bad that is: what was missed counts most, then the loudest alarm."""
    if change:
        why = f"missed: {sight.state}, {sight.words or 'nothing differed in what was extracted'}"
        return {"reason": why, "badness": 2.0}
    return {"reason": f"false alarm ({sight.score:g}): {sight.words}", "badness": sight.score}


class Watcher:
    """Our own detector over one page's captures."""

    def __init__(self) -> None:
        self._known: Known | None = None
        self._learned = Learned()

    def see(self, body: Body) -> Sight:
        """The next capture."""
        from tools.detection.wording import summarise

        job = Job(content_type="text/html", status=200, at=body.at, known=self._known, learned=self._learned)
        reading: Reading = read(job, body.bytes())
        self._learned = reading.learned
        if reading.state is not PageState.OK:
            return Sight(False, state=reading.state.value, words=reading.note)
        self._known = Known(title=reading.page.title, blocks=list(reading.page.blocks), at=body.at)
        judgement = reading.judgement
        if judgement is None:
            return Sight(False)
        words = summarise(judgement) if judgement.changed else f"ignored: {judgement.reasons()}"
        return Sight(judgement.changed, judgement.score, words=words[:500])


class Exact:
    """A system that compares the text that an extractor makes of two captures in a row."""

    def __init__(self, extract: Callable[[bytes], str]) -> None:
        self._extract = extract
        self._before: str | None = None

    def see(self, body: Body) -> Sight:
        """The next capture."""
        text = re.sub(r"\s+", " ", self._extract(body.bytes())).strip()
        before, self._before = self._before, text
        alert = before is not None and text != before
        return Sight(alert, float(alert))


def _trafilatura(body: bytes) -> str:
    import trafilatura

    return trafilatura.extract(body, favor_recall=True, include_comments=False) or ""


def _inscriptis(body: bytes) -> str:
    from inscriptis import get_text

    text = body.decode("utf-8", "replace")
    return get_text(text) if text.strip() else ""


def _html2text(body: bytes) -> str:
    import html2text

    reader = html2text.HTML2Text()
    reader.body_width = 0
    return reader.handle(body.decode("utf-8", "replace"))


SYSTEMS: dict[str, Callable[[], Watcher | Exact]] = {
    "ours": Watcher,
    "trafilatura": lambda: Exact(_trafilatura),
    "inscriptis": lambda: Exact(_inscriptis),
    "html2text": lambda: Exact(_html2text),
}
"""Ours; and what changedetection.io (inscriptis) and urlwatch (html2text) compare, with trafilatura in recall mode."""


def half_of(document: str) -> str:
    """Which half a document belongs to; the same for all of a document's captures."""
    import hashlib

    return ("development", "held_out")[hashlib.sha256(document.encode()).digest()[0] % 2]


def index_of(folder: Path) -> Iterator[dict[str, object]]:
    """The lines of the folder's `index.jsonl`. Raises SuiteError."""
    index = folder / "index.jsonl" if folder.is_dir() else folder
    try:
        lines = index.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SuiteError(f"{index} can't be read: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line) if line.strip() else None
        except ValueError as error:
            raise SuiteError(f"{index}, line {number}: {error}") from error
        if row is not None:
            yield row


async def side_by_side(work: Callable[[In], Out], items: Sequence[In]) -> list[Out]:
    """The work on every item, in two processes."""
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return list(await asyncio.gather(*(loop.run_in_executor(pool, work, item) for item in items)))


def share(hits: Iterable[bool]) -> float:
    """How many of them are true, as a share; 1 for none, as nothing was missed."""
    seen = list(hits)
    return sum(seen) / len(seen) if seen else 1.0
