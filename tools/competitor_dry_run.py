"""Looking at a page as a watch would, without watching it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from memory.labels import WEB, Provenance
from tools.declaration import (
    Attempt,
    Clock,
    Effect,
    Outcome,
    Permit,
    Preview,
    Reconciliation,
    Role,
    Slot,
    Verification,
    tool,
)
from tools.detection.extraction import Extractor, Job
from tools.detection.page import Form, PageState
from tools.monitoring.targets import checked_address
from tools.result import Finding, Result, Weight
from tools.web.browser import Browser
from tools.web.door import WebDoor
from tools.web.failures import FetchError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tools.monitoring.looking import Seen

_MOST_KEPT, _MOST_IGNORED, _MOST_LETTERS = 200, 60, 300
_KINDS = {Form.FEED: "feed", Form.BOARD: "job board", Form.DATA: "set of data"}


class CompetitorDryRunArguments(BaseModel):
    """Which page, and which part of it if not all."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Slot(Role.DESTINATION, "url")] = Field(min_length=1, max_length=2000)
    selector: Annotated[str | None, Slot(Role.OPTION, "selector")] = Field(default=None, max_length=500)


class LookedAt(BaseModel):
    """A line of the page, and why it would be left aside, or which changes of it would."""

    text: str
    under: str
    why: str


class CompetitorDryRun(Result):
    """What one capture would keep, and what it would ignore and why. Nothing is watched or stored by this."""

    url: str
    state: str
    note: str
    kind: str
    """`page`, `feed` or `job board`."""
    title: str
    kept: list[LookedAt]
    lines: int
    """Of text that would be kept, also beyond those in `kept`."""
    ignored: list[LookedAt]
    reasons: dict[str, int]
    """Lines that would be left aside, by reason."""
    hidden: int
    """Letters that the markup hides from readers, which aren't read."""
    prices: list[str]
    at: datetime

    def findings(self) -> list[Finding]:
        """How much would be kept, how much left aside and why, and that nothing is watched."""
        provenance = Provenance.observed(self.url, self.at, "fetched once, for a dry run")
        if self.state != PageState.OK.value:
            sentence = f"{self.url} can't be watched as it is, {self.state.replace('_', ' ')}: {self.note}."
            return [Finding(weight=Weight.NOT_DONE, sentence=sentence, provenance=provenance)]
        found = [self._kept(provenance)]
        left = [f"{count} × {why}" for why, count in sorted(self.reasons.items(), key=lambda item: -item[1])]
        left += [f"{self.hidden} letters that the page hides"] if self.hidden else []
        sentence = f"Left aside: {', '.join(left)}." if left else "Nothing of it would be left aside."
        found.append(
            Finding(weight=Weight.OBSERVED, sentence=sentence, facts=dict(self.reasons), provenance=provenance)
        )
        if self.prices:
            named = "; ".join(self.prices[:8]) + (f"; and {len(self.prices) - 8} more" if self.prices[8:] else "")
            found.append(Finding(weight=Weight.OBSERVED, sentence=f"Prices: {named}.", provenance=provenance))
        return found

    def _kept(self, provenance: Provenance) -> Finding:
        sentence = f"Of {self.url}, a {self.kind}, {self.lines} line{'s' * (self.lines != 1)} of text would be kept"
        sentence += f" ({self.note})" if self.note else ""
        return Finding(
            weight=Weight.OBSERVED,
            sentence=f"{sentence}. It isn't watched by this.",
            facts={"lines": self.lines, "url": self.url},
            provenance=provenance,
        )

    def as_terminal(self) -> RenderableType | None:
        """The lines that would be kept, then those that wouldn't, each with its reason."""
        from rich.table import Column, Table

        if self.state != PageState.OK.value:
            return None
        table = Table("", Column("line", overflow="fold"), Column("why", overflow="fold"))
        for line in self.kept:
            table.add_row("kept", line.text, f"not when only its numbers move: {line.why}" if line.why else "")
        if self.lines > len(self.kept):
            table.add_row("kept", f"… and {self.lines - len(self.kept)} more", "")
        for line in self.ignored:
            table.add_row("ignored", line.text, line.why)
        return table


