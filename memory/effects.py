"""Rows of the effects ledger: their tables, what is known of an effect, and the permit to make it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    select,
    update,
)

from memory.errors import NotFound
from memory.prepared import Prepared
from memory.processes import ProcessIdentity, this_process
from memory.schema import Choice, Document, Instant, Words, metadata

__all__ = [
    "CURRENT_EPOCH",
    "EPOCH",
    "GET",
    "PENDING",
    "SET",
    "Effect",
    "EffectStatus",
    "PermitRow",
    "effect_of",
    "effects",
    "epochs",
    "locked_effect",
    "optional_effect",
]

effects = Table(
    "effects",
    metadata,
    Column("id", Text, primary_key=True),
    Column("turn", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("arguments", Document, nullable=False),
    Column("digest", Text, nullable=False),
    Column("state_version", Text, nullable=False),
    Column("bound", Document),
    Column("approval", Text),
    Column("grant", Text),
    Column("undo_of", Text),
    Column("status", Choice, nullable=False, index=True),
    Column("attempt", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("token_hash", Text, nullable=False),
    Column("result", Text),
    Column("verification", Document),
    Column("problem", Words),
    Column("created_at", Instant, nullable=False),
    Column("process", Text),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    UniqueConstraint("turn", "step", "digest"),
)
epochs = Table(
    "epochs",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("why", Words, nullable=False),
    Column("started_at", Instant, nullable=False),
)
_CURRENT_EPOCH = select(func.coalesce(func.max(epochs.c.number), 1))
CURRENT_EPOCH = _CURRENT_EPOCH.scalar_subquery()
"""Within another statement."""
EPOCH = Prepared(_CURRENT_EPOCH)
_GET = select(effects).where(effects.c.id == bindparam("id"))
GET, _GET_LOCKED = Prepared(_GET), Prepared(_GET.with_for_update())
SET = Prepared(update(effects).where(effects.c.id == bindparam("this")))


class EffectStatus(StrEnum):
    """What is known of an effect."""

    INTENDED = "intended"
    """The permit was never redeemed: it hasn't happened."""
    STARTED = "started"
    """The permit was redeemed and the end isn't known."""
    DONE = "done"
    FAILED = "failed"
    """It is known not to have happened."""
    UNKNOWN = "unknown"
    """The world couldn't tell; a person is asked."""
    UNDONE = "undone"

    @property
    def pending(self) -> bool:
        """Whether it must be reconciled with the world before anything else is done about it."""
        return self in (EffectStatus.INTENDED, EffectStatus.STARTED, EffectStatus.UNKNOWN)


PENDING = [str(status) for status in EffectStatus if status.pending]


class PermitRow(BaseModel):
    """The capability to make one effect, once."""

    model_config = ConfigDict(frozen=True)

    id: str
    token: str
    attempt: int


class Effect(BaseModel):
    """A row of the ledger."""

    model_config = ConfigDict(frozen=True)

    id: str
    turn: str
    step: str
    tool: str
    arguments: dict[str, JsonValue]
    digest: str
    state_version: str
    bound: JsonValue = None
    approval: str | None = None
    grant: str | None = None
    undo_of: str | None = None
    status: EffectStatus
    attempt: int
    epoch: int
    result: str | None = None
    """The reference of the result, once done."""
    verification: JsonValue = None
    """What was found when the done effect was checked."""
    problem: str | None = None
    """Why it failed, or what a person must decide."""
    created_at: datetime
    process: str | None = None
    """Who began it, as `ProcessIdentity` is written."""
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def process_id(self) -> int | None:
        """The id of the process that began it, on its machine."""
        return ProcessIdentity.model_validate_json(self.process).pid if self.process else None

    @property
    def may_be_going_on(self) -> bool:
        """Whether it was begun by another process that isn't known to be dead, and by one of this machine.

        Of another machine nothing is known but that its lease is over.
        """
        if self.status is not EffectStatus.STARTED or self.process is None:
            return False
        process = ProcessIdentity.model_validate_json(self.process)
        return process != this_process() and process.is_here and not process.is_dead()


def effect_of(row: Row[Any]) -> Effect:
    """The effect that a row holds."""
    return Effect.model_validate(row._asdict())


def optional_effect(row: Row[Any] | None) -> Effect | None:
    """The effect that a row holds, if there is a row."""
    return None if row is None else effect_of(row)


def locked_effect(connection: Connection, effect_id: str) -> Effect:
    """The effect, ours until the transaction ends. Raises NotFound."""
    effect = optional_effect(_GET_LOCKED.first(connection, {"id": effect_id}))
    if effect is None:
        raise NotFound("effect", effect_id)
    return effect
