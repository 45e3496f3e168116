"""Leases: who alone works on something, for how long; and wake-ups: how one process tells another that there is news.

A holder that is a process of this machine and has died loses its leases at once, others when their time is over. Each
acquisition has a higher fence, so that a holder who slept through its time can be told from the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Row,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from memory.database import Database
from memory.errors import StoreError
from memory.processes import ProcessIdentity, this_process
from memory.schema import Instant, metadata

__all__ = ["Lease", "Leases", "Wakes", "acquire_in", "is_held"]

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("acquired_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)
wakes = Table("wakes", metadata, Column("name", Text, primary_key=True), Column("count", BigInteger, nullable=False))
_GET = select(leases).where(leases.c.name == bindparam("this"))
_GET_LOCKED = _GET.with_for_update()
_TAKE = insert(leases)
_SET = update(leases).where(leases.c.name == bindparam("this"))
_MINE = _SET.where(leases.c.holder == bindparam("by"), leases.c.fence == bindparam("as_of"))
_COUNT = select(wakes.c.count).where(wakes.c.name == bindparam("this"))
_WAKE = update(wakes).where(wakes.c.name == bindparam("this")).values(count=wakes.c.count + 1)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.25


class Lease(BaseModel):
    """That somebody alone works on something, until a time."""

    model_config = ConfigDict(frozen=True)

    name: str
    holder: str
    process: ProcessIdentity
    fence: int
    acquired_at: datetime
    expires_at: datetime


class Leases:
    """The store of leases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def acquire(self, name: str, holder: str, ttl: timedelta, now: datetime) -> Lease | None:
        """Take the lease; None when somebody else has it. The same holder in the same process gets it anew.

        `holder` says who works (`drive`, a worker's id); the process is added to it.
        """
        try:
            return await self._database.write(lambda c: acquire_in(c, name, holder, ttl, now))
        except IntegrityError:  # PostgreSQL: somebody else made the row first
            return None

    async def renew(self, lease: Lease, ttl: timedelta, now: datetime) -> bool:
        """Hold it for longer. False when it was lost: stop working."""
        mine = {"this": lease.name, "by": lease.holder, "as_of": lease.fence}
        longer = {**mine, "expires_at": now + ttl}
        return await self._database.apply(_MINE, longer) > 0

    async def release(self, lease: Lease) -> None:
        """Give it back; nothing happens when it was lost."""
        mine = {"this": lease.name, "by": lease.holder, "as_of": lease.fence}
        over = {"process": lease.process.model_dump_json(), "expires_at": lease.acquired_at, "holder": ""}
        await self._database.apply(_MINE, {**mine, **over})

    async def holder(self, name: str, now: datetime) -> Lease | None:
        """Who has it now, or None when it is free to take."""
        return await self._database.read(lambda c: _holder(c, name, now))

    @asynccontextmanager
    async def held(self, name: str, holder: str, ttl: timedelta, now: Callable[[], datetime]) -> AsyncIterator[bool]:
        """Hold the lease while the block runs, renewed in time; False when somebody else has it."""
        lease = await self.acquire(name, holder, ttl, now())
        if lease is None:
            yield False
            return
        renewal = asyncio.create_task(self._renewed(lease, ttl, now))
        try:
            yield True
        finally:
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal
            with suppress(StoreError):
                await self.release(lease)

    async def _renewed(self, lease: Lease, ttl: timedelta, now: Callable[[], datetime]) -> None:
        while True:
            await asyncio.sleep(ttl.total_seconds() / 3)
            with suppress(StoreError):
                await self.renew(lease, ttl, now())

    async def living(self, beginning: str, now: datetime) -> list[Lease]:
        """The leases that are held now, as far as their names begin so."""
        query = select(leases).where(leases.c.name.startswith(beginning, autoescape=True), leases.c.expires_at > now)
        found = [_lease(row) for row in await self._database.read(lambda c: c.execute(query).all())]
        return [lease for lease in found if not _free(lease, "", None, now)]

    async def forget(self, before: datetime) -> int:
        """Drop the rows of leases that ended before this time; how many. A fence starts anew then.

        So no holder may have slept since: `before` lies longer ago than any lease lasts.
        """
        statement = delete(leases).where(leases.c.expires_at < before)
        return await self._database.write(lambda c: c.execute(statement).rowcount)


def acquire_in(connection: Connection, name: str, holder: str, ttl: timedelta, now: datetime) -> Lease | None:
    """Take a lease within a transaction that is open, as `Leases.acquire` does in one of its own.

    Raises IntegrityError on PostgreSQL when somebody else takes it for the first time at this moment.
    """
    process = this_process()
    found = connection.execute(_GET_LOCKED, {"this": name}).first()
    if found is not None and not _free(_lease(found), holder, process, now):
        return None
    lease = Lease(
        name=name,
        holder=holder,
        process=process,
        fence=found.fence + 1 if found else 1,
        acquired_at=now,
        expires_at=now + ttl,
    )
    row = {**dict(lease), "process": process.model_dump_json()}
    if found is None:
        connection.execute(_TAKE, row)
    else:
        connection.execute(_SET, {"this": row.pop("name"), **row})
    return lease


def is_held(connection: Connection, name: str, now: datetime) -> bool:
    """Whether somebody has the lease now."""
    return _holder(connection, name, now) is not None


def _holder(connection: Connection, name: str, now: datetime) -> Lease | None:
    row = connection.execute(_GET, {"this": name}).first()
    lease = _lease(row) if row else None
    return None if lease is None or _free(lease, "", None, now) else lease


def _lease(row: Row[Any]) -> Lease:
    return Lease.model_validate({**row._asdict(), "process": ProcessIdentity.model_validate_json(row.process)})


def _free(lease: Lease, holder: str, process: ProcessIdentity | None, now: datetime) -> bool:
    same = lease.holder == holder and lease.process == process
    return same or not lease.holder or lease.expires_at <= now or lease.process.is_dead()


class Wakes:
    """Counters that processes raise for each other. A waiter in the same process wakes at once, others in 0.25 s."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._here: dict[str, asyncio.Event] = {}

    async def seen(self, name: str) -> int:
        """How often the name was signalled."""
        return await self._database.read(lambda c: c.execute(_COUNT, {"this": name}).scalar() or 0)

    async def signal(self, name: str) -> int:
        """Wake whoever waits for the name; the new count."""

        def work(connection: Connection) -> int:
            if not connection.execute(_WAKE, {"this": name}).rowcount:
                connection.execute(insert(wakes), {"name": name, "count": 1})
            return connection.execute(_COUNT, {"this": name}).scalar() or 0

        try:
            count = await self._database.write(work)
        except IntegrityError:  # PostgreSQL: somebody else made the row first
            count = await self._database.write(work)
        if name in self._here:
            self._here[name].set()
        return count

    async def wait(self, name: str, seen: int, seconds: float) -> int:
        """Wait until the count is higher than `seen`, for so many seconds at most; the count then."""
        loop = asyncio.get_running_loop()
        give_up, pause = loop.time() + seconds, _FIRST_PAUSE
        while True:
            event = self._here.setdefault(name, asyncio.Event())
            count = await self.seen(name)
            left = give_up - loop.time()
            if count > seen or left <= 0:
                return max(count, seen)
            try:
                await asyncio.wait_for(event.wait(), min(pause, left))
                self._here.pop(name, None)
            except TimeoutError:
                pause = min(pause * 1.5, _LONGEST_PAUSE)
