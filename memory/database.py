"""The one door to the database: SQLite files or a PostgreSQL server, opened, migrated, read and written.

A unit of work is a function of a connection. It runs in a worker thread as one transaction: one hop between threads for
each transaction instead of one for each statement (SQLAlchemy's asyncio layer takes 2.5 ms for a small transaction,
this 0.4 ms), and no transaction stays open while a coroutine waits for something else. On SQLite one thread writes
(BEGIN IMMEDIATE, so that it waits for other processes and never fails half-way); on PostgreSQL eight do.

What is said to be brief (a few rows by their key) doesn't even hop on SQLite: without a disk to wait for, it takes less
time than the hop, and most of that under the interpreter's lock. When somebody else writes, the coroutine waits. A
change that is a single statement is its own transaction: it holds the file only while SQLite works on it, and never
while its thread waits for the interpreter; on PostgreSQL it saves two of three round trips.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from sqlalchemy import Connection, Engine, Executable
from sqlalchemy.exc import DBAPIError

from memory import migrations
from memory.engines import location_of, open_postgresql, open_sqlite
from memory.faults import explain, may_be_repeated
from memory.writing_turn import WritingTurn

__all__ = ["Database", "after_commit"]

T = TypeVar("T")


def after_commit(connection: Connection, action: Callable[[], None]) -> None:
    """Call `action` in the same thread once the running transaction is committed; never when it is rolled back."""
    connection.info.setdefault("after_commit", []).append(action)


def _leave_a_mark(connection: Connection) -> None:
    """Something to wait for the disk with: the log holds all earlier commits before it."""
    connection.exec_driver_sql("SELECT pg_logical_emit_message(true, 'sophia', '')")


class Database:
    """A database that is open and up to date. Made by `Database.open`."""

    def __init__(self, location: str | Path, *, patience: float = 30.0) -> None:
        """`patience`: for how many seconds a transaction waits for another process, or is run again when given up."""
        self._patience = patience
        self.location = location_of(location)
        self.kind: Literal["sqlite", "postgresql"] = "sqlite" if isinstance(self.location, Path) else "postgresql"
        if isinstance(self.location, Path):
            self._engine: Engine = open_sqlite(self.location, patience)
            self._readers = ThreadPoolExecutor(2, "sophia-read")
            self._writers = ThreadPoolExecutor(1, "sophia-write")
        else:
            self._engine = open_postgresql(self.location, patience)
            self._readers = self._writers = ThreadPoolExecutor(8, "sophia-database")
        self._held = threading.local()
        self._turn = WritingTurn()
        self._open: list[Connection] = []

    @classmethod
    async def open(cls, location: str | Path, *, migrate: bool = True, patience: float = 30.0) -> Self:
        """Open the file or URL, and bring it up to date if it isn't.

        Raises the errors of `memory.errors`: DatabaseTooNew when newer code wrote it, DatabaseNotMigrated when it is
        older and `migrate` is False, and those of its disk or server.
        """
        database = cls(location, patience=patience)
        try:
            if not await database.read(migrations.is_current):
                if not migrate:
                    raise migrations.outdated()
                await database.write(migrations.upgrade, durable=True)
        except BaseException:
            await database.close()
            raise
        return database

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def read(self, function: Callable[[Connection], T], *, brief: bool = False) -> T:
        """Run `function` on a consistent view of the database. It must not write.

        `brief`: it is one statement that reads a few rows.
        """
        if brief and self.kind == "sqlite":
            return await self._run_here(function, "read")
        mode = "glance" if brief else "read"
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._run, function, mode)

    async def write(self, function: Callable[[Connection], T], *, durable: bool = False, brief: bool = False) -> T:
        """Run `function` as one transaction: all of it is kept, or nothing.

        With `durable` it survives a power cut once this returns; without, the last few transactions may be lost then
        (never a part of one). It may be run again when the database gives it up, so it must only touch the connection.
        `brief`: it isn't durable and touches a few rows.
        """
        if brief and self.kind == "sqlite":
            return await self._run_here(function, "write")
        mode = "durable" if durable else "write"
        return await asyncio.get_running_loop().run_in_executor(self._writers, self._run, function, mode)

    async def apply(self, statement: Executable, values: Mapping[str, Any] | None = None) -> int:
        """Run one brief statement that changes a few rows, as a transaction of its own; how many rows it changed."""

        def work(connection: Connection) -> int:
            return connection.execute(statement, values or {}).rowcount

        if self.kind == "sqlite":
            return await self._run_here(work, "stroke")
        return await asyncio.get_running_loop().run_in_executor(self._writers, self._run, work, "stroke")

    def harden(self) -> None:
        """Make all that is committed survive a power cut. Blocks; raises OSError and the errors of the database."""
        if isinstance(self.location, Path):
            with (
                suppress(FileNotFoundError),  # then all of it is in the database, which was synced
                self.location.with_name(f"{self.location.name}-wal").open("rb") as log,
            ):
                os.fsync(log.fileno())
        else:
            self._run(_leave_a_mark, "durable")

    async def close(self) -> None:
        """Finish what runs, then close all connections."""
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _close(self) -> None:
        for executor in {self._readers, self._writers}:
            executor.shutdown()
        while self._open:
            self._open.pop().close()
        self._engine.dispose()

    def _run(self, function: Callable[[Connection], T], mode: str) -> T:
        give_up = time.monotonic() + self._patience
        while True:
            try:
                with self._turn.in_thread(give_up) if self._alone(mode) else nullcontext():
                    return self._transaction(function, mode)
            except (DBAPIError, sqlite3.Error) as error:
                if time.monotonic() > give_up or not may_be_repeated(error):
                    raise explain(error, self.location) from error
            time.sleep(0.02)

    async def _run_here(self, function: Callable[[Connection], T], mode: str) -> T:
        """The same in the event loop's own thread, on a connection that never waits."""
        give_up = time.monotonic() + self._patience
        while True:
            try:
                async with self._turn.in_loop(give_up) if self._alone(mode) else nullcontext():
                    with self._connection(waits=False):
                        return self._transaction(function, mode)
            except (DBAPIError, sqlite3.Error) as error:
                if time.monotonic() > give_up or not may_be_repeated(error):
                    raise explain(error, self.location) from error
            await asyncio.sleep(0.002)

    def _alone(self, mode: str) -> bool:
        """Whether nobody else writes meanwhile: on SQLite, whatever isn't a read."""
        return self.kind == "sqlite" and mode != "read"

    def _transaction(self, function: Callable[[Connection], T], mode: str) -> T:
        with self._connection() as connection:
            connection.info["mode"] = mode
            connection.info.pop("after_commit", None)
            with connection.begin():
                result = function(connection)
            actions: list[Callable[[], None]] = connection.info.pop("after_commit", [])
        for action in actions:
            action()
        return result

    @contextmanager
    def _connection(self, *, waits: bool = True) -> Iterator[Connection]:
        """PostgreSQL: one from the pool. SQLite: this thread's own, as checking one out costs more than using it."""
        if self.kind == "postgresql":
            with self._engine.connect() as connection:
                yield connection
            return
        if not hasattr(self._held, "connection"):
            self._held.connection = self._engine.connect()
            self._open.append(self._held.connection)
            if not waits:
                self._held.connection.connection.dbapi_connection.execute("PRAGMA busy_timeout=0")
        yield self._held.connection