async def preview(arguments: CompetitorDryRunArguments, *, door: WebDoor) -> Preview:
    """The page that would be fetched once."""
    url = checked_address(arguments.url, door.policy)
    return Preview(
        summary=f"fetch {url} once to see what a watch of it would keep",
        details=[f"only the parts that {arguments.selector} names"] if arguments.selector else [],
        risk="The site sees our request: GET, without cookies, within its robots.txt.",
        undo="A request can't be unsent. Nothing is watched or kept.",
        state_version=url,
        bound={"url": url},
    )


async def verify(arguments: CompetitorDryRunArguments, result: CompetitorDryRun, *, door: WebDoor) -> Verification:
    """Check that it was the page that was named."""
    same = result.url == checked_address(arguments.url, door.policy)
    return Verification(ok=same, evidence=[f"{result.url} was looked at."])


async def reconcile(arguments: CompetitorDryRunArguments, attempt: Attempt) -> Reconciliation:
    """Looking leaves nothing behind that could be found; it can be done again."""
    return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence="Nothing of it was kept; looking again harms nobody.")


@tool(
    effect=Effect.EGRESS,
    phrases=(
        "dry run of {url}",
        "what would you keep of {url}",
        "show what a watch of {url} would keep and ignore",
        "try {url} without watching it",
    ),
    label=WEB,
    preview=preview,
    verify=verify,
    reconcile=reconcile,
    irreversible="a request can't be unsent",
)
async def competitor_dry_run(
    arguments: CompetitorDryRunArguments,
    *,
    door: WebDoor,
    extractor: Extractor,
    browser: Browser,
    clock: Clock,
    bound: Preview,
    permit: Permit,
) -> CompetitorDryRun:
    """Show what one capture of a page would keep and what it would ignore, without watching it."""
    from tools.monitoring.looking import Looking, failed
    from tools.web.addresses import origin_of

    url = str(bound.bound["url"])
    async with door.session(permit, tool="competitor_dry_run", origins=frozenset({origin_of(url)})) as session:
        try:
            fetched = await session.fetch(url)
        except FetchError as error:
            return _nothing(url, *failed(error), clock.now())
        job = Job(
            content_type=fetched.content_type,
            status=fetched.status,
            at=fetched.at,
            truncated=fetched.truncated,
            selector=arguments.selector,
        )
        return _told(url, await Looking(session, extractor, browser).read(job, fetched))


def _nothing(url: str, state: PageState, note: str, at: datetime) -> CompetitorDryRun:
    return CompetitorDryRun(
        url=url,
        state=state.value,
        note=note,
        kind="page",
        title="",
        kept=[],
        lines=0,
        ignored=[],
        reasons={},
        hidden=0,
        prices=[],
        at=at,
    )


def _told(url: str, seen: Seen) -> CompetitorDryRun:
    from tools.monitoring.keeping import lines_of, prices_of

    page, at = seen.reading.page, seen.fetched.at
    if not seen.reading.state.readable:
        return _nothing(url, seen.reading.state, seen.note, at)
    lines = list(lines_of(page, at))
    kept, left = [line for line in lines if line.kept], [line for line in lines if not line.kept]
    return CompetitorDryRun(
        url=url,
        state=seen.reading.state.value,
        note=seen.note,
        kind=_KINDS.get(page.form, "page"),
        title=page.title,
        kept=[LookedAt(text=line.text[:_MOST_LETTERS], under=line.under, why=line.why) for line in kept[:_MOST_KEPT]],
        lines=len(kept),
        ignored=[
            LookedAt(text=line.text[:_MOST_LETTERS], under=line.under, why=line.why) for line in left[:_MOST_IGNORED]
        ],
        reasons=dict(Counter(line.why for line in left)),
        hidden=page.signals.hidden,
        prices=prices_of(page, at),
        at=at,
    )
