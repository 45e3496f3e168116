"""A backup is whole also when others write, and files come and go, while it is made."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime
from pathlib import Path

from memory.audit import Audit
from memory.backup import backup, restore
from memory.database import Database
from tests.memory.furnished import House


async def test_others_may_write_while_a_backup_is_made(house: House, tmp_path: Path, now: datetime) -> None:
    async with await Database.open(house.location) as database:
        audit = Audit(database, house.home / "audit")
        writing = True

        async def write() -> int:
            count = 0
            while writing:
                await audit.append("request", {"n": count}, "ann", now)
                count += 1
            return count

        writer = asyncio.create_task(write())
        await backup(tmp_path / "b.sophia", location=house.location, home=house.home, now=now)
        writing = False
        assert await writer > 0
    other = House(str(tmp_path / "other" / "sophia.db"), tmp_path / "other")
    await restore(tmp_path / "b.sophia", location=other.location, home=other.home, now=now)
    async with await Database.open(other.location) as database:
        report = await Audit(database, other.home / "audit").verify()
        assert report.ok, report.problems


async def test_a_file_that_goes_while_a_backup_is_made_is_left_out(small: House, tmp_path: Path, now: datetime) -> None:
    passing = small.home / "outbox"
    passing.mkdir()
    done = threading.Event()

    def come_and_go() -> None:
        while not done.is_set():
            for number in range(50):
                (passing / f"m{number}").write_text("x")
            for path in passing.iterdir():
                path.unlink()

    coming = threading.Thread(target=come_and_go)
    coming.start()
    try:
        for number in range(8):
            file = tmp_path / f"b{number}.sophia"
            made = await backup(file, location=small.location, home=small.home, now=now)
            other = House(str(tmp_path / f"other{number}" / "sophia.db"), tmp_path / f"other{number}")
            assert (await restore(file, location=other.location, home=other.home, now=now)).files == made.files
    finally:
        done.set()
        coming.join()
