"""Changes as people are shown them: a line each, with the quotes that prove it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, JsonValue

from memory.competitors import Change, Competitors, Standing
from memory.labels import Provenance
from tools.result import Citation, Finding, Weight

__all__ = ["ASKED", "TOLD", "ChangeLine", "change_lines", "period"]

TOLD = "sent"
ASKED = "asked"
"""A person is asked whether it may be told, or has said that it may not."""
"""What became of an alert that was told at once."""


class ChangeLine(BaseModel):
    """One change: who, which aspect, what in words, how significant and why, from which version to which."""

    id: str
    competitor: str
    aspect: str
    url: str
    summary: str
    score: float
    significance: float
    because: str
    alert: str
    """`instant` above the page's threshold, `digest` below it, and what became of it."""
    also: list[str] = []
    """Other pages that say the same."""
    before_at: datetime
    at: datetime
    before: str | None
    after: str
    facts: list[dict[str, JsonValue]] = []
    citations: list[Citation] = []

    @property
    def told(self) -> str:
        """Who, which aspect, what, where: a line for a channel."""
        where = ", ".join([self.url, *self.also])
        whose = ", ".join(filter(None, (self.competitor, self.aspect.replace("_", " ")))) or "changed"
        return f"{whose}: {self.summary} ({where})"

    @property
    def _weighed(self) -> str:
        """How significant and why; nothing for what was never weighed."""
        when = {"instant": "told at once", TOLD: "told", ASKED: "asked about"}.get(self.alert, "for the digest")
        return f" Significance {self.significance:.0%}, {when}: {self.because}." if self.because else ""

    def finding(self) -> Finding:
        """The sentence that a report may say of it."""
        return Finding(
            weight=Weight.OBSERVED,
            sentence=f"{self.told[:-1]}, seen {self.at:%Y-%m-%d %H:%M}).{self._weighed}",
            facts={
                "competitor": self.competitor,
                "aspect": self.aspect,
                "changes": list(self.facts),
                "change": self.id,
                "significance": self.significance,
            },
            provenance=Provenance.observed(self.url, self.at, "compared with the capture before"),
            citations=tuple(self.citations),
        )


async def change_lines(changes: Iterable[Change], memory: Competitors, *, quotes: int = 4) -> list[ChangeLine]:
    """A line for each cluster, by its most significant change, with quotes.

    Each quote is checked to stand in the stored version, byte for byte.
    """
    clusters: dict[str, list[Change]] = {}
    for change in changes:
        clusters.setdefault(change.cluster or change.id, []).append(change)
    lines = []
    for together in clusters.values():
        together.sort(key=lambda change: (-change.significance, change.at))
        also = list(dict.fromkeys(change.url for change in together[1:]))
        lines.append(await _line(together[0], [url for url in also if url != together[0].url], memory, quotes))
    return lines


async def _line(change: Change, also: list[str], memory: Competitors, quotes: int) -> ChangeLine:
    return ChangeLine(
        id=change.id,
        competitor=change.competitor,
        aspect=change.aspect,
        url=change.url,
        summary=change.summary,
        score=change.score,
        significance=change.significance,
        because=str(change.explanation.get("significance", "")),
        alert=change.alert,
        also=also,
        before_at=change.before_at or change.at,
        at=change.at,
        before=change.before,
        after=change.after,
        facts=change.facts,
        citations=await _citations(change, memory, quotes),
    )


async def _citations(change: Change, memory: Competitors, most: int) -> list[Citation]:
    items = change.explanation.get("items", [])
    assert isinstance(items, list)
    found: list[Citation] = []
    for item in items[:most]:
        assert isinstance(item, dict)
        for name, version, at in (
            ("before", change.before, change.before_at or change.at),
            ("after", change.after, change.at),
        ):
            quote = item.get(name)
            if isinstance(quote, str) and version and quote in (await memory.text_of(version) or ""):
                found.append(Citation(url=change.url, captured_at=at, quote=quote, version=version))
    return found


def period(standing: Standing | None, since: datetime) -> bool:
    """Whether the page was read in the period that begins then."""
    return bool(
        standing
        and standing.ok
        and standing.last
        and standing.last.state in ("ok", "unchanged")
        and standing.last.at >= since
    )
