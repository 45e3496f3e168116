"""One row of the matrix: a world is prepared, copied, crashed at each of its moments, started again and judged."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pydantic import JsonValue, TypeAdapter

from evals.crash.boundaries import kind_of
from evals.crash.carrying import Job, Strike
from evals.crash.cases import Act, Look, Workflow
from evals.crash.disasters import ASLEEP, DISASTERS, KILLED, Disaster
from evals.crash.judging import SAFE, Judged, Place, judge, seen
from evals.crash.nursery import Ended, Nursery
from evals.crash.power import cut_back
from evals.crash.records import Worlds, away, recovered
from evals.crash.site import Site
from evals.crash.workspace import Slack
from evals.traces import Rows, lived

__all__ = ["Crash", "Row", "reached", "spread"]


@dataclass(frozen=True)
class Crash:
    """One crash, and what it came to."""

    workflow: str
    database: str
    how: str
    """`kill`, or the disaster."""
    moment: str
    judged: Judged
    notes: tuple[str, ...] = ()
    """What the processes said that were not killed."""
    seconds: float = 0.0
    """How long it took, with all that came after it."""

    @property
    def kind(self) -> str:
        """The column of the matrix."""
        return kind_of(self.moment) if self.how == "kill" else self.how

    @property
    def safe(self) -> bool:
        """Neither lost nor doubled, and either settled, asked, or known and told not to have happened."""
        return self.judged.verdict in SAFE


@dataclass
class Row:
    """A workflow on a kind of database."""

    workflow: Workflow
    worlds: Worlds
    nursery: Nursery
    site: Site
    slack: Slack
    folder: Path
    base: Place = field(init=False)
    names: dict[str, str] = field(default_factory=dict)
    moments: list[str] = field(default_factory=list)
    lived: dict[str, Rows] = field(default_factory=dict)
    """The plans, labels and verdicts of the workflow when nothing crashes."""
    _begun: ClassVar[float] = 100.0
    """Seconds of the world's time at which the workflow begins."""
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def prepare(self) -> None:
        """Do what comes before, once; then the workflow itself on a copy, unharmed, to learn its moments.

        Raises RuntimeError when that doesn't do what the row says.
        """
        self.base = self._new()
        self.site.says = Site.beginning
        if not self.workflow.fresh:
            await self._start(self.base)
        for number, act in enumerate(self.workflow.before):
            await self._do(self.base, act, f"before{number}", seconds=number * 10.0)
        place = self._copy("whole")
        self.names = self._look_up(place)
        ended = await self._run(place, self._job(place, self.workflow.act, "0", seconds=self._begun))
        if ended.carried is None:
            raise RuntimeError(f"It doesn't work without a crash: {ended.problem}")
        judged = judge(place, self._looks("0"), ended.carried.report)
        if judged.verdict != "once":
            raise RuntimeError(f"It doesn't work without a crash: {judged}")
        self.moments, self.lived = ended.carried.moments, lived(place)
        self._drop(place)

    @property
    def disasters(self) -> Sequence[Disaster]:
        """What else than a kill is tried here."""
        return DISASTERS[self.worlds.kind] if self.workflow.disasters else ()

    async def close(self) -> None:
        """Remove the world."""
        self._drop(self.base)

    async def crashes(self, at: Sequence[int], disaster: Disaster = KILLED) -> AsyncIterator[Crash]:
        """Crash at each of these moments, start again, and judge."""
        for moment in at:
            place = self._copy(f"{disaster.strike}-{moment}")
            try:
                yield await self._crash(place, moment, disaster)
            finally:
                self._drop(place)

    async def _crash(self, place: Place, at: int, disaster: Disaster, number: str = "0") -> Crash:
        act, begun = self.workflow.act, self._begun
        job = self._job(place, act, number, seconds=begun, strike=disaster.strike, **self._moment(at))
        again = self._job(place, act, number, seconds=begun + disaster.later, verifies=True)
        before = [] if self.workflow.fresh else seen(place, self._looks(number))
        if disaster.strike == "asleep":
            return await self._asleep(place, job, again)
        struck = await self._run(place, job)
        moment = reached(job)
        if disaster.strike == "power":
            cut_back(place.folder, files_kept=disaster.files_kept)
        if place.url is not None:
            mend(place.url, disaster.strike)
        looks = self._looks(number)
        if disaster.restored:
            await self._go_back(again)
            again = again.model_copy(update={"nothing_new": True})
            # the data folder and its database are as they were; the world is as it is
            looks = [look for look in looks if look.sql is None and look.file is None]
        others = [again.model_copy(update={"joins": True})] * (disaster.starters - 1)
        ended = await asyncio.gather(*(self._run(place, each) for each in (again, *others)))
        how: dict[str, Any] = {"asks": disaster.restored, "refuses": disaster.refuses}
        if not disaster.restored:
            how["before"] = before
        judged = self._judged(place, ended, looks, thread=self._thread(number), **how)
        return self.crash(disaster.name, moment, judged, struck, *ended)

    async def _start(self, place: Place) -> None:
        """Start Sophia where she never was, and stop her."""
        await self.nursery.carry(self._job(place, None, "first"))

    async def _run(self, place: Place, job: Job) -> Ended:
        """Carry the workflow out in a place."""
        return await self.nursery.carry(job)

    def _moment(self, at: int) -> dict[str, Any]:
        """The job's words for one of the moments: its name, and how many of that name come before it.

        What happens side by side comes in another order each time, so that its number alone would say little.
        """
        name = self.moments[at]
        return {"at_moment": name, "nth": sum(each.startswith(name) for each in self.moments[:at])}

    async def _asleep(self, place: Place, job: Job, again: Job) -> Crash:
        """Stop one; another one takes over when the lease is over, and goes on to the end; then the first wakes up."""
        number = again.number
        child = await self.nursery.begin(job)
        await child.stopped()
        moment = reached(job)
        try:
            taken_over = await self.nursery.carry(again)
        finally:
            child.wake()
        woken = await child.ended()
        if taken_over.carried is None:  # the sleeper kept the database from it
            taken_over = await self.nursery.carry(again)
        judged = self._judged(place, [taken_over], self._looks(number))
        return self.crash(ASLEEP.name, moment, judged, woken, taken_over)

    def crash(self, how: str, moment: str, judged: Judged, *ended: Ended) -> Crash:
        """One crash of this row, with what its processes said."""
        notes = tuple(each.problem.partition("\n")[0] for each in ended if each.problem)
        return Crash(self.workflow.workflow, self.worlds.kind, how, moment, judged, notes)

    async def _go_back(self, job: Job) -> None:
        """Keep what is there now in a backup, let the work go on to its end, then restore."""
        file = job.folder / "backup.sophia"
        await self.nursery.carry(job.model_copy(update={"act": None, "backup": file}))
        await self.nursery.carry(job)
        await self.nursery.carry(job.model_copy(update={"act": None, "restore": file}))

    def _thread(self, number: str) -> str:
        """As which the database knows what was asked for."""
        return "%" if self.workflow.act.schedule else f"c_{number}"

    def _judged(self, place: Place, ended: Sequence[Ended], looks: Sequence[Look], **how: Any) -> Judged:
        report = next((each.carried.report for each in ended if each.carried), "")
        judged = judge(place, looks, report, **how)
        broken = tuple(each.problem for each in ended if each.carried is None)
        broken += tuple(f"the log: {wrong}" for each in ended if each.carried for wrong in each.carried.log)
        return Judged("unreconciled", broken) if broken and judged.verdict in SAFE else judged

    async def _do(self, place: Place, act: Act, number: str, *, seconds: float = 0.0) -> None:
        if act.page is not None:
            self.site.says = act.page
            return
        if act.handed is not None:
            for name, text in act.handed.items():
                list_ = place.folder / "home" / "lists" / name
                list_.parent.mkdir(exist_ok=True)
                list_.write_text(text.replace("$site", self.site.origin), encoding="utf-8")
            return
        self.names = self._look_up(place) if "$" in act.model_dump_json().replace("$site", "") else self.names
        ended = await self.nursery.carry(self._job(place, act, number, seconds=seconds))
        done = ended.carried is not None and (ended.carried.status in ("done", "waiting") or act.keeps is not None)
        if not done:
            raise RuntimeError(f"What comes before ({act.tool or act.schedule}) didn't work: {ended}")

    def _job(self, place: Place, act: Act | None, number: str, **more: Any) -> Job:
        return Job(
            folder=place.folder,
            database_url=place.url,
            site=self.site.origin,
            slack=self.slack.url(place.workspace.name) if place.workspace else "",
            act=Act.model_validate(self._filled(act.model_dump(), number)) if act else None,
            number=number,
            log=place.folder / "moment",
            **more,
        )

    def _looks(self, number: str) -> list[Look]:
        return [Look.model_validate(self._filled(look.model_dump(), number)) for look in self.workflow.looks]

    def _look_up(self, place: Place) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, query in self.workflow.names.items():
            row = next(iter(place.query(query)), None)
            if row is not None:
                found[name] = str(row[0])
        return found

    def _filled(self, value: Any, number: str) -> JsonValue:
        text = _JSON.dump_json(value).decode()
        for name, known in {**self.names, "site": self.site.origin}.items():
            text = text.replace(f"${name}", known)
        filled: JsonValue = _JSON.validate_json(text.replace("{n}", number.rstrip("abc")))
        return filled

    def _new(self) -> Place:
        folder = self.folder / "base"
        return Place(folder, self.worlds.new(folder), self.slack.new() if self.workflow.slack else None)

    def _copy(self, name: str) -> Place:
        folder, workspace = self.folder / name, self.base.workspace
        url = self.worlds.copy(self.base.folder, self.base.url, folder)
        return Place(folder, url, self.slack.new(workspace) if workspace else None)

    def _drop(self, place: Place) -> None:
        self.worlds.drop(place.folder, place.url)
        if place.workspace:
            self.slack.drop(place.workspace)


