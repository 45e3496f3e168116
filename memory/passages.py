"""Passages to be found again: their rows, which are the truth, and the index of their words.

The words are indexed by SQLite's FTS5 or PostgreSQL's text search, both with English stems and both ranked by BM25.
Vectors are `memory.vectors`' business: they are made from these rows and kept beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Float,
    LargeBinary,
    PrimaryKeyConstraint,
    Row,
    Select,
    Table,
    Text,
    column,
    delete,
    insert,
    literal_column,
    select,
    table,
    text,
)

from memory.labels import WEB, Label
from memory.schema import COUNTER, Document, Instant, Words, metadata, plain

__all__ = [
    "Entry",
    "Filter",
    "add_in",
    "entry_of",
    "index_words_anew",
    "passage_vectors",
    "passages",
    "passages_by_id",
    "remove_in",
    "words_in",
]

passages = Table(
    "passages",
    metadata,
    Column("number", COUNTER, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("text", LargeBinary, nullable=False),
    Column("competitor", Words, nullable=False, index=True),
    Column("aspect", Text, nullable=False),
    Column("url", Words, nullable=False),
    Column("version", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("extra", Document, nullable=False),
    sqlite_autoincrement=True,  # a number that was used must not come again, or an index would miss it
)
passage_vectors = Table(
    "passage_vectors",
    metadata,
    Column("collection", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    PrimaryKeyConstraint("collection", "number"),
    sqlite_with_rowid=False,
)
_fts = table("passage_words", column("rowid"))
"""SQLite's full-text index of the passages' words."""
_CHUNK = 400
_LONGEST = 200_000
"""Characters of a passage whose words are indexed; PostgreSQL takes a megabyte at most."""
_STOP = """a about an and any are as at be been but by can did do does for from had has have how i if in into is it its
of on or our s t that the their them there they this to was we were what when where which who why will with you your"""
_STOP_WORDS = frozenset(_STOP.split())


class Entry(BaseModel):
    """A passage, or a change, that a question may find."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    text: str
    """Comes back byte for byte."""
    competitor: str = ""
    aspect: str = ""
    url: str = ""
    version: str = ""
    at: AwareDatetime
    kind: Literal["passage", "change"] = "passage"
    extra: dict[str, JsonValue] = {}

    @property
    def label(self) -> Label:
        """Text from the web is untrusted for ever."""
        return WEB.with_source(self.url)


class Filter(BaseModel):
    """Which entries may be found at all. None means any."""

    model_config = ConfigDict(frozen=True)

    competitors: tuple[str, ...] | None = None
    aspect: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    kinds: tuple[str, ...] | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing can pass."""
        return self.competitors == () or self.kinds == ()

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same in SQL."""
        wanted: list[ColumnElement[bool] | None] = [
            None if self.competitors is None else passages.c.competitor.in_(self.competitors),
            None if self.aspect is None else passages.c.aspect == self.aspect,
            None if self.since is None else passages.c.at >= self.since,
            None if self.until is None else passages.c.at < self.until,
            None if self.kinds is None else passages.c.kind.in_(self.kinds),
        ]
        return [condition for condition in wanted if condition is not None]


def entry_of(row: Row[Any]) -> Entry:
    """The entry that a row holds."""
    values = {name: value for name, value in row._asdict().items() if name in Entry.model_fields}
    return Entry.model_validate({**values, "text": row.text.decode("utf-8", "surrogatepass")})


def passages_by_id(connection: Connection, ids: Iterable[str]) -> dict[str, Entry]:
    """The entries that are there, by id."""
    rows = [row for some in _chunks(ids) for row in connection.execute(select(passages).where(passages.c.id.in_(some)))]
    return {row.id: entry_of(row) for row in rows}


