"""Signed heads of the audit log: replayed, taken away, torn by a crash; and none is ahead of what a disk has."""

from __future__ import annotations

import fcntl
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from memory.audit import Audit, NewEntry
from memory.database import Database
from memory.entries import entries, tree
from memory.merkle import EMPTY
from memory.verification import Damage


async def grown(log: Audit, now: datetime, *counts: int) -> None:
    """Append so many entries, and sign after each lot."""
    for count in counts:
        await log.append_many(
            [
                NewEntry(kind="request", payload={"n": n}, actor="ann", at=now + timedelta(seconds=n))
                for n in range(count)
            ]
        )
        await log.settle()


async def damages(log: Audit) -> list[Damage]:
    return [problem.damage for problem in (await log.verify()).problems]


async def test_an_old_head_in_the_place_of_the_newest_is_found(audit: Audit, now: datetime) -> None:
    await grown(audit, now, 20)
    head = audit.witness.folder / "head.json"
    shutil.copy(head, head.with_name("old"))
    await grown(audit, now, 300)
    assert await damages(audit) == []
    shutil.copy(head.with_name("old"), head)
    assert (await audit.verify()).unsigned == 0  # the head that is kept of every 256 entries covers them
    (audit.witness.folder / "heads.jsonl").unlink()
    assert await damages(audit) == [Damage.UNSIGNED]


async def test_an_old_head_with_the_log_cut_off_to_it_is_found(database: Database, audit: Audit, now: datetime) -> None:
    await grown(audit, now, 20)
    old = (audit.witness.folder / "head.json").read_bytes()
    before = await database.read(lambda c: dict(c.execute(tree.select()).one()._mapping))
    await grown(audit, now, 300)
    await database.write(
        lambda c: (c.execute(delete(entries).where(entries.c.index >= 20)), c.execute(update(tree), before))
    )
    (audit.witness.folder / "head.json").write_bytes(old)
    assert await damages(audit) == [Damage.TRUNCATED]


@pytest.mark.parametrize("gone", ["head.json", "heads.jsonl"])
async def test_a_file_of_heads_that_was_deleted_is_missed(audit: Audit, now: datetime, gone: str) -> None:
    await grown(audit, now, 300, 10)
    (audit.witness.folder / gone).unlink()
    if gone == "head.json":
        (audit.witness.folder / "heads.jsonl").unlink()
    assert await damages(audit) == [Damage.UNSIGNED]


async def test_heads_are_there_before_the_first_entry_is(audit: Audit, now: datetime, database: Database) -> None:
    assert audit.witness.newest() is None

    def work(connection) -> None:
        audit.append_in(connection, NewEntry(kind="request", payload={}, actor="ann", at=now))
        newest = audit.witness.newest()
        assert newest is not None
        assert (newest.size, newest.root) == (0, EMPTY.hex())

    await database.write(work)
    assert await damages(audit) == []


async def test_a_line_that_a_crash_tore_is_no_damage(audit: Audit, now: datetime) -> None:
    await grown(audit, now, 300)
    with (audit.witness.folder / "heads.jsonl").open("a") as history:
        history.write('{"size": 512, "ro')
    assert await damages(audit) == []
    await grown(audit, now, 300)
    assert await damages(audit) == []
    assert [head.size for head in audit.witness.kept() if head] == [300, 600]


async def test_a_head_waits_until_its_entries_survive_a_power_cut(
    database: Database, audit: Audit, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await grown(audit, now, 2)

    def fails() -> None:
        raise OSError(5, "the disk failed")

    with monkeypatch.context() as broken:
        broken.setattr(audit.witness, "_harden", fails)
        await audit.append("request", {}, "ann", now, durable=False)
        await audit.settle()
        newest = audit.witness.newest()
        assert newest is not None
        assert newest.size == 2
    await audit.append("request", {}, "ann", now, durable=False)
    await audit.settle()
    assert (await audit.verify()).unsigned == 0


async def test_who_sleeps_with_the_lock_stops_nobody(
    audit: Audit, now: datetime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await grown(audit, now, 1)
    monkeypatch.setattr("memory.witness.PATIENCE_SECONDS", 0.05)
    with (audit.witness.folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        await grown(audit, now, 1)
    assert "could not be signed" in caplog.text
    assert (await audit.verify()).unsigned == 1


async def test_a_disk_that_takes_a_key_and_no_head_accuses_nobody(
    audit: Audit, now: datetime, database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await grown(audit, now, 3)
    worker = Audit(database, tmp_path / "elsewhere")  # another process, with a folder of its own
    in_the_way = worker.witness.folder / "head.json"
    in_the_way.mkdir(parents=True)
    await grown(worker, now, 1)
    await worker.settle()
    assert "could not be signed" in caplog.text
    in_the_way.rmdir()
    assert not worker.witness.exists
    await grown(worker, now, 1)
    assert (await worker.verify()).unsigned == 0
    assert worker.witness.exists
    in_the_way.unlink()
    assert await damages(worker) == [Damage.UNSIGNED]
