"""What a run did, and how long each of its parts took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, ConfigDict

from infra.health import HealthReport
from infra.models import Step

__all__ = ["ChangeReport", "Stopwatch"]


class ChangeReport(BaseModel):
    """What a run did."""

    model_config = ConfigDict(frozen=True)

    stack: str
    succeeded: bool
    problem: str = ""
    steps: tuple[Step, ...] = ()
    counts: dict[str, int] = {}
    besides: tuple[str, ...] = ()
    """What was done to outputs and protections."""
    checkpoint: str = ""
    outputs: dict[str, Any] = {}
    health: HealthReport = HealthReport()
    seconds: float = 0.0
    resources: int = 0
    continued: bool = False
    """It went on from where an earlier attempt was cut off."""
    untouched: bool = False
    """It failed before anything was begun: the state is as it was."""
    log: tuple[str, ...] = ()
    timings: dict[str, float] = {}
    """Safety step → seconds."""


class Stopwatch:
    """How long each part took."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time the block."""
        begun = time.monotonic()
        try:
            yield
        finally:
            spent = time.monotonic() - begun
            self.parts[name] = round(self.parts.get(name, 0.0) + spent, 3)
