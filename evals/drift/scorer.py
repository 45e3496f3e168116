"""Precision and recall of drift by property, over every check of every case; and whole cases that were right."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel

from evals.drift.cases import Case, load
from evals.drift.cloud import Cloud, urn_of
from evals.suite import CaseResult, Outcome
from infra.declaration import StackDeclaration
from infra.drift import DriftReport
from infra.places import Places
from infra.watch import DriftWatch

__all__ = ["LOWER_IS_BETTER", "score"]

LOWER_IS_BETTER = frozenset({"false_alarms"})
_BEGUN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

Spots = set[tuple[str, str]]
"""Resource and path."""


class _Clock:
    def __init__(self) -> None:
        self.at = _BEGUN

    def now(self) -> datetime:
        return self.at


class _Tally(BaseModel):
    """One check: what was said, and what is so."""

    check: int
    said: list[tuple[str, str]]
    true: list[tuple[str, str]]

    @property
    def right(self) -> bool:
        return self.said == self.true


async def score(cases: Path | None) -> Outcome:
    """Look at every cloud as often as its case says, with the drift watch that the stacks have. Raises SuiteError."""
    every = load(cases)
    with tempfile.TemporaryDirectory() as home:
        tallies = await asyncio.gather(
            *(_looked_at(case, Path(home) / str(number)) for number, case in enumerate(every))
        )
    results = [_result(case, tally) for case, tally in zip(every, tallies, strict=True)]
    return Outcome(results=results, metrics=_metrics(every, tallies))


async def _looked_at(case: Case, home: Path) -> list[_Tally]:
    clock = _Clock()
    place = Places(home, {}).of(StackDeclaration(name="suite", program="lab:development"))
    watch = DriftWatch(home, clock)
    cloud = Cloud(case.resources, case.edits, case.seed)
    found = []
    for check in range(case.checks):
        cloud.begin(check, clock.at)
        report = await watch.check(place, cloud)
        found.append(_Tally(check=check, said=sorted(_said(report)), true=sorted(_true(case, check))))
        clock.at += timedelta(hours=case.hours)
    return found


def _said(report: DriftReport) -> Spots:
    return {(item.urn.rpartition("::")[2], item.path) for item in report.drift}


def _true(case: Case, check: int) -> Spots:
    names = {urn_of(resource).rpartition("::")[2] for resource in case.resources}
    return {(edit.resource, edit.path) for edit in case.edits if edit.holds(check) and edit.resource in names}


def _result(case: Case, tallies: list[_Tally]) -> CaseResult:
    wrong = [tally.model_dump(mode="json") for tally in tallies if not tally.right]
    return CaseResult.model_validate(
        {"case": case.case, "passed": not wrong, "actual": wrong, "kind": case.kind, "checks": case.checks}
    )


def _metrics(cases: list[Case], tallies: list[list[_Tally]]) -> dict[str, float]:
    flat = [tally for several in tallies for tally in several]
    said = sum(len(tally.said) for tally in flat)
    true = sum(len(tally.true) for tally in flat)
    both = sum(len(set(tally.said) & set(tally.true)) for tally in flat)
    quiet = [several for case, several in zip(cases, tallies, strict=True) if case.kind == "routine"]
    return {
        "precision": round(both / said, 4) if said else 1.0,
        "recall": round(both / true, 4) if true else 1.0,
        "false_alarms": sum(any(tally.said for tally in several) for several in quiet),
        "checks": len(flat),
    }
