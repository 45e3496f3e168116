"""Rows that run a real stack of the lab: set up once, since deploying takes seconds, and crashed in place.

Kills come before moments as elsewhere, and at random ones: of Sophia alone, or of her with Pulumi and all that she
started, as when the machine dies. Services of the lab are the world, and go on.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import psutil

from evals.crash.cases import Act
from evals.crash.crashing import Crash, Row, reached
from evals.crash.disasters import ASLEEP, KILLED, Disaster
from evals.crash.judging import Place, judge
from evals.crash.nursery import Child
from infra.lab.inventory import Lab

__all__ = ["LabRow"]

_SEED = 20260302


class LabRow(Row):
    """A workflow on a lab that stays where it is."""

    _seconds = 1.0
    """How long the workflow takes, unharmed."""
    _dice = random.Random(_SEED)

    async def prepare(self) -> None:
        """Set the lab up, and carry the workflow out once, unharmed. Raises RuntimeError when that doesn't work."""
        self.base = self._new()
        for count, act in enumerate(self.workflow.before):
            await self._do(self.base, act, f"before{count}")
        number = await self._ready()
        begun = time.monotonic()
        ended = await self.nurseries[0].carry(self._job(self.base, self.workflow.act, number))
        self._seconds = time.monotonic() - begun
        if ended.carried is None:
            raise RuntimeError(f"It doesn't work without a crash: {ended.problem}")
        judged = judge(self.base, self._looks(number), ended.carried.report)
        if judged.verdict != "once":
            raise RuntimeError(f"It doesn't work without a crash: {judged}")
        self.moments = ended.carried.moments

    @property
    def disasters(self) -> Sequence[Disaster]:
        """The world stays where it is: what would be copied can't be tried."""
        return (ASLEEP,) if self.workflow.disasters else ()

    async def close(self) -> None:
        """Stop the lab's services."""
        await asyncio.to_thread(Lab(self.base.home).stop_all)
        await super().close()

    async def crashes(self, at: Sequence[int], disaster: Disaster = KILLED) -> AsyncIterator[Crash]:
        """Kill before each of these moments, then as often at random ones as the row says."""
        if disaster.strike == "asleep":
            for moment in at:
                yield await self._overslept(moment)
            return
        for moment in at:
            yield await self._killed(moment)
        for count in range(self.workflow.random):
            yield await self._killed(None, whole=count % 2 == 1)

    async def _killed(self, at: int | None, *, whole: bool = False) -> Crash:
        number = await self._ready()
        struck = {} if at is None else self._moment(at)
        job = self._job(self.base, self.workflow.act, number, **struck)
        job.log.unlink(missing_ok=True)
        child = await self.nurseries[0].begin(job)
        moment = await self._end(child, whole) if at is None else ""
        await child.ended()
        moment = moment or reached(job)
        ended = await self.nurseries[0].carry(self._job(self.base, self.workflow.act, number, verifies=True))
        judged = self._judged(self.base, [ended], self._looks(number))
        return self.crash("kill" if at is not None else "random", moment, judged, ended)

    async def _overslept(self, at: int) -> Crash:
        number = await self._ready()
        job = self._job(self.base, self.workflow.act, number, strike="asleep", **self._moment(at))
        job.log.unlink(missing_ok=True)
        again = self._job(self.base, self.workflow.act, number, seconds=ASLEEP.later, verifies=True)
        return await self._asleep(self.base, job, again)

    async def _end(self, child: Child, whole: bool) -> str:
        """Kill the child at a random moment of its work."""
        seconds = self._dice.uniform(0.0, self._seconds)
        await asyncio.sleep(seconds)
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(child.pid)
            family = process.children(recursive=True) if whole else []
            for member in (process, *family):
                with suppress(psutil.NoSuchProcess):
                    member.kill()
        return f"random after {seconds:.2f} s{', with all that it started' if whole else ''}"

    async def _ready(self) -> str:
        """Make the world such that the workflow has something to do; the number of this time."""
        number = str(next(self._numbers))
        for count, act in enumerate(self.workflow.each_time):
            await self._do(self.base, act, f"{number}{'abc'[count]}")
        return number

    async def _do(self, place: Place, act: Act, number: str, **more: Any) -> None:
        if act.breaks is not None:
            filled: Any = self._filled(act.breaks, number)
            await asyncio.to_thread(Lab(place.home).edit_version, **filled)
            return
        if act.locks is not None:
            _strand_lock(place, act.locks)
            return
        await super()._do(place, act, number, **more)


def _strand_lock(place: Place, stack: str) -> None:
    """Leave a lock file as Pulumi does when it is killed; nobody has that process id."""
    folder = place.home / "infra" / "lab-state" / ".pulumi" / "locks" / "organization" / "sophia-lab" / stack
    folder.mkdir(parents=True, exist_ok=True)
    lock = {"pid": 2**22 - 1, "username": "tom", "hostname": socket.gethostname(), "timestamp": "2026-01-01T00:00:00Z"}
    (folder / f"{uuid.uuid4()}.json").write_text(json.dumps(lock), encoding="utf-8")
