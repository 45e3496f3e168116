"""Plays every conversation; a case passes when each step, effects and number of questions are as they should be.

Metrics: `right`, the share of journeys that pass, and `questions`, how often people were asked in a journey on average.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from evals.crash.nursery import Nursery
from evals.crash.site import Site
from evals.journeys.cases import load
from evals.journeys.playing import play
from evals.suite import CaseResult, Outcome

__all__ = ["LOWER_IS_BETTER", "score"]

LOWER_IS_BETTER = frozenset({"questions"})


async def score(cases: Path | None = None) -> Outcome:
    """Play all conversations of this folder, or those at `cases`. Raises SuiteError."""
    results: list[CaseResult] = []
    asked = 0
    with tempfile.TemporaryDirectory(prefix="sophia-journeys-") as folder:
        async with Nursery() as nursery:
            with Site() as site:
                for number, journey in enumerate(load(cases)):
                    played = await play(journey, Path(folder) / str(number), nursery, site)
                    asked += played.questions
                    results.append(
                        CaseResult.model_validate(
                            {
                                "case": journey.journey,
                                "passed": not played.wrong,
                                "actual": played.said,
                                "reason": "; ".join(played.wrong),
                                "why": journey.why,
                                "timings": played.timings,
                            }
                            | played.trace
                        )
                    )
    right = sum(result.passed for result in results) / max(1, len(results))
    return Outcome(
        results=results, metrics={"right": round(right, 4), "questions": round(asked / max(1, len(results)), 2)}
    )
