"""A prepared statement does what SQLAlchemy does with it, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, MetaData, Table, Text, bindparam, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from memory.database import Database
from memory.prepared import Prepared
from memory.schema import Choice, Document, Instant, Words

things = Table(
    "things",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("kind", Choice),
    Column("at", Instant),
    Column("said", Words),
    Column("value", Document),
)
KINDS = select(func.coalesce(func.max(things.c.kind), "first"))
ADD, ADD_NEXT = Prepared(insert(things)), Prepared(insert(things).values(kind=KINDS.scalar_subquery()))
ONE = Prepared(select(things).where(things.c.id == bindparam("which")))
FIRST_ONLY = Prepared(update(things).where(things.c.id == bindparam("which"), things.c.kind == "first"))
EAST = datetime(2026, 1, 5, 9, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture
async def things_there(database: Database) -> Database:
    await database.write(things.create)
    return database


async def test_values_go_through_the_types_of_their_columns(things_there: Database) -> None:
    row = {"id": "a", "kind": "first", "at": EAST, "said": "nul \0", "value": {"é": [1, None]}}
    await things_there.write(lambda c: ADD.change(c, row))
    found = await things_there.read(lambda c: ONE.first(c, {"which": "a"}))
    assert (found.at, found.said, found.value) == (datetime(2026, 1, 5, 7, 30, tzinfo=UTC), "nul �", {"é": [1, None]})
    assert found._asdict() == (await things_there.read(lambda c: c.execute(select(things)).one()))._asdict()
    assert await things_there.read(lambda c: ONE.first(c, {"which": "b"})) is None


async def test_what_the_statement_says_itself_and_what_is_given_are_told_apart(things_there: Database) -> None:
    """Also when the same statement is given other columns than before."""

    def work(connection):
        ADD_NEXT.change(connection, {"id": "a"})
        ADD_NEXT.change(connection, {"said": "second", "id": "b"})
        ADD.change_all(connection, [{"id": "c", "kind": "other"}, {"id": "d", "kind": "first"}])
        changed = [FIRST_ONLY.change(connection, {"which": which, "said": "x"}) for which in "acd"]
        changed.append(FIRST_ONLY.change(connection, {"which": "b", "kind": "last", "value": 7}))
        rows = connection.execute(select(things.c.id, things.c.kind, things.c.said, things.c.value).order_by("id"))
        return changed, [tuple(row) for row in rows], Prepared(KINDS).scalar(connection)

    changed, rows, highest = await things_there.write(work)
    assert changed == [1, 0, 1, 1]
    assert rows == [
        ("a", "first", "x", None),
        ("b", "last", "second", 7),
        ("c", "other", None, None),
        ("d", "first", "x", None),
    ]
    assert highest == "other"


async def test_a_value_that_is_missing_is_an_error_and_nothing_is_kept(things_there: Database) -> None:
    def work(connection):
        ADD.change(connection, {"id": "a"})
        ONE.first(connection, {})

    with pytest.raises((KeyError, SQLAlchemyError)):
        await things_there.write(work)
    assert await things_there.read(lambda c: ONE.first(c, {"which": "a"})) is None
