"""Whether the cause that is said first is right and its cited line is where it is said to be; and what is made up."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

from evals.diagnosis.cases import Case, load
from evals.diagnosis.provoking import provoke
from evals.suite import CaseResult, Outcome
from infra.diagnosis import Cause, Diagnosis, Evidence
from infra.errors import InfraError
from infra.runs import RunLog

__all__ = ["LOWER_IS_BETTER", "score"]

LOWER_IS_BETTER = frozenset({"unsupported", "invented"})


async def score(cases: Path | None) -> Outcome:
    """Provoke every failure, as many side by side as there are cores. Raises SuiteError."""
    every = load(cases)
    at_once = asyncio.Semaphore(os.cpu_count() or 1)

    async def one(case: Case) -> CaseResult:
        async with at_once:
            return await _judged(case)

    results = await asyncio.gather(*(one(case) for case in every))
    return Outcome(results=results, metrics=_metrics(every, results))


async def _judged(case: Case) -> CaseResult:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        try:
            found = await provoke(case, home)
        except InfraError as error:
            actual = {"case": case.case, "passed": False, "actual": str(error), "unsupported": []}
            return CaseResult.model_validate({**actual, "held_out": case.expect is None})
        unsupported = [cause.kind for cause in found.causes if not _supported(cause, home)]
    return CaseResult.model_validate(
        {
            "case": case.case,
            "passed": not unsupported and _right(case, found),
            "actual": {
                "failed": found.failed,
                "causes": [cause.model_dump(mode="json", exclude={"weight"}) for cause in found.causes],
                "collect": list(found.collect),
            },
            "held_out": case.expect is None,
            "unsupported": unsupported,
        }
    )


def _right(case: Case, found: Diagnosis) -> bool:
    if case.expect is None:
        return not found.causes and bool(found.collect)
    first = found.causes[0] if found.causes else None
    return (
        first is not None
        and first.kind == case.expect
        and case.says in first.sentence
        and any(case.because in item.text for item in first.evidence)
    )


def _supported(cause: Cause, home: Path) -> bool:
    """Every line that is cited is there, word for word, and there is at least one."""
    return bool(cause.evidence) and all(_there(item, home / "infra") for item in cause.evidence)


def _there(item: Evidence, root: Path) -> bool:
    if not item.line:
        return item.source in ("lock", "state", "health check", "project") and bool(item.text)
    path = root / item.source
    if path.suffix == ".jsonl":
        lines = {number: event.message for number, event in RunLog(path).events()}
        return item.text in lines.get(item.line, "")
    return re.sub(r"\s+", " ", item.text) in re.sub(r"\s+", " ", path.read_text().encode().decode("unicode_escape"))


def _metrics(cases: list[Case], results: list[CaseResult]) -> dict[str, float]:
    def share(*, held_out: bool) -> float:
        passed = [found.passed for case, found in zip(cases, results, strict=True) if (case.expect is None) == held_out]
        return round(sum(passed) / len(passed), 4) if passed else 1.0

    extra = [found.model_extra or {} for found in results]
    invented = [
        case.case
        for case, found in zip(cases, results, strict=True)
        if case.expect is None and isinstance(found.actual, dict) and found.actual["causes"]
    ]
    return {
        "right": share(held_out=False),
        "right.held_out": share(held_out=True),
        "unsupported": sum(len(item["unsupported"]) for item in extra),
        "invented": len(invented),
    }
