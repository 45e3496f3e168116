"""The suite: each figure is a case with the limit that it is held to.

A case that misses its limit fails, and its value is reported; whole-process figures are medians of pairs.
"""

from __future__ import annotations

from pathlib import Path

from evals.bench.cold import ask_ratio, help_ratio
from evals.bench.records import audit_costs, guard_cost
from evals.bench.turns import turn_costs
from evals.suite import CaseResult, Outcome, SuiteError

__all__ = ["LOWER_IS_BETTER", "score"]

LOWER_IS_BETTER = frozenset(
    {
        "help_ratio",
        "ask_ratio",
        "turn_milliseconds",
        "thread_bytes",
        "thread_growth",
        "guard_microseconds",
        "verify_growth",
    }
)
_LIMITS: dict[str, tuple[str, float]] = {
    "help_ratio": ("at most", 1.5),
    "ask_ratio": ("at most", 1.3),
    "turn_milliseconds": ("at most", 6.0),
    "thread_bytes": ("at most", 1_000_000.0),
    "thread_growth": ("at most", 1.5),
    "guard_microseconds": ("at most", 50.0),
    "audit_appends_per_second": ("at least", 2000.0),
    "verify_growth": ("at most", 3.0),
}


async def score(cases: Path | None) -> Outcome:
    """Measure everything. Raises SuiteError for cases from elsewhere: a figure has none."""
    if cases is not None:
        raise SuiteError("The suite bench measures this program and takes no cases.")
    help_found, ask_found = await help_ratio(), await ask_ratio()
    turns, audit = await turn_costs(), await audit_costs()
    metrics = {
        "help_ratio": help_found["ratio"],
        "ask_ratio": ask_found["ratio"],
        "turn_milliseconds": turns["milliseconds"],
        "thread_bytes": turns["thread_bytes"],
        "thread_growth": turns["growth"],
        "guard_microseconds": guard_cost(),
        "audit_appends_per_second": audit["appends_per_second"],
        "verify_growth": audit["verify_growth"],
    }
    beside = {
        "help_ratio": {"seconds": help_found["seconds"], "baseline_seconds": help_found["baseline_seconds"]},
        "ask_ratio": {"seconds": ask_found["seconds"], "baseline_seconds": ask_found["baseline_seconds"]},
        "turn_milliseconds": {"bare_graph_milliseconds": turns["baseline_milliseconds"]},
    }
    results = [_result(name, value, beside.get(name, {})) for name, value in metrics.items()]
    return Outcome(results=results, metrics={name: round(value, 3) for name, value in metrics.items()})


def _result(name: str, value: float, beside: dict[str, float]) -> CaseResult:
    sense, limit = _LIMITS[name]
    passed = value <= limit if sense == "at most" else value >= limit
    shown = {key: round(found, 4) for key, found in beside.items()}
    return CaseResult.model_validate(
        {"case": name, "passed": passed, "actual": {"value": round(value, 3), **shown}, "limit": f"{sense} {limit:g}"}
    )
