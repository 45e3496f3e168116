"""From a question to quotes: retrieve, keep what really bears on it, and decline when nothing does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from memory.competitors import Competitors, Page
from memory.search import Hit, SearchIndex
from tools.monitoring.bearing import bearing, gives
from tools.monitoring.lines import ChangeLine, change_lines
from tools.monitoring.questions import Asked
from tools.result import Citation

__all__ = ["Answer", "answer"]

_SIMILAR = 0.30
"""The cosine from which a passage is near to a question that consists of everyday words only."""
_COVERED = 0.75
"""The share of what the question asks about that a passage must speak of."""
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
    """Whether the entry speaks of what is asked about; without words to go by, whether it is near in meaning."""
    if not asked.words:
        return hit.similarity >= _SIMILAR
    entry = hit.entry
    around = [
        entry.text,
        str(entry.extra.get("under", "")),
        str(entry.extra.get("title", "")),
        entry.aspect.replace("_", " "),
    ]
    return bearing(asked, around) >= _COVERED and gives(entry.text, asked.wants)


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
    """The lines of the passage that have most to do with the question, in one piece as they stand there."""
    lines = passage.split("\n")
    at = max(range(len(lines)), key=lambda i: (_fits(lines[i], asked), -i))
    if len(lines[at]) > 400:
        return _sentence(lines[at], asked)
    start = at
    end = at + 1
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
