"""Conversations, turns, results, approvals, grants, the effects ledger, the audit log, leases, switches, spend."""

from __future__ import annotations

from hashlib import sha256

from alembic import op
from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)

revision = "0001"
down_revision = None

Instant = Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
Counter = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Create everything of the first revision."""
    _turns()
    _approvals()
    _grants()
    _effects()
    _audit()
    _coordination()


def _turns() -> None:
    op.create_table(
        "conversations",
        Column("thread", Text, primary_key=True),
        Column("person", Text, nullable=False),
        Column("audience", Text, nullable=False),
        Column("created_at", Instant, nullable=False),
    )
    op.create_table(
        "turns",
        Column("id", Text, primary_key=True),
        Column("thread", Text, ForeignKey("conversations.thread"), nullable=False),
        Column("seq", Integer, nullable=False),
        Column("request", Text, nullable=False),
        Column("person", Text, nullable=False),
        Column("audience", Text, nullable=False),
        Column("surface", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("planner", Text, nullable=False),
        Column("plan", Text),
        Column("outcome", Text),
        Column("context", Text),
        Column("created_at", Instant, nullable=False),
        Column("updated_at", Instant, nullable=False),
        Column("ended_at", Instant),
        Column("cancel_by", Text),
        UniqueConstraint("thread", "seq"),
    )
    op.create_index("ix_turns_status", "turns", ["status"])
    op.create_table(
        "turn_events",
        Column("turn", Text, ForeignKey("turns.id"), nullable=False),
        Column("seq", Integer, nullable=False),
        Column("at", Instant, nullable=False),
        Column("kind", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("data", Text),
        PrimaryKeyConstraint("turn", "seq"),
    )
    op.create_table(
        "results",
        Column("id", Counter, primary_key=True),
        Column("ref", Text, nullable=False, unique=True),
        Column("turn", Text, nullable=False),
        Column("step", Text, nullable=False),
        Column("at", Instant, nullable=False),
        Column("packed", Boolean, nullable=False),
        Column("envelope", LargeBinary, nullable=False),
    )
    op.create_index("ix_results_turn", "results", ["turn"])


def _approvals() -> None:
    op.create_table(
        "approvals",
        Column("id", Text, primary_key=True),
        Column("turn", Text, nullable=False),
        Column("step", Text, nullable=False),
        Column("tool", Text, nullable=False),
        Column("arguments", Text, nullable=False),
        Column("digest", Text, nullable=False),
        Column("card", Text),
        Column("people", Integer, nullable=False),
        Column("requested_by", Text, nullable=False),
        Column("role", Text, nullable=False),
        Column("binding", Text),
        Column("audience", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        Column("decided_at", Instant),
    )
    op.create_index("ix_approvals_status", "approvals", ["status"])
    op.create_index("ix_approvals_turn", "approvals", ["turn"])
    op.create_table(
        "approval_votes",
        Column("approval", Text, ForeignKey("approvals.id"), nullable=False),
        Column("person", Text, nullable=False),
        Column("approve", Boolean, nullable=False),
        Column("reason", Text, nullable=False),
        Column("at", Instant, nullable=False),
        PrimaryKeyConstraint("approval", "person"),
    )


def _grants() -> None:
    op.create_table(
        "grants",
        Column("id", Text, primary_key=True),
        Column("tool", Text, nullable=False),
        Column("destination", Text, nullable=False),
        Column("arguments", Text),
        Column("template", Text, nullable=False),
        Column("about", Text, nullable=False),
        Column("owner", Text, nullable=False),
        Column("approved_by", Text, nullable=False),
        Column("uses", Integer, nullable=False),
        Column("window_seconds", Integer, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
        Column("revoked_at", Instant),
        Column("revoked_by", Text),
    )
    op.create_index("ix_grants_tool", "grants", ["tool", "destination"])
    op.create_table(
        "grant_uses",
        Column("id", Counter, primary_key=True),
        Column("grant", Text, ForeignKey("grants.id"), nullable=False),
        Column("effect", Text, nullable=False),
        Column("at", Instant, nullable=False),
    )
    op.create_index("ix_grant_uses_grant", "grant_uses", ["grant", "at"])


def _effects() -> None:
    op.create_table(
        "effects",
        Column("id", Text, primary_key=True),
        Column("turn", Text, nullable=False),
        Column("step", Text, nullable=False),
        Column("tool", Text, nullable=False),
        Column("arguments", Text, nullable=False),
        Column("digest", Text, nullable=False),
        Column("state_version", Text, nullable=False),
        Column("bound", Text),
        Column("approval", Text),
        Column("grant", Text),
        Column("undo_of", Text),
        Column("status", Text, nullable=False),
        Column("attempt", Integer, nullable=False),
        Column("epoch", Integer, nullable=False),
        Column("token_hash", Text, nullable=False),
        Column("result", Text),
        Column("verification", Text),
        Column("problem", Text),
        Column("created_at", Instant, nullable=False),
        Column("started_at", Instant),
        Column("ended_at", Instant),
        UniqueConstraint("turn", "step", "digest"),
    )
    op.create_index("ix_effects_status", "effects", ["status"])
    op.create_table(
        "epochs",
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("why", Text, nullable=False),
        Column("started_at", Instant, nullable=False),
    )


def _audit() -> None:
    op.create_table(
        "audit_entries",
        Column("index", Counter, primary_key=True, autoincrement=False),
        Column("at", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("actor", Text, nullable=False),
        Column("stack", Text),
        Column("payload", Text, nullable=False),
        Column("previous", LargeBinary, nullable=False),
        Column("root", LargeBinary, nullable=False),
    )
    op.create_index("ix_audit_entries_at", "audit_entries", ["at"])
    tree = op.create_table(
        "audit_tree",
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("size", BigInteger, nullable=False),
        Column("root", LargeBinary, nullable=False),
        Column("frontier", LargeBinary, nullable=False),
    )
    op.bulk_insert(tree, [{"id": 1, "size": 0, "root": sha256(b"").digest(), "frontier": b""}])


def _coordination() -> None:
    op.create_table(
        "leases",
        Column("name", Text, primary_key=True),
        Column("holder", Text, nullable=False),
        Column("process", Text, nullable=False),
        Column("fence", BigInteger, nullable=False),
        Column("acquired_at", Instant, nullable=False),
        Column("expires_at", Instant, nullable=False),
    )
    op.create_table(
        "wakes",
        Column("name", Text, primary_key=True),
        Column("count", BigInteger, nullable=False),
    )
    op.create_table(
        "switches",
        Column("name", Text, primary_key=True),
        Column("on", Boolean, nullable=False),
        Column("person", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("at", Instant, nullable=False),
    )
    op.create_table(
        "spend",
        Column("id", Counter, primary_key=True),
        Column("at", Instant, nullable=False),
        Column("kind", Text, nullable=False),
        Column("micros", BigInteger, nullable=False),
        Column("turn", Text, nullable=False),
        Column("person", Text, nullable=False),
        Column("note", Text, nullable=False),
    )
    op.create_index("ix_spend_kind", "spend", ["kind", "at"])
