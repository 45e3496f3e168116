"""Taking a turn to drive it: its lease, what it is, and that it runs from now on, in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from memory.conversations import Status, Turn, turns
from memory.database import Database
from memory.errors import NotFound
from memory.leases import Lease, acquire_in, is_held

__all__ = ["Drives", "Taken"]

_TURN = select(turns).where(turns.c.id == bindparam("turn_id"))
_RUN = update(turns).where(turns.c.id == bindparam("turn_id"))
_EARLIER = select(turns.c.id).where(
    turns.c.thread == bindparam("thread_id"),
    turns.c.seq < bindparam("seq_of_this"),
    turns.c.status.in_([Status.QUEUED, Status.RUNNING]),
)

_STOPPED = select(turns.c.id).where(
    turns.c.status.in_([status for status in Status if not status.ended]), turns.c.cancel_by.is_not(None)
)


class Taken(BaseModel):
    """A turn that was taken, as it was before."""

    model_config = ConfigDict(frozen=True)

    lease: Lease
    turn: Turn
    running: bool
    """Whether it is `running` now. It isn't when it has ended, or when an earlier one of its thread is worked on."""


class Drives:
    """Who drives which turn."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, turn: str, holder: str, ttl: timedelta, now: datetime) -> Taken | None:
        """Take the turn, or None when somebody else has it. Raises NotFound."""
        try:
            return await self._database.write(lambda c: _take(c, turn, holder, ttl, now), brief=True)
        except IntegrityError:  # PostgreSQL: somebody else took it at the same moment
            return None

    async def left_stopped(self, now: datetime) -> list[str]:
        """Turns that somebody asked to stop, that haven't ended, and that nobody drives.

        They wait for a person, or whoever was bringing them to their end died.
        """

        def work(connection: Connection) -> list[str]:
            found = connection.execute(_STOPPED).scalars().all()
            return [turn for turn in found if not is_held(connection, f"turn:{turn}", now)]

        return await self._database.read(work, brief=True)

    async def run(self, turn: str, now: datetime) -> bool:
        """Make a turn that was taken `running`, unless an earlier one of its thread is worked on."""
        return await self._database.write(lambda c: _run(c, _get(c, turn), now), brief=True)


def _get(connection: Connection, turn: str) -> Turn:
    row = connection.execute(_TURN, {"turn_id": turn}).first()
    if row is None:
        raise NotFound("turn", turn)
    return Turn.model_validate(row._asdict())


def _take(connection: Connection, turn: str, holder: str, ttl: timedelta, now: datetime) -> Taken | None:
    lease = acquire_in(connection, f"turn:{turn}", holder, ttl, now)
    if lease is None:
        return None
    found = _get(connection, turn)
    return Taken(lease=lease, turn=found, running=not found.status.ended and _run(connection, found, now))


def _run(connection: Connection, turn: Turn, now: datetime) -> bool:
    if turn.seq > 1:
        earlier = connection.execute(_EARLIER, {"thread_id": turn.thread, "seq_of_this": turn.seq}).scalars().all()
        if any(is_held(connection, f"turn:{other}", now) for other in earlier):
            return False
    connection.execute(_RUN, {"turn_id": turn.id, "status": Status.RUNNING, "updated_at": now})
    return True
