"""Runs suites: every folder beside this file that has a `scorer` is one.

A run is one JSON document: `{"suite", "cases", "passed", "failed", "errors", "metrics", "results"}`. A run without
cases, or with an error, fails; so does a metric that is worse than the baseline's, that the baseline has and the run
hasn't, or the other way round; and so does a suite that breaks. Suites run on their own cases are held to the
`baseline.json` in their folder; on their quick profile, a part of them, to the `quick_baseline.json` beside it.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TextIO

from pydantic import JsonValue

from evals.comparing import Comparison, as_baseline, certain, compared, rewritten
from evals.suite import Outcome, SuiteError

__all__ = ["Options", "compare", "evaluate", "problems", "quick_cases", "run", "suites"]

_HERE = Path(__file__).parent
_WORST = 10

Run = dict[str, JsonValue]


@dataclass(frozen=True)
class Options:
    """How suites are run, and what is written of it."""

    cases: Path | None = None
    """Cases from elsewhere."""
    baseline: Path | None = None
    """To compare with, instead of the committed ones."""
    as_json: bool = False
    quick: bool = False
    """Only each suite's quick profile, where it has one."""
    results: Path | None = None
    """A folder for the results of every case, as JSON lines, and a report to read."""
    write_baseline: bool = False
    """Keep what is found as what later runs are held to."""

    @property
    def own(self) -> bool:
        """Whether suites run on their own cases, of which their committed baselines speak."""
        return self.cases is None


@dataclass
class Finding:
    """A run with what is said of it."""

    run: Run
    comparison: Comparison = field(default_factory=Comparison)
    wrong: list[str] = field(default_factory=list)
    """Why it fails, in sentences; empty when it doesn't."""


def suites() -> list[str]:
    """The names of all suites."""
    return sorted(folder.name for folder in _HERE.iterdir() if (folder / "scorer.py").is_file())


def _scorer(suite: str) -> ModuleType:
    if suite not in suites():
        raise SuiteError(f"There is no suite {suite!r}. There are: {', '.join(suites()) or 'none'}.")
    return importlib.import_module(f"evals.{suite}.scorer")


def quick_cases(suite: str) -> Path | None:
    """The cases of a suite's quick profile: `quick.yaml`, or the part that its scorer names as QUICK.

    None where all of its cases are quick.
    """
    found = _HERE / suite / getattr(_scorer(suite), "QUICK", "quick.yaml")
    return found if found.is_file() else None


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


def _broken(suite: str, error: Exception) -> Run:
    """The run of a suite that broke before it could score anything."""
    last = "".join(traceback.format_exception(error)[-3:])
    result: Run = {"case": "the suite itself", "passed": False, "actual": None, "error": f"{error}\n{last}"}
    return {"suite": suite, "cases": 1, "passed": 0, "failed": 0, "errors": 1, "metrics": {}, "results": [result]}


async def _run(suite: str, options: Options) -> Run:
    cases = options.cases or (quick_cases(suite) if options.quick else None)
    begun = time.perf_counter()
    try:
        found = await run(suite, cases)
    except SuiteError:
        raise
    except Exception as error:  # noqa: BLE001 - the outermost edge: a suite that breaks is a red run, and others go on
        found = _broken(suite, error)
    return {**found, "took_seconds": round(time.perf_counter() - begun, 1)}


def compare(found: Run, baseline: Mapping[str, JsonValue]) -> list[str]:
    """What is worse than in the baseline, a run's JSON of before: one sentence each.

    A baseline may hold one run, or several by suite.
    """
    return _compared(found, baseline).worse


def _compared(found: Run, baseline: Mapping[str, JsonValue] | None, *, complete: bool = False) -> Comparison:
    scorer = _scorer(str(found["suite"]))
    before = baseline.get(str(found["suite"]), baseline) if baseline is not None else None
    if before is not None and not (isinstance(before, Mapping) and isinstance(before.get("metrics"), Mapping)):
        raise SuiteError("The baseline has no metrics: it must be the JSON of an earlier run.")
    tolerance = getattr(scorer, "TOLERANCE", 0.0)
    return compared(found, before, scorer.LOWER_IS_BETTER, tolerance, complete=complete)


