"""All rows of all tables as lines of JSON that mean the same on both databases, and back.

Rows are dumped as the columns of the revision that wrote them. They are loaded into tables of that revision, which are
then migrated like any other database.
"""

from __future__ import annotations

import base64
import importlib
import json
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Connection, DateTime, inspect, text

import memory
from memory import migrations
from memory.schema import instant_text, metadata

__all__ = ["dump", "load", "tables"]

TRANSIENT = {"leases", "wakes", "vector_generations"}
"""What says who works on something right now, and isn't true any more when it is brought back."""
_DERIVED = ("passage_words",)
_BATCH = 500


def tables() -> list[str]:
    """The names of all our tables, those that are referred to first."""
    for module in pkgutil.iter_modules(memory.__path__):
        if module.name not in ("backup", "checkpoints"):  # the one imports this, the other is slow and has none
            importlib.import_module(f"memory.{module.name}")
    return [table.name for table in metadata.sorted_tables]


def dump(connection: Connection, folder: Path) -> dict[str, int]:
    """Write a file for each table; the numbers of rows. All of one moment."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    return {name: _dump_table(connection, name, folder / f"{name}.jsonl") for name in tables() if name not in TRANSIENT}


def _dump_table(connection: Connection, name: str, path: Path) -> int:
    columns = [column["name"] for column in inspect(connection).get_columns(name)]
    query = text(f"SELECT {_names(connection, columns)} FROM {_names(connection, [name])}")  # noqa: S608 - our own names
    count = 0
    with path.open("w") as file, connection.execute(query.execution_options(yield_per=_BATCH)) as rows:
        file.write(json.dumps(columns) + "\n")
        for row in rows:
            file.write(json.dumps([_portable(value) for value in row], separators=(",", ":")) + "\n")
            count += 1
    return count


def _names(connection: Connection, names: Sequence[str]) -> str:
    quote = connection.dialect.identifier_preparer.quote_identifier
    return ", ".join(quote(name).replace(":", "\\:") for name in names)


def _portable(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"bytes": base64.b85encode(value).decode()}
    return instant_text(value) if isinstance(value, datetime) else value


def load(connection: Connection, folder: Path, revision: str) -> dict[str, int]:
    """Replace everything by what was dumped at this revision, then migrate it; the numbers of rows."""
    _drop_everything(connection)
    migrations.upgrade(connection, revision)
    counts = {
        name: _load_table(connection, name, folder / f"{name}.jsonl")
        for name in _in_order(connection, [path.stem for path in folder.glob("*.jsonl")])
    }
    migrations.upgrade(connection)
    return counts


def _in_order(connection: Connection, names: Sequence[str]) -> list[str]:
    """Those that are referred to first, by what the tables of the old revision say themselves."""
    order = [name for name, _ in inspect(connection).get_sorted_table_and_fkc_names() if name is not None]
    return sorted(names, key=order.index)


def _drop_everything(connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())
    for name in [*_DERIVED, *reversed(tables()), migrations.TABLE]:
        if name in there:
            connection.execute(text(f"DROP TABLE {_names(connection, [name])}"))


def _load_table(connection: Connection, name: str, path: Path) -> int:
    kinds = {column["name"]: column["type"] for column in inspect(connection).get_columns(name)}
    connection.execute(text(f"DELETE FROM {_names(connection, [name])}"))  # noqa: S608 - rows that the migration makes
    count = 0
    with path.open() as file:
        columns: list[str] = json.loads(next(file))
        places = ", ".join(f":v{n}" for n in range(len(columns)))
        insert = text(f"INSERT INTO {_names(connection, [name])} ({_names(connection, columns)}) VALUES ({places})")  # noqa: S608
        readers = [_reader(kinds[column]) for column in columns]
        for lines in _batches(file):
            rows = [
                {f"v{n}": read(value) for n, (read, value) in enumerate(zip(readers, json.loads(line), strict=True))}
                for line in lines
            ]
            connection.execute(insert, rows)
            count += len(rows)
    if connection.dialect.name == "postgresql":
        _continue_counting(connection, name, columns)
    return count


def _batches(file: Iterator[str]) -> Iterator[list[str]]:
    some: list[str] = []
    for line in file:
        some.append(line)
        if len(some) == _BATCH:
            yield some
            some = []
    if some:
        yield some


def _reader(kind: Any) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return base64.b85decode(value["bytes"])
        if value is not None and isinstance(kind, Boolean):
            return bool(value)
        if value is not None and isinstance(kind, DateTime):
            return datetime.fromisoformat(value)
        return value

    return read


def _continue_counting(connection: Connection, name: str, columns: Sequence[str]) -> None:
    """Let columns that count by themselves go on behind what was loaded."""
    for column in columns:
        sequence = text("SELECT pg_get_serial_sequence(:table, :column)")
        if connection.execute(sequence, {"table": f'"{name}"', "column": column}).scalar():
            quoted, table = _names(connection, [column]), _names(connection, [name])
            highest = f"coalesce((SELECT max({quoted}) FROM {table}), 0) + 1"  # noqa: S608
            advance = text(f"SELECT setval(pg_get_serial_sequence(:table, :column), {highest}, false)")
            connection.execute(advance, {"table": f'"{name}"', "column": column})
