"""Starting to watch a page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from memory.competitors import Competitors, Page
from memory.grants import Grants
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
    Undo,
    Verification,
    tool,
)
from tools.errors import StateMoved
from tools.monitoring.enrolling import ALERTS_A_DAY, alerts_grant, mark_of, whose_page
from tools.monitoring.sweeping import Sweeps
from tools.monitoring.targets import Targets, checked_address, watched_pages
from tools.result import Finding, Result, Weight
from tools.web.door import WebDoor


class CompetitorWatchArguments(BaseModel):
    """Which page, what of it, whose it is, and where changes are told."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Slot(Role.DESTINATION, "url")] = Field(min_length=1, max_length=2000)
    aspect: Annotated[str, Slot(Role.OPTION, "aspect")] = Field(min_length=1, max_length=80)
    competitor: Annotated[str | None, Slot(Role.TARGET, "competitor")] = Field(default=None, max_length=120)
    channel: Annotated[str | None, Slot(Role.DESTINATION, "channel")] = Field(
        default=None, pattern=r"^#?[\w\-.]+$", max_length=80
    )


class CompetitorWatch(Result):
    """The page that is watched from now on, and what its first capture was like."""

    url: str
    aspect: str
    competitor: str
    channel: str | None
    grant: str | None
    state: str
    note: str
    lines: int
    """Of text that were read; 0 when it couldn't be."""
    at: datetime

    def findings(self) -> list[Finding]:
        """That it is watched, where changes are told, and what there is to read."""
        provenance = Provenance.observed(self.url, self.at, "first capture")
        told = f" Changes are told in {self.channel} under grant {self.grant}." if self.grant else ""
        sentence = f"{self.url} is watched for {self.aspect.replace('_', ' ')} of {self.competitor}.{told}"
        found = [
            Finding(
                weight=Weight.DONE,
                sentence=sentence,
                facts={"url": self.url, "aspect": self.aspect},
                provenance=provenance,
            )
        ]
        if self.lines:
            found.append(
                Finding(
                    weight=Weight.OBSERVED,
                    sentence=f"It was read: {self.lines} lines of text.",
                    facts={"lines": self.lines},
                    provenance=provenance,
                )
            )
        else:
            sentence = f"It couldn't be read yet, {self.state.replace('_', ' ')}: {self.note}."
            found.append(Finding(weight=Weight.WARNING, sentence=sentence, provenance=provenance))
        return found


async def preview_watch(
    arguments: CompetitorWatchArguments, *, targets: Targets, memory: Competitors, door: WebDoor, clock: Clock
) -> Preview:
    """The page, whose it is counted as, and where its changes would be told."""
    url = checked_address(arguments.url, door.policy)
    pages = await watched_pages(targets, memory, clock.now())
    competitor = whose_page(url, arguments.competitor, targets, pages)
    known = next((page for page in pages if page.url == url), None)
    same = known is not None and (known.aspect, known.channel) == (arguments.aspect, arguments.channel or known.channel)
    details = [
        f"page: {url}",
        f"aspect: {arguments.aspect}",
        f"competitor: {competitor}",
        "fetched at once, then at every sweep",
    ]
    if arguments.channel:
        details.append(
            f"its changes are told in {arguments.channel} without asking again: at most {ALERTS_A_DAY} a day, for a"
            " year, until the grant is revoked"
        )
    return Preview(
        summary=f"watch {url} for {arguments.aspect.replace('_', ' ')} of {competitor}",
        details=details,
        risk="The site sees our requests: GET, without cookies, within its robots.txt.",
        undo="Stop watching it. What was read by then is kept.",
        nothing_to_do=same,
        state_version=_standing(url, pages),
        bound={"url": url, "competitor": competitor},
    )


def _standing(url: str, pages: Iterable[Page]) -> str:
    return "watched" if any(page.url == url for page in pages) else "not watched"


