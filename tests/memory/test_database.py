from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import memory
from memory import migrations
from memory.database import Database, after_commit
from memory.engines import location_of
from memory.errors import (
    DatabaseBroken,
    DatabaseBusy,
    DatabaseNotMigrated,
    DatabaseTooNew,
    DatabaseUnreachable,
    StorageFull,
    StorageReadOnly,
)
from memory.schema import metadata
from memory.turns import Turns

ROOT = Path(memory.__file__).parent.parent


def _import_every_store() -> None:
    import importlib
    import pkgutil

    for module in pkgutil.iter_modules(memory.__path__):
        importlib.import_module(f"memory.{module.name}")


async def test_migrations_make_what_the_code_declares(database: Database) -> None:
    _import_every_store()

    def differences(connection: Connection) -> list[object]:
        options = {"version_table": migrations.TABLE, "include_name": _is_ours, "compare_type": False}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    assert await database.read(differences) == []


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    return kind != "table" or name in metadata.tables


def test_the_newest_revision_is_the_one_alembic_finds() -> None:
    scripts = ScriptDirectory(str(migrations.FOLDER))
    assert scripts.get_current_head() == migrations.HEAD
    assert [script.revision for script in scripts.walk_revisions()][-1] == "0001"


async def test_a_second_opening_changes_nothing_and_loads_no_alembic(location: str) -> None:
    await (await Database.open(location)).close()
    program = """
        import asyncio, sys
        from memory.database import Database
        async def main():
            await (await Database.open(sys.argv[1])).close()
            print([name for name in sys.modules if name.partition(".")[0] in ("alembic", "chromadb", "langgraph")])
        asyncio.run(main())
    """
    assert _python(program, location).strip() == "[]"


