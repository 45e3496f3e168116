"""The stores over a real database, SQLite and PostgreSQL in turn."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from memory.approvals import Approvals
from memory.audit import Audit
from memory.database import Database
from memory.grants import Grants
from memory.ledger import Ledger
from tests.memory.furnished import House, furnish

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class TickingClock:
    """A clock that goes on by a second whenever it is read."""

    def __init__(self) -> None:
        self._ticks = itertools.count()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=next(self._ticks))


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


@pytest.fixture
async def house(location: str, tmp_path: Path, now: datetime) -> House:
    home = tmp_path / "home"
    home.mkdir()
    if not location.startswith("postgres"):
        location = str(home / "sophia.db")
    return await furnish(House(location, home), now)


@pytest.fixture
async def small(tmp_path: Path, now: datetime) -> House:
    """A SQLite house, for what doesn't depend on the kind of database."""
    home = tmp_path / "home"
    home.mkdir()
    return await furnish(House(str(home / "sophia.db"), home), now)
