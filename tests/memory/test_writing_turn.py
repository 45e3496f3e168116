"""Writers of one process take turns: nobody spins, nobody is forgotten, and loops go on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from memory.database import Database
from memory.writing_turn import WritingTurn

INSERT = text("INSERT INTO wakes (name, count) VALUES (:name, 0)")
RAISE = text("UPDATE wakes SET count = count + 1 WHERE name = 'a'")


def elsewhere(work: Callable[[], Coroutine[Any, Any, None]]) -> threading.Thread:
    """Do it in a thread with a loop of its own, as the porch does."""
    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    return thread


async def test_one_statement_is_a_transaction_of_its_own(database: Database) -> None:
    assert await database.apply(INSERT, {"name": "a"}) == 1
    assert await database.apply(RAISE) == 1
    assert await database.apply(text("UPDATE wakes SET count = 9 WHERE name = 'nobody'")) == 0
    assert await database.read(lambda c: c.execute(text("SELECT count FROM wakes")).scalars().all()) == [1]


async def test_one_statement_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "sophia.db") as database:
        await database.write(lambda c: c.execute(INSERT, {"name": "a"}), durable=True)
        await database.apply(RAISE)
        setting = await database.write(lambda c: c.execute(text("PRAGMA synchronous")).scalar(), brief=True)
        assert setting == 1


async def test_writers_of_many_threads_and_loops_lose_nothing(database: Database) -> None:
    await database.apply(INSERT, {"name": "a"})

    async def often() -> None:
        await asyncio.gather(*(database.apply(RAISE) for _ in range(50)))

    threads = [elsewhere(often) for _ in range(2)]
    await often()
    await asyncio.gather(*(database.write(lambda c: c.execute(RAISE)) for _ in range(50)))
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert await database.read(lambda c: c.execute(text("SELECT count FROM wakes")).scalars().all()) == [200]


async def test_who_waits_for_a_long_writer_sleeps_while_the_loop_goes_on(tmp_path: Path) -> None:
    begun, over = threading.Event(), threading.Event()

    def long(connection: Connection) -> None:
        connection.execute(INSERT, {"name": "a"})
        begun.set()
        assert over.wait(60)

    async with await Database.open(tmp_path / "sophia.db") as database:
        writing = asyncio.create_task(database.write(long))
        await asyncio.to_thread(begun.wait)
        waiting = [asyncio.create_task(database.apply(RAISE)) for _ in range(20)]
        await asyncio.sleep(0)
        busy = time.thread_time()
        for _ in range(10):  # the loop goes on
            await asyncio.sleep(0.05)
        busy = time.thread_time() - busy
        assert not any(task.done() for task in waiting)
        over.set()
        assert await asyncio.gather(*waiting) == [1] * 20
        await writing
    assert busy < 0.05, "who waits doesn't try again and again"


async def test_a_waiter_that_gives_up_leaves_the_turn_to_the_next() -> None:
    turn, later = WritingTurn(), time.monotonic() + 60
    order = []

    async def take(name: str) -> None:
        async with turn.in_loop(later):
            order.append(name)

    with turn.in_thread(later):
        doomed = asyncio.create_task(take("doomed"))
        patient = asyncio.create_task(take("patient"))
        await asyncio.sleep(0.1)
        doomed.cancel()
        with pytest.raises(asyncio.CancelledError):
            await doomed
    await asyncio.wait_for(patient, 60)
    assert order == ["patient"]


async def test_who_has_waited_in_vain_tries_all_the_same() -> None:
    turn = WritingTurn()
    with turn.in_thread(time.monotonic() + 60):
        async with turn.in_loop(time.monotonic() + 0.05):
            pass
    async with turn.in_loop(time.monotonic() + 60):
        pass
