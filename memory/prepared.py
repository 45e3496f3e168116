"""Statements that every effect and every entry of the log goes through, compiled once and handed to SQLite as they are.

SQLAlchemy takes five to ten times as long on its way to SQLite (its cache's key, a context, a cursor's result, events)
as SQLite takes for a few rows by their key. A server's answer takes longer than all of that, so that on PostgreSQL they
go SQLAlchemy's way. The values go through the same types on both.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.types import TypeEngine

__all__ = ["Prepared"]

_Process = Callable[[Any], Any] | None
_NOTHING: Mapping[str, Any] = {}
_named_tuple: Any = namedtuple  # noqa: PYI024 - the names come at run time


class Prepared:
    """One statement. Its values are given by the names of its columns and parameters, as to SQLAlchemy.

    Raises sqlite3.Error itself on SQLite, which `Database` turns into ours like what SQLAlchemy raises.
    """

    def __init__(self, statement: Select[Any] | Insert | Update | Delete) -> None:
        self._statement = statement
        self._forms: dict[tuple[str, ...], _Form] = {}

    def first(self, connection: Connection, values: Mapping[str, Any] = _NOTHING) -> Any:
        """The first row, by the names of its columns, or None."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, values).first()
        form = self._form(connection.dialect, values)
        row = _driver(connection).execute(form.text, form.given(values)).fetchone()
        return None if row is None else form.row(row)

    def scalar(self, connection: Connection, values: Mapping[str, Any] = _NOTHING) -> Any:
        """The first column of the first row, or None."""
        row = self.first(connection, values)
        return None if row is None else row[0]

    def change(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Insert, or change; how many rows were changed."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, values).rowcount
        form = self._form(connection.dialect, values)
        return _driver(connection).execute(form.text, form.given(values)).rowcount

    def change_all(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert or change once for each of the values, which have the same names. There is at least one."""
        if connection.dialect.name != "sqlite":
            connection.execute(self._statement, rows)
            return
        form = self._form(connection.dialect, rows[0])
        _driver(connection).executemany(form.text, [form.given(row) for row in rows])

    def _form(self, dialect: Dialect, values: Mapping[str, Any]) -> _Form:
        names = tuple(values)
        form = self._forms.get(names)
        if form is None:
            form = self._forms[names] = _Form(self._statement, dialect, names)
        return form


class _Form:
    """A statement as SQLite takes it when these values are given."""

    def __init__(
        self, statement: Select[Any] | Insert | Update | Delete, dialect: Dialect, names: Iterable[str]
    ) -> None:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
        self.text = str(compiled)
        parameters = [(name, compiled.binds[name]) for name in compiled.positiontup]
        self._parameters: list[tuple[str, _Process, Any, bool]] = [
            (name, _into(bind.type, dialect), bind.effective_value, bind.required) for name, bind in parameters
        ]
        columns: list[Any] = list(statement.selected_columns) if isinstance(statement, Select) else []
        made = _named_tuple("Row", [str(column.key) for column in columns], rename=True)
        self._row: Callable[[Iterable[Any]], Any] = made._make
        self._read: list[_Process] = [_out_of(column.type, dialect) for column in columns]

    def given(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order in which SQLite takes them. Raises KeyError for one that is missing."""
        found = []
        for name, process, otherwise, required in self._parameters:
            value = values[name] if required or name in values else otherwise
            found.append(value if process is None else process(value))
        return found

    def row(self, row: Sequence[Any]) -> Any:
        """What SQLite gave, by the names of the columns."""
        read = (each if process is None else process(each) for each, process in zip(row, self._read, strict=True))
        return self._row(read)


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: Any = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _into(kind: TypeEngine[Any], dialect: Dialect) -> _Process:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _out_of(kind: TypeEngine[Any], dialect: Dialect) -> _Process:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
