"""Conversations, turns and events: their tables and their models."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import Column, ForeignKey, Integer, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from memory.schema import Choice, Document, Instant, Words, metadata

__all__ = [
    "Conversation",
    "Event",
    "NewEvent",
    "NewTurn",
    "Status",
    "Turn",
    "conversations",
    "turn_events",
    "turns",
]

conversations = Table(
    "conversations",
    metadata,
    Column("thread", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)
turns = Table(
    "turns",
    metadata,
    Column("id", Text, primary_key=True),
    Column("thread", Text, ForeignKey("conversations.thread"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("request", Words, nullable=False),
    Column("person", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("surface", Text, nullable=False),
    Column("status", Choice, nullable=False, index=True),
    Column("planner", Text, nullable=False),
    Column("plan", Document),
    Column("outcome", Document),
    Column("context", Document),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("cancel_by", Text),
    UniqueConstraint("thread", "seq"),
)
turn_events = Table(
    "turn_events",
    metadata,
    Column("turn", Text, ForeignKey("turns.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Words, nullable=False),
    Column("data", Document),
    PrimaryKeyConstraint("turn", "seq"),
)


class Status(StrEnum):
    """How far a turn is."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    """For an approval."""
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    QUESTION = "question"
    """It ended with a question back; the answer is another turn."""
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens in the turn."""
        return self not in (Status.QUEUED, Status.RUNNING, Status.WAITING)


class Conversation(BaseModel):
    """A thread of turns, with who began it and who may see its answers."""

    model_config = ConfigDict(frozen=True)

    thread: str
    person: str
    audience: str
    created_at: datetime


class Turn(BaseModel):
    """One request and what became of it."""

    model_config = ConfigDict(frozen=True)

    id: str
    thread: str
    seq: int
    """1, 2, … within the thread."""
    request: str
    person: str
    audience: str
    surface: str
    status: Status
    planner: str = ""
    plan: JsonValue = None
    outcome: JsonValue = None
    context: JsonValue = None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None
    cancel_by: str | None = None
    """Who asked to stop it."""


class Event(BaseModel):
    """Something that happened in a turn, for those who watch it."""

    model_config = ConfigDict(frozen=True)

    turn: str
    seq: int
    at: datetime
    kind: str
    text: str
    data: JsonValue = None


class NewEvent(BaseModel):
    """An event that isn't stored yet."""

    model_config = ConfigDict(frozen=True)

    kind: str
    text: str
    data: JsonValue = None
    at: datetime | None = None
    """When it happened; None is when it is stored."""


class NewTurn(BaseModel):
    """A turn that isn't stored yet."""

    model_config = ConfigDict(frozen=True)

    thread: str
    request: str
    person: str
    audience: str
    surface: str
    status: Status = Status.QUEUED
    plan: JsonValue = None
    context: JsonValue = None
    events: tuple[NewEvent, ...] = ()
