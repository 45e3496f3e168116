"""Work that was put aside with its reason: listed, and tried again when somebody says so."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dbos import DBOSClient

from agent.errors import RequesterMustFix
from agent.serving.durable import QUEUE, WORK_VERSION, work_database
from agent.settings import Settings
from agent.untrusted_text import visible
from memory.arrivals import Arrivals

__all__ = ["DeadLetter", "dead_letters", "retry"]

_DEAD = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


@dataclass(frozen=True)
class DeadLetter:
    """Something that was tried as often as makes sense."""

    id: str
    why: str


@contextmanager
def _client(settings: Settings) -> Iterator[DBOSClient]:
    where = work_database(settings)
    client = DBOSClient(system_database_url=where.url, system_database_engine=where.engine)
    try:
        yield client
    finally:
        client.destroy()


async def dead_letters(settings: Settings, arrivals: Arrivals) -> list[DeadLetter]:
    """Arrivals that nobody could work on, and turns that nobody could drive."""
    found = [DeadLetter(each.key, visible(each.problem)) for each in await arrivals.given_up()]
    with _client(settings) as client:
        put_aside = await client.list_workflows_async(status=_DEAD, name="drive")
    return found + [DeadLetter(each.workflow_id, str(each.error or each.status)) for each in put_aside]


async def retry(settings: Settings, arrivals: Arrivals, letter: str) -> None:
    """Queue it again, for a process that serves. Raises RequesterMustFix when there is no such letter."""
    if await arrivals.retry(letter):
        return
    with _client(settings) as client:
        found = await client.list_workflows_async(workflow_ids=[letter], status=_DEAD)
        if not found:
            raise RequesterMustFix(f"Nothing was put aside as {letter!r}.", to_do="sophia worker --put-aside lists it.")
        turn = letter.partition(":")[0]
        await client.enqueue_async(
            {
                "queue_name": QUEUE,
                "workflow_name": "drive",
                "workflow_id": f"{turn}:retried-{secrets.token_hex(4)}",
                "app_version": WORK_VERSION,
                "application_name": "sophia",
            },
            turn,
        )
        await client.delete_workflow_async(letter)
