from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import textwrap
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import memory
from memory.database import Database
from memory.leases import Lease, Leases, Wakes
from memory.processes import ProcessIdentity, this_process

ROOT = Path(memory.__file__).parent.parent
TTL = timedelta(minutes=1)
HOLD = textwrap.dedent("""
    import asyncio, datetime, sys, time
    from memory.database import Database
    from memory.leases import Leases
    async def main():
        database = await Database.open(sys.argv[1])
        now = datetime.datetime.fromisoformat(sys.argv[2])
        lease = await Leases(database).acquire("drive", "other", datetime.timedelta(hours=1), now)
        print(lease is not None, flush=True)
        time.sleep(60)
    asyncio.run(main())
""")


@pytest.fixture
def leases(database: Database) -> Leases:
    return Leases(database)


async def test_one_holder_at_a_time(leases: Leases, now: datetime) -> None:
    mine = await leases.acquire("drive", "me", TTL, now)
    assert mine is not None
    assert await leases.acquire("drive", "you", TTL, now) is None
    assert await leases.holder("drive", now) == mine
    await leases.release(mine)
    assert await leases.holder("drive", now) is None
    yours = await leases.acquire("drive", "you", TTL, now)
    assert yours is not None
    assert yours.fence == mine.fence + 1
    await leases.release(mine)  # too late: nothing happens
    assert await leases.holder("drive", now) == yours


async def test_many_try_at_once(leases: Leases, now: datetime) -> None:
    tried = await asyncio.gather(*(leases.acquire("drive", f"worker {n}", TTL, now) for n in range(8)))
    assert sum(isinstance(lease, Lease) for lease in tried) == 1


async def test_time_runs_out_unless_it_is_renewed(leases: Leases, now: datetime) -> None:
    mine = await leases.acquire("drive", "me", TTL, now)
    assert mine is not None
    assert await leases.renew(mine, 2 * TTL, now + timedelta(seconds=50))
    assert await leases.acquire("drive", "you", TTL, now + TTL) is None
    assert await leases.acquire("drive", "you", TTL, now + 3 * TTL) is not None
    assert not await leases.renew(mine, TTL, now + 3 * TTL)
    assert await leases.forget(now + timedelta(days=1)) == 1


async def test_the_same_holder_gets_it_anew(leases: Leases, now: datetime) -> None:
    first = await leases.acquire("drive", "me", TTL, now)
    again = await leases.acquire("drive", "me", TTL, now)
    assert first is not None
    assert again is not None
    assert again.fence == first.fence + 1
    assert not await leases.renew(first, TTL, now)


async def test_a_killed_holder_is_replaced_at_once(migrated: str, leases: Leases, now: datetime) -> None:
    child = _child(migrated, now)
    assert await leases.acquire("drive", "me", TTL, now) is None
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert await leases.acquire("drive", "me", TTL, now) is not None


async def test_remains_of_a_process_count_as_dead(migrated: str, leases: Leases, now: datetime) -> None:
    child = _child(migrated, now)
    child.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5  # not waited for: it stays as a zombie
    while await leases.acquire("drive", "me", TTL, now) is None:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    child.wait()


def _child(location: str, now: datetime) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, location, now.isoformat()]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == "True\n"
    return child


def test_only_certainly_dead_processes_are_dead() -> None:
    me = this_process()
    assert not me.is_dead()
    assert ProcessIdentity(machine=me.machine, pid=me.pid, started="1").is_dead()
    assert ProcessIdentity(machine=me.machine, pid=2**22 + 1, started="1").is_dead()
    assert not ProcessIdentity(machine="elsewhere", pid=2**22 + 1, started="1").is_dead()


async def test_waking_in_the_same_process(database: Database) -> None:
    wakes = Wakes(database)
    waiting = asyncio.create_task(wakes.wait("turn", 0, 10))
    await asyncio.sleep(0.3)
    begun = time.perf_counter()
    assert await wakes.signal("turn") == 1
    assert await waiting == 1
    assert time.perf_counter() - begun < 5  # half of what it would have waited for
    assert await wakes.wait("turn", 0, 10) == 1
    assert await wakes.seen("turn") == 1
    assert await wakes.seen("nothing") == 0


async def test_waking_another_process(migrated: str, database: Database) -> None:
    async with await Database.open(migrated) as theirs:
        waiting = asyncio.create_task(Wakes(database).wait("turn", 0, 10))
        await asyncio.sleep(0.1)
        begun = time.perf_counter()
        await Wakes(theirs).signal("turn")
        assert await waiting == 1
        assert time.perf_counter() - begun < 5  # half of what it would have waited for


async def test_waiting_has_an_end(database: Database) -> None:
    begun = time.perf_counter()
    assert await Wakes(database).wait("turn", 0, 0.1) == 0
    assert time.perf_counter() - begun > 0.09


async def test_signals_at_once_all_count(database: Database) -> None:
    wakes = Wakes(database)
    await asyncio.gather(*(wakes.signal("turn") for _ in range(10)))
    assert await wakes.seen("turn") == 10
