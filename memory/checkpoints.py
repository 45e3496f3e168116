"""Where LangGraph keeps a turn's position: a SQLite file of its own, or the same PostgreSQL database.

A checkpoint is only a cursor, the ledger knows what happened; so the file is in WAL mode with synchronous=NORMAL and
PostgreSQL's commits don't wait for its disk. The tables and statements are those of LangGraph's own savers. What is
ours is how they are reached: PostgreSQL by one hop to a thread for each operation, where the asynchronous saver comes
back for each statement; SQLite without a hop, as it takes less time than that (0.05 ms instead of 0.5).
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from sqlalchemy.engine import URL

from memory.engines import location_of
from memory.errors import DatabaseBroken
from memory.faults import explain, may_be_repeated

__all__ = ["Positions", "delete_turn", "open_checkpointer"]

T = TypeVar("T")
_POSTGRESQL_THREADS = 4
_PATIENCE_SECONDS = 30.0


class Reach(Protocol):
    """How an operation of a blocking saver is run."""

    async def __call__(self, operation: Callable[..., T], *arguments: Any) -> T:
        """Run it and give what it returns."""
        ...


class Positions(BaseCheckpointSaver[Any]):
    """One of LangGraph's blocking savers, for coroutines."""

    def __init__(self, saver: BaseCheckpointSaver[Any], reach: Reach) -> None:
        super().__init__(serde=saver.serde)
        self._saver = saver
        self._there = reach

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The newest position of the turn, or None."""
        return await self._there(self._saver.get_tuple, config)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - LangGraph's name for it
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """All positions that fit, newest first."""
        found = await self._there(lambda: list(self._saver.list(config, filter=filter, before=before, limit=limit)))
        for one in found:
            yield one

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keep a position."""
        return await self._there(self._saver.put, config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Keep what must be known before the next position is kept: that a stage waits, was resumed, or failed.

        What a stage returned is in the next position a moment later (`durability="sync"`, one stage at a time). Should
        the process die in between, the stage runs again, and what it did is in the ledger.
        """
        if any(channel in WRITES_IDX_MAP for channel, _ in writes):
            await self._there(self._saver.put_writes, config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        """Drop all positions of a turn."""
        await self._there(self._saver.delete_thread, thread_id)

    def get_next_version(self, current: Any, channel: None) -> Any:
        """The version of a channel after `current`, in the form that the saver keeps."""
        return self._saver.get_next_version(current, channel)


@asynccontextmanager
async def open_checkpointer(location: str | Path) -> AsyncIterator[Positions]:
    """A checkpointer over a SQLite file (not the database's own) or a PostgreSQL URL, its tables made when missing."""
    place = location_of(location)
    async with _sqlite(place) if isinstance(place, Path) else _postgresql(place) as positions:
        yield positions


async def delete_turn(saver: BaseCheckpointSaver[Any], turn: str) -> None:
    """Drop the checkpoints of a turn that has ended."""
    await saver.adelete_thread(turn)


@asynccontextmanager
async def _sqlite(path: Path) -> AsyncIterator[Positions]:
    from langgraph.checkpoint.sqlite import SqliteSaver

    path.parent.mkdir(parents=True, exist_ok=True)
    saver = SqliteSaver(_connected(path))

    async def here(operation: Callable[..., T], *arguments: Any) -> T:
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return operation(*arguments)
            except sqlite3.Error as error:
                if time.monotonic() > give_up or not may_be_repeated(error):
                    raise explain(error, path) from error
            await asyncio.sleep(0.005)

    try:
        with _explained(path):
            saver.setup()  # in WAL mode
            saver.conn.execute("PRAGMA synchronous=NORMAL")
            saver.conn.execute("PRAGMA busy_timeout=0")  # the coroutine waits instead, and others go on
        yield Positions(saver, here)
    finally:
        saver.conn.close()


def _connected(path: Path) -> sqlite3.Connection:
    with _explained(path):
        return sqlite3.connect(path, timeout=_PATIENCE_SECONDS, check_same_thread=False)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        found = explain(error, path)
        if isinstance(found, DatabaseBroken):
            found.to_do = (
                "Move it away: it holds only where unfinished turns stood, and the ledger knows what they did."
            )
        raise found from error


@asynccontextmanager
async def _postgresql(url: URL) -> AsyncIterator[Positions]:
    import psycopg
    from langgraph.checkpoint.postgres import PostgresSaver
    from psycopg import Connection
    from psycopg.rows import DictRow, dict_row
    from psycopg_pool import ConnectionPool

    def prepare(connection: Connection[Any]) -> None:
        connection.execute("SET synchronous_commit TO off")

    settings: Mapping[str, Any] = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    pool: ConnectionPool[Connection[DictRow]] = ConnectionPool(
        url.set(drivername="postgresql").render_as_string(hide_password=False),
        min_size=1,
        max_size=_POSTGRESQL_THREADS,
        open=False,
        kwargs=dict(settings),
        configure=prepare,
    )
    threads = ThreadPoolExecutor(_POSTGRESQL_THREADS, "sophia-checkpoints")

    async def there(operation: Callable[..., T], *arguments: Any) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, operation, *arguments)
        except psycopg.Error as error:
            raise explain(error, url) from error

    await there(pool.open, True)
    try:
        saver = PostgresSaver(pool)
        await there(saver.setup)
        yield Positions(saver, there)
    finally:
        await there(pool.close)
        threads.shutdown()
