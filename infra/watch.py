"""Checks a stack for drift: reads the world, and again where one reading can't tell."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from infra.backend import Deployment
from infra.drift import Difference, DriftReport, Knowledge, classify, differences, unseen
from infra.engine.protocol import Job
from infra.meaning import same_but_for_order
from infra.models import Reading
from infra.places import Place
from infra.ports import Clock, Listener
from infra.runs import write_whole

__all__ = ["DriftWatch", "Look", "Reader"]

_PAUSE_SECONDS = 1.1
"""Between the second and the third reading: longer than a clock that counts whole seconds."""
_PATTERN_DAYS = 7
_SET_BACK = "set back"
"""What stands in the log for a repair, instead of what differed."""


class Reader(Protocol):
    """What reads the world: an engine session."""

    async def run(self, job: Job, listen: Listener | None = None) -> dict[str, Any]:
        """Do one job and return its result."""
        ...


def _would_act(readings: Sequence[Reading], found: Sequence[Difference]) -> bool:
    """Whether the engine would change something because of what was read, and not only of what is routine."""
    relevant = {reading.urn for reading in readings if reading.relevant}
    return any(item.urn in relevant and item.verdict != "routine" for item in found)


@dataclass(frozen=True)
class Look:
    """The world as it was read before a plan was made, and whether the plan has to be made from that.

    What is only routine stays out of a plan, and so out of its run, which then needs no second reading: with one, what
    moves by itself (a resource's own clock, an entity tag that another resource is given or that the stack puts out)
    would be another value in the run than in the plan, and the engine would refuse that half-way. What drifted has to
    be in both: without reading it in the run, the engine takes the state for the world and sets nothing back
    (deploy.Plan: "a same step is allowed in place of an update").
    """

    drift: DriftReport | None = None
    refreshes: bool = False

    @property
    def digest(self) -> str:
        """Of what drifted; empty when there was nothing to be read."""
        return self.drift.digest if self.drift else ""


class DriftWatch:
    """Drift checks with what they learn."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root / "drift"
        self._clock = clock

    async def check(self, place: Place, child: Reader) -> DriftReport:
        """Read the world and say what differs."""
        known = Knowledge(self._root / f"{place.name}.json")
        now = self._clock.now()
        readings = await self._read(child)
        found = self._judge(readings, known)
        reads = 1
        for pause in (0.0, _PAUSE_SECONDS):
            if not any(item.verdict == "undecided" for item in found):
                break
            await asyncio.sleep(pause)
            again = await self._read(child)
            reads += 1
            self._compare(readings, again, known, last=pause > 0)
            readings = again
            found = self._judge(readings, known)
        for reading, path, _, _ in differences(readings):
            if not reading.relevant:
                known.note_idle(reading.urn, path)
        for item in found:
            if item.path:
                known.note(item.urn, item.path, item.found, now)
        known.note_rest({(item.urn, item.path) for item in found}, now)
        known.save()
        report = self._report(place, found, now, reads)
        report = report.model_copy(update={"acts": _would_act(readings, found)})
        self._remember(place.name, report)
        return report

    async def look(self, place: Place, child: Reader, deployment: Deployment | None) -> Look:
        """Read the world before a plan is made."""
        if deployment is None or not (deployment.real or deployment.pending):
            return Look()
        drift = await self.check(place, child)
        return Look(drift, refreshes=drift.acts or bool(deployment.pending))

    @staticmethod
    async def _read(child: Reader) -> list[Reading]:
        result: Mapping[str, Any] = await child.run(Job("preview_refresh"))
        return [Reading.model_validate(item) for item in result.get("readings", [])]

    @staticmethod
    def _judge(readings: Sequence[Reading], known: Knowledge) -> list[Difference]:
        seen = [classify(reading, path, old, new, known) for reading, path, old, new in differences(readings)]
        return seen + [item for reading in readings for item in unseen(reading, known)]

    @staticmethod
    def _compare(before: Sequence[Reading], after: Sequence[Reading], known: Knowledge, *, last: bool) -> None:
        earlier = {(reading.urn, path): new for reading, path, _, new in differences(before)}
        for reading, path, _, new in differences(after):
            key = (reading.urn, path)
            if not path or key not in earlier:
                continue
            if not same_but_for_order(earlier[key], new):
                known.note_restless(*key)
            elif last:
                known.note_steady(*key)

    def _report(self, place: Place, found: Sequence[Difference], now: datetime, reads: int) -> DriftReport:
        deployment = place.state.deployment() if place.state else None
        drift = tuple(item for item in found if item.verdict in ("drift", "undecided"))
        return DriftReport(
            stack=place.name,
            at=now,
            drift=drift,
            routine=tuple(item for item in found if item.verdict == "routine"),
            undeclared=tuple(item for item in found if item.verdict == "undeclared"),
            resources=len(deployment.real) if deployment else 0,
            reads=reads,
            repeated=self._repeated(place.name, drift, now),
        )

    def _log(self, stack: str) -> Path:
        return self._root / f"{stack}.log"

    def _entries(self, stack: str) -> list[tuple[datetime, set[str]]]:
        try:
            lines = self._log(stack).read_text().splitlines()
        except FileNotFoundError:
            return []
        found = []
        for line in lines[-500:]:
            at, _, keys = line.partition(" ")
            try:
                found.append((datetime.fromisoformat(at), set(keys.split("\t")) - {""}))
            except ValueError:
                continue
        return found

    def _repeated(self, stack: str, drift: Sequence[Difference], now: datetime) -> int:
        """How often one of these properties drifted anew within a week: a repair or a clean check lay in between."""
        keys = {f"{item.urn}#{item.path}" for item in drift}
        begun, within = 0, False
        for at, seen in self._entries(stack):
            if at < now - timedelta(days=_PATTERN_DAYS):
                continue
            hit = bool(keys & seen)
            begun += hit and not within
            within = hit
        return begun - within if keys else 0

    def _remember(self, stack: str, report: DriftReport) -> None:
        self._add(stack, report.at, {f"{item.urn}#{item.path}" for item in report.drift})

    def _add(self, stack: str, at: datetime, keys: set[str]) -> None:
        entries = [*self._entries(stack)[-499:], (at, keys)]
        lines = [f"{when.isoformat()} " + "\t".join(sorted(seen)) for when, seen in entries]
        write_whole(self._log(stack), "\n".join(lines) + "\n")

    def set_back(self, stack: str) -> None:
        """What had drifted was repaired just now: when it differs again, it drifted again, however soon."""
        self._add(stack, self._clock.now(), {_SET_BACK})

    def last(self, stack: str) -> tuple[datetime, bool] | None:
        """When it was last checked, and whether it had drifted."""
        checks = [(at, bool(seen)) for at, seen in self._entries(stack) if _SET_BACK not in seen]
        return checks[-1] if checks else None
