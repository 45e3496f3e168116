from __future__ import annotations

import asyncio
import secrets
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from langgraph.checkpoint.base import empty_checkpoint
from sqlalchemy import insert, text

import memory
from memory import migrations
from memory.approvals import Approvals, ApprovalStatus
from memory.audit import Audit
from memory.backup import backup, restore
from memory.checkpoints import open_checkpointer
from memory.competitors import Competitors
from memory.database import Database
from memory.dump import TRANSIENT, tables
from memory.effects import epochs
from memory.embedders import WordLlama
from memory.errors import BackupUnusable, DatabaseUnreachable, WrongEpoch
from memory.leases import Wakes
from memory.ledger import Ledger
from memory.results import Results
from memory.search import Entry, SearchIndex
from memory.spend import Kind, Spend
from memory.turns import Status, Turns
from tests.memory.furnished import FixedClock, House

ROOT = Path(memory.__file__).parent.parent


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    """An empty place to restore into, of either kind."""
    if request.param == "sqlite":
        return House(str(tmp_path / "other" / "sophia.db"), tmp_path / "other")
    server: Callable[[str], str] = request.getfixturevalue("postgresql_server")
    name = f"test_{secrets.token_hex(8)}"
    with psycopg.connect(server("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    return House(server(name), tmp_path / "other")


async def counts(location: str) -> dict[str, int]:
    async with await Database.open(location) as database:
        query = " UNION ALL ".join(
            f"SELECT '{name}', count(*) FROM \"{name}\"" for name in tables() if name not in TRANSIENT
        )
        return dict(tuple(row) for row in await database.read(lambda c: c.execute(text(query)).all()))


async def test_everything_comes_back_on_either_database(
    house: House, elsewhere: House, tmp_path: Path, now: datetime
) -> None:
    written = await backup(tmp_path / "b.sophia", location=house.location, home=house.home, now=now)
    assert "rows" in str(written)
    before = await counts(house.location)
    restored = await restore(tmp_path / "b.sophia", location=elsewhere.location, home=elsewhere.home, now=now)
    assert restored.rows == written.rows
    after = await counts(elsewhere.location)
    assert after == before | {"epochs": 1, "audit_entries": before["audit_entries"] + 1}
    async with await Database.open(elsewhere.location) as database:
        await _as_it_was(database, house, elsewhere, now)
        await _nothing_resumes(database, house, elsewhere, now)
        await _and_it_goes_on(database, elsewhere, now)


async def _as_it_was(database: Database, house: House, elsewhere: House, now: datetime) -> None:
    done = await Turns(database).get(house.done)
    assert (done.request, done.context, done.status, done.created_at) == (
        "ü \ufffd ☂",
        {"a": [1.5, None, True]},
        "done",
        now,
    )
    assert (await Results(database).get(house.result)).value == 1
    competitors = Competitors(database)
    version = await competitors.version("v")
    assert version is not None
    assert (version.text, version.html) == ("Byte \0 for byte ☂", bytes(range(256)))
    standing = (await competitors.standing(["https://a.example/"]))["https://a.example/"]
    assert standing.learned == b"\0\xff"
    assert standing.last is not None
    assert standing.last.at == now
    assert str(await Spend(database).total(now, Kind.MONEY)) == "0.25"
    assert (elsewhere.home / "infra" / "checkpoints" / "dev.json").read_text() == '{"state": 1}'
    for name in ("positions.db", "index", "infra/lab", "a.lock"):
        assert not (elsewhere.home / name).exists()
    assert stat.S_IMODE((elsewhere.home / "audit" / "key").stat().st_mode) == 0o600
    assert (await Audit(database, elsewhere.home / "audit").verify()).ok


async def _nothing_resumes(database: Database, house: House, elsewhere: House, now: datetime) -> None:
    audit = Audit(database, elsewhere.home / "audit")
    turns, ledger = Turns(database), Ledger(database, audit, FixedClock(now))
    assert (await turns.get(house.waiting)).status is Status.FAILED
    assert (await Approvals(database, audit).get(house.approval)).status is ApprovalStatus.SUPERSEDED
    assert [turn.id for turn in await turns.unfinished()] == [house.in_flight]
    assert await ledger.epoch() == 2
    assert house.permit is not None
    assert [effect.id for effect in await ledger.pending()] == [house.permit.id]
    with pytest.raises(WrongEpoch):
        await ledger.redeem(house.permit.id, house.permit.token, tool="stack_up")
    entry = (await audit.entries(kinds=["epoch.started"]))[-1]
    assert entry.payload["turns_left"] == [house.in_flight]


async def _and_it_goes_on(database: Database, elsewhere: House, now: datetime) -> None:
    """Numbers go on behind those that were restored, and what is searched is found."""
    await Spend(database).record(Kind.MONEY, 1, "t", "ann", now)
    await Turns(database).start("th", "next", "ann", "ann", "terminal", now)
    index = SearchIndex(database, elsewhere.home / "index", WordLlama(), FixedClock(now))
    await index.add([Entry(id="pnew", text="A new passage about rent", at=now)])
    hits = await index.search("passages about rent")
    assert {hit.entry.id for hit in hits} == {"p0", "p1", "p2", "pnew"}
    assert all(hit.words for hit in hits)
    await index.aclose()


async def test_what_is_there_is_not_replaced_unless_it_is_forced(house: House, tmp_path: Path, now: datetime) -> None:
    file = tmp_path / "b.sophia"
    await backup(file, location=house.location, home=house.home, now=now)
    (house.home / "infra" / "checkpoints" / "dev.json").write_text('{"state": 2}')
    (house.home / "outbox").mkdir()
    (house.home / "outbox" / "later.jsonl").write_text("later")
    async with await Database.open(house.location) as database:
        audit = Audit(database, house.home / "audit")
        ledger = Ledger(database, audit, FixedClock(now))
        later = await ledger.mint("t_later", "s1", "notify", {}, "d", "", None, now=now)
        earlier = {"number": 2, "why": "an earlier restore", "started_at": now}
        await database.write(lambda c: c.execute(insert(epochs), earlier))
        await audit.settle()
        before = await counts(house.location)
        with pytest.raises(BackupUnusable, match="--force"):
            await restore(file, location=house.location, home=house.home, now=now)
        assert await counts(house.location) == before
        assert (house.home / "infra" / "checkpoints" / "dev.json").read_text() == '{"state": 2}'

        waiting = asyncio.create_task(Wakes(database).wait("turn", 1, 20))
        restored = await restore(file, location=house.location, home=house.home, force=True, now=now)
        assert await waiting > 1  # who waited is woken
        assert restored.in_flight.epoch == 3
        assert (house.home / "infra" / "checkpoints" / "dev.json").read_text() == '{"state": 1}'
        assert restored.replaced is not None
        assert (restored.replaced / "infra" / "checkpoints" / "dev.json").read_text() == '{"state": 2}'
        assert (house.home / "outbox" / "later.jsonl").exists()
        assert not (house.home / "positions.db").exists()
        with pytest.raises(PermissionError):  # minted after the backup: nobody knows it any more
            await ledger.redeem(later.id, later.token, tool="notify")
        assert (await Audit(database, house.home / "audit").verify()).ok
    assert not list(house.home.glob(".restore-*"))


async def test_positions_of_turns_are_forgotten(house: House, tmp_path: Path, now: datetime) -> None:
    file, place = tmp_path / "b.sophia", house.location
    place = place if place.startswith("postgres") else str(house.home / "positions.db")
    (house.home / "positions.db").unlink()
    of_turn = {"configurable": {"thread_id": house.in_flight, "checkpoint_ns": ""}}
    async with open_checkpointer(place) as saver:
        await saver.aput(of_turn, empty_checkpoint(), {}, {})
        assert await saver.aget_tuple(of_turn)
    await backup(file, location=house.location, home=house.home, now=now)
    await restore(file, location=house.location, home=house.home, force=True, now=now)
    async with open_checkpointer(place) as saver:
        assert await saver.aget_tuple(of_turn) is None


async def test_a_backup_is_private_and_overwrites_nothing(house: House, tmp_path: Path) -> None:
    file = tmp_path / "b.sophia"
    written = await backup(file, location=house.location, home=house.home)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert written.size == file.stat().st_size
    content = file.read_bytes()
    with pytest.raises(BackupUnusable, match="exists already"):
        await backup(file, location=house.location, home=house.home)
    with pytest.raises(BackupUnusable, match="folder"):
        await backup(tmp_path / "nowhere" / "b", location=house.location, home=house.home)
    assert file.read_bytes() == content
    inside = await backup(house.home / "inside.sophia", location=house.location, home=house.home)
    assert inside.files == written.files


@pytest.mark.parametrize("damage", ["empty", "text", "cut", "cut late", "flipped", "zstd of nothing", "missing"])
async def test_what_is_no_whole_backup_changes_nothing(
    small: House, tmp_path: Path, now: datetime, damage: str
) -> None:
    import zstandard

    file = tmp_path / "b.sophia"
    await backup(file, location=small.location, home=small.home, now=now)
    data = file.read_bytes()
    damaged = {
        "empty": b"",
        "text": b"dear diary",
        "cut": data[: len(data) // 2],
        "cut late": data[:-20],
        "flipped": data[:2000] + bytes([data[2000] ^ 0xFF]) + data[2001:],
        "zstd of nothing": zstandard.compress(b"\0" * 10_240),
    }
    file.unlink()
    if damage in damaged:
        file.write_bytes(damaged[damage])
    other = House(str(tmp_path / "other" / "sophia.db"), tmp_path / "other")
    with pytest.raises(BackupUnusable):
        await restore(file, location=other.location, home=other.home, now=now)
    assert not list(other.home.iterdir())


async def test_a_backup_of_a_newer_version_is_refused(
    small: House, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "b.sophia"
    await backup(file, location=small.location, home=small.home, now=now)
    monkeypatch.setattr(migrations, "HEAD", "0001")
    with pytest.raises(BackupUnusable, match="newer version"):
        await restore(file, location=str(tmp_path / "o" / "s.db"), home=tmp_path / "o", now=now)


async def test_a_backup_of_an_older_version_is_migrated(
    tmp_path: Path, now: datetime, elsewhere: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that stopped at the first revision, as the code of then would have dumped it."""
    old = tmp_path / "old" / "sophia.db"
    old.parent.mkdir()
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "HEAD", "0001")
        async with Database(old) as database:
            await database.write(lambda c: migrations.upgrade(c, "0001"))
            there = await database.read(
                lambda c: set(c.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
            )
            assert "pages" not in there
            turn = await Turns(database).start("th", "old", "ann", "ann", "terminal", now, status=Status.DONE)
        patched.setattr("memory.dump.tables", lambda: [name for name in tables() if name in there])
        await backup(tmp_path / "b.sophia", location=str(old), home=old.parent, now=now)
    await restore(tmp_path / "b.sophia", location=elsewhere.location, home=elsewhere.home, now=now)
    async with await Database.open(elsewhere.location, migrate=False) as database:
        assert (await Turns(database).get(turn.id)).request == "old"
        assert await Competitors(database).pages() == []


async def test_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable, match="no database"):
        await backup(tmp_path / "b", location=str(tmp_path / "sophia.db"), home=tmp_path)
    assert not list(tmp_path.iterdir())  # noqa: ASYNC240


async def test_a_restore_that_fails_at_the_end_changes_nothing(
    small: House, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "b.sophia"
    await backup(file, location=small.location, home=small.home, now=now)
    (small.home / "infra" / "checkpoints" / "dev.json").write_text('{"state": 2}')
    before = await counts(small.location)
    audit = sorted((path.name, path.read_bytes()) for path in (small.home / "audit").iterdir())
    program = """
        import asyncio, pathlib, resource, signal, sys
        from memory.backup import restore
        from memory.errors import StorageFull
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        file, location, home = sys.argv[1:]
        size = pathlib.Path(location).stat().st_size // 3
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        try:
            asyncio.run(restore(pathlib.Path(file), location=location, home=pathlib.Path(home), force=True))
        except StorageFull as error:
            print("full:", error)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(file), small.location, str(small.home)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout.startswith("full:"), done.stderr
    assert await counts(small.location) == before
    assert (small.home / "infra" / "checkpoints" / "dev.json").read_text() == '{"state": 2}'
    assert (small.home / "positions.db").read_text() == "not kept"
    assert sorted((path.name, path.read_bytes()) for path in (small.home / "audit").iterdir()) == audit
    assert not list(small.home.glob("replaced-*"))
