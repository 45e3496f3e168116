"""The databases of the worlds that crash, seen from outside: made, copied and read without any code of Sophia's.

This is the one place beside `memory` that opens them: what a store says of itself is what is being judged.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import Connection, Engine, event  # noqa: TID251 - who kills at commits sees those of others

__all__ = [
    "PostgresqlWorlds",
    "SqliteWorlds",
    "Worlds",
    "away",
    "before_other_commits",
    "kill_server_processes",
    "recovered",
    "rows",
]


class Worlds(Protocol):
    """Makes places for worlds, each a folder and a database."""

    kind: str

    def new(self, folder: Path) -> str | None:
        """An empty folder, and the URL of an empty database unless it is in the folder."""
        ...

    def copy(self, folder: Path, url: str | None, to: Path) -> str | None:
        """A copy of a world that nobody has open."""
        ...

    def drop(self, folder: Path, url: str | None) -> None:
        """It isn't needed any more."""
        ...


class SqliteWorlds:
    """Everything is in the folder."""

    kind = "sqlite"

    def new(self, folder: Path) -> str | None:
        """The folder alone."""
        folder.mkdir(parents=True)
        return None

    def copy(self, folder: Path, url: str | None, to: Path) -> str | None:
        """The files, as they are."""
        shutil.copytree(folder, to, symlinks=True)
        return None

    def drop(self, folder: Path, url: str | None) -> None:
        """Remove the files."""
        shutil.rmtree(folder, ignore_errors=True)


class PostgresqlWorlds:
    """A folder, and a database of a server that is handed in."""

    kind = "postgresql"

    def __init__(self, server: str) -> None:
        self._server = server
        # it is Sophia that dies here, never the server, which must not wait for the disk with every copy of a world
        self._say("ALTER SYSTEM SET fsync = off")
        self._say("SELECT pg_reload_conf()")

    def new(self, folder: Path) -> str | None:
        """The folder and an empty database."""
        folder.mkdir(parents=True)
        return self._create("template0")

    def copy(self, folder: Path, url: str | None, to: Path) -> str | None:
        """The folder's files, and the database by the server's own means."""
        assert url is not None, "its worlds have one"
        shutil.copytree(folder, to, symlinks=True)
        return self._create(psycopg.conninfo.conninfo_to_dict(url)["dbname"])

    def drop(self, folder: Path, url: str | None) -> None:
        """Remove both."""
        assert url is not None, "its worlds have one"
        self._say(f'DROP DATABASE "{psycopg.conninfo.conninfo_to_dict(url)["dbname"]}" WITH (FORCE)')
        shutil.rmtree(folder, ignore_errors=True)

    def _create(self, template: object) -> str:
        name = f"crash_{secrets.token_hex(6)}"
        # The other strategy copies sequences with the numbers that they have set aside, without a word in the log that
        # they did: a server that is killed right afterwards gives such numbers again.
        self._say(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self._server.replace("/postgres?", f"/{name}?")

    def _say(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement.encode())


def away(url: str, out: bool) -> None:
    """Let nobody into a database of a server and throw everybody out; or let them in again."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    name = parts["dbname"]
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {"false" if out else "true"}'.encode())
        if out:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            connection.execute(ended, (name,)).fetchall()


def kill_server_processes(url: str) -> None:
    """SIGKILL those processes of a server that work for a database, at which it throws everybody out and recovers."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    name = parts["dbname"]
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
        working = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", (name,)).fetchall()
    for (pid,) in working:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def recovered(url: str) -> None:
    """Wait until a server lets people in again."""
    for _ in range(300):
        with suppress(psycopg.OperationalError), psycopg.connect(url):
            return
        time.sleep(0.1)
    raise RuntimeError("The server doesn't come back.")


def before_other_commits(do: Callable[[], None]) -> None:
    """Do this before each commit of a change over connections that aren't Sophia's own: DBOS keeps its work so."""

    def committed(connection: Connection) -> None:
        if "mode" not in connection.info and _changes(connection):
            do()

    event.listen(Engine, "commit", committed)


def _changes(connection: Connection) -> bool:
    if connection.dialect.name == "sqlite":
        return bool(connection.connection.dbapi_connection.in_transaction)  # type: ignore[union-attr]
    return connection.exec_driver_sql("SELECT pg_current_xact_id_if_assigned()").scalar() is not None


def rows(folder: Path, url: str | None, query: str) -> list[list[Any]]:
    """What a query finds: over SQLite's own reader, or the server's."""
    found: Sequence[Sequence[Any]]
    if url is None:
        with sqlite3.connect(folder / "home" / "sophia.db") as connection:
            found = connection.execute(query).fetchall()
        connection.close()
    else:
        with psycopg.connect(url) as server:
            found = server.execute(query.encode()).fetchall()
    return [[_plain(value) for value in row] for row in found]


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value
