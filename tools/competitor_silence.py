"""Stopping to watch a page, and leaving one alone for a while."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from memory.competitors import Competitors, Page
from memory.labels import Provenance
from memory.watches import Watches
from tools.declaration import (
    Attempt,
    Clock,
    Effect,
    Outcome,
    Permit,
    Preview,
    Reconciliation,
    Requester,
    Role,
    Slot,
    Undo,
    Verification,
    tool,
)
from tools.errors import ToolError
from tools.monitoring.targets import Targets, same_page, watched_pages
from tools.permits import PermitDesk
from tools.result import Finding, Result, Weight
from tools.since import ending


class CompetitorUnwatchArguments(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Slot(Role.TARGET, "url")] = Field(min_length=1, max_length=2000)


class CompetitorUnwatch(Result):
    """The page that is no longer watched."""

    url: str
    revoked: str | None
    """The grant for its alerts, ended with it."""
    at: datetime

    def findings(self) -> list[Finding]:
        """That it is no longer watched."""
        told = f" Grant {self.revoked} for its alerts is revoked." if self.revoked else ""
        sentence = f"{self.url} is no longer watched; what was read is kept.{told}"
        provenance = Provenance.observed("sophia", self.at, "watched pages")
        return [Finding(weight=Weight.DONE, sentence=sentence, facts={"url": self.url}, provenance=provenance)]


async def _meant(url: str, targets: Targets, memory: Competitors, now: datetime) -> Page:
    """The watched page that an address means, also without its scheme or its end. Raises ToolError."""
    pages = await watched_pages(targets, memory, now)
    address = same_page(url)
    exact = [page for page in pages if page.url == address]
    bare = re.sub(r"^\w+://(www\.)?", "", address)
    near = [page for page in pages if re.sub(r"^\w+://(www\.)?", "", page.url).startswith(bare)]
    found = exact or near
    if len(found) == 1:
        return found[0]
    listed = ", ".join(page.url for page in (found or pages)[:10]) or "none"
    raise ToolError(
        f"{url[:200]} {'means several watched pages' if found else 'is not watched'}.",
        not_done="Nothing was changed.",
        to_do=f"Name one of these: {listed}.",
    )


async def preview_unwatch(
    arguments: CompetitorUnwatchArguments, *, targets: Targets, memory: Competitors, clock: Clock
) -> Preview:
    """The page that would no longer be watched."""
    page = await _meant(arguments.url, targets, memory, clock.now())
    return Preview(
        summary=f"stop watching {page.url}",
        details=[f"competitor: {page.competitor}", f"aspect: {page.aspect}"],
        undo="Watch it again, which a person approves anew. What was read is kept.",
        state_version=page.url,
        bound={"url": page.url},
    )


async def verify_unwatch(
    arguments: CompetitorUnwatchArguments, result: CompetitorUnwatch, *, memory: Competitors
) -> Verification:
    """Look the page up among those that are watched."""
    page = await memory.page(result.url)
    gone = page is not None and not page.active
    return Verification(ok=gone, evidence=[f"{result.url} {'is not' if gone else 'is'} among the watched pages."])


async def reconcile_unwatch(
    arguments: CompetitorUnwatchArguments, attempt: Attempt, *, memory: Competitors, clock: Clock
) -> Reconciliation:
    """Look the page up among those that are watched."""
    url = str(attempt.bound.get("url", same_page(arguments.url)))
    page = await memory.page(url)
    if page is None or page.active:
        return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence=f"{url} is still watched.")
    result = CompetitorUnwatch(url=url, revoked=page.grant or None, at=clock.now())
    return Reconciliation(outcome=Outcome.HAPPENED, result=result, evidence=f"{url} is not watched.")


@tool(
    effect=Effect.CHANGE,
    phrases=("stop watching {url}", "stop monitoring {url}", "unwatch {url}", "we no longer need {url}"),
    preview=preview_unwatch,
    verify=verify_unwatch,
    reconcile=reconcile_unwatch,
    irreversible="it can be watched again, which a person approves anew",
)
async def competitor_unwatch(
    arguments: CompetitorUnwatchArguments,
    *,
    targets: Targets,
    memory: Competitors,
    watches: Watches,
    desk: PermitDesk,
    clock: Clock,
    requester: Requester,
    permit: Permit,
) -> CompetitorUnwatch:
    """Stop watching a page, and end the grant for its alerts."""
    now = clock.now()
    page = await _meant(arguments.url, targets, memory, now)
    await desk.redeem(permit.id, permit.token, tool="competitor_unwatch")
    return CompetitorUnwatch(url=page.url, revoked=await watches.end(page, requester.person, now), at=now)


class CompetitorSnoozeArguments(BaseModel):
    """Which page, and until when; `now` ends its silence."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Slot(Role.TARGET, "url")] = Field(min_length=1, max_length=2000)
    until: Annotated[str, Slot(Role.OPTION, "until")] = Field(min_length=1, max_length=80)


