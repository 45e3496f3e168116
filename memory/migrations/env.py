"""What Alembic runs: migrate on the connection, and within the transaction, that the caller holds."""

from __future__ import annotations

from alembic import context

from memory.migrations import TABLE

context.configure(connection=context.config.attributes["connection"], version_table=TABLE)
context.run_migrations()
