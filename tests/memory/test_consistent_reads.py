from __future__ import annotations

import asyncio
import threading
from datetime import datetime

from sqlalchemy import Connection, func, select

from memory.audit import Audit
from memory.database import Database
from memory.entries import entries


async def test_a_read_sees_one_state_whatever_is_written_meanwhile(
    database: Database, audit: Audit, now: datetime
) -> None:
    counted, written = threading.Event(), threading.Event()

    def count_twice(connection: Connection) -> tuple[int, int]:
        query = select(func.count()).select_from(entries)
        first = connection.execute(query).scalar_one()
        counted.set()
        assert written.wait(10)
        return first, connection.execute(query).scalar_one()

    reading = asyncio.create_task(database.read(count_twice))
    await asyncio.to_thread(counted.wait, 10)
    await audit.append("test", {}, "ann", now)
    written.set()
    assert await reading == (0, 0)
    assert await database.read(lambda c: c.execute(select(func.count()).select_from(entries)).scalar_one()) == 1


async def test_a_log_that_grows_while_it_is_verified_is_whole(database: Database, audit: Audit, now: datetime) -> None:
    await audit.append("test", {"n": 0}, "ann", now)
    growing = asyncio.create_task(_grow(audit, now))
    for _ in range(20):
        verified = await audit.verify()
        assert verified.ok, verified.problems
    await growing


async def _grow(audit: Audit, now: datetime) -> None:
    for number in range(200):
        await audit.append("test", {"n": number}, "ann", now, durable=False)
