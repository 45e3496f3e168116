"""Measuring beside a baseline: ways of doing a thing take turns, and the median of each counts.

Machines are shared and noisy. What takes turns meets the same noise, so ratios say more than seconds do; and ratios
are of processor time, of which others take less away than of the time on the clock.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from statistics import median

from pydantic import JsonValue

__all__ = ["Figure", "Sample", "Way", "alternate", "load_per_core", "timed", "yardstick"]


@dataclass(frozen=True)
class Sample:
    """Seconds that once took."""

    wall: float
    cpu: float

    def over(self, other: Sample) -> float:
        """How many times the processor time of the other."""
        return self.cpu / other.cpu


Way = Callable[[], Awaitable[Sample]]
"""Does the thing, some times over, and says what once took."""
_DOCUMENT = {"steps": [{"id": f"s{n}", "tool": "stack_preview", "args": {"stack": "development"}} for n in range(12)]}


@dataclass(frozen=True)
class Figure:
    """One number, what it should be at most or at least, and what it stands beside."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    beside: Mapping[str, JsonValue] = field(default_factory=dict)
    anywhere: bool = False
    """Its bound is about waiting, memory or counting, which a slower or busier machine is no excuse for."""

    @property
    def holds(self) -> bool:
        """Whether the bound is kept. Without one there is nothing to hold."""
        low_enough = self.at_most is None or self.value <= self.at_most
        return low_enough and (self.at_least is None or self.value >= self.at_least)

    def as_json(self) -> dict[str, JsonValue]:
        """The number with everything that is known of it."""
        bounds = {"at_most": self.at_most, "at_least": self.at_least}
        told = {name: value for name, value in bounds.items() if value is not None}
        return {"value": round(self.value, 4), "unit": self.unit, **told, **self.beside}


def timed(one: Callable[[], Awaitable[object]], times: int = 1) -> Way:
    """The way that does `one` so many times in a row, in this process."""

    async def way() -> Sample:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(times):
            await one()
        return Sample((time.perf_counter() - wall) / times, (time.process_time() - cpu) / times)

    return way


async def alternate(runs: int, ways: Mapping[str, Way]) -> dict[str, Sample]:
    """The medians of each way over so many runs; each way is tried once before, which doesn't count."""
    found: dict[str, list[Sample]] = {name: [] for name in ways}
    for way in ways.values():
        await way()
    for _ in range(runs):
        for name, way in ways.items():
            found[name].append(await way())
    return {
        name: Sample(median(one.wall for one in samples), median(one.cpu for one in samples))
        for name, samples in found.items()
    }


def load_per_core() -> float:
    """How many processes wanted each core in the last minute: above 1, seconds tell of the others as well."""
    return round(os.getloadavg()[0] / (os.cpu_count() or 1), 1)


async def yardstick() -> None:
    """A fixed piece of plain Python, to hold against what has no other baseline."""
    json.loads(json.dumps(_DOCUMENT))