async def verify_watch(
    arguments: CompetitorWatchArguments, result: CompetitorWatch, *, memory: Competitors, grants: Grants, clock: Clock
) -> Verification:
    """Look the page up among those that are watched, and its grant among the active ones."""
    page = await memory.page(result.url)
    watched = page is not None and page.active and page.aspect == result.aspect
    evidence = [f"{result.url} {'is' if watched else 'is not'} among the watched pages."]
    granted = True
    if result.grant:
        granted = any(grant.id == result.grant for grant in await grants.list(clock.now()))
        evidence.append(f"Grant {result.grant} {'is' if granted else 'is not'} active.")
    return Verification(ok=watched and granted, evidence=evidence)


async def reconcile_watch(
    arguments: CompetitorWatchArguments, attempt: Attempt, *, memory: Competitors, door: WebDoor
) -> Reconciliation:
    """Look for the page with this effect's mark."""
    url = checked_address(arguments.url, door.policy)
    page = await memory.page(url)
    if page is None or page.approved_by != mark_of(attempt.permit_id) or not page.active:
        return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence=f"{url} isn't watched under this effect.")
    if url not in await memory.captured(attempt.permit_id):
        return Reconciliation(outcome=Outcome.PARTIAL, evidence=f"{url} is watched; its first capture is missing.")
    return Reconciliation(
        outcome=Outcome.HAPPENED,
        result=await _watching(page, attempt.permit_id, memory),
        evidence=f"{url} is watched and was captured.",
    )


async def _watching(page: Page, effect: str, memory: Competitors) -> CompetitorWatch:
    capture = (await memory.captured(effect))[page.url]
    text = await memory.text_of(capture.version) if capture.version else None
    return CompetitorWatch(
        url=page.url,
        aspect=page.aspect,
        competitor=page.competitor,
        channel=page.channel,
        grant=page.grant or None,
        state=capture.state,
        note=capture.note,
        lines=len(text.split("\n")) if text else 0,
        at=capture.at,
    )


@tool(
    effect=Effect.CHANGE,
    gate=Gate.ONE,
    phrases=(
        "start watching {url} for {aspect} changes",
        "watch {url}",
        "monitor {competitor}'s {aspect} page at {url} and tell {channel}",
        "keep an eye on {url}",
    ),
    preview=preview_watch,
    verify=verify_watch,
    reconcile=reconcile_watch,
    undo=Undo("competitor_unwatch", {"url": "result.url"}),
)
async def competitor_watch(
    arguments: CompetitorWatchArguments,
    *,
    targets: Targets,
    memory: Competitors,
    sweeps: Sweeps,
    watches: Watches,
    clock: Clock,
    requester: Requester,
    bound: Preview,
    permit: Permit,
    progress: Progress,
) -> CompetitorWatch:
    """Watch a page from now on, read it at once, and let its changes be told in the channel."""
    now, url = clock.now(), str(bound.bound["url"])
    before = await memory.page(url)
    begun = before is not None and before.approved_by == mark_of(permit.id)
    if not begun and bound.state_version != _standing(url, await watched_pages(targets, memory, now)):
        raise StateMoved(f"Whether {url} is watched has changed since that was asked.", not_done="Nothing was changed.")
    page = Page(
        url=url,
        competitor=str(bound.bound["competitor"]),
        aspect=arguments.aspect,
        channel=arguments.channel,
        selector=before.selector if before else None,
        proposed_by=requester.person,
        approved_by=mark_of(permit.id),
        added_at=now,
        threshold=before.threshold if before else "significant_change",
    )
    sweep = sweeps.begin(progress)

    async def enrol() -> None:
        grant = alerts_grant(page, page.channel, requester, permit, now) if page.channel else None
        await watches.begin(page, grant, now)

    await sweep.run([page], permit, tool="competitor_watch", enrol=enrol)
    stored = await memory.page(url)
    assert stored is not None
    return await _watching(stored, permit.id, memory)
