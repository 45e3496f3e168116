"""Finding out what can be watched on a domain."""

from __future__ import annotations

import re
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
from tools.detection.extraction import Extractor
from tools.errors import ToolError
from tools.monitoring.targets import checked_address
from tools.result import Finding, Result, Weight
from tools.web.browser import Browser
from tools.web.door import WebDoor

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tools.monitoring.discovery import Candidate, Discovery


class CompetitorDiscoverArguments(BaseModel):
    """A domain, or the address of its first page."""

    model_config = ConfigDict(extra="forbid")

    domain: Annotated[str, Slot(Role.DESTINATION, "domain")] = Field(min_length=1, max_length=500)


class Proposal(BaseModel):
    """A page and what it could be watched for."""

    url: str
    aspect: str
    kind: str
    state: str
    note: str
    lines: int
    why: str
    """The words of the link that led there, or where else it was found."""
    proposed: bool


class CompetitorDiscover(Result):
    """What can be read on a domain, and what is proposed to be watched. Nothing is watched by this."""

    domain: str
    pages: list[Proposal]
    proposed: int
    elsewhere: list[Proposal]
    """On other origins: not looked at."""
    problem: str
    at: datetime

    def findings(self) -> list[Finding]:
        """What is proposed, what can't be read, what lies elsewhere."""
        provenance = Provenance.observed(self.domain, self.at, "looked at its first page, feeds and sitemap")
        if self.problem:
            sentence = f"{self.domain} couldn't be looked at: {self.problem}."
            return [Finding(weight=Weight.NOT_DONE, sentence=sentence, provenance=provenance)]
        found = [
            Finding(
                weight=Weight.NOT_DONE,
                sentence=f"{page.url} can't be read, {page.state.replace('_', ' ')}: {page.note}.",
                facts={"url": page.url, "state": page.state},
                provenance=provenance,
            )
            for page in self.pages
            if page.state != "ok"
        ]
        listed = "; ".join(f"{page.url} ({page.aspect.replace('_', ' ')})" for page in self.pages if page.proposed)
        sentence = f"Proposed to be watched: {listed}." if listed else "Nothing here is proposed to be watched."
        found.append(
            Finding(weight=Weight.DONE, sentence=sentence, facts={"proposed": self.proposed}, provenance=provenance)
        )
        if listed:
            wanted = [f"{page.url} for {page.aspect.replace('_', ' ')}" for page in self.pages if page.proposed]
            said = " and ".join(filter(None, (", ".join(wanted[:-1]), wanted[-1])))
            sentence = f"Nothing of it is watched yet. To watch it, say “watch {said}”, or leave out what isn't wanted."
            found.append(Finding(weight=Weight.OBSERVED, sentence=sentence, provenance=provenance))
        if self.elsewhere:
            listed = "; ".join(page.url for page in self.elsewhere)
            sentence = f"Elsewhere, and only if you name it: {listed}."
            found.append(Finding(weight=Weight.OBSERVED, sentence=sentence, provenance=provenance))
        return found

    def as_terminal(self) -> RenderableType | None:
        """A table of everything that was found."""
        from rich.table import Column, Table

        table = Table(Column("page", overflow="fold"), "aspect", "kind", "state", "lines", "proposed")
        for page in [*self.pages, *self.elsewhere]:
            state = f"{page.state.replace('_', ' ')}: {page.note}" if page.note else page.state.replace("_", " ")
            table.add_row(
                page.url, page.aspect, page.kind, state, str(page.lines or ""), "yes" if page.proposed else ""
            )
        return table


def _start(domain: str, door: WebDoor) -> str:
    address = checked_address(domain, door.policy)
    if not re.match(r"https?://[^/]+\.[^/]+|https?://[^/]*:", address):
        raise ToolError(
            f"{domain[:200]!r} is no domain.", not_done="Nothing was fetched.", to_do="Write it like realpage.com."
        )
    return address


def _origins(start: str) -> frozenset[str]:
    """The domain's origin with and without `www.`."""
    from tools.web.addresses import origin_of

    origin = origin_of(start)
    bare = origin.replace("://www.", "://", 1)
    return frozenset({origin, bare, bare.replace("://", "://www.", 1)})


async def preview(arguments: CompetitorDiscoverArguments, *, door: WebDoor) -> Preview:
    """Where we would look."""
    start = _start(arguments.domain, door)
    return Preview(
        summary=f"look at {start} for pages worth watching",
        details=["its first page, robots.txt and sitemap", "at most 17 pages that they lead to, on the same domain"],
        risk="The site sees our requests: GET, without cookies, within its robots.txt.",
        undo="A request can't be unsent. Nothing is watched by looking.",
        state_version=start,
        bound={"start": start},
    )


async def verify(arguments: CompetitorDiscoverArguments, result: CompetitorDiscover, *, door: WebDoor) -> Verification:
    """Check that nothing but the domain itself was looked at."""
    from tools.web.addresses import origin_of

    allowed = _origins(_start(arguments.domain, door))
    strayed = [page.url for page in result.pages if origin_of(page.url) not in allowed]
    evidence = [f"{len(result.pages)} pages of the domain were looked at."] + [
        f"{url} is elsewhere." for url in strayed
    ]
    return Verification(ok=not strayed, evidence=evidence)


async def reconcile(arguments: CompetitorDiscoverArguments, attempt: Attempt) -> Reconciliation:
    """Looking leaves nothing behind that could be found; it can be done again."""
    return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence="Nothing of it was kept; looking again harms nobody.")


@tool(
    effect=Effect.EGRESS,
    phrases=(
        "what can we watch on {domain}",
        "discover pages of {domain}",
        "watch {domain}",
        "find the pages of {domain}",
    ),
    label=WEB,
    preview=preview,
    verify=verify,
    reconcile=reconcile,
    irreversible="a request can't be unsent",
)
async def competitor_discover(
    arguments: CompetitorDiscoverArguments,
    *,
    door: WebDoor,
    extractor: Extractor,
    browser: Browser,
    clock: Clock,
    bound: Preview,
    permit: Permit,
) -> CompetitorDiscover:
    """Look what can be read on a domain and propose what to watch. Nothing is watched by this."""
    from tools.monitoring.discovery import Explorer

    start = str(bound.bound["start"])
    origins = _origins(start)
    async with door.session(permit, tool="competitor_discover", origins=origins) as session:
        seen = await Explorer(session, extractor, browser, origins).explore(start)
    pages = _proposals(seen)
    return CompetitorDiscover(
        domain=arguments.domain,
        pages=pages,
        proposed=sum(page.proposed for page in pages),
        elsewhere=[_unseen(candidate) for candidate in seen.elsewhere],
        problem=seen.problem,
        at=clock.now(),
    )


def _unseen(candidate: Candidate) -> Proposal:
    kind = "feed" if candidate.feed else "page"
    return Proposal(
        url=candidate.url,
        aspect=candidate.aspect,
        kind=kind,
        state="not looked at",
        note="",
        lines=0,
        why=candidate.why,
        proposed=False,
    )


def _proposals(seen: Discovery) -> list[Proposal]:
    return [
        Proposal(
            url=found.candidate.url,
            aspect=found.candidate.aspect,
            kind=found.kind,
            state=found.state.value,
            note=found.note,
            lines=found.lines,
            why=found.candidate.why,
            proposed=found.state.readable and found.candidate.why != "the first page" and found.lines > 2,
        )
        for found in seen.found
    ]
