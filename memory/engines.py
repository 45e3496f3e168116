"""How connections are made: SQLite's pragmas, PostgreSQL's settings, and how a transaction begins on each."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

__all__ = ["location_of", "open_for_work", "open_postgresql", "open_sqlite"]

_SYNCHRONOUS = {"write": "NORMAL", "stroke": "NORMAL", "durable": "FULL"}


def location_of(location: str | Path) -> Path | URL:
    """A path for SQLite (`sqlite:///…` is understood too), a URL with our driver for PostgreSQL.

    Raises ValueError for any other kind of URL; the message doesn't show a password.
    """
    if isinstance(location, Path) or "://" not in location:
        return Path(location).absolute()
    url = make_url(location)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).absolute()
    if url.get_backend_name() in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    raise ValueError(
        f"{url.render_as_string(hide_password=True)}: only SQLite files and postgresql:// URLs are supported"
    )


def open_sqlite(path: Path, patience: float) -> Engine:
    """An engine for the file; its connections are in WAL mode and belong to one thread at a time."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"check_same_thread": False, "timeout": patience},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        _use_wal(connection, patience)
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA temp_store=MEMORY")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.info.get("mode", "read")
        driver: Any = connection.connection.dbapi_connection
        if mode == "read":
            driver.execute("BEGIN")
            return
        if connection.info.get("synchronous") != _SYNCHRONOUS[mode]:
            driver.execute(f"PRAGMA synchronous={_SYNCHRONOUS[mode]}")
            connection.info["synchronous"] = _SYNCHRONOUS[mode]
        if mode != "stroke":  # a single statement is a transaction without our saying so
            driver.execute("BEGIN IMMEDIATE")

    return engine


def open_for_work(path: Path) -> Engine:
    """An engine for a file that somebody else's tables are in: DBOS keeps its queue there, and opens it without WAL."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"check_same_thread": False, "timeout": 30.0}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        _use_wal(connection, 30.0)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.isolation_level = "IMMEDIATE"

    return engine


def _use_wal(connection: sqlite3.Connection, patience: float) -> None:
    """Switch the file to WAL, which SQLite refuses without waiting while another process does the same."""
    give_up = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > give_up:
                raise
        time.sleep(0.01)


def open_postgresql(url: URL, patience: float) -> Engine:
    """An engine for the server. Commits that needn't be durable don't wait for its disk, as on SQLite.

    What only reads sees one state of the database from its first statement on, as on SQLite; a single statement, which
    reads or writes, does without a transaction of ours, which saves two of three round trips.
    """
    from psycopg import IsolationLevel

    engine = create_engine(url, pool_size=8, max_overflow=0, pool_recycle=1800, connect_args={"connect_timeout": 10})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.autocommit = True
        connection.execute("SET synchronous_commit TO off")
        connection.execute(f"SET lock_timeout TO {int(patience * 1000)}")
        connection.execute("SET timezone TO 'UTC'")
        connection.autocommit = False

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.info.get("mode", "read")
        driver: Any = connection.connection.dbapi_connection
        _set(driver, "isolation_level", IsolationLevel.REPEATABLE_READ if mode == "read" else None)  # sent with BEGIN
        _set(driver, "autocommit", mode in ("glance", "stroke"))
        if mode == "durable":
            connection.exec_driver_sql("SET LOCAL synchronous_commit TO on")

    return engine


def _set(connection: Any, name: str, value: object) -> None:
    """Set a property that costs something to set only when it changes."""
    if getattr(connection, name) != value:
        setattr(connection, name, value)
