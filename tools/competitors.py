"""Who the competitors are, what is watched of them, and what has changed: from memory, without going out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from memory.competitors import Competitors
from memory.labels import INTERNAL, WEB, Provenance
from tools.declaration import Clock, Effect, Requester, Role, Slot, tool
from tools.monitoring.lines import ASKED, TOLD, ChangeLine, change_lines, period
from tools.monitoring.targets import Targets, known_names, resolve, watched_pages
from tools.monitoring.verdicts import places_of
from tools.result import Finding, Result, Series, Weight
from tools.since import beginning
from tools.timetable.foresight import Owners

if TYPE_CHECKING:
    from rich.console import RenderableType

_USUAL = "30d"
"""How far back changes are told when nobody says so."""


class CompetitorTargetsArguments(BaseModel):
    """Nothing."""

    model_config = ConfigDict(extra="forbid")


class WatchedPage(BaseModel):
    """One page that is watched."""

    url: str
    competitor: str
    aspect: str
    channel: str | None
    source: str
    state: str
    """Of the last capture; `not visited yet` before the first."""
    visited_at: datetime | None
    snoozed_until: datetime | None

    def findings(self, provenance: Provenance) -> list[Finding]:
        """That it is left alone, and for how long; that it can't be read."""
        found = []
        if self.snoozed_until is not None:
            sentence = (
                f"{self.url} is snoozed until {self.snoozed_until:%Y-%m-%d %H:%M} UTC; to wake it: “snooze {self.url} "
                "until now”."
            )
            facts: dict[str, JsonValue] = {"url": self.url, "until": self.snoozed_until.isoformat()}
            found.append(Finding(weight=Weight.OBSERVED, sentence=sentence, facts=facts, provenance=provenance))
        if self.state not in ("ok", "unchanged", "not visited yet"):
            sentence = f"{self.url} can't be read at the moment: {self.state.replace('_', ' ')}."
            found.append(Finding(weight=Weight.WARNING, sentence=sentence, provenance=provenance))
        return found


class Said(BaseModel):
    """What a person said of the alerts of a page, which holds until it is taken back."""

    alert: str
    url: str
    verdict: str
    under: list[str]
    """The headings under which it holds."""
    person: str
    at: datetime

    def finding(self, provenance: Provenance) -> Finding:
        """What it does, whose word it is, and how it is taken back."""
        where = f" under {', '.join(f'“{place}”' for place in self.under[:3])}" if any(self.under) else ""
        what = "always" if self.verdict == "interesting" else "no longer"
        sentence = (
            f"Changes{where} of {self.url} are {what} told, as {self.person} said of {self.alert} on"
            f" {self.at:%Y-%m-%d}; to take it back: “take back what was said of {self.alert}”."
        )
        return Finding(weight=Weight.OBSERVED, sentence=sentence, facts={"alert": self.alert}, provenance=provenance)


class CompetitorTargets(Result):
    """Every competitor and every page that is watched, which are snoozed, and what people said of their alerts."""

    competitors: list[str]
    pages: list[WatchedPage]
    said: list[Said] = Field(default_factory=list)
    at: datetime

    def findings(self) -> list[Finding]:
        """How many, which pages are snoozed until when, and which can't be read at the moment."""
        provenance = Provenance.observed("sophia", self.at, "configuration and approved watches")
        named = ", ".join(self.competitors) or "no competitor"
        many = f"{len(self.pages)} page{'s' * (len(self.pages) != 1)} of {named}"
        are = "is" if len(self.pages) == 1 else "are"
        awake = bool(self.pages) and not any(page.snoozed_until for page in self.pages)
        found = [
            Finding(
                weight=Weight.OBSERVED,
                sentence=f"{many} {are} watched{'; none is snoozed' * awake}.",
                facts={"pages": len(self.pages), "competitors": list(self.competitors)},
                provenance=provenance,
            )
        ]
        for page in self.pages:
            found += page.findings(provenance)
        return found + [said.finding(provenance) for said in self.said]

    def as_terminal(self) -> RenderableType | None:
        """A table of the pages."""
        from rich.table import Column, Table

        table = Table("competitor", "aspect", Column("page", overflow="fold"), "last visit", "state")
        for page in self.pages:
            visited = f"{page.visited_at:%Y-%m-%d %H:%M}" if page.visited_at else "–"
            state = f"snoozed until {page.snoozed_until:%Y-%m-%d}" if page.snoozed_until else page.state
            table.add_row(page.competitor, page.aspect, page.url, visited, state)
        return table


@tool(
    effect=Effect.READ,
    phrases=(
        "which pages are we watching",
        "list the competitors",
        "what do we monitor",
        "show competitor targets",
        "what was said of alerts",
        "what is snoozed",
    ),
    label=INTERNAL,
)
async def competitor_targets(
    arguments: CompetitorTargetsArguments, *, targets: Targets, memory: Competitors, clock: Clock
) -> CompetitorTargets:
    """List the competitors and the watched pages: the state of each, what is snoozed, and what was said of alerts."""
    now = clock.now()
    pages = await watched_pages(targets, memory, now)
    standing = await memory.standing([page.url for page in pages])
    rows = []
    for page in sorted(pages, key=lambda page: (page.competitor, page.aspect, page.url)):
        last = standing[page.url].last if page.url in standing else None
        snoozed = page.snoozed_until if page.snoozed_until and page.snoozed_until > now else None
        rows.append(
            WatchedPage(
                url=page.url,
                competitor=page.competitor,
                aspect=page.aspect,
                channel=page.channel,
                source=page.source,
                state=last.state if last else "not visited yet",
                visited_at=last.at if last else None,
                snoozed_until=snoozed,
            )
        )
    names = list(dict.fromkeys([item.name for item in targets.competitors()] + [page.competitor for page in pages]))
    said = [
        Said(
            alert=item.change,
            url=item.url,
            verdict=item.verdict,
            under=places_of(item.pattern),
            person=item.person,
            at=item.at,
        )
        for item in await memory.feedback()
    ]
    return CompetitorTargets(competitors=names, pages=rows, said=said, at=now)


