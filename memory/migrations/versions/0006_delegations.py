"""Who left the decision about an approval to whom."""

from __future__ import annotations

from alembic import op
from sqlalchemy import TIMESTAMP, Column, ForeignKey, PrimaryKeyConstraint, Text

revision = "0006"
down_revision = "0005"

Instant = Text().with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "approval_delegations",
        Column("approval", Text, ForeignKey("approvals.id"), nullable=False),
        Column("person", Text, nullable=False),
        Column("to", Text, nullable=False),
        Column("at", Instant, nullable=False),
        PrimaryKeyConstraint("approval", "person"),
    )
