"""Looking at the competitors' pages now."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from memory.competitors import Capture, Competitors, Page
from memory.labels import WEB, Provenance
from memory.leases import Leases
from tools.declaration import (
    Attempt,
    Clock,
    Effect,
    Outcome,
    Permit,
    Preview,
    Progress,
    Reconciliation,
    Role,
    Slot,
    Verification,
    tool,
)
from tools.errors import ToolError
from tools.monitoring.joining import only_sweep
from tools.monitoring.lines import ChangeLine, change_lines
from tools.monitoring.sweeping import Sweeps
from tools.monitoring.targets import Targets, checked_address, known_names, resolve, watched_pages
from tools.monitoring.visiting import DEGRADED, FIRST, RECOVERED
from tools.result import Finding, Result, Weight
from tools.web.door import WebDoor

if TYPE_CHECKING:
    from rich.console import RenderableType

_READ = ("ok", "unchanged")
_WHAT_TO_DO = {
    "blocked": "the site refuses us; ask it for a feed or stop watching the page",
    "gone": "stop watching it, or watch what took its place",
    "moved": "watch the new address, if it is the same page",
    "login_wall": "a page behind a login can't be watched",
    "soft_404": "stop watching it, or watch what took its place",
    "empty_shell": "watch a feed or an API of it; if no browser built it, `sophia doctor` says what that takes",
    "truncated": "a page, a feed or a part of the site that is smaller can be watched instead",
    "no_page": "watch the page that links to it, or a feed that tells of it",
    "error": "nothing yet; it is tried again at the next sweep",
}


class CompetitorSweepArguments(BaseModel):
    """Whose pages, or which one. Everything that is watched when neither is named."""

    model_config = ConfigDict(extra="forbid")

    competitors: Annotated[list[str] | None, Slot(Role.TARGET, "competitors")] = Field(default=None, max_length=50)
    url: Annotated[str | None, Slot(Role.DESTINATION, "url")] = Field(default=None, max_length=2000)


class PageLine(BaseModel):
    """What became of one page."""

    url: str
    competitor: str
    aspect: str
    state: str
    note: str
    at: datetime

    @property
    def told(self) -> str | None:
        """That it can't be read any more, or can be again: said once, when that is new."""
        whose = f"{self.competitor}, {self.aspect.replace('_', ' ')}"
        if DEGRADED in self.note:
            return f"{whose}: {self.url} is {self.state.replace('_', ' ')}, {DEGRADED}"
        return f"{whose}: {self.url} {RECOVERED}" if RECOVERED in self.note else None


class CompetitorSweep(Result):
    """What a sweep found."""

    effect: str
    joined: str = ""
    """The sweep that was running already and read some of the pages, or all of them."""
    changes: int
    lines: list[ChangeLine]
    pages: list[PageLine]
    visited: int
    unchanged: int
    unreadable: int
    first_time: int
    """Pages that were read for the first time, so that nothing could be compared."""
    ignored: dict[str, int]
    """Differences that weren't reported, by reason."""
    snoozed: int
    alerts: int
    """How many lines are to be told at once: significant changes, pages that were lost or found again."""
    alert_text: str
    """Those, one a line, as they may be told in a channel."""
    at: datetime

    def findings(self) -> list[Finding]:
        """What couldn't be read, then a sentence a change, then what was left out and why."""
        provenance = Provenance.observed("sophia", self.at, f"sweep {self.effect}")
        found = [self._unread(page) for page in self.pages if page.state not in _READ]
        found += [line.finding() for line in self.lines]
        told = f"{_pages(self.visited)} visited: {self.changes} change{'s' * (self.changes != 1)}"
        told += f", {self.unchanged} unchanged"
        told += f", {self.first_time} read for the first time" if self.first_time else ""
        told += f", {self.unreadable} unreadable" if self.unreadable else ""
        told += f", {self.snoozed} snoozed" if self.snoozed else ""
        told += ", together with a sweep that was running" if self.joined else ""
        facts = {
            "visited": self.visited,
            "changes": self.changes,
            "unchanged": self.unchanged,
            "unreadable": self.unreadable,
        }
        found.append(Finding(weight=Weight.DONE, sentence=f"{told}.", facts=dict(facts), provenance=provenance))
        if self.ignored:
            listed = ", ".join(f"{count} × {reason}" for reason, count in _most(self.ignored))
            sentence = f"Differences that were ignored, with the reason: {listed}."
            found.append(
                Finding(weight=Weight.OBSERVED, sentence=sentence, facts=dict(self.ignored), provenance=provenance)
            )
        return found

    def _unread(self, page: PageLine) -> Finding:
        what = _WHAT_TO_DO.get(page.state, "")
        sentence = f"{page.url} couldn't be read, {page.state.replace('_', ' ')}: {page.note}." + (
            f" To do: {what}." if what else ""
        )
        return Finding(
            weight=Weight.NOT_DONE,
            sentence=sentence,
            facts={"url": page.url, "state": page.state},
            provenance=Provenance.observed(page.url, page.at, "fetched"),
        )

    def as_terminal(self) -> RenderableType | None:
        """A table of the pages and what became of each."""
        from rich.table import Column, Table

        table = Table("competitor", "aspect", Column("page", overflow="fold"), "state", Column("what", overflow="fold"))
        changed = {line.url: line.summary for line in self.lines}
        for page in self.pages:
            table.add_row(page.competitor, page.aspect, page.url, page.state, changed.get(page.url, page.note))
        return table


