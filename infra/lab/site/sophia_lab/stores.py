"""Databases (SQLite files with a schema) and buckets (folders with settings)."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

__all__ = [
    "BucketNotEmptyError",
    "Tables",
    "delete_bucket",
    "delete_database",
    "migrate",
    "put_bucket",
    "read_bucket",
    "read_tables",
]

Tables = Mapping[str, Mapping[str, str]]
"""Table → column → SQL type."""
_SETTINGS = ".bucket.json"


class BucketNotEmptyError(Exception):
    """A bucket that holds objects isn't deleted unless its program says so."""


def database_path(root: str, stack: str, name: str) -> Path:
    """Where the database's file is."""
    return Path(root) / stack / "databases" / f"{name}.sqlite3"


def bucket_path(root: str, stack: str, name: str) -> Path:
    """The bucket's folder."""
    return Path(root) / stack / "buckets" / name


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def read_tables(path: Path) -> dict[str, dict[str, str]] | None:
    """The schema as it is; None when there is no such database."""
    if not path.exists():
        return None
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        names = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        return {
            name: {
                row[1]: row[2] + (" PRIMARY KEY" if row[5] else "")
                for row in connection.execute(f"PRAGMA table_info({_quoted(name)})")
            }
            for name in names
        }


def migrate(path: Path, wanted: Tables) -> None:
    """Bring the schema to what is wanted. What holds data is kept, even when it isn't wanted any more."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        existing = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table, columns in wanted.items():
            if table not in existing:
                listed = ", ".join(f"{_quoted(column)} {columns[column]}" for column in _in_order(columns))
                connection.execute(f"CREATE TABLE {_quoted(table)} ({listed})")
            else:
                _migrate_table(connection, table, columns)
        for table in existing - set(wanted):
            if not connection.execute(f"SELECT EXISTS (SELECT 1 FROM {_quoted(table)})").fetchone()[0]:  # noqa: S608
                connection.execute(f"DROP TABLE {_quoted(table)}")


def _in_order(columns: Mapping[str, str]) -> list[str]:
    """Keys first, then by name: what comes through Pulumi has no order of its own."""
    return sorted(columns, key=lambda column: ("PRIMARY KEY" not in columns[column], column))


def _migrate_table(connection: sqlite3.Connection, table: str, wanted: Mapping[str, str]) -> None:
    name = _quoted(table)
    existing = {row[1] for row in connection.execute(f"PRAGMA table_info({name})")}
    for column, kind in wanted.items():
        if column not in existing:
            connection.execute(f"ALTER TABLE {name} ADD COLUMN {_quoted(column)} {kind}")
    for column in existing - set(wanted):
        holds = f"SELECT EXISTS (SELECT 1 FROM {name} WHERE {_quoted(column)} IS NOT NULL)"  # noqa: S608
        if not connection.execute(holds).fetchone()[0]:
            connection.execute(f"ALTER TABLE {name} DROP COLUMN {_quoted(column)}")


def delete_database(path: Path) -> None:
    """Remove the database's file."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def put_bucket(path: Path, settings: Mapping[str, object]) -> None:
    """Make the bucket, or change its settings; objects stay."""
    path.mkdir(parents=True, exist_ok=True)
    draft = path / f"{_SETTINGS}.new"
    draft.write_text(json.dumps(dict(settings), sort_keys=True))
    draft.replace(path / _SETTINGS)


def read_bucket(path: Path) -> dict[str, object] | None:
    """The bucket's settings; None when it is gone."""
    try:
        found: dict[str, object] = json.loads((path / _SETTINGS).read_text())
    except FileNotFoundError:
        return {} if path.is_dir() else None
    return found


def delete_bucket(path: Path, *, force: bool) -> None:
    """Remove the bucket; one that holds objects only when forced."""
    if not path.exists():
        return
    objects = [item.name for item in path.iterdir() if not item.name.startswith(_SETTINGS)]
    if objects and not force:
        raise BucketNotEmptyError(f"BucketNotEmpty: {path.name} holds {len(objects)} objects")
    shutil.rmtree(path)
