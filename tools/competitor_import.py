"""Starting to watch all pages of a list."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from memory.competitors import Competitors, Page
from memory.labels import Provenance
from memory.watches import Watches
from tools.declaration import (
    Attempt,
    Clock,
    Effect,
    Gate,
    Outcome,
    Permit,
    Preview,
    Progress,
    Reconciliation,
    Requester,
    Role,
    Slot,
    Verification,
    tool,
)
from tools.monitoring.enrolling import ALERTS_A_DAY, alerts_grant, mark_of, whose_page
from tools.monitoring.sweeping import Sweeps
from tools.monitoring.targets import Targets, watched_pages
from tools.monitoring.watch_lists import Row, WatchLists, rows_of_list
from tools.result import Finding, Result, Weight
from tools.web.door import WebDoor

if TYPE_CHECKING:
    from rich.console import RenderableType


class CompetitorImportArguments(BaseModel):
    """The file of the list; what its pages are watched for where it doesn't say; where changes are told."""

    model_config = ConfigDict(extra="forbid")

    file: Annotated[str, Slot(Role.TARGET, "file")] = Field(min_length=1, max_length=500)
    aspect: Annotated[str | None, Slot(Role.OPTION, "aspect")] = Field(default=None, max_length=80)
    channel: Annotated[str | None, Slot(Role.DESTINATION, "channel")] = Field(
        default=None, pattern=r"^#?[\w\-.]+$", max_length=80
    )


class Imported(BaseModel):
    """One page that is watched from now on."""

    url: str
    competitor: str
    aspect: str
    state: str
    note: str


class CompetitorImport(Result):
    """What of a list is watched from now on, and what was left out."""

    file: str
    pages: list[Imported]
    left_out: list[str]
    """Lines that name no page, and pages that were watched already, each with the reason."""
    channel: str | None
    at: datetime

    def findings(self) -> list[Finding]:
        """How many are watched now, which of them couldn't be read yet, and what was left out."""
        provenance = Provenance.observed("sophia", self.at, f"the list {self.file} and the first captures")
        count = len(self.pages)
        told = f"; changes are told in {self.channel}" if self.channel else ""
        sentence = f"{count} page{'s' * (count != 1)} of {self.file} {'is' if count == 1 else 'are'} watched now{told}."
        found = [_finding(Weight.DONE, sentence, provenance)]
        for page in self.pages:
            if page.state not in ("ok", "unchanged"):
                sentence = f"{page.url} couldn't be read yet, {page.state.replace('_', ' ')}: {page.note}."
                found.append(_finding(Weight.WARNING, sentence, provenance))
        return found + [_finding(Weight.NOT_DONE, f"Left out: {why}.", provenance) for why in self.left_out[:20]]

    def as_terminal(self) -> RenderableType | None:
        """A table of the pages."""
        from rich.table import Column, Table

        table = Table("competitor", "aspect", Column("page", overflow="fold"), "state")
        for page in self.pages:
            table.add_row(page.competitor, page.aspect, page.url, page.state.replace("_", " "))
        return table


def _finding(weight: Weight, sentence: str, provenance: Provenance) -> Finding:
    return Finding(weight=weight, sentence=sentence, provenance=provenance)


async def preview(
    arguments: CompetitorImportArguments,
    *,
    lists: WatchLists,
    targets: Targets,
    memory: Competitors,
    door: WebDoor,
    clock: Clock,
) -> Preview:
    """Every page of the list with what it would be watched for, and what would be left out."""
    text = lists.read(arguments.file)
    rows = rows_of_list(text, arguments.aspect, door.policy)
    pages = await watched_pages(targets, memory, clock.now())
    known = {page.url for page in pages}
    new: list[JsonValue] = [
        {
            "url": row.url,
            "aspect": row.aspect,
            "competitor": whose_page(row.url, row.competitor or None, targets, pages),
            "selector": row.selector or None,
        }
        for row in rows
        if row.url and row.url not in known
    ]
    left = [_why(row) for row in rows if row.problem or row.url in known]
    guessed = {row.url for row in rows if row.guessed}
    details = [_described(page, guessed) for page in new if isinstance(page, dict)]
    details += [f"left out: {why}" for why in left[:50]]
    if arguments.channel:
        details.append(
            f"changes of each are told in {arguments.channel} without asking again: at most {ALERTS_A_DAY} a day a"
            " page, for a year, until its grant is revoked"
        )
    return Preview(
        summary=f"watch {len(new)} page{'s' * (len(new) != 1)} of the list {arguments.file}",
        details=details,
        risk="The addresses are those of the file, whoever wrote it. The sites see our requests: GET, without cookies,"
        " within their robots.txt.",
        undo="Stop watching each of them. What was read by then is kept.",
        nothing_to_do=not new,
        state_version=hashlib.sha256(repr((text, sorted(known))).encode()).hexdigest()[:16],
        bound={"pages": new, "left_out": [*left]},
    )


