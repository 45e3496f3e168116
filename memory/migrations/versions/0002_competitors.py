"""Watched pages, captures, versions, changes, feedback, hosts."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
)

revision = "0002"
down_revision = "0001"

Instant = Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
Counter = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Create what competitors' pages need."""
    _pages()
    _captures()
    _changes()
    op.create_table(
        "hosts",
        Column("host", Text, primary_key=True),
        Column("next_at", Double, nullable=False),
        Column("state", LargeBinary),
    )


def _pages() -> None:
    op.create_table(
        "pages",
        Column("id", Counter, primary_key=True),
        Column("url", Text, nullable=False, unique=True),
        Column("competitor", Text, nullable=False),
        Column("aspect", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("channel", Text),
        Column("selector", Text),
        Column("active", Boolean, nullable=False),
        Column("snoozed_until", Instant),
        Column("proposed_by", Text, nullable=False),
        Column("approved_by", Text, nullable=False),
        Column("added_at", Instant, nullable=False),
        Column("source", Text, nullable=False),
        Column("threshold", Text, nullable=False),
        Column("grant", Text, nullable=False),
        Column("etag", Text),
        Column("last_modified", Text),
        Column("learned", LargeBinary),
        Column("bad_streak", Integer, nullable=False),
        Column("degraded", Boolean, nullable=False),
        Column("last_capture", BigInteger),
        Column("ok_capture", BigInteger),
    )
    op.create_index("ix_pages_competitor", "pages", ["competitor"])


def _captures() -> None:
    op.create_table(
        "capture_terms",
        Column("id", Counter, primary_key=True),
        Column("term", Text, nullable=False, unique=True),
    )
    op.create_table(
        "versions",
        Column("id", Counter, primary_key=True),
        Column("digest", Text, nullable=False, unique=True),
        Column("url", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("first_at", BigInteger, nullable=False),
        Column("text", LargeBinary, nullable=False),
        Column("blocks", LargeBinary, nullable=False),
        Column("html", LargeBinary, nullable=False),
    )
    op.create_table(
        "captures",
        Column("id", Counter, primary_key=True),
        Column("at", BigInteger, nullable=False),
        Column("page", Integer, ForeignKey("pages.id"), nullable=False),
        Column("millis", Integer, nullable=False),
        Column("size", Integer, nullable=False),
        Column("version", Integer, ForeignKey("versions.id")),
        Column("effect", Integer, ForeignKey("capture_terms.id")),
        Column("state", Integer, ForeignKey("capture_terms.id"), nullable=False),
        Column("status", SmallInteger),
        Column("final_url", Text),
        Column("etag", Text),
        Column("last_modified", Text),
        Column("note", Text),
    )
    op.create_index("ix_captures_page", "captures", ["page", "at"])
    op.create_index("uq_captures_effect", "captures", ["effect", "page"], unique=True)


def _changes() -> None:
    op.create_table(
        "changes",
        Column("id", Text, primary_key=True),
        Column("page", Integer, ForeignKey("pages.id"), nullable=False),
        Column("competitor", Text, nullable=False),
        Column("aspect", Text, nullable=False),
        Column("before", Text),
        Column("after", Text, nullable=False),
        Column("before_at", Instant),
        Column("at", Instant, nullable=False),
        Column("score", Double, nullable=False),
        Column("significance", Double, nullable=False),
        Column("summary", Text, nullable=False),
        Column("facts", Text, nullable=False),
        Column("explanation", Text, nullable=False),
        Column("cluster", Text),
        Column("alert", Text, nullable=False),
        Column("effect", Text, nullable=False),
    )
    op.create_index("ix_changes_page", "changes", ["page"])
    op.create_index("ix_changes_at", "changes", ["at"])
    op.create_table(
        "feedback",
        Column("id", Text, primary_key=True),
        Column("change", Text, nullable=False),
        Column("url", Text, nullable=False),
        Column("verdict", Text, nullable=False),
        Column("person", Text, nullable=False),
        Column("at", Instant, nullable=False),
        Column("retracted", Boolean, nullable=False),
        Column("pattern", Text, nullable=False),
    )
    op.create_index("ix_feedback_change", "feedback", ["change"])