def add_in(connection: Connection, new: Sequence[Entry]) -> int:
    """Add entries and index their words; how many were new. One whose id is there is left as it is."""
    if connection.dialect.name == "postgresql":  # numbers become visible in their order, or an index would miss some
        connection.execute(text("LOCK TABLE passages IN SHARE ROW EXCLUSIVE MODE"))
    known = passages_by_id(connection, [entry.id for entry in new]).keys()
    fresh = list({entry.id: entry for entry in new if entry.id not in known}.values())
    if not fresh:
        return 0
    statement = insert(passages).returning(passages.c.number, sort_by_parameter_order=True)
    numbers = connection.execute(statement, [_row(entry) for entry in fresh]).scalars().all()
    rows = [{"number": number, "words": _indexed(entry.text)} for number, entry in zip(numbers, fresh, strict=True)]
    connection.execute(_index_words(connection), rows)
    return len(fresh)


def remove_in(connection: Connection, ids: Sequence[str]) -> int:
    """Remove entries and their words; how many were there."""
    removed = 0
    for some in _chunks(ids):
        rows = connection.execute(select(passages).where(passages.c.id.in_(some))).all()
        forget = [{"number": row.number, "words": _indexed(entry_of(row).text)} for row in rows]
        if forget:
            connection.execute(_forget_words(connection), forget)
            numbers = [row.number for row in rows]
            connection.execute(delete(passage_vectors).where(passage_vectors.c.number.in_(numbers)))
            connection.execute(delete(passages).where(passages.c.number.in_(numbers)))
        removed += len(rows)
    return removed


def index_words_anew(connection: Connection) -> None:
    """Index the words of all passages, when nothing is indexed."""
    query = select(passages).order_by(passages.c.number).execution_options(yield_per=_CHUNK)
    with connection.execute(query) as found:
        for rows in found.partitions():
            words = [{"number": row.number, "words": _indexed(entry_of(row).text)} for row in rows]
            connection.execute(_index_words(connection), words)


def words_in(connection: Connection, question: str, wanted: Filter, limit: int) -> list[tuple[Entry, float]]:
    """The entries that share words with the question, best first, each with its BM25 score (higher is better)."""
    if wanted.empty:
        return []
    if connection.dialect.name == "postgresql":
        from memory.postgresql_words import ranked

        return ranked(connection, question, wanted, limit)
    return _fts5(connection, question, wanted, limit)


def _fts5(connection: Connection, question: str, wanted: Filter, limit: int) -> list[tuple[Entry, float]]:
    words = [word.lower() for word in re.findall(r"\w+", plain(question))]
    words = [word for word in words if word not in _STOP_WORDS] or words
    if not words:
        return []
    score = literal_column("bm25(passage_words)", Float).label("score")
    query: Select[Any] = (
        select(passages, score)
        .select_from(passages)
        .join(_fts, _fts.c.rowid == passages.c.number)
        .where(text("passage_words MATCH :match"), *wanted.conditions())
        .order_by(score)
        .limit(limit)
    )
    rows = connection.execute(query, {"match": " OR ".join(f'"{word}"' for word in dict.fromkeys(words))})
    return [(entry_of(row), -row.score) for row in rows]


def _chunks(values: Iterable[str]) -> list[list[str]]:
    every = list(dict.fromkeys(values))
    return [every[start : start + _CHUNK] for start in range(0, len(every), _CHUNK)]


def _row(entry: Entry) -> dict[str, Any]:
    return {**entry.model_dump(), "text": entry.text.encode("utf-8", "surrogatepass")}


def _indexed(words: str) -> str:
    return plain(words[:_LONGEST])


def _index_words(connection: Connection) -> Any:
    if connection.dialect.name == "sqlite":
        return text("INSERT INTO passage_words (rowid, words) VALUES (:number, :words)")
    vector = "to_tsvector('english', :words)"
    return text(f"INSERT INTO passage_words (number, words, length) SELECT :number, v, {_LENGTH} FROM {vector} AS v")  # noqa: S608


_LENGTH = "(SELECT coalesce(sum(cardinality(u.positions)), 0) FROM unnest(v) AS u)"


def _forget_words(connection: Connection) -> Any:
    if connection.dialect.name == "sqlite":
        return text("INSERT INTO passage_words (passage_words, rowid, words) VALUES ('delete', :number, :words)")
    return text("DELETE FROM passage_words WHERE number = :number")