def _why(row: Row) -> str:
    return f"line {row.line}: {row.problem}" if row.problem else f"line {row.line}: {row.url} is watched already"


def _described(page: dict[str, JsonValue], guessed: set[str]) -> str:
    aspect = str(page["aspect"]).replace("_", " ") + (", guessed from its address" if page["url"] in guessed else "")
    part = f", only {page['selector']}" if page["selector"] else ""
    return f"{page['url']} for {aspect} of {page['competitor']}{part}"


async def verify(
    arguments: CompetitorImportArguments, result: CompetitorImport, *, memory: Competitors
) -> Verification:
    """Look every page up among those that are watched."""
    watched = {page.url for page in await memory.pages(active=True)}
    missing = [page.url for page in result.pages if page.url not in watched]
    evidence = [f"{len(result.pages) - len(missing)} of {len(result.pages)} pages are among the watched ones."]
    return Verification(ok=not missing, evidence=evidence + [f"{url} is not." for url in missing])


async def reconcile(
    arguments: CompetitorImportArguments, attempt: Attempt, *, memory: Competitors, clock: Clock
) -> Reconciliation:
    """Look for the pages with this effect's mark, and for their first captures."""
    listed = attempt.bound.get("pages")
    urls = [str(row["url"]) for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    marked = {page.url for page in await memory.pages() if page.approved_by == mark_of(attempt.permit_id)}
    captured = await memory.captured(attempt.permit_id)
    done = [url for url in urls if url in marked and url in captured]
    evidence = f"{len(done)} of {len(urls)} pages are watched under this effect and were captured."
    if len(done) < len(urls):
        outcome = Outcome.PARTIAL if marked else Outcome.NOT_HAPPENED
        return Reconciliation(outcome=outcome, evidence=evidence)
    result = await _imported(arguments, attempt.bound, attempt.permit_id, memory, clock.now())
    return Reconciliation(outcome=Outcome.HAPPENED, result=result, evidence=evidence)


@tool(
    effect=Effect.CHANGE,
    gate=Gate.ONE,
    phrases=(
        "import watch targets from {file}",
        "watch all pages in {file}",
        "start watching the pages of {file} and tell {channel}",
        "bulk import {file}",
    ),
    preview=preview,
    verify=verify,
    reconcile=reconcile,
    irreversible="each page can be stopped being watched by itself",
)
async def competitor_import(
    arguments: CompetitorImportArguments,
    *,
    memory: Competitors,
    sweeps: Sweeps,
    watches: Watches,
    clock: Clock,
    requester: Requester,
    bound: Preview,
    permit: Permit,
    progress: Progress,
) -> CompetitorImport:
    """Watch all pages of a list from now on, and read them at once."""
    now = clock.now()
    pages = _pages(bound.bound, arguments.channel, requester, permit, now)

    async def enrol() -> None:
        for page in pages:
            grant = alerts_grant(page, page.channel, requester, permit, now, of_several=True) if page.channel else None
            await watches.begin(page, grant, now)

    await sweeps.begin(progress).run(pages, permit, tool="competitor_import", enrol=enrol)
    return await _imported(arguments, bound.bound, permit.id, memory, clock.now())


def _pages(
    bound: dict[str, JsonValue], channel: str | None, requester: Requester, permit: Permit, now: datetime
) -> Sequence[Page]:
    rows = bound["pages"]
    assert isinstance(rows, list)
    return [
        Page(
            url=str(row["url"]),
            competitor=str(row["competitor"]),
            aspect=str(row["aspect"]),
            channel=channel,
            selector=str(row["selector"]) if row["selector"] else None,
            proposed_by=requester.person,
            approved_by=mark_of(permit.id),
            added_at=now,
        )
        for row in rows
        if isinstance(row, dict)
    ]


async def _imported(
    arguments: CompetitorImportArguments, bound: dict[str, JsonValue], effect: str, memory: Competitors, at: datetime
) -> CompetitorImport:
    left = bound.get("left_out")
    about = {page.url: page for page in await memory.pages()}
    return CompetitorImport(
        file=arguments.file,
        pages=[
            Imported(
                url=url,
                competitor=about[url].competitor,
                aspect=about[url].aspect,
                state=capture.state,
                note=capture.note,
            )
            for url, capture in sorted((await memory.captured(effect)).items())
        ],
        left_out=[str(why) for why in left] if isinstance(left, list) else [],
        channel=arguments.channel,
        at=at,
    )
