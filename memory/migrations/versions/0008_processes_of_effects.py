"""Which process began an effect: while it lives, nobody else may take it for undone."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Of effects that began earlier it isn't known."""
    op.add_column("effects", Column("process", Text))
