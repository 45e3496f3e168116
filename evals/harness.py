"""Runs suites: every folder beside this file that has a `scorer` is one.

A run is one JSON document: `{"suite", "cases", "passed", "failed", "errors", "metrics", "results"}`. A run without
cases, or with an error, fails; with a baseline, so does a metric that is worse than the baseline's.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TextIO

from pydantic import JsonValue

from evals.suite import Outcome, SuiteError, worse

__all__ = ["compare", "evaluate", "run", "suites"]

_HERE = Path(__file__).parent
_WORST = 10

Run = dict[str, JsonValue]


def suites() -> list[str]:
    """The names of all suites."""
    return sorted(folder.name for folder in _HERE.iterdir() if (folder / "scorer.py").is_file())


def _scorer(suite: str) -> ModuleType:
    if suite not in suites():
        raise SuiteError(f"There is no suite {suite!r}. There are: {', '.join(suites()) or 'none'}.")
    return importlib.import_module(f"evals.{suite}.scorer")


async def run(suite: str, cases: Path | None = None) -> Run:
    """Run one suite on its own cases, or on those at `cases`. Raises SuiteError."""
    outcome: Outcome = await _scorer(suite).score(cases)
    errors = sum(result.error is not None for result in outcome.results)
    passed = sum(result.passed for result in outcome.results)
    document: Run = {
        "suite": suite,
        "cases": len(outcome.results),
        "passed": passed,
        "failed": len(outcome.results) - passed - errors,
        "errors": errors,
        "metrics": dict(outcome.metrics),
        "results": [result.model_dump(mode="json", exclude_none=False) for result in outcome.results],
    }
    return {**document, "told": outcome.told} if outcome.told else document


def compare(found: Run, baseline: Mapping[str, JsonValue]) -> list[str]:
    """What is worse than in the baseline, a run's JSON of before: one sentence each.

    A baseline may hold one run, or several by suite.
    """
    before = baseline.get(str(found["suite"]), baseline)
    metrics = before.get("metrics") if isinstance(before, Mapping) else None
    now = found["metrics"]
    if not isinstance(metrics, Mapping) or not isinstance(now, Mapping):
        raise SuiteError("The baseline has no metrics: it must be the JSON of an earlier run.")
    scorer = _scorer(str(found["suite"]))
    tolerance = getattr(scorer, "TOLERANCE", 0.0)
    return worse(_numbers(now), _numbers(metrics), scorer.LOWER_IS_BETTER, tolerance)


def _numbers(values: Mapping[str, JsonValue]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if isinstance(value, int | float)}


def _read(baseline: Path) -> Mapping[str, JsonValue]:
    try:
        read: JsonValue = json.loads(baseline.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SuiteError(f"The baseline {baseline} can't be read: {error}") from error
    if not isinstance(read, dict):
        raise SuiteError(f"The baseline {baseline} isn't the JSON of a run.")
    return read


def problems(found: Run, baseline: Mapping[str, JsonValue] | None) -> list[str]:
    """Why a run fails, in sentences; an empty list when it doesn't."""
    said: list[str] = []
    if not found["cases"]:
        said.append(f"{found['suite']}: there was no case to run.")
    if found["errors"]:
        said.append(f"{found['suite']}: {found['errors']} cases could not be scored.")
    if baseline is not None:
        said += [f"{found['suite']}: {sentence}." for sentence in compare(found, baseline)]
    return said


async def evaluate(
    names: Sequence[str], *, cases: Path | None = None, baseline: Path | None = None, as_json: bool = False
) -> int:
    """Run the named suites (all, when none is named), print what came of them, and give the exit status.

    0 when every run holds, 1 when one fails, 2 when a suite, its cases or the baseline can't be read.
    """
    try:
        before = _read(baseline) if baseline else None
        found = [await run(name, cases) for name in names or suites()]
        wrong = [sentence for each in found for sentence in problems(each, before)]
    except SuiteError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if as_json:
        document: JsonValue = found[0] if len(found) == 1 else {"suites": list(found)}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    for each in found:
        _tell(each, sys.stderr if as_json else sys.stdout)
    for sentence in wrong:
        sys.stderr.write(f"{sentence}\n")
    return 1 if wrong else 0


def _tell(found: Run, out: TextIO) -> None:
    """A run in a few lines: its counts and its metrics."""
    out.write(f"{found['suite']}: {found['passed']} of {found['cases']} passed, {found['errors']} errors\n")
    if found.get("told"):
        out.write(f"{found['told']}\n")
    metrics = found["metrics"]
    if isinstance(metrics, Mapping):
        width = max((len(name) for name in metrics), default=0)
        out.writelines(f"  {name:<{width}}  {value:g}\n" for name, value in metrics.items())
    out.writelines(f"  ✗ {case}: {reason}\n" for case, reason in _worst(found))


def _worst(found: Run) -> list[tuple[str, str]]:
    """The ten worst errors with their reasons, where a suite's results give any."""
    results = found["results"]
    rows = [row for row in results if isinstance(row, dict)] if isinstance(results, list) else []
    wrong = [row for row in rows if not row["passed"] and row.get("reason")]
    wrong.sort(key=lambda row: -float(str(row.get("badness", 0))))
    return [(str(row["case"]), str(row["reason"])) for row in wrong[:_WORST]]