_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def reached(job: Job) -> str:
    """The moment at which it was struck."""
    return job.log.read_text() if job.log.exists() else "none"


def mend(url: str, strike: Strike) -> None:
    """Make a server work again."""
    if strike == "gone":
        away(url, False)
    elif strike == "server":
        recovered(url)


def spread(moments: Sequence[str], at_most: int) -> list[int]:
    """So many of the moments, evenly over all of them, the first and the last among them; one in the middle.

    Where there is room for all kinds, the first of a kind that they leave out comes on top, and so does every word to
    Slack: what has few moments is what an even choice misses.
    """
    count = len(moments)
    if count <= at_most:
        return list(range(count))
    if at_most == 1:
        return [count // 2]
    chosen = {round(number * (count - 1) / (at_most - 1)) for number in range(at_most)}
    struck = {_sort(moments[at]) for at in chosen}
    if len(set(map(_sort, moments))) > at_most:
        return sorted(chosen)
    for at, moment in enumerate(moments):
        if _sort(moment) not in struck:
            struck.add(_sort(moment))
            chosen.add(at)
    return sorted(chosen)


def _sort(moment: str) -> str:
    """What moments are like each other: those of one kind, or the same word to Slack by the same part."""
    return moment if kind_of(moment) == "slack" else kind_of(moment)
