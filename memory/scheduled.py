"""What is kept of schedules and of their runs: the tables, and the rows as they are handed out."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from memory.schema import COUNTER, Choice, Document, Instant, Words, metadata

__all__ = ["Outcome", "Run", "Schedule", "Standing", "schedule_runs", "schedules"]

schedules = Table(
    "schedules",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Words, nullable=False),
    Column("request", Words, nullable=False),
    Column("words", Words, nullable=False),
    Column("rule", Document, nullable=False),
    Column("zone", Text, nullable=False),
    Column("channel", Words, nullable=False),
    Column("owner", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("status", Choice, nullable=False),
    Column("reason", Words, nullable=False),
    Column("built_in", Boolean, nullable=False),
    Column("grant", Text, nullable=False),
    Column("effect", Text, nullable=False),
    Column("next_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("unanswered", Integer, nullable=False),
    Index("ix_schedules_status", "status", "next_at"),
    Index("ix_schedules_effect", "effect"),
)
schedule_runs = Table(
    "schedule_runs",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("schedule", Text, ForeignKey("schedules.id"), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("turn", Text),
    Column("post", Text),
    Column("outcome", Choice, nullable=False),
    Column("note", Words, nullable=False),
    UniqueConstraint("schedule", "due_at"),
    Index("ix_schedule_runs_ended_at", "ended_at"),
)


class Standing(StrEnum):
    """Whether a schedule runs."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    """It had one time, or its last one, and that is over."""
    DELETED = "deleted"


class Outcome(StrEnum):
    """What became of a run."""

    RUNNING = "running"
    """Its turn is worked on, or waits for a person."""
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    QUESTION = "question"
    CANCELLED = "cancelled"
    UNANSWERED = "unanswered"
    """It asked, and nobody decided in time."""
    JOINED = "joined"
    """The run before it was still going on, so it didn't begin."""
    MISSED = "missed"
    """Nothing was there to run it when it was due, and missed runs are skipped."""


class Schedule(BaseModel):
    """A stored request, and when it is made next."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str = ""
    request: str
    words: str
    """When, as it was said."""
    rule: JsonValue
    """When, as it was understood: an object that `tools.timetable` reads."""
    zone: str
    channel: str = ""
    """Where results are told; empty: only its owner is told."""
    owner: str
    audience: str
    status: Standing = Standing.ACTIVE
    reason: str = ""
    """Why it is paused, where somebody or something gave a reason."""
    built_in: bool = False
    grant: str = ""
    """The standing grant under which its results are told."""
    effect: str = ""
    """The permit that made it."""
    next_at: datetime | None
    created_at: datetime
    unanswered: int = 0
    """How many runs in a row asked something that nobody answered."""


class Run(BaseModel):
    """One occurrence of a schedule."""

    model_config = ConfigDict(frozen=True)

    id: int
    schedule: str
    due_at: datetime
    started_at: datetime
    ended_at: datetime | None = None
    turn: str | None = None
    post: str | None = None
    """The turn that tells its results."""
    outcome: Outcome
    note: str = ""