class CompetitorChangesArguments(BaseModel):
    """Whose changes, of what, since when."""

    model_config = ConfigDict(extra="forbid")

    competitors: Annotated[list[str] | None, Slot(Role.TARGET, "competitors")] = Field(default=None, max_length=50)
    aspect: Annotated[str | None, Slot(Role.OPTION, "aspect")] = Field(default=None, max_length=80)
    since: Annotated[str | None, Slot(Role.OPTION, "since")] = Field(default=None, max_length=80)
    untold: Annotated[bool, Slot(Role.OPTION, "untold")] = False
    """Only what wasn't told at once when it was found, and nobody is asked about: what a daily digest is for."""


class CompetitorChanges(Result):
    """What changed in a period, newest first, and what can't be said."""

    changes: int
    lines: list[ChangeLine]
    competitors: list[str]
    aspect: str | None
    since: datetime
    at: datetime
    watched: int
    """How many watched pages the answer rests on."""
    told: int = 0
    """Changes that are left out because they were told at once."""
    asked: int = 0
    """Changes that are left out because a person was asked whether they may be told."""
    unread: list[str]
    """Watched pages that couldn't be read when they were last visited, or weren't visited in the period."""

    def findings(self) -> list[Finding]:
        """A sentence a change, or an honest reason why there is none."""
        provenance = Provenance.observed("sophia", self.at, f"captures since {self.since:%Y-%m-%d %H:%M}")
        whose = ", ".join(self.competitors) or "any competitor"
        what = f" on {self.aspect.replace('_', ' ')}" if self.aspect else ""
        found = [line.finding() for line in self.lines]
        if not self.watched:
            found.append(_plain(f"Not watched: no page of {whose}{what} is.", Weight.NOT_DONE, provenance))
        elif not self.lines and len(self.unread) < self.watched:
            count = self.watched - len(self.unread)
            pages = f"{count} watched page{'s' * (count != 1)}"
            other = " else" if self.told or self.asked else ""
            sentence = f"Nothing{other} changed for {whose}{what} since {self.since:%Y-%m-%d} ({pages})."
            found.append(_plain(sentence, Weight.OBSERVED, provenance))
        if self.told:
            were = "s were" if self.told > 1 else " was"
            sentence = f"{self.told} change{were} told at once and {'are' if self.told > 1 else 'is'} not said again."
            found.append(_plain(sentence, Weight.OBSERVED, provenance))
        if self.asked:
            waiting = f"{self.asked} change{'s' * (self.asked > 1)}"
            sentence = f"A person was asked whether {waiting} may be told; they aren't asked again."
            found.append(_plain(sentence, Weight.OBSERVED, provenance))
        found += [
            _plain(f"Not known: {url} wasn't read in that time; a sweep reads it.", Weight.NOT_DONE, provenance)
            for url in self.unread
        ]
        return found

    def series(self) -> Series:
        """Changes a day."""
        values = [(line.at.date(), 1.0) for line in self.lines]
        whose = ", ".join(self.competitors) or "all competitors"
        return Series.daily(f"Changes of {whose}", "changes", values, self.since.date(), self.at.date())


def _plain(sentence: str, weight: Weight, provenance: Provenance) -> Finding:
    return Finding(weight=weight, sentence=sentence, provenance=provenance)


@tool(
    effect=Effect.READ,
    phrases=(
        "what changed on {competitors}'s {aspect} page",
        "what has {competitors} changed since {since}",
        "any news from {competitors}",
        "compare {competitors} {aspect} moves",
        "what moved on {aspect} in the last {since}",
    ),
    label=WEB,
)
async def competitor_changes(
    arguments: CompetitorChangesArguments,
    *,
    targets: Targets,
    memory: Competitors,
    owners: Owners,
    requester: Requester,
    clock: Clock,
) -> CompetitorChanges:
    """Say what changed on the watched pages in a period, with quotes."""
    now = clock.now()
    since = beginning(arguments.since or _USUAL, now, owners.zone(requester.person))
    pages = await watched_pages(targets, memory, now)
    competitors = resolve(arguments.competitors, known_names(targets, pages))
    mine = [
        page
        for page in pages
        if (competitors is None or page.competitor in competitors) and arguments.aspect in (None, page.aspect)
    ]
    found = await memory.changes(competitors=competitors, aspect=arguments.aspect, since=since)
    changes = [change for change in found if not (arguments.untold and change.alert in (TOLD, ASKED))]
    asked = sum(arguments.untold and change.alert == ASKED for change in found)
    standing = await memory.standing([page.url for page in mine])
    unread = [page.url for page in mine if not period(standing.get(page.url), since)]
    return CompetitorChanges(
        changes=len(changes),
        lines=await change_lines(changes, memory),
        competitors=competitors or [],
        aspect=arguments.aspect,
        since=since,
        at=now,
        watched=len(mine),
        told=len(found) - len(changes) - asked,
        asked=asked,
        unread=unread,
    )
