"""From a question to quotes: retrieve, keep what really bears on it, and decline when nothing does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from memory.competitors import Competitors, Page
from memory.search import Hit, SearchIndex
from tools.monitoring.lines import ChangeLine, change_lines
from tools.monitoring.questions import Asked, stems
from tools.result import Citation

__all__ = ["Answer", "answer"]

_SIMILAR = 0.30
"""Cosine below which a passage has nothing to do with the question, whatever words it shares."""
_COVERED = 0.5
"""The share of the question's words that a passage must speak of."""
_MOST = 3

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


async def answer(
    asked: Asked,
    competitors: Sequence[str] | None,
    pages: Sequence[Page],
    *,
    memory: Competitors,
    index: SearchIndex,
    now: datetime,
) -> Answer:
    """Answer from memory. Never from anything else."""
    whose = ", ".join(competitors) if competitors else "any competitor"
    if not pages:
        return Answer([f"Not watched: no page of {whose} is."], reason="not watched")
    standing = await memory.standing([page.url for page in pages])
    if not any(item.ok for item in standing.values()):
        return Answer([f"No page of {whose} has been read yet; run a sweep."], reason="not read yet")
    current = {item.ok.version for item in standing.values() if item.ok}
    kinds = ["change", "passage"] if asked.changes else ["passage"]
    hits = await index.search(
        asked.text, competitors=competitors, aspect=None, since=None, until=now, kinds=kinds, k=24
    )
    bearing = [hit for hit in hits if _bears(hit, asked)]
    changed = [
        hit for hit in bearing if hit.entry.kind == "change" and (not asked.since or hit.entry.at >= asked.since)
    ]
    if asked.changes and changed:
        return await _from_changes(changed, memory)
    stated = [hit for hit in bearing if hit.entry.kind == "passage" and hit.entry.version in current]
    found = await _from_passages(stated, asked, memory)
    if found.citations:
        return found
    pages_told = f"{len(pages)} watched page{'s' * (len(pages) != 1)}"
    return Answer(
        [f"I don't know: nothing that was read on the {pages_told} of {whose} answers that."], reason="unknown"
    )


def _bears(hit: Hit, asked: Asked) -> bool:
    if not asked.words:
        return hit.similarity >= _SIMILAR
    there = stems(hit.entry.text) | stems(str(hit.entry.extra.get("under", ""))) | stems(hit.entry.aspect)
    covered = len(asked.words & there) / len(asked.words)
    return (hit.similarity >= _SIMILAR and covered >= _COVERED) or (covered >= 0.99 and hit.similarity >= _SIMILAR / 2)


async def _from_changes(hits: Sequence[Hit], memory: Competitors) -> Answer:
    sentences: list[str] = []
    citations: list[Citation] = []
    for hit in hits[:_MOST]:
        change = await memory.change(hit.entry.id)
        lines: list[ChangeLine] = await change_lines([change] if change else [], memory)
        for line in lines:
            if line.citations:
                sentences.append(
                    f"{line.competitor} changed {line.aspect.replace('_', ' ')} between {line.before_at:%Y-%m-%d} and"
                    f" {line.at:%Y-%m-%d}: {line.summary}."
                )
                citations.append(line.citations[-1])
    reason: Reason = "" if citations else "unknown"
    return Answer(sentences or ["I don't know: the change is recorded, its quotes are not."], citations, reason)


async def _from_passages(hits: Sequence[Hit], asked: Asked, memory: Competitors) -> Answer:
    sentences: list[str] = []
    citations: list[Citation] = []
    for hit in hits:
        quote = _best(hit.entry.text, asked)
        if not quote or any(quote in other.quote for other in citations):
            continue
        if quote not in (await memory.text_of(hit.entry.version) or ""):
            continue
        sentences.append(f"{hit.entry.url} said on {hit.entry.at:%Y-%m-%d}: “{quote}”")
        citations.append(Citation(url=hit.entry.url, captured_at=hit.entry.at, quote=quote, version=hit.entry.version))
        if len(citations) == _MOST:
            break
    return Answer(sentences, citations, "" if citations else "unknown")


def _best(passage: str, asked: Asked) -> str:
    """The line of the passage that has most to do with the question, with its neighbour when it is very short."""
    lines = passage.split("\n")
    scored = [(len(asked.words & stems(line)) - 0.001 * len(line) / 100, -i) for i, line in enumerate(lines)]
    at = -max(scored)[1]
    if len(lines[at]) >= 60 or len(lines) == 1:
        return _sentences(lines[at], asked)
    end = min(len(lines), at + 3)
    return "\n".join(lines[at:end])


def _sentences(line: str, asked: Asked) -> str:
    if len(line) <= 400:
        return line
    parts = re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ])", line)
    best = max(parts, key=lambda part: len(asked.words & stems(part)))
    return best[:600]