def _read(baseline: Path) -> Mapping[str, JsonValue]:
    try:
        read: JsonValue = json.loads(baseline.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SuiteError(f"The baseline {baseline} can't be read: {error}") from error
    if not isinstance(read, dict):
        raise SuiteError(f"The baseline {baseline} isn't the JSON of a run.")
    return read


def _committed(suite: str, *, quick: bool = False) -> Path:
    part = quick and quick_cases(suite) is not None
    return _HERE / suite / ("quick_baseline.json" if part else "baseline.json")


def problems(found: Run, baseline: Mapping[str, JsonValue] | None) -> list[str]:
    """Why a run fails, in sentences; an empty list when it doesn't."""
    return _why(found, _compared(found, baseline))


def _why(found: Run, comparison: Comparison) -> list[str]:
    said: list[str] = []
    if not found["cases"]:
        said.append(f"{found['suite']}: there was no case to run.")
    if found["errors"]:
        said.append(f"{found['suite']}: {found['errors']} cases could not be scored.")
    return said + [f"{found['suite']}: {sentence}." for sentence in comparison.worse]


def _judged(found: Run, options: Options) -> Finding:
    """A run beside the baseline that was given, or that is committed."""
    if options.baseline is not None:
        comparison = _compared(found, _read(options.baseline))
    elif options.own and not options.write_baseline:
        return _held(found, quick=options.quick)
    else:
        comparison = _compared(found, None)
    return Finding(found, comparison, _why(found, comparison))


def _held(found: Run, *, quick: bool) -> Finding:
    """A run of a suite's own cases beside what is committed of them.

    A quick profile without figures of its own is held to what the whole's say of any part.
    """
    suite = str(found["suite"])
    committed = _committed(suite, quick=quick)
    whole = _committed(suite)
    if committed.is_file():
        kept = _read(committed)
        comparison = _compared(found, kept, complete=True)
        if rewritten(kept):
            comparison.worse.append(f"the figures of {committed.name} aren't those that were measured for it")
    elif whole.is_file():
        comparison = _compared(found, certain(_read(whole), _scorer(suite).LOWER_IS_BETTER))
    else:
        comparison = Comparison()
    why = _why(found, comparison)
    if not comparison.before:
        why.append(f"{suite}: there is no figure in a {committed.name} to compare with; `--write-baseline` makes it.")
    return Finding(found, comparison, why)


async def evaluate(
    names: Sequence[str],
    *,
    cases: Path | None = None,
    baseline: Path | None = None,
    as_json: bool = False,
    options: Options | None = None,
) -> int:
    """Run the named suites (all, when none is named), print what came of them, and give the exit status.

    0 when every run holds, 1 when one fails, 2 when a suite, its cases or the baseline can't be read.
    """
    options = options or Options(cases=cases, baseline=baseline, as_json=as_json)
    out = sys.stderr if options.as_json else sys.stdout
    found: list[Finding] = []
    try:
        for name in names or suites():
            found.append(_judged(await _run(name, options), options))
            _tell(found[-1], out)
    except SuiteError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    _keep(found, options)
    if options.as_json:
        runs = [{name: value for name, value in each.run.items() if name not in _NOT_PRINTED} for each in found]
        document: JsonValue = runs[0] if len(runs) == 1 else {"suites": list(runs)}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    for sentence in (sentence for each in found for sentence in each.wrong):
        sys.stderr.write(f"{sentence}\n")
    return 1 if any(each.wrong for each in found) else 0


_NOT_PRINTED = frozenset({"told", "took_seconds"})


def _keep(found: Sequence[Finding], options: Options) -> None:
    """Write what was asked for: baselines, results and a report."""
    if options.write_baseline:
        for each in found:
            text = json.dumps(as_baseline(each.run), ensure_ascii=False, indent=1)
            place = _committed(str(each.run["suite"]), quick=options.quick)
            place.write_text(f"{text}\n", encoding="utf-8")
    if options.results is not None:
        from evals.reporting import write_report

        report = write_report(options.results, [(each.run, each.comparison, each.wrong) for each in found])
        sys.stderr.write(f"The report is {report}.\n")


def _tell(found: Finding, out: TextIO) -> None:
    """A run in a few lines: its counts, its metrics, and what changed."""
    run = found.run
    out.write(f"{run['suite']}: {run['passed']} of {run['cases']} passed, {run['failed']} failed, ")
    out.write(f"{run['errors']} errors, {run.get('took_seconds', 0)} s\n")
    if run.get("told"):
        out.write(f"{run['told']}\n")
    metrics = run["metrics"]
    if isinstance(metrics, Mapping):
        width = max((len(name) for name in metrics), default=0)
        out.writelines(f"  {name:<{width}}  {value:g}\n" for name, value in metrics.items())
    out.writelines(f"  ✗ {case}: {reason}\n" for case, reason in _worst(run))
    out.writelines(f"{line}\n" for line in found.comparison.lines())
    out.flush()


def _worst(found: Run) -> list[tuple[str, str]]:
    """The ten worst errors with their reasons, where a suite's results give any."""
    results = found["results"]
    rows = [row for row in results if isinstance(row, dict)] if isinstance(results, list) else []
    wrong = [row for row in rows if not row["passed"] and row.get("reason")]
    wrong.sort(key=lambda row: -float(str(row.get("badness", 0))))
    return [(str(row["case"]), str(row["reason"])) for row in wrong[:_WORST]]
