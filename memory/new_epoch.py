"""What a restore does about what was in flight, before and after the rows are replaced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import Connection, insert, inspect, select, text, update

from memory.approval_rows import ApprovalStatus, approvals
from memory.audit import Audit, NewEntry
from memory.conversations import Status, turns
from memory.effects import EPOCH, PENDING, effects, epochs
from memory.leases import wakes
from memory.scheduled import Outcome, schedule_runs

__all__ = ["Begun", "InFlight", "begin_in"]

_RUN_OVER = "A restore from a backup ended it: what it had told by then isn't known, and is not told again."
_POSITIONS = {"checkpoints", "checkpoint_blobs", "checkpoint_writes"}


class InFlight(BaseModel):
    """What was in flight when the backup was made, and the epoch that begins."""

    model_config = ConfigDict(frozen=True)

    epoch: int
    turns_ended: int = 0
    """Turns that were waiting or being worked on: they end."""
    turns_left: tuple[str, ...] = ()
    """Turns with effects of which nobody knows how they ended: they are reconciled when they are resumed."""
    approvals_closed: int = 0

    def __str__(self) -> str:
        left = (
            f"{len(self.turns_left)} turns must be reconciled: {', '.join(self.turns_left)}." if self.turns_left else ""
        )
        return (
            f"Epoch {self.epoch} begins: {self.turns_ended} unfinished turns were ended, "
            f"{self.approvals_closed} open approvals closed. {left}"
        ).strip()


@dataclass
class Begun:
    """Filled when the block ends."""

    in_flight: InFlight = field(default_factory=lambda: InFlight(epoch=0))


@contextmanager
def begin_in(connection: Connection, audit: Audit, why: str, now: datetime) -> Iterator[Begun]:
    """Replace the rows within this block: the epoch that begins then is later than any before and after it."""
    epoch, counts = _before(connection)
    begun = Begun()
    yield begun
    epoch = max(epoch, EPOCH.scalar(connection) or 1) + 1
    connection.execute(insert(epochs), {"number": epoch, "why": why, "started_at": now})
    if counts:
        connection.execute(insert(wakes), counts)  # whoever waits for a higher count must see one
    _forget_positions(connection)
    begun.in_flight = _close(connection, epoch, now)
    payload: dict[str, JsonValue] = {**begun.in_flight.model_dump(mode="json"), "why": why}
    audit.append_in(connection, NewEntry(kind="epoch.started", payload=payload, actor="sophia", at=now))


def _before(connection: Connection) -> tuple[int, list[dict[str, Any]]]:
    there = set(inspect(connection).get_table_names())
    epoch = EPOCH.scalar(connection) if "epochs" in there else 1
    rows = connection.execute(select(wakes)).all() if "wakes" in there else []
    return epoch or 1, [{"name": row.name, "count": row[1] + 1} for row in rows]


def _forget_positions(connection: Connection) -> None:
    """On PostgreSQL LangGraph keeps in tables of its own where turns stood; they don't stand there any more."""
    there = set(inspect(connection).get_table_names())
    for name in _POSITIONS & there:
        connection.execute(text(f"DELETE FROM {name}"))  # noqa: S608 - one of three


def _close(connection: Connection, epoch: int, now: datetime) -> InFlight:
    pending = select(effects.c.turn).where(effects.c.status.in_(PENDING))
    left = connection.execute(pending.distinct()).scalars().all()
    unfinished = turns.c.status.in_([status for status in Status if not status.ended])
    ended = connection.execute(
        update(turns)
        .where(unfinished, turns.c.id.not_in(left))
        .values(status=Status.FAILED, ended_at=now, updated_at=now)
    ).rowcount
    open_ones = approvals.c.status.in_([ApprovalStatus.WAITING, ApprovalStatus.APPROVED])
    closed = connection.execute(
        update(approvals).where(open_ones).values(status=ApprovalStatus.SUPERSEDED, decided_at=now)
    ).rowcount
    connection.execute(
        update(schedule_runs)
        .where(schedule_runs.c.ended_at.is_(None))
        .values(ended_at=now, outcome=Outcome.CANCELLED, note=_RUN_OVER)
    )
    return InFlight(epoch=epoch, turns_ended=ended, turns_left=tuple(sorted(left)), approvals_closed=closed)
