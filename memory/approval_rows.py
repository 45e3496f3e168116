"""Rows of approvals: their tables, what was asked and decided, and how they are read with their votes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    select,
)

from memory.errors import NotFound
from memory.schema import Choice, Document, Instant, Words, metadata

__all__ = [
    "Approval",
    "ApprovalStatus",
    "Delegation",
    "Vote",
    "approvals",
    "delegations",
    "one_approval",
    "read_approvals",
    "votes",
]

approvals = Table(
    "approvals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("turn", Text, nullable=False, index=True),
    Column("step", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("arguments", Document, nullable=False),
    Column("digest", Text, nullable=False),
    Column("card", Document),
    Column("people", Integer, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("binding", Document),
    Column("audience", Text, nullable=False),
    Column("status", Choice, nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("decided_at", Instant),
)
votes = Table(
    "approval_votes",
    metadata,
    Column("approval", Text, ForeignKey("approvals.id"), nullable=False),
    Column("person", Text, nullable=False),
    Column("approve", Boolean, nullable=False),
    Column("reason", Words, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("approval", "person"),
)
delegations = Table(
    "approval_delegations",
    metadata,
    Column("approval", Text, ForeignKey("approvals.id"), nullable=False),
    Column("person", Text, nullable=False),
    Column("to", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("approval", "person"),
)
_GET = select(approvals).where(approvals.c.id == bindparam("id"))


class ApprovalStatus(StrEnum):
    """Where an approval is in its life."""

    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    """What it was for has changed, or its turn went on without it."""
    USED = "used"


class Vote(BaseModel):
    """What one person decided."""

    model_config = ConfigDict(frozen=True)

    person: str
    approve: bool
    reason: str
    at: datetime


class Delegation(BaseModel):
    """That one person left the decision to another, who has to make it themselves."""

    model_config = ConfigDict(frozen=True)

    person: str
    to: str
    at: datetime


class Approval(BaseModel):
    """What was asked, of whom, until when, and what was decided."""

    model_config = ConfigDict(frozen=True)

    id: str
    turn: str
    step: str
    tool: str
    arguments: dict[str, JsonValue]
    digest: str
    """Over everything that the approval binds."""
    card: JsonValue = None
    """What people are shown."""
    people: int
    """How many different people must say yes."""
    requested_by: str
    role: str
    """The role that whoever decides must have."""
    binding: JsonValue = None
    """What went into the digest, in the clear; `covers` lists the tools that may undo it under this approval."""
    audience: str = ""
    status: ApprovalStatus
    votes: tuple[Vote, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None = None


def one_approval(connection: Connection, approval_id: str, *, lock: bool = False) -> Approval:
    """The approval with this id, with `lock` ours until the transaction ends. Raises NotFound."""
    row = connection.execute(_GET.with_for_update() if lock else _GET, {"id": approval_id}).first()
    if row is None:
        raise NotFound("approval", approval_id)
    return _with_votes(connection, [row])[0]


def read_approvals(connection: Connection, query: Select[Any]) -> list[Approval]:
    """The approvals that a query of their table finds, oldest first."""
    rows = connection.execute(query.order_by(approvals.c.created_at, approvals.c.id)).all()
    return _with_votes(connection, rows)


def _with_votes(connection: Connection, rows: Sequence[Row[Any]]) -> list[Approval]:
    if not rows:
        return []
    query = select(votes).where(votes.c.approval.in_([row.id for row in rows])).order_by(votes.c.at, votes.c.person)
    cast: dict[str, list[Vote]] = {}
    for row in connection.execute(query):
        cast.setdefault(row.approval, []).append(
            Vote(person=row.person, approve=row.approve, reason=row.reason, at=row.at)
        )
    left = _delegations(connection, [row.id for row in rows])
    return [
        Approval.model_validate({**row._asdict(), "votes": cast.get(row.id, ()), "delegations": left.get(row.id, ())})
        for row in rows
    ]


def _delegations(connection: Connection, refs: Sequence[str]) -> dict[str, list[Delegation]]:
    query = select(delegations).where(delegations.c.approval.in_(refs)).order_by(delegations.c.at, delegations.c.person)
    found: dict[str, list[Delegation]] = {}
    for row in connection.execute(query):
        found.setdefault(row.approval, []).append(Delegation(person=row.person, to=row.to, at=row.at))
    return found
