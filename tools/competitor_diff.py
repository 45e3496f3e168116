"""Showing two versions of a page side by side."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from memory.competitors import Change, Competitors
from memory.labels import WEB, Provenance
from tools.declaration import Clock, Effect, Role, Slot, tool
from tools.errors import ToolError
from tools.monitoring.targets import Targets, known_names, resolve, same_page, watched_pages
from tools.monitoring.versions import blocks_of
from tools.result import Citation, Finding, Result, Weight

if TYPE_CHECKING:
    from rich.console import RenderableType


class CompetitorDiffArguments(BaseModel):
    """Whose page; which of them, where there are several."""

    model_config = ConfigDict(extra="forbid")

    competitor: Annotated[str, Slot(Role.TARGET, "competitor")] = Field(min_length=1, max_length=120)
    aspect: Annotated[str | None, Slot(Role.OPTION, "aspect")] = Field(default=None, max_length=80)
    url: Annotated[str | None, Slot(Role.TARGET, "url")] = Field(default=None, max_length=2000)


class DiffLine(BaseModel):
    """One block that reads differently; one of the two is missing when it is new or gone."""

    before: str | None
    after: str | None
    under: str


class CompetitorDiff(Result):
    """The latest change of a page, block by block."""

    found: bool
    reason: str
    change: str | None
    url: str | None
    competitor: str
    before: str | None
    after: str | None
    before_at: datetime | None
    after_at: datetime | None
    lines: list[DiffLine]
    at: datetime

    def findings(self) -> list[Finding]:
        """How many blocks differ, with quotes; or why there is nothing to show."""
        if not self.found or not self.url or not self.after_at or not self.before_at:
            provenance = Provenance.observed("sophia", self.at, "changes that were recorded")
            return [Finding(weight=Weight.NOT_DONE, sentence=self.reason, provenance=provenance)]
        count = len(self.lines)
        sentence = (
            f"{count} block{'s' * (count != 1)} of {self.url} read{'s' * (count == 1)} differently on"
            f" {self.after_at:%Y-%m-%d %H:%M} than on {self.before_at:%Y-%m-%d %H:%M}."
        )
        return [
            Finding(
                weight=Weight.OBSERVED,
                sentence=sentence,
                facts={"url": self.url, "blocks": count, "change": self.change},
                provenance=Provenance.observed(self.url, self.after_at, "two stored versions compared"),
                citations=tuple(self._citations()),
            )
        ]

    def _citations(self) -> list[Citation]:
        assert self.url is not None
        assert self.before_at is not None
        assert self.after_at is not None
        found = []
        for line in self.lines[:10]:
            for text, at, version in (
                (line.before, self.before_at, self.before),
                (line.after, self.after_at, self.after),
            ):
                if text and version:
                    found.append(Citation(url=self.url, captured_at=at, quote=text, version=version))
        return found

    def as_terminal(self) -> RenderableType | None:
        """The blocks, old in red and new in green."""
        from rich.text import Text

        if not self.found:
            return None
        shown, heading = Text(), ""
        for line in self.lines:
            if line.under and line.under != heading:
                heading = line.under
                shown.append(f"\n{heading}\n", style="bold")
            if line.before:
                shown.append(f"- {line.before}\n", style="red")
            if line.after:
                shown.append(f"+ {line.after}\n", style="green")
        return shown


@tool(
    effect=Effect.READ,
    phrases=(
        "show me the diff of {competitor}'s {aspect} page",
        "diff {url}",
        "compare the versions of {competitor}'s {aspect} page",
        "what exactly changed on {url}",
    ),
    label=WEB,
)
async def competitor_diff(
    arguments: CompetitorDiffArguments, *, targets: Targets, memory: Competitors, clock: Clock
) -> CompetitorDiff:
    """Show the latest change of a competitor's page, block by block."""
    now = clock.now()
    pages = await watched_pages(targets, memory, now)
    competitors = resolve([arguments.competitor], known_names(targets, pages))
    assert competitors
    url = same_page(arguments.url) if arguments.url else None
    changes = await memory.changes(competitors=competitors, aspect=arguments.aspect, url=url, limit=1)
    if not changes:
        watched = [
            page.url for page in pages if page.competitor == competitors[0] and arguments.aspect in (None, page.aspect)
        ]
        reason = _why_nothing(competitors[0], arguments.aspect, watched)
        return CompetitorDiff(
            found=False,
            reason=reason,
            change=None,
            url=url,
            competitor=competitors[0],
            before=None,
            after=None,
            before_at=None,
            after_at=None,
            lines=[],
            at=now,
        )
    return await _shown(changes[0], memory, now)


def _why_nothing(competitor: str, aspect: str | None, watched: list[str]) -> str:
    what = f" on {aspect.replace('_', ' ')}" if aspect else ""
    if not watched:
        return f"Not watched: no page of {competitor}{what} is, so there is nothing to compare."
    return f"No change of {competitor}{what} is recorded; watched: {', '.join(watched)}."


async def _shown(change: Change, memory: Competitors, now: datetime) -> CompetitorDiff:
    from tools.detection.comparison import differences

    old = await memory.version(change.before) if change.before else None
    new = await memory.version(change.after)
    if old is None or new is None:
        raise ToolError(
            f"A version of {change.url} is no longer stored.",
            not_done="Nothing can be compared.",
            to_do="Ask what changed instead.",
            acts="operator",
        )
    found = differences(blocks_of(old), blocks_of(new))
    lines = [
        DiffLine(
            before=item.before.text if item.before else None,
            after=item.after.text if item.after else None,
            under=item.block.under,
        )
        for item in found
    ]
    return CompetitorDiff(
        found=True,
        reason="",
        change=change.id,
        url=change.url,
        competitor=change.competitor,
        before=change.before,
        after=change.after,
        before_at=change.before_at,
        after_at=change.at,
        lines=lines,
        at=now,
    )
