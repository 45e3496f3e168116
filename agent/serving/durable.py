"""Durable work by DBOS: a turn that is to be driven is a workflow, on SQLite and PostgreSQL alike.

Who owns what, and which layer recovers it:

    a turn that has to be driven     DBOS: one workflow `drive(turn)`; a dead process's are queued again by the living
    the position within a turn       LangGraph's checkpoint: whoever drives next goes on from it
    an effect                        the ledger, which is read first, and the world, which it is reconciled with
    what came in, what is shown      the tables `arrivals` and `posts`

Starting a workflow joins no transaction of ours, so that a process may die between storing a turn and starting its
workflow: `Caretaker` looks for turns that nobody drives.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

from dbos import DBOS, DBOSConfig, SetWorkflowID, WorkflowHandleAsync

from agent.serving.logs import about
from agent.serving.tracing import span
from agent.settings import Settings
from agent.sophia import Sophia
from memory.engines import location_of, open_for_work
from memory.errors import StoreError

__all__ = ["EXECUTOR", "QUEUE", "WORK_VERSION", "DurableWork", "durable_work", "work_database"]

_log = logging.getLogger(__name__)
WORK_VERSION: Final = "sophia-1"
"""Raised when a workflow means something else than before: only one version's processes take each other's work over."""
QUEUE: Final = "turns"
EXECUTOR: Final = "executor:"
"""The name of the lease that says that a process lives begins so; the version of its work and its own name follow."""
AT_ONCE = 32
"""Turns that one process drives side by side; what is more waits in the queue for whoever has room."""
POLLING_SECONDS = {"alone": 5.0, "shared": 0.5}
"""Where nobody else serves the queue, it holds only what was left over; work that is new never waits for it."""
LISTENER_SECONDS = 0.2
"""Nothing here waits for a notification, so that DBOS's listener looks at nothing; but only so often does it see that
it is to stop, and stopping waits for it."""
RECOVERY_SECONDS = 3.0
"""Between two looks of DBOS for work of the dead: a take-over takes under 20 s with it."""
MOST_RECOVERIES = 5
"""A turn whose process died this often while it was driven is put aside."""
MOST_FORGOTTEN = 5000
"""Workflows that are dropped at once."""
ATTEMPTS, REST_SECONDS = 4, 0.5
"""When the database is away in the middle."""


class _Driving:
    """The Sophia of this process: DBOS knows workflows by their names, for the whole process."""

    sophia: Sophia | None = None
    tasks: ClassVar[set[asyncio.Task[Any]]] = set()
    """Drives that run here, whether they were started here or taken from the queue."""


@DBOS.workflow(name="drive", max_recovery_attempts=MOST_RECOVERIES)
async def _drive(turn: str) -> str:
    """Drive a turn as far as it goes now. Everything else is LangGraph's and the ledger's to know."""
    sophia = _Driving.sophia
    assert sophia is not None, "work is done by a process that serves"
    task = asyncio.current_task()
    assert task is not None, "a workflow runs in a task"
    _Driving.tasks.add(task)
    task.add_done_callback(_Driving.tasks.discard)
    about.set({"turn": turn, "thread": (await sophia.turns.get(turn)).thread})
    _log.info("driving")
    rest = REST_SECONDS
    for attempt in range(ATTEMPTS):
        try:
            with span("drive", about.get()):
                status = str((await sophia.drive(turn)).status)
        except StoreError as error:
            if attempt == ATTEMPTS - 1:
                raise
            _log.warning("%s is driven again in %.1f s: %s", turn, rest, error)
        else:
            _log.info("driven: %s", status)
            return status
        await asyncio.sleep(rest)
        rest *= 4
    raise AssertionError("the last attempt returns or raises")


class DurableWork:
    """Starts drives, takes over those of dead processes, and lists those that were put aside."""

    def __init__(self, executor: str) -> None:
        self.executor = executor
        self._running: set[asyncio.Task[str]] = set()

    async def drive(self, turn: str, cause: str) -> None:
        """Drive the turn: here and at once while there is room, otherwise wherever there is. Once for each cause."""
        with SetWorkflowID(f"{turn}:{cause}"):
            if len(self._running) < AT_ONCE:
                handle = await DBOS.start_workflow_async(_drive, turn)
            else:
                await DBOS.enqueue_workflow_async(QUEUE, _drive, turn)
                return
        task = asyncio.create_task(self._followed(handle))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def enqueue(self, turn: str, cause: str) -> None:
        """Have the turn driven by whoever has room first."""
        with SetWorkflowID(f"{turn}:{cause}"):
            await DBOS.enqueue_workflow_async(QUEUE, _drive, turn)

    @staticmethod
    async def _followed(handle: WorkflowHandleAsync[str]) -> str:
        try:
            return await handle.get_result()
        except Exception as error:  # noqa: BLE001 - the outermost edge of this surface; DBOS keeps it with its reason
            _log.error("%s was put aside: %s", handle.workflow_id, error)
            return "put aside"

    async def executors(self) -> set[str]:
        """Processes, of this version, that have work which hasn't ended."""
        pending = await DBOS.list_workflows_async(
            status="PENDING", app_version=WORK_VERSION, load_input=False, load_output=False
        )
        return {str(each.executor_id) for each in pending} - {self.executor}

    async def take_over(self, executor: str) -> int:
        """Queue the work of a process that is dead, for whoever has room; how much it was."""
        taken = await asyncio.to_thread(DBOS._recover_pending_workflows, [executor])  # noqa: SLF001 - as its docs say
        return len(taken)

    async def forget(self, before: datetime) -> None:
        """Drop workflows that ended well and were begun before this time. Those that were put aside stay."""
        ended = await DBOS.list_workflows_async(
            status="SUCCESS", end_time=before.isoformat(), limit=MOST_FORGOTTEN, load_input=False, load_output=False
        )
        if ended:
            await DBOS.delete_workflows_async([each.workflow_id for each in ended])

    async def aclose(self) -> None:
        """Wait for what stops between steps."""
        await asyncio.gather(*self._running, *_Driving.tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def durable_work(settings: Settings, sophia: Sophia) -> AsyncIterator[DurableWork]:
    """DBOS, launched for this process."""
    executor = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    config: DBOSConfig = {
        "name": "sophia",
        "executor_id": executor,
        "application_version": WORK_VERSION,
        "log_level": "WARNING",
        "notification_listener_polling_interval_sec": LISTENER_SECONDS,
    }
    where = work_database(settings)
    config |= {"system_database_url": where.url, "system_database_engine": where.engine, "sys_db_pool_size": 8}
    _Driving.sophia = sophia
    _quiet(DBOS(config=config))
    DBOS.launch()
    way = "shared" if settings.storage.database_url else "alone"
    await DBOS.register_queue_async(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=POLLING_SECONDS[way])
    work = DurableWork(executor)
    try:
        yield work
    finally:
        await work.aclose()
        # DBOS put its own threads in place of the loop's, and stops them now.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=0)
        _Driving.sophia = None


def _quiet(dbos: DBOS) -> None:
    """Have DBOS look around less often than every second; it has no setting for that.

    Its background jobs are for delayed and overdue workflows, of which there are none here: they end. Through its
    internal queue goes what is recovered.
    """
    dbos._background_jobs_stop_event.set()  # noqa: SLF001
    dbos._registry.get_internal_queue()._polling_interval_sec = RECOVERY_SECONDS  # noqa: SLF001


class WorkDatabase(NamedTuple):
    """Where DBOS keeps workflows, as it takes it."""

    url: str
    engine: Any
    """For SQLite, as it opens that without WAL otherwise."""


def work_database(settings: Settings) -> WorkDatabase:
    """A file beside Sophia's own, or tables of its own in the same PostgreSQL."""
    url = settings.storage.database_url
    if url is None:
        file = Path(settings.home) / "work.db"
        return WorkDatabase(f"sqlite:///{file}", open_for_work(file))
    found = location_of(url.get_secret_value())
    assert not isinstance(found, Path), "a database URL is set"
    return WorkDatabase(found.render_as_string(hide_password=False), None)