def _pages(count: int) -> str:
    return f"{count} page{'s' * (count != 1)}"


def _most(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


async def _chosen(
    arguments: CompetitorSweepArguments, targets: Targets, memory: Competitors, door: WebDoor, now: datetime
) -> list[Page]:
    """The pages that the arguments mean, snoozed ones included. Raises ToolError when there are none."""
    pages = await watched_pages(targets, memory, now)
    competitors = resolve(arguments.competitors, known_names(targets, pages))
    if competitors is not None:
        pages = [page for page in pages if page.competitor in competitors]
    if arguments.url:
        pages = [_named(arguments.url, pages, competitors, door, now)]
    if not pages:
        whose = " of " + ", ".join(competitors) if competitors else ""
        raise ToolError(
            f"No page{whose} is watched.",
            not_done="Nothing was fetched.",
            to_do="Watch one first: “start watching https://… for pricing”.",
        )
    return pages


def _named(url: str, pages: Sequence[Page], competitors: list[str] | None, door: WebDoor, now: datetime) -> Page:
    """The watched page with this address, or one that is visited just now and not watched."""
    address = checked_address(url, door.policy)
    for page in pages:
        if page.url == address:
            return page
    whose = competitors[0] if competitors else ""
    return Page(url=address, competitor=whose, aspect="", active=False, proposed_by="a request", added_at=now)


async def preview(
    arguments: CompetitorSweepArguments, *, targets: Targets, memory: Competitors, door: WebDoor, clock: Clock
) -> Preview:
    """The pages that would be fetched."""
    now = clock.now()
    pages = await _chosen(arguments, targets, memory, door, now)
    awake = [page for page in pages if not _snoozed(page, now, arguments)]
    urls = sorted(page.url for page in awake)
    whose = ", ".join(sorted({page.competitor for page in awake if page.competitor})) or "no competitor in particular"
    return Preview(
        summary=f"fetch {_pages(len(urls))} of {whose}",
        details=urls[:50] + ([f"and {len(urls) - 50} more"] if len(urls) > 50 else []),
        risk="The sites see our requests: GET, without cookies, within their robots.txt.",
        undo="A request can't be unsent; what is read is kept.",
        nothing_to_do=not urls,
        state_version=hashlib.sha256("\n".join(urls).encode()).hexdigest()[:16],
        bound={"urls": [*urls], "snoozed": len(pages) - len(awake)},
    )


def _snoozed(page: Page, now: datetime, arguments: CompetitorSweepArguments) -> bool:
    asked_for = arguments.url is not None
    return bool(not asked_for and page.snoozed_until and page.snoozed_until > now)


async def verify(arguments: CompetitorSweepArguments, result: CompetitorSweep, *, memory: Competitors) -> Verification:
    """Look in memory for a capture of every page."""
    captured = await memory.captured(result.effect) | await memory.captured(result.joined)
    missing = [page.url for page in result.pages if page.url not in captured]
    evidence = [f"{len(captured)} captures of this sweep are stored."] + [f"None of {url}." for url in missing]
    return Verification(ok=not missing, evidence=evidence)


async def reconcile(
    arguments: CompetitorSweepArguments, attempt: Attempt, *, memory: Competitors, clock: Clock
) -> Reconciliation:
    """Look for the captures that this sweep has stored; what is missing is fetched by going on."""
    captured = await memory.captured(attempt.permit_id)
    urls = attempt.bound.get("urls") or []
    assert isinstance(urls, list)
    missing = [url for url in urls if url not in captured]
    evidence = f"{len(captured)} of {len(urls)} captures are stored."
    if missing:
        outcome = Outcome.PARTIAL if captured else Outcome.NOT_HAPPENED
        return Reconciliation(outcome=outcome, evidence=evidence)
    snoozed = attempt.bound.get("snoozed", 0)
    pages = frozenset(map(str, urls))
    result = await _found(attempt.permit_id, "", pages, memory, snoozed if isinstance(snoozed, int) else 0, clock.now())
    return Reconciliation(outcome=Outcome.HAPPENED, result=result, evidence=evidence)


@tool(
    effect=Effect.EGRESS,
    phrases=(
        "run a sweep of all competitors",
        "sweep {competitors}",
        "check {url} only",
        "check the competitors now",
        "look at {competitors}'s pages again",
    ),
    label=WEB,
    preview=preview,
    verify=verify,
    reconcile=reconcile,
    irreversible="a request can't be unsent",
)
async def competitor_sweep(
    arguments: CompetitorSweepArguments,
    *,
    targets: Targets,
    memory: Competitors,
    sweeps: Sweeps,
    door: WebDoor,
    leases: Leases,
    clock: Clock,
    bound: Preview,
    permit: Permit,
    progress: Progress,
) -> CompetitorSweep:
    """Fetch the watched pages, or one page, and say what changed."""
    chosen = await _chosen(arguments, targets, memory, door, clock.now())
    urls = bound.bound.get("urls") or []
    assert isinstance(urls, list)
    pages = [page for page in chosen if page.url in urls]
    sweep = sweeps.begin(progress)
    before = ""
    if arguments.url:
        await sweep.run(pages, permit, tool="competitor_sweep")
    else:
        async with only_sweep(permit.id, leases, clock, progress) as before:
            read = await memory.captured(before) if before else {}
            left = [page for page in pages if page.url not in read]
            if left:
                await sweep.run(left, permit, tool="competitor_sweep")
            await memory.thin(clock.now())
    wanted = frozenset(page.url for page in pages)
    return await _found(permit.id, before, wanted, memory, len(chosen) - len(pages), clock.now())


async def _found(
    effect: str, joined: str, urls: frozenset[str], memory: Competitors, snoozed: int, now: datetime
) -> CompetitorSweep:
    """The result, from what is stored: the same for a sweep that was interrupted as for one that wasn't."""
    effects = [effect, joined] if joined else [effect]
    captured = {url: capture for one in effects for url, capture in (await memory.captured(one)).items() if url in urls}
    about = {page.url: page for page in await memory.pages()}
    changes = [change for one in effects for change in await memory.changes(effect=one) if change.url in urls]
    lines = await change_lines(sorted(changes, key=lambda change: -change.significance), memory)
    pages = [_line(about[url], capture) for url, capture in sorted(captured.items())]
    changed = {change.url for change in changes}
    first = sum(page.note == FIRST for page in pages)
    told = [line.told for line in lines if line.alert == "instant"] + [page.told for page in pages if page.told]
    unread = sum(page.state not in _READ for page in pages)
    return CompetitorSweep(
        effect=effect,
        joined=joined,
        changes=len(lines),
        lines=lines,
        pages=pages,
        visited=len(pages),
        unchanged=len(pages) - unread - first - len(changed),
        unreadable=unread,
        first_time=first,
        ignored=_ignored(captured.values()),
        snoozed=snoozed,
        alerts=len(told),
        alert_text="\n".join(told),
        at=now,
    )


def _line(page: Page, capture: Capture) -> PageLine:
    return PageLine(
        url=page.url,
        competitor=page.competitor,
        aspect=page.aspect,
        state=capture.state,
        note=capture.note,
        at=capture.at,
    )


def _ignored(captures: Iterable[Capture]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for capture in captures:
        if "ignored: " in capture.note:
            for count, reason in re.findall(r"(\d+) ([^,]+)", capture.note.partition("ignored: ")[2]):
                counts[reason] += int(count)
    return dict(counts)
