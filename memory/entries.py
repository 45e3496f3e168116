"""The audit log's entries: their tables, their models, and the bytes that their leaves are hashed from."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Row, Table, Text

from memory.merkle import leaf_hash
from memory.schema import COUNTER, metadata

__all__ = ["Entry", "NewEntry", "entries", "entry_of", "leaf_data", "leaf_of", "tree"]

entries = Table(
    "audit_entries",
    metadata,
    Column("index", COUNTER, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("stack", Text),
    Column("payload", Text, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("root", LargeBinary, nullable=False),
)
tree = Table(
    "audit_tree",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)


class NewEntry(BaseModel):
    """Something that happened and is to be logged."""

    model_config = ConfigDict(frozen=True)

    kind: str
    payload: dict[str, JsonValue]
    actor: str
    """A person's name, or `sophia`."""
    at: datetime
    stack: str | None = None
    """The stack that it is about, to find it by."""


class Entry(NewEntry):
    """An entry of the log."""

    index: int
    """From 0 on."""
    root: str
    """The root of the log once this entry was in it, hexadecimal."""


def leaf_data(*, index: int, at: str, kind: str, actor: str, stack: str | None, payload: str, previous: bytes) -> bytes:
    """The canonical JSON (sorted keys, no spaces, ASCII) of an entry; `payload` is canonical JSON already."""
    q = json.dumps
    return (
        f'{{"actor":{q(actor)},"at":{q(at)},"index":{index},"kind":{q(kind)},"payload":{payload},'
        f'"previous":"{previous.hex()}","stack":{q(stack)}}}'
    ).encode()


def leaf_of(row: Row[Any]) -> bytes:
    """The hash of the leaf that a stored entry is."""
    return leaf_hash(
        leaf_data(
            index=row[0],
            at=row.at,
            kind=row.kind,
            actor=row.actor,
            stack=row.stack,
            payload=row.payload,
            previous=row.previous,
        )
    )


def entry_of(row: Row[Any]) -> Entry:
    """The entry that a row holds."""
    return Entry(
        index=row[0],
        at=datetime.fromisoformat(row.at),
        kind=row.kind,
        actor=row.actor,
        stack=row.stack,
        payload=json.loads(row.payload),
        root=row.root.hex(),
    )
