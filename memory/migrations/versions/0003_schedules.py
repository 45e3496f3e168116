"""Schedules and their runs."""

from __future__ import annotations

from alembic import op
from sqlalchemy import TIMESTAMP, BigInteger, Boolean, Column, ForeignKey, Integer, Text, UniqueConstraint

revision = "0003"
down_revision = "0002"

Instant = Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
Counter = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Create what schedules need."""
    op.create_table(
        "schedules",
        Column("id", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("request", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("rule", Text, nullable=False),
        Column("zone", Text, nullable=False),
        Column("channel", Text, nullable=False),
        Column("owner", Text, nullable=False),
        Column("audience", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("built_in", Boolean, nullable=False),
        Column("grant", Text, nullable=False),
        Column("effect", Text, nullable=False),
        Column("next_at", Instant),
        Column("created_at", Instant, nullable=False),
        Column("unanswered", Integer, nullable=False),
    )
    op.create_index("ix_schedules_status", "schedules", ["status", "next_at"])
    op.create_index("ix_schedules_effect", "schedules", ["effect"])
    op.create_table(
        "schedule_runs",
        Column("id", Counter, primary_key=True),
        Column("schedule", Text, ForeignKey("schedules.id"), nullable=False),
        Column("due_at", Instant, nullable=False),
        Column("started_at", Instant, nullable=False),
        Column("ended_at", Instant),
        Column("turn", Text),
        Column("post", Text),
        Column("outcome", Text, nullable=False),
        Column("note", Text, nullable=False),
        UniqueConstraint("schedule", "due_at"),
    )
    op.create_index("ix_schedule_runs_ended_at", "schedule_runs", ["ended_at"])