def _python(program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", textwrap.dedent(program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_opening_takes_30_milliseconds(tmp_path: Path) -> None:
    await (await Database.open(tmp_path / "sophia.db")).close()
    seconds = []
    for _ in range(5):
        begun = time.perf_counter()
        database = await Database.open(tmp_path / "sophia.db")
        seconds.append(time.perf_counter() - begun)
        await database.close()
    assert min(seconds) < 0.03


async def test_a_connection_that_was_lost_is_made_again(postgresql_url: str) -> None:
    async with await Database.open(postgresql_url) as database:
        for work in (database.read, database.write):
            assert await work(lambda c: c.execute(text("SELECT 1")).scalar()) == 1
            with psycopg.connect(postgresql_url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
            assert await work(lambda c: c.execute(text("SELECT 1")).scalar()) == 1


async def test_transactions_that_wait_for_each_other_are_run_again(postgresql_url: str) -> None:
    async with await Database.open(postgresql_url) as database:
        names = ["a", "b"]
        rows = [{"name": name, "count": 0} for name in names]
        await database.write(lambda c: c.execute(text("INSERT INTO wakes VALUES (:name, :count)"), rows))
        both_began = threading.Barrier(2, timeout=10)

        def raise_both(connection: Connection, order: list[str]) -> None:
            for name in order:
                connection.execute(text("UPDATE wakes SET count = count + 1 WHERE name = :name"), {"name": name})
                if name == order[0] and not both_began.broken:
                    with contextlib.suppress(threading.BrokenBarrierError):
                        both_began.wait()
                    both_began.abort()

        await asyncio.gather(
            database.write(lambda c: raise_both(c, ["a", "b"])), database.write(lambda c: raise_both(c, ["b", "a"]))
        )
        counts = await database.read(lambda c: c.execute(text("SELECT count FROM wakes")).scalars().all())
        assert counts == [2, 2]


async def test_a_server_whose_rights_are_missing(postgresql_url: str) -> None:
    async with await Database.open(postgresql_url) as database:
        with pytest.raises(StorageReadOnly, match="refuses writes"):
            await database.write(
                lambda c: (
                    c.execute(text("SET TRANSACTION READ ONLY"))
                    and c.execute(text("INSERT INTO wakes VALUES ('a', 1)"))
                )
            )


async def test_a_process_that_holds_the_file_too_long(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "sophia.db", patience=0.3) as database:
        other = sqlite3.connect(tmp_path / "sophia.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy, match="held"):
            await database.write(lambda _: None)
        assert await database.read(lambda c: c.execute(text("SELECT 1")).scalar()) == 1
        other.execute("COMMIT")
        other.close()
        await database.write(lambda _: None)


async def test_many_open_a_new_database_at_once(location: str) -> None:
    opened = await asyncio.gather(*(Database.open(location) for _ in range(4)))
    for database in opened:
        assert await database.read(migrations.is_current)
        await database.close()


def test_many_processes_open_a_new_database_at_once(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import asyncio, sys
        from memory.database import Database
        asyncio.run(Database.open(sys.argv[1]))
    """)
    place = str(tmp_path / "sophia.db")
    started = [
        subprocess.Popen([sys.executable, "-c", program, place], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    problems = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0], problems


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(location: str) -> None:
    async with await Database.open(location) as database:
        await database.write(lambda c: c.execute(text(f"UPDATE {migrations.TABLE} SET version_num = '9000'")))
    with pytest.raises(DatabaseTooNew, match="revision 9000"):
        await Database.open(location)


async def test_an_empty_database_is_not_migrated_when_that_is_not_wanted(location: str) -> None:
    with pytest.raises(DatabaseNotMigrated):
        await Database.open(location, migrate=False)


async def test_a_failing_migration_leaves_nothing_behind(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(connection: Connection) -> None:
        migrations.upgrade(connection)
        raise RuntimeError("power cut")

    async with _unmigrated(location) as database:
        with pytest.raises(RuntimeError):
            await database.write(breaks)
    async with await Database.open(location) as database:
        assert await database.read(migrations.is_current)


def _unmigrated(location: str) -> Database:
    return Database(location)


async def test_a_transaction_is_kept_as_a_whole_or_not_at_all(database: Database) -> None:
    told: list[str] = []

    def half(connection: Connection) -> None:
        after_commit(connection, lambda: told.append("half"))
        connection.execute(text("INSERT INTO wakes (name, count) VALUES ('a', 1)"))
        raise RuntimeError("in between")

    def whole(connection: Connection) -> None:
        after_commit(connection, lambda: told.append("whole"))
        connection.execute(text("INSERT INTO wakes (name, count) VALUES ('b', 1)"))

    with pytest.raises(RuntimeError):
        await database.write(half)
    await database.write(whole, durable=True)
    assert await database.read(lambda c: c.execute(text("SELECT name FROM wakes")).scalars().all()) == ["b"]
    assert told == ["whole"]


async def test_durable_transactions_wait_for_the_disk(database: Database) -> None:
    sqlite = database.kind == "sqlite"
    setting = text("PRAGMA synchronous" if sqlite else "SHOW synchronous_commit")
    usual = await database.write(lambda c: c.execute(setting).scalar())
    durable = await database.write(lambda c: c.execute(setting).scalar(), durable=True)
    assert (usual, durable) == ((1, 2) if sqlite else ("off", "on"))


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "sophia.db").write_text("dear diary, " * 1000)
    with pytest.raises(DatabaseBroken, match="restore"):
        await Database.open(tmp_path / "sophia.db")


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnreachable, match="folder"):
        await Database.open(tmp_path / "nowhere" / "sophia.db")


async def test_a_server_that_is_not_there() -> None:
    with pytest.raises(DatabaseUnreachable, match="doesn't answer") as raised:
        await Database.open("postgresql://sophia:hush@127.0.0.1:1/sophia")
    assert "hush" not in str(raised.value)


async def test_a_database_that_is_not_on_the_server(postgresql_url: str) -> None:
    with pytest.raises(DatabaseUnreachable):
        await Database.open(postgresql_url.replace("/test_", "/missing_"))


async def test_a_full_disk_keeps_what_was_there(tmp_path: Path, now) -> None:
    async with await Database.open(tmp_path / "sophia.db") as database:
        turns = Turns(database)
        kept = await turns.start("th", "before", "ann", "ann", "terminal", now)
        pages = await database.write(lambda c: c.execute(text("PRAGMA page_count")).scalar())
        await database.write(lambda c: c.execute(text(f"PRAGMA max_page_count={pages}")).scalar(), brief=True)
        with pytest.raises(StorageFull, match="full"):
            await turns.start("th", "x" * 2_000_000, "ann", "ann", "terminal", now)
        await database.write(lambda c: c.execute(text("PRAGMA max_page_count=1000000")).scalar(), brief=True)
        assert (await turns.get(kept.id)).request == "before"
        await turns.start("th", "after", "ann", "ann", "terminal", now)


async def test_brief_work_waits_for_other_writers_without_holding_up_the_rest(tmp_path: Path, now) -> None:
    async with await Database.open(tmp_path / "sophia.db") as database:
        other = sqlite3.connect(tmp_path / "sophia.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        starting = asyncio.create_task(Turns(database).start("th", "wait", "ann", "ann", "terminal", now))
        beats = 0
        while beats < 10:
            await asyncio.sleep(0.005)
            beats += 1
            assert not starting.done()
        other.execute("COMMIT")
        assert (await starting).seq == 1
        other.close()


async def test_brief_work_that_waits_too_long_is_given_up_and_leaves_nothing(tmp_path: Path, now) -> None:
    async with await Database.open(tmp_path / "sophia.db", patience=0.1) as database:
        other = sqlite3.connect(tmp_path / "sophia.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy):
            await Turns(database).start("th", "wait", "ann", "ann", "terminal", now)
        other.execute("COMMIT")
        other.close()
        assert (await Turns(database).start("th", "now", "ann", "ann", "terminal", now)).seq == 1


def test_a_read_only_disk(tmp_path: Path) -> None:
    """In a child process without root's rights, on files that it may read only."""
    place = tmp_path / "sophia.db"
    asyncio.run(_make(place))
    for path in [tmp_path, *tmp_path.parents]:
        if path.stat().st_uid == 0 and str(path).startswith("/tmp/"):
            path.chmod(0o755)
    for path in tmp_path.iterdir():
        path.chmod(0o444)
    program = """
        import asyncio, os, sys
        from memory.database import Database
        from memory.errors import StorageReadOnly
        if os.getuid() == 0:
            os.setgid(65534); os.setuid(65534)
        try:
            asyncio.run(Database.open(sys.argv[1]))
        except StorageReadOnly as error:
            print(error)
    """
    assert "Make the file and its folder writable" in _python(program, str(place))


async def _make(place: Path) -> None:
    await (await Database.open(place)).close()


def test_locations(tmp_path: Path) -> None:
    assert location_of(tmp_path / "a.db") == tmp_path / "a.db"
    assert location_of(f"sqlite:///{tmp_path}/a.db") == tmp_path / "a.db"
    assert str(location_of("postgres://u@h/d")) == "postgresql+psycopg://u@h/d"
    with pytest.raises(ValueError, match=r"mysql://u:\*\*\*@h/d"):
        location_of("mysql://u:secret@h/d")


async def test_the_file_is_in_wal_mode(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "sophia.db"):
        with sqlite3.connect(tmp_path / "sophia.db") as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()
