"""Results of steps, each an envelope (value, label, provenance), kept out of the graph's state, found by reference."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Connection, LargeBinary, Table, Text, bindparam, insert, select

from memory.database import Database
from memory.errors import NotFound
from memory.labels import Envelope
from memory.prepared import Prepared
from memory.schema import COUNTER, Instant, compact_json, metadata, new_id

__all__ = ["Results", "put_in"]

results = Table(
    "results",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("ref", Text, nullable=False, unique=True),
    Column("turn", Text, nullable=False, index=True),
    Column("step", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("packed", Boolean, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
)
_PUT = Prepared(insert(results))
_GET = select(results.c.packed, results.c.envelope).where(results.c.ref == bindparam("ref"))
_OF_TURN = select(results.c.step, results.c.ref).where(results.c.turn == bindparam("turn")).order_by(results.c.id)
_ENVELOPES = (
    select(results.c.step, results.c.packed, results.c.envelope)
    .where(results.c.turn == bindparam("turn"))
    .order_by(results.c.id)
)
_WORTH_PACKING = 1024


def put_in(connection: Connection, turn: str, step: str, envelope: Envelope, now: datetime) -> str:
    """Store the envelope within a transaction that is open; its reference."""
    ref = new_id("r")
    data = compact_json(envelope.model_dump(mode="json")).encode()
    packed = len(data) > _WORTH_PACKING
    if packed:
        import zstandard

        data = zstandard.compress(data)
    row = {"ref": ref, "turn": turn, "step": step, "at": now, "packed": packed, "envelope": data}
    _PUT.change(connection, row)
    return ref


class Results:
    """The store of results."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, turn: str, step: str, envelope: Envelope, now: datetime) -> str:
        """Store the result of a step that had no effect to account for; its reference. (Effects: `Ledger.finish`.)"""
        return await self._database.write(lambda c: put_in(c, turn, step, envelope, now), brief=True)

    async def get(self, ref: str) -> Envelope:
        """The envelope, equal to what was put. Raises NotFound."""
        row = await self._database.read(lambda c: c.execute(_GET, {"ref": ref}).first())
        if row is None:
            raise NotFound("result", ref)
        return _envelope(row)

    async def of_turn(self, turn: str) -> dict[str, tuple[str, ...]]:
        """For each step of the turn the references of its results, oldest first."""
        found: dict[str, tuple[str, ...]] = {}
        for step, ref in await self._database.read(lambda c: c.execute(_OF_TURN, {"turn": turn}).all()):
            found[step] = (*found.get(step, ()), ref)
        return found

    async def envelopes(self, turn: str) -> dict[str, Envelope]:
        """For each step of the turn its newest result."""
        rows = await self._database.read(lambda c: c.execute(_ENVELOPES, {"turn": turn}).all(), brief=True)
        return {step: _envelope(row) for step, row in {row.step: row for row in rows}.items()}


def _envelope(row: Any) -> Envelope:
    data: bytes = row.envelope
    if row.packed:
        import zstandard

        data = zstandard.decompress(data)
    return Envelope.model_validate(json.loads(data))
