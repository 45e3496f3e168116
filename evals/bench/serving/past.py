"""A past: as many more turns that ended as are wanted, past the stores, which would take minutes to tell them all."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

__all__ = ["multiply"]

_TABLES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "sophia.db": {
        "conversations": ("thread",),
        "turns": ("id", "thread"),
        "turn_events": ("turn",),
        "results": ("ref", "turn"),
        "arrivals": ("key", "turn"),
        "posts": ("id", "about", "ts"),
        "leases": ("name",),
        "spend": ("turn",),
    },
    "work.db": dict.fromkeys(("workflow_status", "workflow_input", "workflow_output"), ("workflow_uuid",)),
}
"""File → table → the columns that tell one turn's rows from another's."""


def multiply(home: Path, count: int) -> None:
    """Every row that a few ended turns left, again and again under other names, until there are `count` turns more."""
    with closing(sqlite3.connect(home / "sophia.db")) as connection:
        times = -(-count // connection.execute("SELECT count(*) FROM turns").fetchone()[0])
    for file, tables in _TABLES.items():
        with closing(sqlite3.connect(home / file)) as connection, connection:
            for table, own in tables.items():
                _again(connection, table, own, times)


def _again(connection: sqlite3.Connection, table: str, own: tuple[str, ...], times: int) -> None:
    columns = [str(column[1]) for column in connection.execute(f"PRAGMA table_info({table})")]
    kept = [name for name in columns if name in own or name != "id"]  # other ids are counted by the database
    names = ", ".join(f'"{name}"' for name in kept)
    values = ", ".join(f"{name} || 'x' || again.n" if name in own else f'"{name}"' for name in kept)
    connection.execute(
        f"INSERT INTO {table} ({names}) "  # noqa: S608 - names of this file and of the database itself
        f"WITH RECURSIVE again(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM again WHERE n < {times}) "
        f"SELECT {values} FROM (SELECT * FROM {table}), again"
    )
