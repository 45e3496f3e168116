"""The first beat: many captures of pages that never stay the same, few alerts, and questions from memory."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from rich.table import Table
from rich.text import Text

from agent.demo.clock import DemoClock
from agent.demo.sources import Sources
from agent.demo.stage import Showing, Stage, Told
from agent.untrusted_text import visible

__all__ = ["Watching"]

SWEEP = "sweep all competitors"
_MOST_LINES = 15
"""With more rounds than this, those in which nothing happened aren't shown."""


@dataclass
class _Seen:
    """What all sweeps together came to."""

    captures: int = 0
    differ: int = 0
    """Captures whose bytes differ from the capture before."""
    unread: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    changes: list[tuple[int, Mapping[str, object]]] = field(default_factory=list)
    """Round and change."""

    def alerts(self) -> list[tuple[int, Mapping[str, object]]]:
        """Those that somebody is told at once."""
        return [(number, change) for number, change in self.changes if change.get("alert") == "instant"]


class Watching:
    """Sweeps the captures, round after round, and asks about them."""

    def __init__(self, sources: Sources, clock: DemoClock, live: str | None) -> None:
        self._sources, self._clock, self._live = sources, clock, live
        self._captures = sources.captures
        self.swept = False
        """Every watched page was read at least once."""

    async def play(self, stage: Stage) -> None:
        """The beat."""
        stage.say(self._captures.described)
        seen = await self._sweeps(stage)
        _show_ignored(stage, seen)
        self._check(stage, seen)
        if self._live:
            await _watch_live(stage, self._live)
        if self._captures is self._sources.invented:
            await _ask_about_invented(stage)
        else:
            await _ask_about_captures(stage, seen)

    async def _sweeps(self, stage: Stage) -> _Seen:
        seen, bodies = _Seen(), dict[str, str]()
        stage.command(f"sophia ask '{SWEEP}'   # {self._captures.rounds} times, one for each round of captures")
        for number in range(1, self._captures.rounds + 1):
            behind = self._captures.interval * (self._captures.rounds - number)
            told = await self._sweep(stage, number, behind)
            if told.status not in ("done", "failed"):
                stage.check(False, f"The sweep ended as {told.status}: {told.text}")
                break
            self._count(seen, bodies, number, told)
            _show_round(stage, number, told, brief=self._captures.rounds > _MOST_LINES)
        self.swept = True
        return seen

    async def _sweep(self, stage: Stage, number: int, behind: timedelta) -> Told:
        self._clock.set_back(behind)
        try:
            self._captures.set_round(number, self._clock.now())
            return await stage.ask(SWEEP, Showing.NOTHING)
        finally:
            self._clock.set_back(timedelta())

    def _count(self, seen: _Seen, bodies: dict[str, str], number: int, told: Told) -> None:
        result = told.result("competitor_sweep")
        for page in _dicts(result.get("pages")):
            path = urlsplit(str(page["url"])).path
            served = self._captures.answer(path)
            if served is None:
                continue
            seen.captures += 1
            body = hashlib.sha256(served.body).hexdigest()
            seen.differ += path in bodies and bodies[path] != body
            bodies[path] = body
            if page["state"] not in ("ok", "unchanged"):
                seen.unread[str(page["state"]).replace("_", " ")] += 1
        ignored = result.get("ignored")
        seen.ignored.update(ignored if isinstance(ignored, dict) else {})
        seen.changes += [(number, change) for change in _dicts(result.get("lines"))]

    def _check(self, stage: Stage, seen: _Seen) -> None:
        real = {(change.page, change.round): change.about for change in self._captures.changes}
        unscored = self._captures.unscored
        told, found = _places(seen.alerts()), _places(seen.changes)
        became = (
            f"{seen.captures} captures, {seen.differ} with other bytes than the one before, became "
            f"{len(told)} alert{'s' * (len(told) != 1)}"
        )
        if not self._captures.labelled:
            stage.check(len(told) * 10 <= seen.captures, f"{became}; nobody has labelled which are right.")
            return
        missed = "; ".join(about for place, about in real.items() if place not in found)
        false, neither = told - set(real) - unscored, (told & unscored) - set(real)
        stage.check(
            not missed,
            f"{len(found & set(real))} of {len(real)} changes that are known to be real were found, "
            f"{len(told & set(real))} as an alert." + (f" Missed: {missed}." if missed else ""),
        )
        stage.check(
            len(false) <= max(1, len(real) // 2),
            f"{became}, {len(false)} of them about nothing"
            + (f" and {len(neither)} labelled neither way." if neither else "."),
        )


def _places(changes: list[tuple[int, Mapping[str, object]]]) -> set[tuple[str, int]]:
    """Page and round of each."""
    return {(urlsplit(str(change["url"])).path, number) for number, change in changes}


def _dicts(values: object) -> list[dict[str, object]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _show_round(stage: Stage, number: int, told: Told, *, brief: bool) -> None:
    result = told.result("competitor_sweep")
    pages, lines = _dicts(result.get("pages")), _dicts(result.get("lines"))
    unread = [page for page in pages if page["state"] not in ("ok", "unchanged")]
    if brief and not lines:
        return
    at = datetime.fromisoformat(str(result["at"]))
    words = f"  {at:%Y-%m-%d %H:%M} {len(pages):3} pages, {len(lines)} changed"
    if unread:
        states = Counter(str(page["state"]).replace("_", " ") for page in unread)
        words += ", " + ", ".join(f"{count} {state}" for state, count in states.items())
    stage.console.print(Text(words, "dim"))
    for line in lines:
        alert = line.get("alert") == "instant"
        mark = ("    ALERT   ", "bold yellow") if alert else ("    digest  ", "dim")
        words = f"{line['competitor']}, {str(line['aspect']).replace('_', ' ')}: {line['summary']}"
        stage.console.print(Text.assemble(mark, (visible(words), "" if alert else "dim")))


def _show_ignored(stage: Stage, seen: _Seen) -> None:
    table = Table("ignored", "how often", title="What was left out, and why", title_justify="left", title_style="bold")
    for reason, count in seen.ignored.most_common():
        table.add_row(reason, str(count))
    for state, count in seen.unread.most_common():
        table.add_row(f"not the page: {state}", str(count))
    stage.console.print(table)


async def _ask_about_invented(stage: Stage) -> None:
    changes = await stage.ask("what changed at Unitra in the last 14 days?")
    lines = _dicts(changes.result("competitor_changes").get("lines"))
    quoted = [str(line["summary"]) for line in lines if line.get("citations")]
    stage.check(any("7.2" in words for words in quoted), "What changed is told with quotes, page and time.")
    price = await stage.ask("how much does Rentaria charge for the Growth plan?")
    quotes = [str(citation["quote"]) for citation in _dicts(price.result("competitor_recall").get("citations"))]
    stage.check(
        any("$449" in quote for quote in quotes), "Answered from memory, with a quote of the page and its date."
    )
    unknown = await stage.ask("does Rentaria have an office in Brazil?")
    stage.check(_declined(unknown), "Declined: nothing that was read says anything about it.")


async def _ask_about_captures(stage: Stage, seen: _Seen) -> None:
    alerts = seen.alerts() or seen.changes
    name = str(alerts[-1][1]["competitor"]) if alerts else "anybody"
    if alerts:
        changes = await stage.ask(f"what changed at {name} in the last 60 days?")
        stage.check(
            bool(_dicts(changes.result("competitor_changes").get("lines"))), "Answered from memory, with quotes."
        )
        recalled = await stage.ask(f"what does {name} say about personal data?")
        found = _dicts(recalled.result("competitor_recall").get("citations"))
        stage.check(bool(found) or _declined(recalled), "Every sentence has its quote, or there is none.")
    unknown = await stage.ask(f"does {name} sell bicycles in Brazil?")
    stage.check(_declined(unknown), "Declined: nothing that was read says anything about it.")


def _declined(told: Told) -> bool:
    result = told.result("competitor_recall")
    return result.get("answered") is False and not result.get("citations")


async def _watch_live(stage: Stage, url: str) -> None:
    asked = await stage.ask(f"watch {url} for product updates")
    told = await stage.approve(asked) if asked.waiting else asked
    lines = told.result("competitor_watch").get("lines")
    stage.check(bool(lines), f"Captured for real: {url}, {lines or 'no'} lines of text.")
