"""Precision and recall of alerts over streams of captures, for us and the three systems we are compared with."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from evals.captures import CURVE, SYSTEMS, Sight, share, side_by_side, verdict, why_wrong
from evals.stream.cases import Stream, load
from evals.suite import CaseResult, Outcome

__all__ = ["LOWER_IS_BETTER", "score"]

LOWER_IS_BETTER = frozenset({"milliseconds"})

Seen = dict[str, tuple[list[Sight], float]]
"""By system: what it said of each capture, and the milliseconds for a page."""


def _look(stream: Stream) -> Seen:
    found: Seen = {}
    for name, make in SYSTEMS.items():
        started = time.perf_counter()
        system = make()
        sights = [system.see(moment.body) for moment in stream.moments]
        found[name] = (sights, (time.perf_counter() - started) * 1000 / max(1, len(sights)))
    return found


async def score(cases: Path | None) -> Outcome:
    """Watch every stream. Raises SuiteError."""
    streams = load(cases)
    seen = await side_by_side(_look, streams)
    results = [
        result for stream, found in zip(streams, seen, strict=True) for result in _results(stream, found["ours"][0])
    ]
    return Outcome(results=results, metrics=_metrics(streams, seen))


def _results(stream: Stream, sights: Sequence[Sight]) -> Iterable[CaseResult]:
    for moment, sight in zip(stream.moments, sights, strict=True):
        if moment.change is not None:
            yield CaseResult.model_validate(
                {
                    "case": f"{stream.document} {moment.body.at:%Y-%m-%d %H:%M}",
                    "passed": sight.alert == moment.change,
                    "actual": verdict(sight),
                    "change": moment.change,
                    "half": stream.half,
                }
                | ({} if sight.alert == moment.change else why_wrong(sight, change=moment.change))
            )


def _metrics(streams: Sequence[Stream], seen: Sequence[Seen]) -> dict[str, float]:
    def told(system: str, half: str | None = None) -> list[tuple[bool, Sight]]:
        return [
            (moment.change, sight)
            for stream, found in zip(streams, seen, strict=True)
            if half in (None, stream.half)
            for moment, sight in zip(stream.moments, found[system][0], strict=True)
            if moment.change is not None
        ]

    def rates(system: str, suffix: str = "", half: str | None = None, least: float = 0.0) -> dict[str, float]:
        pairs = told(system, half)
        alerts = [change for change, sight in pairs if sight.alert and sight.score >= least]
        caught = [sight.alert and sight.score >= least for change, sight in pairs if change]
        return {f"precision{suffix}": share(alerts), f"recall{suffix}": share(caught)}

    metrics = rates("ours")
    metrics["milliseconds"] = round(sum(found["ours"][1] for found in seen) / max(1, len(seen)), 2)
    for half in ("development", "held_out"):
        metrics |= rates("ours", f".{half}", half)
    for least in CURVE:
        metrics |= rates("ours", f".from_{least}", least=least)
    for system in SYSTEMS:
        if system != "ours":
            metrics |= rates(system, f".{system}")
    return metrics
