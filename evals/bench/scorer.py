"""Measures every figure; a case is a figure, and passes when its bound holds on this machine now.

A figure beyond its bound doesn't fail a run, as machines differ, unless the machine is no excuse for it
(`bounds.missed`). A ratio that is worse than the baseline's does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from evals.bench.cold import measure_cold
from evals.bench.measuring import Figure
from evals.bench.model import measure_model
from evals.bench.parts import measure_audit, measure_guard, measure_step
from evals.bench.serving.pages import measure_queue
from evals.bench.serving.slack import measure_idle, measure_slack
from evals.bench.serving.workers import measure_workers
from evals.bench.stacks import measure_stacks
from evals.bench.sweeps import measure_sweep
from evals.bench.turns import measure_thread, measure_turns
from evals.suite import CaseResult, Outcome, SuiteError

__all__ = ["LOWER_IS_BETTER", "TOLERANCE", "score"]

LOWER_IS_BETTER = frozenset(
    {
        "cold",
        "turn",
        "thread",
        "guard",
        "step",
        "model.calls",
        "audit.verify_growth",
        "audit.append_ratio",
        "sweep",
        "stack",
        "serve",
        "slack",
        "bounds",
    }
)
TOLERANCE = 0.35
"""The share by which a metric may be worse than the baseline's: what a busy machine does to a ratio."""
MEASURES: Mapping[str, Callable[[int], Awaitable[list[Figure]]]] = {
    "cold": measure_cold,
    "turns": measure_turns,
    "thread": measure_thread,
    "model": measure_model,
    "guard": measure_guard,
    "audit": measure_audit,
    "step": measure_step,
    "sweep": measure_sweep,
    "stacks": measure_stacks,
    "slack": measure_slack,
    "queue": measure_queue,
    "workers": measure_workers,
    "idle": measure_idle,
}


class Case(BaseModel):
    """What is measured, and how often."""

    model_config = ConfigDict(extra="forbid")

    measure: str
    runs: int = Field(default=7, ge=1, le=1000)
    pages: Path | None = None
    """For `sweep`: a folder of real pages in place of invented ones."""


_CASES = TypeAdapter(list[Case])


def load(cases: Path | None) -> list[Case]:
    """The suite's own, or those of a YAML file: a list of `{measure, runs}`. Raises SuiteError."""
    path = cases or Path(__file__).with_name("cases.yaml")
    try:
        found = _CASES.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or [])
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise SuiteError(f"{path} can't be read: {error}") from error
    unknown = sorted({case.measure for case in found} - set(MEASURES))
    if unknown:
        raise SuiteError(f"{path}: there is no measure {', '.join(unknown)}. There are: {', '.join(MEASURES)}.")
    return found


async def _measured(case: Case) -> list[Figure]:
    return await (measure_sweep(case.runs, case.pages) if case.pages else MEASURES[case.measure](case.runs))


async def score(cases: Path | None = None) -> Outcome:
    """Measure what the cases name. Raises SuiteError."""
    results: list[CaseResult] = []
    metrics: dict[str, float] = {"bounds.missed": 0}
    for case in load(cases):
        try:
            figures = await _measured(case)
        except (AssertionError, OSError, RuntimeError) as error:
            results.append(CaseResult(case=case.measure, passed=False, error=f"{type(error).__name__}: {error}"))
            continue
        results += [CaseResult(case=each.name, passed=each.holds, actual=each.as_json()) for each in figures]
        metrics |= {each.name: round(each.value, 4) for each in figures}
        metrics["bounds.missed"] += sum(each.anywhere and not each.holds for each in figures)
    return Outcome(results=results, metrics=metrics)
