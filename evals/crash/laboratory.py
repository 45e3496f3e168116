"""Rows that run a real stack of the lab: set up once, since deploying takes seconds, and crashed in place.

Kills come before moments as elsewhere, and at random ones: of Sophia alone, of her with all that she started, as when
the machine dies, of Pulumi's command line, or of a provider. Services of the lab are the world, and go on.
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
from typing import Any, Final, Literal, get_args

import psutil

from evals.crash.cases import Act
from evals.crash.crashing import Crash, Row
from evals.crash.disasters import KILLED, Disaster
from evals.crash.judging import Place, judge, seen
from evals.crash.nursery import Child
from evals.traces import lived
from infra.lab.inventory import Lab

__all__ = ["LabRow"]

_SEED = 20260302
Victim = Literal["Sophia", "Sophia, with all that she started", "the command line", "a provider"]
_VICTIMS: Final = get_args(Victim)
_PROVIDER: Final = "pulumi.dynamic"
"""In the command of a process that is a provider, as those of the lab are dynamic ones."""
_LOOK_SECONDS = 0.02


class LabRow(Row):
    """A workflow on a lab that stays where it is."""

    _begun = 0.0
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
        ended = await self.nursery.carry(self._job(self.base, self.workflow.act, number))
        self._seconds = time.monotonic() - begun
        if ended.carried is None:
            raise RuntimeError(f"It doesn't work without a crash: {ended.problem}")
        judged = judge(self.base, self._looks(number), ended.carried.report)
        if judged.verdict != "once":
            raise RuntimeError(f"It doesn't work without a crash: {judged}")
        self.moments, self.lived = ended.carried.moments, lived(self.base)

    @property
    def disasters(self) -> Sequence[Disaster]:
        """The world stays where it is: its disk can't be cut back."""
        found = super().disasters
        return [each for each in found if each.strike != "power"]

    async def close(self) -> None:
        """Stop the lab's services."""
        await asyncio.to_thread(Lab(self.base.home).stop_all)
        await super().close()

    async def crashes(self, at: Sequence[int], disaster: Disaster = KILLED) -> AsyncIterator[Crash]:
        """Crash at each of these moments; kills come also at random ones, as often as the row says."""
        for moment in at:
            number = await self._ready()
            (self.base.folder / "moment").unlink(missing_ok=True)
            yield await self._crash(self.base, moment, disaster, number)
        for count in range(self.workflow.random if disaster is KILLED else 0):
            yield await self._killed(_VICTIMS[count % len(_VICTIMS)])

    async def _killed(self, victim: Victim) -> Crash:
        """Kill somebody at a random moment of the work. Where Sophia lives on, it may fail, where that is said."""
        number = await self._ready()
        before = seen(self.base, self._looks(number))
        job = self._job(self.base, self.workflow.act, number)
        child = await self.nursery.begin(job)
        moment = await self._end(child, victim)
        struck = await child.ended()
        again = await self.nursery.carry(self._job(self.base, self.workflow.act, number, verifies=True))
        how = {"before": before, "refuses": struck.signal == 0, "thread": self._thread(number)}
        judged = self._judged(self.base, [again], self._looks(number), **how)
        return self.crash("random", moment, judged, again)

    async def _end(self, child: Child, victim: Victim) -> str:
        """Kill the victim at a random moment, or as soon after it as there is one."""
        seconds = self._dice.uniform(0.0, self._seconds)
        await asyncio.sleep(seconds)
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(child.pid)
            while not (victims := _found(process, victim)):  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(_LOOK_SECONDS)
            for member in victims:
                with suppress(psutil.NoSuchProcess):
                    member.kill()
        return f"random after {seconds:.2f} s: {victim}"

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


def _found(process: psutil.Process, victim: Victim) -> list[psutil.Process]:
    """The processes to kill. Raises NoSuchProcess when Sophia has ended, or is a corpse that nobody has buried yet."""
    if process.status() == psutil.STATUS_ZOMBIE:
        raise psutil.NoSuchProcess(process.pid)
    if victim == "Sophia":
        return [process]
    family = process.children(recursive=True)
    if victim == "Sophia, with all that she started":
        return [process, *family]
    found = []
    for member in family:
        with suppress(psutil.NoSuchProcess):
            words = " ".join(member.cmdline())
            if _PROVIDER in words if victim == "a provider" else member.name() == "pulumi":
                found.append(member)
    return found[:1]


def _strand_lock(place: Place, stack: str) -> None:
    """Leave a lock file as Pulumi does when it is killed; nobody has that process id."""
    folder = place.home / "infra" / "lab-state" / ".pulumi" / "locks" / "organization" / "sophia-lab" / stack
    folder.mkdir(parents=True, exist_ok=True)
    lock = {"pid": 2**22 - 1, "username": "tom", "hostname": socket.gethostname(), "timestamp": "2026-01-01T00:00:00Z"}
    (folder / f"{uuid.uuid4()}.json").write_text(json.dumps(lock), encoding="utf-8")
