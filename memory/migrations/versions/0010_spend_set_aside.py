"""Whether an amount is only set aside: what is used and what may yet be are told apart."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, false

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """What was set aside before counts as used."""
    op.add_column("spend", Column("held", Boolean, nullable=False, server_default=false()))
