"""Looking after work: that this process lives is told to the others, and what nobody works on any more is taken up."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from agent.serving.durable import EXECUTOR, WORK_VERSION, DurableWork
from agent.sophia import Sophia
from memory.approvals import ApprovalStatus
from memory.arrivals import Arrivals
from memory.conversations import Status, Turn
from memory.errors import StoreError
from memory.leases import Lease, Leases

__all__ = ["Caretaker", "version_of"]

_log = logging.getLogger(__name__)
ALIVE = timedelta(seconds=12)
"""How long a process counts as living after its last heartbeat. One of this machine that died is seen at once."""
LOOK_SECONDS = 4.0
"""Between two heartbeats: with ALIVE and the queue's polling, a take-over takes under 20 s."""
FORGOTTEN = timedelta(days=1)
"""Leases and workflows that ended so long ago are of no use to anybody."""
LOOKS_AT_THE_PAST = 900
"""Every so many looks, which is an hour, they are dropped."""
LOOKS_AT_COMPANY = 15
"""Every so many looks, who else works on the database is looked at too."""
UNATTENDED = timedelta(seconds=8)
"""A turn that nobody has driven for so long, though it could be, is taken up."""


class Caretaker:
    """Beats, and looks around."""

    def __init__(self, sophia: Sophia, work: DurableWork, arrived: Callable[[str], Awaitable[None]] | None) -> None:
        """`arrived` works on an arrival, where this process can."""
        self._sophia = sophia
        self._work = work
        self._arrived = arrived
        self._leases: Leases = sophia.ports.get(Leases)
        self._arrivals: Arrivals = sophia.ports.get(Arrivals)
        self._lease: Lease | None = None
        self._known: set[str] = set()
        self._looks = 0

    async def serve(self, stop: asyncio.Event) -> None:
        """Look after work until `stop` is set; then others may take over at once what is left."""
        try:
            while not stop.is_set():
                try:
                    await self.look()
                except StoreError as error:
                    _log.warning("looking after work rests until the database answers: %s", error)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
        finally:
            if self._lease is not None:
                with contextlib.suppress(StoreError):
                    await self._leases.release(self._lease)

    async def look(self) -> None:
        """One heartbeat, and one look around."""
        await self._beat()
        if self._looks % LOOKS_AT_COMPANY == 0:
            await self._company()
        if self._looks % LOOKS_AT_THE_PAST == 0:
            await self._forget()
        self._looks += 1
        for executor in await self._work.executors():
            if await self._leases.holder(_life(executor), self._sophia.clock.now()) is None:
                taken = await self._work.take_over(executor)
                _log.warning("%s died; %d pieces of its work are taken over", executor, taken)
        await self._unattended()

    async def _forget(self) -> None:
        """Drop what every turn, message and process leaves and nobody asks for any more."""
        now = self._sophia.clock.now()
        await self._leases.forget(now - FORGOTTEN)
        await self._work.forget(now - FORGOTTEN)

    async def _beat(self) -> None:
        now = self._sophia.clock.now()
        if self._lease is None or not await self._leases.renew(self._lease, ALIVE, now):
            self._lease = await self._leases.acquire(_life(self._work.executor), self._work.executor, ALIVE, now)

    async def _company(self) -> None:
        """Say it, once, when processes of another version work on the same database."""
        living = await self._leases.living(EXECUTOR, self._sophia.clock.now())
        others = {version_of(lease) for lease in living} - {WORK_VERSION}
        if others - self._known:
            _log.warning(
                "this process works as %s, others on the same database as %s: each ends what it began and takes up "
                "none of the other's; what is left when those stop is taken up here",
                WORK_VERSION,
                ", ".join(sorted(others)),
            )
        self._known = others

    async def _waits(self, turn: Turn, now: datetime) -> bool:
        """Whether somebody can still decide, or was about to go on with it just now."""
        if now - turn.updated_at < UNATTENDED:
            return True
        await self._sophia.approvals.expire(now)
        asked = await self._sophia.approvals.of_turn(turn.id)
        undecided = any(found.status is ApprovalStatus.WAITING for found in asked)
        return undecided or await self._leases.holder(f"turn:{turn.id}", now) is not None

    async def _unattended(self) -> None:
        now = self._sophia.clock.now()
        for turn in await self._arrivals.unfinished(Status.WAITING):
            if not await self._waits(turn, now):
                await self._work.enqueue(turn.id, f"decided-{turn.updated_at:%Y%m%dT%H%M%S.%f}")
        for turn in await self._arrivals.unfinished(Status.QUEUED, Status.RUNNING):
            if now - turn.updated_at < UNATTENDED or await self._leases.holder(f"turn:{turn.id}", now) is not None:
                continue
            _log.warning("nobody drives %s; it is taken up", turn.id)
            await self._work.enqueue(turn.id, f"unattended-{turn.updated_at:%Y%m%dT%H%M%S.%f}")
        for arrival in await self._arrivals.pending() if self._arrived is not None else ():
            if now - arrival.received_at >= UNATTENDED and self._arrived is not None:
                await self._arrived(arrival.key)


def _life(executor: str) -> str:
    return f"{EXECUTOR}{WORK_VERSION}:{executor}"


def version_of(lease: Lease) -> str:
    """The version of the process that holds such a lease."""
    return lease.name.removeprefix(EXECUTOR).partition(":")[0]
