"""A run beside its baseline: what got better and worse, what can't be compared; what failed apart from what broke."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

__all__ = ["Comparison", "as_baseline", "by_the_clock", "certain", "compared", "rewritten", "state_of", "worse"]

_BY_THE_CLOCK = ("milliseconds", "seconds", "_ms", "_us", "_per_second", "bytes")
"""How names of metrics end that differ from machine to machine: no baseline holds them."""


@dataclass
class Comparison:
    """Sentences about one suite's run."""

    worse: list[str] = field(default_factory=list)
    """Metrics, and those that are gone or that the baseline doesn't know: these fail the run."""
    better: list[str] = field(default_factory=list)
    newly_failed: list[str] = field(default_factory=list)
    newly_passed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """Cases that could not be scored: neither right nor wrong."""
    before: dict[str, float] = field(default_factory=dict)
    """The baseline's metrics, to be drawn beside the run's; empty without one."""

    def lines(self) -> Iterator[str]:
        """What people are told."""
        for what, found in (
            ("better", self.better),
            ("worse", self.worse),
            ("passes now", self.newly_passed),
            ("fails now", self.newly_failed),
            ("could not be scored", self.errors),
        ):
            yield from (f"  {what}: {sentence}" for sentence in found[:_MOST])
            if len(found) > _MOST:
                yield f"  {what}: and {len(found) - _MOST} more"


_MOST = 20


def state_of(result: Mapping[str, JsonValue]) -> str:
    """`passed`, `failed`, or `error` for a case that couldn't be scored."""
    if result.get("error") is not None:
        return "error"
    return "passed" if result["passed"] else "failed"


def by_the_clock(metric: str) -> bool:
    """Whether a metric is a time or a rate."""
    return any(part.endswith(_BY_THE_CLOCK) for part in metric.split("."))


def compared(
    run: Mapping[str, Any],
    baseline: Mapping[str, Any] | None,
    lower_is_better: frozenset[str],
    tolerance: float = 0.0,
    *,
    complete: bool = False,
) -> Comparison:
    """Compare a run with the baseline of its suite. `complete`: a metric that the baseline lacks is a fault, too."""
    found = Comparison(
        errors=[f"{each['case']}: {each['error']}" for each in run["results"] if each.get("error") is not None]
    )
    if baseline is None:
        return found
    before, now = _numbers(baseline["metrics"]), _numbers(run["metrics"])
    found.before = before
    for name, was in before.items():
        _compare_metric(found, name, was, now.get(name), lower_is_better, tolerance)
    if complete:
        known = {_family(name) for name in before}
        missing = [name for name in now if _family(name) not in known and not by_the_clock(name)]
        found.worse += [f"{name} is {now[name]:g}, and the baseline doesn't have it" for name in missing]
    _compare_cases(found, run["results"], baseline.get("cases"))
    return found


def _family(metric: str) -> str:
    """`right` of `right.typo`: the parts of a metric may come and go with the cases."""
    return metric.partition(".")[0]


def _compare_metric(
    found: Comparison, name: str, was: float, now: float | None, lower_is_better: frozenset[str], tolerance: float
) -> None:
    if now is None:
        found.worse.append(f"{name} was {was:g} and isn't measured any more")
        return
    gain, room = (was - now) if _lower(name, lower_is_better) else (now - was), abs(was) * tolerance + 1e-9
    if abs(gain) > room:
        (found.better if gain > 0 else found.worse).append(f"{name} is {now:g}, and was {was:g}")


def _compare_cases(found: Comparison, results: Sequence[Mapping[str, Any]], before: object) -> None:
    if not isinstance(before, Mapping):
        return
    for result in results:
        was, now = before.get(result["case"]), state_of(result)
        if was is not None and now not in {was, "error"}:
            (found.newly_passed if now == "passed" else found.newly_failed).append(str(result["case"]))


def _numbers(values: Mapping[str, JsonValue]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if isinstance(value, int | float)}


def as_baseline(run: Mapping[str, Any]) -> dict[str, JsonValue]:
    """What is kept of a run to compare later ones with. Times and rates aren't: they belong to the machine."""
    metrics: dict[str, JsonValue] = {name: value for name, value in run["metrics"].items() if not by_the_clock(name)}
    cases: dict[str, JsonValue] = {str(each["case"]): state_of(each) for each in run["results"]}
    measured: JsonValue = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count() or 1,
        "load": round(os.getloadavg()[0], 2),
        "digest": digest_of(metrics),
    }
    return {"suite": run["suite"], "measured": measured, "metrics": metrics, "cases": cases}


def certain(baseline: Mapping[str, Any], lower_is_better: frozenset[str]) -> dict[str, JsonValue]:
    """What a baseline says of any part of its cases: what never happens in all of them, and what always does."""
    held: dict[str, JsonValue] = {
        name: value
        for name, value in _numbers(baseline["metrics"]).items()
        if value == (0.0 if _lower(name, lower_is_better) else 1.0)
    }
    return {"suite": baseline["suite"], "metrics": held}


def _lower(metric: str, lower_is_better: frozenset[str]) -> bool:
    return metric in lower_is_better or _family(metric) in lower_is_better


def digest_of(metrics: Mapping[str, JsonValue]) -> str:
    """Names the figures of a baseline as a run measured them."""
    return hashlib.sha256(json.dumps(metrics, sort_keys=True).encode()).hexdigest()[:16]


def rewritten(baseline: Mapping[str, Any]) -> bool:
    """Whether somebody changed the figures after a run had measured them."""
    measured = baseline.get("measured")
    return isinstance(measured, Mapping) and measured.get("digest") != digest_of(baseline["metrics"])


def worse(
    metrics: Mapping[str, float],
    baseline: Mapping[str, float],
    lower_is_better: frozenset[str],
    tolerance: float = 0.0,
) -> list[str]:
    """Each metric of the baseline that is worse now, by more than this share of it, or gone, in words."""
    found = Comparison()
    for name, before in baseline.items():
        _compare_metric(found, name, before, metrics.get(name), lower_is_better, tolerance)
    return found.worse
