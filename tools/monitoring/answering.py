"""From a question to quotes: retrieve, keep what really bears on it, and decline when nothing does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from memory.competitors import Change, Competitors, Page, Standing
from memory.search import Entry, Hit, SearchIndex
from tools.monitoring.bearing import bearing, gives
from tools.monitoring.boards import mix_of, postings_of
from tools.monitoring.lines import ChangeLine, change_lines
from tools.monitoring.passages import pieces
from tools.monitoring.questions import Asked
from tools.result import Citation

__all__ = ["Answer", "Answering"]

_COVERED = 0.75
"""The share of what the question asks about that a passage must speak of."""
_MOST = 3
_FROM_A_PAGE = 4

Reason = Literal["", "not watched", "not read yet", "unknown", "nothing changed"]


@dataclass(frozen=True)
class Answer:
    """Sentences with a citation each; or no citations and the sentences say why."""

    sentences: list[str]
    citations: list[Citation] = field(default_factory=list)
    reason: Reason = ""

    @property
    def answered(self) -> bool:
        """Whether there is an answer."""
        return not self.reason


class Answering:
    """Answers one question about some pages, from memory and from nothing else."""

    def __init__(
        self,
        asked: Asked,
        competitors: Sequence[str] | None,
        pages: Sequence[Page],
        memory: Competitors,
        index: SearchIndex,
    ) -> None:
        self._asked, self._competitors, self._pages = asked, competitors, pages
        self._memory, self._index = memory, index
        self._texts: dict[str, str] = {}

    async def answer(self, now: datetime) -> Answer:
        """The answer, or why there is none."""
        if not self._pages:
            return Answer([f"Not watched: no page of {self._whose()} is."], reason="not watched")
        standing = await self._memory.standing([page.url for page in self._pages])
        read = {url: item for url, item in standing.items() if item.ok}
        if not read:
            return Answer([f"No page of {self._whose()} has been read yet; run a sweep."], reason="not read yet")
        found = await self._from_page(read) if self._asked.page else None
        found = found or (await self._from_changes(now) if self._asked.changes else None)
        return found or await self._from_passages(read, now) or self._unknown()

    def _whose(self) -> str:
        return ", ".join(self._competitors) if self._competitors else "any competitor"

    def _unknown(self) -> Answer:
        count = len(self._pages)
        pages = f"{count} watched page{'s' * (count != 1)}"
        sentence = f"I don't know: nothing that was read on the {pages} of {self._whose()} answers that."
        return Answer([sentence], reason="unknown")

    async def _hits(self, kind: str, now: datetime) -> list[Hit]:
        asked = self._asked
        hits = await self._index.search(
            asked.text, competitors=self._competitors, aspect=asked.aspect, until=now, kinds=[kind], k=24
        )
        return [hit for hit in hits if _bears(hit.entry, asked)]

    async def _from_page(self, read: dict[str, Standing]) -> Answer | None:
        """What the page that the question names says now: its first passages."""
        pages = [page for page in self._pages if page.url in read and self._asked.page in (page.aspect, page.url)]
        if len(pages) != 1:
            return None
        standing = read[pages[0].url]
        assert standing.ok is not None
        version = await self._memory.version(standing.ok.version or "", html=False)
        if version is None:
            return None
        texts = [text for _, text in pieces(version)][:_FROM_A_PAGE]
        url, at = pages[0].url, standing.ok.at
        said = self._quoted([_Passage(url, at, version.digest, text[:600]) for text in texts])
        mix = mix_of(version)
        if said is None or not mix:
            return said
        first = Citation(url=url, captured_at=at, quote=postings_of(version)[0][0], version=version.digest)
        return Answer([f"{url} on {at:%Y-%m-%d}: {mix}.", *said.sentences], [first, *said.citations])

    async def _from_changes(self, now: datetime) -> Answer | None:
        since = self._asked.since
        found: list[Change] = []
        for hit in await self._hits("change", now):
            if not since or hit.entry.at >= since:
                change = await self._memory.change(hit.entry.id)
                found += [change] if change else []
        lines = [line for line in await change_lines(found[:_MOST], self._memory) if line.citations]
        return Answer([_moved(line) for line in lines], [line.citations[-1] for line in lines]) if lines else None

    async def _from_passages(self, read: dict[str, Standing], now: datetime) -> Answer | None:
        passages: list[_Passage] = []
        for hit in await self._hits("passage", now):
            standing = read.get(hit.entry.url)
            if standing is None or standing.ok is None or standing.ok.version is None:
                continue
            if hit.entry.text in await self._text(standing.ok.version):
                quote = _best(hit.entry.text, self._asked)
                if gives(quote, self._asked.wants):
                    passages.append(_Passage(hit.entry.url, standing.ok.at, standing.ok.version, quote))
        return self._quoted(passages)

    async def _text(self, digest: str) -> str:
        """The stored text of a version; what isn't in it is neither current nor quoted."""
        if digest not in self._texts:
            self._texts[digest] = await self._memory.text_of(digest) or ""
        return self._texts[digest]

    def _quoted(self, passages: Sequence[_Passage]) -> Answer | None:
        chosen: list[_Passage] = []
        for passage in passages:
            if passage.quote and not any(passage.quote in other.quote for other in chosen):
                chosen.append(passage)
        most = _FROM_A_PAGE if self._asked.page else _MOST
        if not chosen:
            return None
        return Answer(
            [f"{passage.url} said on {passage.at:%Y-%m-%d}: “{passage.quote}”" for passage in chosen[:most]],
            [
                Citation(url=passage.url, captured_at=passage.at, quote=passage.quote, version=passage.version)
                for passage in chosen[:most]
            ],
        )


@dataclass(frozen=True, slots=True)
class _Passage:
    url: str
    at: datetime
    version: str
    quote: str


def _moved(line: ChangeLine) -> str:
    aspect = line.aspect.replace("_", " ")
    between = f"between {line.before_at:%Y-%m-%d} and {line.at:%Y-%m-%d}"
    return f"{line.competitor} changed {aspect} {between}: {line.summary}."


def _bears(entry: Entry, asked: Asked) -> bool:
    """Whether the entry speaks of what is asked about, and gives what is asked for."""
    if not asked.words:
        return asked.changes and entry.kind == "change"
    around = [str(entry.extra.get(name, "")) for name in ("under", "title")]
    speaks = bearing(asked, [entry.text, entry.aspect.replace("_", " "), *around]) >= _COVERED
    return speaks and (entry.kind == "change" or gives(entry.text, asked.wants))


def _best(passage: str, asked: Asked) -> str:
    """The lines of the passage that have most to do with the question, in one piece as they stand there."""
    lines = passage.split("\n")
    at = max(range(len(lines)), key=lambda i: (_fits(lines[i], asked), -i))
    if len(lines[at]) > 400:
        return _sentence(lines[at], asked)
    start, end = at, at + 1
    while end < len(lines) and len("\n".join(lines[start:end])) < 60:
        end += 1
    if start and len(lines[start - 1]) < 60 and bearing(asked, [lines[start - 1]]) > 0:
        start -= 1
    return "\n".join(lines[start:end])


def _fits(line: str, asked: Asked) -> float:
    return bearing(asked, [line]) + (0.5 if asked.wants and gives(line, asked.wants) else 0.0)


def _sentence(line: str, asked: Asked) -> str:
    parts = re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ])", line)
    return max(parts, key=lambda part: _fits(part, asked))[:600]
