"""Where LangGraph keeps a turn's position: a SQLite file of its own, or the same PostgreSQL database.

The file is in WAL mode with synchronous=NORMAL: a checkpoint is only a cursor, the ledger knows what happened.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memory.engines import location_of

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

__all__ = ["delete_turn", "open_checkpointer"]


@asynccontextmanager
async def open_checkpointer(location: str | Path) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """A checkpointer over a SQLite file (not the database's own) or a PostgreSQL URL, its tables made when missing."""
    place = location_of(location)
    if isinstance(place, Path):
        async with _sqlite(place) as saver:
            yield saver
    else:
        async with _postgresql(place.set(drivername="postgresql").render_as_string(hide_password=False)) as saver:
            yield saver


async def delete_turn(saver: BaseCheckpointSaver[Any], turn: str) -> None:
    """Drop the checkpoints of a turn that has ended."""
    await saver.adelete_thread(turn)


@asynccontextmanager
async def _sqlite(path: Path) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    import aiosqlite
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    path.parent.mkdir(parents=True, exist_ok=True)
    async with aiosqlite.connect(path, timeout=30) as connection:
        await connection.execute("PRAGMA journal_mode=WAL")
        await connection.execute("PRAGMA synchronous=NORMAL")
        saver = AsyncSqliteSaver(connection)
        await saver.setup()
        yield saver


@asynccontextmanager
async def _postgresql(url: str) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg import AsyncConnection
    from psycopg.rows import DictRow, dict_row
    from psycopg_pool import AsyncConnectionPool

    pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
        url,
        min_size=1,
        max_size=8,
        open=False,
        kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
    )
    async with pool:
        saver = AsyncPostgresSaver(pool)
        await saver.setup()
        yield saver
