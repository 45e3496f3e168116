"""Bringing a database up to date. Alembic is loaded only when there is something to do.

Revisions are numbers (0001, 0002, …): the file names in versions/ say which ones this code knows, so that looking
whether a database is current costs one query.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from memory.errors import DatabaseNotMigrated, DatabaseTooNew

__all__ = ["HEAD", "TABLE", "is_current", "outdated", "upgrade"]

FOLDER: Final = Path(__file__).parent
HEAD: Final = max(path.name[:4] for path in (FOLDER / "versions").glob("[0-9][0-9][0-9][0-9]_*.py*"))
TABLE: Final = "sophia_revision"
"""Not Alembic's default: a PostgreSQL database may be shared with somebody else who uses Alembic."""
_LOCK: Final = 0x50F1A


def outdated() -> DatabaseNotMigrated:
    """The error of a database that must be migrated first."""
    return DatabaseNotMigrated(
        "This database is older than the program, or empty.",
        not_done="It was not changed.",
        to_do="sophia serve, or any command that opens it, such as sophia approvals, brings it up to date.",
    )


def is_current(connection: Connection) -> bool:
    """Whether the database is at our revision. Raises DatabaseTooNew when it is at one that we don't know."""
    found = _revision(connection)
    if found is not None and (not found.isdigit() or found > HEAD):
        raise DatabaseTooNew(
            f"This database was written by a newer version of Sophia (revision {found}; this one knows {HEAD}).",
            not_done="It was not opened and not changed.",
            to_do="Install that version, or restore a backup made by this one.",
        )
    return found == HEAD


def _revision(connection: Connection) -> str | None:
    if connection.dialect.name == "sqlite":
        exists = text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name")
        if connection.execute(exists, {"name": TABLE}).first() is None:
            return None
    elif not inspect(connection).has_table(TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {TABLE}")).scalar()  # noqa: S608 - our own constant
    return str(found) if found is not None else None


def upgrade(connection: Connection, revision: str = HEAD) -> None:
    """Run the migrations that are missing up to `revision`, within the transaction of `connection`."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if is_current(connection):  # another process did it while we waited
        return
    from alembic import command
    from alembic.config import Config

    configuration = Config(attributes={"connection": connection})
    configuration.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    command.upgrade(configuration, revision)
