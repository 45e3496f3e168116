"""What a suite is, and what comes of running one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, JsonValue

__all__ = ["CaseResult", "Outcome", "Suite", "SuiteError"]


class SuiteError(Exception):
    """A suite that doesn't exist, or cases that can't be read. Says which and why."""


class CaseResult(BaseModel):
    """One case: its name, whether it passed, what was found, and what a suite adds."""

    model_config = ConfigDict(extra="allow")

    case: str
    passed: bool
    actual: JsonValue = None
    error: str | None = None
    """What broke, for a case that couldn't be scored at all."""


class Outcome(BaseModel):
    """What a suite's scorer found."""

    results: list[CaseResult]
    metrics: dict[str, float]
    told: str = ""
    """What else people are to see of it, such as a table."""


class Suite(Protocol):
    """A folder under `evals/` with a module `scorer`, which has these."""

    LOWER_IS_BETTER: frozenset[str]
    """The metrics that are worse when they are higher. A suite of measurements has a `TOLERANCE` too."""

    async def score(self, cases: Path | None) -> Outcome:
        """Run the suite's own cases, or those of a file or folder. Raises SuiteError when they can't be read."""
        ...


def worse(
    metrics: Mapping[str, float],
    baseline: Mapping[str, float],
    lower_is_better: frozenset[str],
    tolerance: float = 0.0,
) -> list[str]:
    """Each metric of the baseline that is worse now, by more than this share of it, or gone, in words."""
    found: list[str] = []
    for name, before in baseline.items():
        now, room = metrics.get(name), abs(before) * tolerance + 1e-9
        if now is None:
            found.append(f"{name} was {before:g} and isn't measured any more")
        elif (now > before + room) if _lower(name, lower_is_better) else (now < before - room):
            found.append(f"{name} is {now:g}, and was {before:g}")
    return found


def _lower(name: str, lower_is_better: frozenset[str]) -> bool:
    """`wrong_effects.held_out` is judged as `wrong_effects`."""
    return name in lower_is_better or name.partition(".")[0] in lower_is_better
