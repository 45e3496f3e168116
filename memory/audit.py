"""The audit log: everything that happened, append-only, as a Merkle log whose heads are signed.

Every entry names the root of the log before it and stores the root after it, so that an edit, a gap, a swap or an
insertion shows at the entry where it was made. Signed heads in files (see `memory.witness`) show a log that was cut
off or rewritten from some entry on. The leaves are the entries in canonical JSON; the tree is RFC 6962's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import (
    Connection,
    bindparam,
    insert,
    select,
    update,
)

from memory.database import Database, after_commit
from memory.entries import Entry, NewEntry, entries, entry_of, leaf_data, leaf_of, tree
from memory.errors import NotFound
from memory.merkle import Frontier, consistency_path, inclusion_path, leaf_hash, proves_consistency, proves_inclusion
from memory.prepared import Prepared
from memory.schema import instant_text, plain
from memory.verification import Verification, verify_in
from memory.witness import Witness

__all__ = ["Audit", "ConsistencyProof", "Entry", "Head", "InclusionProof", "NewEntry", "Verification"]

_TREE = select(tree.c.size, tree.c.root, tree.c.frontier).where(tree.c.id == 1)
_TREE_LOCKED = Prepared(_TREE.with_for_update())
_LOG = Prepared(insert(entries))
_GROW = Prepared(update(tree).where(tree.c.id == 1, tree.c.size == bindparam("old_size")))


_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


class Head(BaseModel):
    """How long the log is and what it amounts to."""

    model_config = ConfigDict(frozen=True)

    size: int
    root: str


class InclusionProof(BaseModel):
    """That an entry is in the log of `size` entries with this root. Hashes are hexadecimal."""

    model_config = ConfigDict(frozen=True)

    index: int
    size: int
    leaf: str
    path: tuple[str, ...]
    root: str

    def holds(self) -> bool:
        """Whether the path leads from the leaf to the root."""
        path = [bytes.fromhex(node) for node in self.path]
        return proves_inclusion(bytes.fromhex(self.leaf), self.index, self.size, path, bytes.fromhex(self.root))


class ConsistencyProof(BaseModel):
    """That the log of `new` entries began with the log of `old`. Hashes are hexadecimal."""

    model_config = ConfigDict(frozen=True)

    old: int
    new: int
    old_root: str
    new_root: str
    path: tuple[str, ...]

    def holds(self) -> bool:
        """Whether the path leads to both roots."""
        path = [bytes.fromhex(node) for node in self.path]
        return proves_consistency(self.old, self.new, bytes.fromhex(self.old_root), bytes.fromhex(self.new_root), path)


class Audit:
    """The log. `folder` is where signed heads and the key are kept."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self.witness = Witness(folder, database.harden)

    async def append(
        self,
        kind: str,
        payload: dict[str, JsonValue],
        actor: str,
        now: datetime,
        *,
        stack: str | None = None,
        durable: bool = True,
    ) -> Entry:
        """Log one thing in a transaction of its own.

        Without `durable` a power cut may lose it, unless anything durable was written after it.
        """
        new = NewEntry(kind=kind, payload=payload, actor=actor, at=now, stack=stack)
        return (await self.append_many([new], durable=durable))[0]

    async def append_many(self, news: Sequence[NewEntry], *, durable: bool = True) -> list[Entry]:
        """Log many things in one transaction, in this order."""
        rows = await self._database.write(lambda c: self._append(c, news), durable=durable)
        return [
            Entry(**dict(new), index=row["index"], root=row["root"].hex()) for new, row in zip(news, rows, strict=True)
        ]

    def append_in(self, connection: Connection, *news: NewEntry) -> None:
        """Log within a transaction that is open: what it does and its record are kept both or not at all.

        On PostgreSQL this makes other appends wait until the transaction ends, so do it last.
        """
        self._append(connection, news)

    def _append(self, connection: Connection, news: Sequence[NewEntry]) -> list[dict[str, Any]]:
        """Log them; the rows that hold them."""
        if not news:
            return []
        size, _, packed = _TREE_LOCKED.first(connection)
        if size == 0:
            self.witness.begin(news[0].at)
        frontier = Frontier.unpack(size, packed)
        rows = [_extend(frontier, new) for new in news]
        _LOG.change_all(connection, rows)
        root = rows[-1]["root"]
        grown = {"old_size": size, "size": frontier.size, "root": root, "frontier": frontier.pack()}
        _GROW.change(connection, grown)
        at, length = news[-1].at, frontier.size
        durable = connection.info.get("mode") == "durable"
        after_commit(connection, lambda: self.witness.sign_soon(length, root, at, durable=durable))
        return rows

    async def head(self) -> Head:
        """How long the log is now, and its root."""
        size, root, _ = await self._database.read(lambda c: c.execute(_TREE).one())
        return Head(size=size, root=root.hex())

    async def entries(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        kinds: Collection[str] | None = None,
        stack: str | None = None,
        actor: str | None = None,
        limit: int | None = None,
    ) -> list[Entry]:
        """The entries that fit, oldest first; with `limit` the newest so many of them."""
        query = select(entries).order_by(entries.c.index.desc()).limit(limit)
        if since is not None:
            query = query.where(entries.c.at >= instant_text(since))
        if until is not None:
            query = query.where(entries.c.at < instant_text(until))
        if kinds is not None:
            query = query.where(entries.c.kind.in_(kinds))
        if stack is not None:
            query = query.where(entries.c.stack == stack)
        if actor is not None:
            query = query.where(entries.c.actor == actor)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return [entry_of(row) for row in reversed(rows)]

    async def verify(self) -> Verification:
        """Read the whole log and compare it with itself and with every head that was signed; linear in its length."""
        await self.settle()
        heads = list(self.witness.heads())  # before the log, which may grow meanwhile
        signed = [(head, head is not None and self.witness.signed_by_us(head)) for head in heads]
        missing = not heads and (self.witness.exists or self._database.kind == "sqlite")
        missing = missing or self.witness.lacks_kept_heads()
        return await self._database.read(lambda c: verify_in(c, signed, must_be_signed=missing))

    async def settle(self) -> None:
        """Wait until the head of all that this process has logged is signed, which otherwise follows within 100 ms."""
        await asyncio.to_thread(self.witness.settle)

    async def prove_inclusion(self, index: int, size: int | None = None) -> InclusionProof:
        """The proof that entry `index` is in the log of `size` entries (now, when not given). Raises NotFound."""
        leaves = await self._leaves(size)
        if not 0 <= index < len(leaves):
            raise NotFound("audit entry", str(index))
        frontier = Frontier()
        for leaf in leaves:
            frontier.append(leaf)
        path = tuple(node.hex() for node in inclusion_path(leaves, index))
        return InclusionProof(
            index=index, size=len(leaves), leaf=leaves[index].hex(), path=path, root=frontier.root().hex()
        )

    async def prove_consistency(self, old: int, new: int | None = None) -> ConsistencyProof:
        """The proof that the log of `new` entries (now, when not given) began with that of `old`. Raises NotFound."""
        leaves = await self._leaves(new)
        if not 0 < old <= len(leaves):
            raise NotFound("audit log of size", str(old))
        frontier, old_root = Frontier(), b""
        for leaf in leaves:
            frontier.append(leaf)
            old_root = frontier.root() if frontier.size == old else old_root
        path = tuple(node.hex() for node in consistency_path(leaves, old))
        return ConsistencyProof(
            old=old, new=len(leaves), old_root=old_root.hex(), new_root=frontier.root().hex(), path=path
        )

    async def _leaves(self, size: int | None) -> list[bytes]:
        query = select(entries).order_by(entries.c.index)
        if size is not None:
            query = query.where(entries.c.index < size)
        return await self._database.read(lambda c: [leaf_of(row) for row in c.execute(query).yield_per(1000)])


def _extend(frontier: Frontier, new: NewEntry) -> dict[str, Any]:
    row: dict[str, Any] = {
        "index": frontier.size,
        "at": instant_text(new.at),
        "kind": new.kind,
        "actor": plain(new.actor),
        "stack": None if new.stack is None else plain(new.stack),
        "payload": _canonical(new.payload),
        "previous": frontier.root(),
    }
    frontier.append(leaf_hash(leaf_data(**row)))
    return row | {"root": frontier.root()}
