"""What came in from a chat, once each, and the messages that were posted there."""

from __future__ import annotations

from alembic import op
from sqlalchemy import TIMESTAMP, Column, Integer, Text

revision = "0005"
down_revision = "0004"

Instant = Text().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "arrivals",
        Column("key", Text, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("payload", Text),
        Column("place", Text),
        Column("turn", Text),
        Column("attempts", Integer, nullable=False),
        Column("problem", Text, nullable=False),
        Column("received_at", Instant, nullable=False),
        Column("worked_at", Instant),
        Column("presented_at", Instant),
        Column("shown_at", Instant),
    )
    op.create_index("ix_arrivals_turn", "arrivals", ["turn"])
    op.create_index("ix_arrivals_worked_at", "arrivals", ["worked_at"])
    op.create_index("ix_arrivals_shown_at", "arrivals", ["shown_at"])
    op.create_table(
        "posts",
        Column("id", Text, primary_key=True),
        Column("about", Text, nullable=False),
        Column("channel", Text, nullable=False),
        Column("thread", Text, nullable=False),
        Column("ts", Text, nullable=False),
        Column("digest", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
    )
    op.create_index("ix_posts_about", "posts", ["about"])
    op.create_index("ix_posts_channel", "posts", ["channel", "ts"])
