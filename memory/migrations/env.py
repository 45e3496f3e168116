"""What Alembic runs: migrate on the connection, and within the transaction, that the caller holds.

The metadata is there for the names that it gives to constraints and indexes.
"""

from __future__ import annotations

from alembic import context

from memory.migrations import TABLE
from memory.schema import metadata

context.configure(connection=context.config.attributes["connection"], version_table=TABLE, target_metadata=metadata)
context.run_migrations()
