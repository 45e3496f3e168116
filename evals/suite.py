"""What a suite is, and what comes of running one."""

from __future__ import annotations

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
    """The metrics that are worse when they are higher.

    A suite of measurements has a `TOLERANCE` too; one whose quick profile is a file of its own cases, that as `QUICK`.
    """

    async def score(self, cases: Path | None) -> Outcome:
        """Run the suite's own cases, or those of a file or folder. Raises SuiteError when they can't be read."""
        ...