class CompetitorSnooze(Result):
    """Until when nothing is fetched or told of the page."""

    url: str
    until: datetime | None
    previous: str
    """What `until` was before, as this tool takes it."""
    at: datetime

    def findings(self) -> list[Finding]:
        """Until when it is silent."""
        silent = f"is left alone until {self.until:%Y-%m-%d %H:%M}" if self.until else "is visited again"
        provenance = Provenance.observed("sophia", self.at, "watched pages")
        return [
            Finding(
                weight=Weight.DONE, sentence=f"{self.url} {silent}.", facts={"url": self.url}, provenance=provenance
            )
        ]


def _until(text: str, now: datetime) -> datetime | None:
    """When its silence ends; None for `now`. Raises ToolError for what isn't a time to come."""
    return None if text.strip().lower() in ("now", "none", "never") else ending(text, now, "UTC")


async def preview_snooze(
    arguments: CompetitorSnoozeArguments, *, targets: Targets, memory: Competitors, clock: Clock
) -> Preview:
    """The page and until when it would be left alone."""
    now = clock.now()
    page = await _meant(arguments.url, targets, memory, now)
    until = _until(arguments.until, now)
    return Preview(
        summary=f"leave {page.url} alone until {until:%Y-%m-%d %H:%M}" if until else f"visit {page.url} again",
        undo="It can be woken at any time.",
        nothing_to_do=until is None and page.snoozed_until is None,
        state_version=str(page.snoozed_until),
        bound={"url": page.url, "until": until.isoformat() if until else None},
    )


async def verify_snooze(
    arguments: CompetitorSnoozeArguments, result: CompetitorSnooze, *, memory: Competitors
) -> Verification:
    """Look at the page's own record."""
    page = await memory.page(result.url)
    same = page is not None and page.snoozed_until == result.until
    return Verification(ok=same, evidence=[f"{result.url} {'says' if same else 'does not say'} {result.until}."])


async def reconcile_snooze(
    arguments: CompetitorSnoozeArguments, attempt: Attempt, *, memory: Competitors, clock: Clock
) -> Reconciliation:
    """Look at the page's own record."""
    bound = attempt.bound
    page = await memory.page(str(bound.get("url")))
    until = datetime.fromisoformat(str(bound["until"])) if bound.get("until") else None
    if page is None or page.snoozed_until != until:
        return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence="The page's record doesn't say so.")
    result = CompetitorSnooze(url=page.url, until=until, previous="now", at=clock.now())
    return Reconciliation(outcome=Outcome.HAPPENED, result=result, evidence=f"{page.url} says {until}.")


@tool(
    effect=Effect.CHANGE,
    phrases=("snooze {url} until {until}", "be quiet about {url} for {until}", "leave {url} alone until {until}"),
    preview=preview_snooze,
    verify=verify_snooze,
    reconcile=reconcile_snooze,
    undo=Undo("competitor_snooze", {"url": "result.url", "until": "result.previous"}),
)
async def competitor_snooze(
    arguments: CompetitorSnoozeArguments,
    *,
    targets: Targets,
    memory: Competitors,
    desk: PermitDesk,
    clock: Clock,
    bound: Preview,
    permit: Permit,
) -> CompetitorSnooze:
    """Leave a page alone for a while: it is neither fetched nor told of."""
    now = clock.now()
    page = await _meant(arguments.url, targets, memory, now)
    until = datetime.fromisoformat(str(bound.bound["until"])) if bound.bound.get("until") else None
    await desk.redeem(permit.id, permit.token, tool="competitor_snooze")
    await memory.snooze(page, until)
    previous = page.snoozed_until.isoformat() if page.snoozed_until and page.snoozed_until > now else "now"
    return CompetitorSnooze(url=page.url, until=until, previous=previous, at=now)
