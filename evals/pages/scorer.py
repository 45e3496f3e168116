"""Recall on changes of text and noise flagged, for us and for the three systems that we are compared with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from evals.captures import CURVE, SYSTEMS, Sight, share, side_by_side, verdict, why_wrong
from evals.pages.cases import Pair, load
from evals.suite import CaseResult, Outcome

__all__ = ["LOWER_IS_BETTER", "score"]

LOWER_IS_BETTER = frozenset({"noise", "flagged", "milliseconds"})
_COSMETIC = ("link_url_only", "punct_markup_only", "date_digits_only", "whitespace")

Seen = dict[str, tuple[Sight, float]]
"""By system: what it said, and the milliseconds for a page."""


def _look(pair: Pair) -> Seen:
    found: Seen = {}
    for name, make in SYSTEMS.items():
        started = time.perf_counter()
        system = make()
        system.see(pair.before)
        sight = system.see(pair.after)
        found[name] = (sight, (time.perf_counter() - started) * 500)
    return found


async def score(cases: Path | None) -> Outcome:
    """Compare every pair. Raises SuiteError."""
    pairs = load(cases)
    seen = await side_by_side(_look, pairs)
    results = [_result(pair, found["ours"][0]) for pair, found in zip(pairs, seen, strict=True)]
    return Outcome(results=results, metrics=_metrics(pairs, seen))


def _result(pair: Pair, sight: Sight) -> CaseResult:
    right = {"text": sight.alert, "noise": not sight.alert}.get(pair.kind, True)
    return CaseResult.model_validate(
        {
            "case": pair.name,
            "passed": right,
            "actual": verdict(sight),
            "kind": pair.kind,
            "half": pair.half,
        }
        | ({} if right else why_wrong(sight, change=pair.kind == "text"))
    )


def _metrics(pairs: Sequence[Pair], seen: Sequence[Seen]) -> dict[str, float]:
    def of(system: str, kind: str, least: float = 0.0, half: str | None = None) -> float:
        return share(
            found[system][0].alert and found[system][0].score >= least
            for pair, found in zip(pairs, seen, strict=True)
            if pair.kind == kind and half in (None, pair.half)
        )

    def milliseconds(system: str) -> float:
        return round(sum(found[system][1] for found in seen) / max(1, len(seen)), 2)

    metrics = {"recall": of("ours", "text"), "noise": of("ours", "noise"), "milliseconds": milliseconds("ours")}
    for half in ("development", "held_out"):
        metrics |= {f"recall.{half}": of("ours", "text", half=half), f"noise.{half}": of("ours", "noise", half=half)}
    for least in CURVE:
        metrics |= {
            f"recall.from_{least}": of("ours", "text", least),
            f"noise.from_{least}": of("ours", "noise", least),
        }
    for kind in _COSMETIC:
        if any(pair.kind == kind for pair in pairs):
            metrics[f"flagged.{kind}"] = of("ours", kind)
    for system in SYSTEMS:
        if system != "ours":
            metrics |= {
                f"recall.{system}": of(system, "text"),
                f"noise.{system}": of(system, "noise"),
                f"milliseconds.{system}": milliseconds(system),
            }
    return metrics
