"""A paused schedule that is due at a time runs again by itself then: none that was paused before was meant to."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """They rest until they are resumed."""
    op.execute("UPDATE schedules SET next_at = NULL WHERE status = 'paused'")
