"""Grants that are limited to some kinds of change."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Earlier grants are for tools whose changes have no kinds: they stay without a limit."""
    op.add_column("grants", Column("kinds", Text))
