"""What all tables share: the metadata they are collected in, and column types that mean the same on both databases."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import TIMESTAMP, BigInteger, Connection, Dialect, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

__all__ = [
    "COUNTER",
    "Choice",
    "Document",
    "Instant",
    "Words",
    "compact_json",
    "id_of",
    "insert_or_not",
    "instant_text",
    "metadata",
    "new_id",
    "plain",
]

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

COUNTER = BigInteger().with_variant(Integer(), "sqlite")
"""An integer primary key that counts by itself: BIGSERIAL, or SQLite's rowid."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no letter that reads as another


def new_id(prefix: str) -> str:
    """A short id that nobody else has: the prefix and 60 random bits in 12 characters that can be read out aloud."""
    return id_of(prefix, secrets.randbits(60))


def id_of(prefix: str, bits: int) -> str:
    """The id of this prefix with these 60 bits."""
    return f"{prefix}_" + "".join(_ALPHABET[bits >> shift & 31] for shift in range(55, -1, -5))


def instant_text(at: datetime) -> str:
    """The instant in UTC as text of a fixed width, so that it sorts as it should."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def plain(text: str) -> str:
    """The text as both databases can hold it: NUL and halves of surrogate pairs become U+FFFD."""
    if not text.isascii():
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text.replace("\0", "\ufffd") if "\0" in text else text


class Instant(TypeDecorator[datetime]):
    """An aware instant: `timestamptz` on PostgreSQL, sortable ISO-8601 text in UTC on SQLite. None is naive."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type that the database keeps it in."""
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Aware datetime → what the driver takes."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC) if dialect.name == "postgresql" else instant_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """What the driver gives → aware datetime in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromisoformat(value)


class Choice(TypeDecorator[str]):
    """A member of a StrEnum, kept as its value (drivers differ in what they make of an enumeration)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Member or string → plain string."""
        return None if value is None else str(value)


class Words(TypeDecorator[str]):
    """Text that people or pages wrote. What no database can hold (NUL, half a surrogate pair) becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Any Python string → text that both databases keep unchanged."""
        return None if value is None else plain(value)


class Document(TypeDecorator[Any]):
    """JSON as text, byte for byte what we wrote: the same on both databases, and NUL in it is no problem."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """JSON value → text; None is SQL's NULL."""
        return None if value is None else compact_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Text → JSON value."""
        return None if value is None else json.loads(value)


compact_json = json.JSONEncoder(separators=(",", ":")).encode
"""A JSON value without spaces, in ASCII."""


def insert_or_not(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that leaves a row with the same key as it is, on PostgreSQL after waiting for whoever is adding it."""
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table).on_conflict_do_nothing()
