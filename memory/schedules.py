"""Schedules: requests that are made again and again, when each is due next, and what became of every run.

A run is claimed in one transaction: the schedule goes on to its next time only if nobody else moved it before
(compare-and-set on `next_at`), and the turn that works on the run is queued with it. So two processes never run the
same occurrence, and a crash leaves a turn that anybody can go on with.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from memory.audit import Audit, NewEntry
from memory.database import Database
from memory.errors import NotFound
from memory.scheduled import Outcome, Run, Schedule, Standing, schedule_runs, schedules
from memory.schema import new_id
from memory.turns import NewTurn, Turn, start_in

__all__ = ["Outcome", "Run", "Schedule", "Schedules", "Standing"]

_GET = select(schedules).where(schedules.c.id == bindparam("id"))
_NEWEST = select(func.max(schedule_runs.c.id)).where(schedule_runs.c.schedule == bindparam("of"))
_RUN = select(schedule_runs).where(schedule_runs.c.id == bindparam("id"))
_ORDER = (schedules.c.built_in.desc(), schedules.c.created_at, schedules.c.id)
_DEFINED = ("name", "request", "words", "rule", "zone", "channel", "owner", "audience")


class Schedules:
    """The store of schedules and their runs. What people change is logged in the same transaction."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    async def add(self, schedule: Schedule) -> Schedule:
        """Keep a new schedule; without an id it gets one.

        Under the same permit (`effect`) only one is made: a second call gives the first's.
        """
        found = await self.made_by(schedule.effect) if schedule.effect else None
        if found is not None:
            return found
        schedule = schedule if schedule.id else schedule.model_copy(update={"id": new_id("s")})
        payload = schedule.model_dump(mode="json", exclude={"unanswered", "reason"})
        entry = NewEntry(kind="schedule.created", payload=payload, actor=schedule.owner, at=schedule.created_at)

        def work(connection: Connection) -> None:
            connection.execute(insert(schedules), dict(schedule))
            self._audit.append_in(connection, entry)

        await self._database.write(work, durable=True)
        return schedule

    async def ensure(self, defined: Sequence[Schedule]) -> None:
        """See to it that exactly these built-in schedules exist, as they are defined now; a paused one stays paused."""
        known = {found.id: found for found in await self.list(deleted=True) if found.built_in}
        changes = {each.id: change for each in defined if (change := _change(each, known.get(each.id)))}
        gone = set(known) - {each.id for each in defined}
        ended = {"status": Standing.ENDED, "next_at": None}
        changes |= {each: ended for each in gone if known[each].status is not Standing.ENDED}
        if not changes:
            return
        rows = {each.id: dict(each) for each in defined}

        def work(connection: Connection) -> None:
            for each, change in changes.items():
                if not connection.execute(update(schedules).where(schedules.c.id == each), change).rowcount:
                    connection.execute(insert(schedules), rows[each])

        try:
            await self._database.write(work)
        except IntegrityError:  # somebody else made it first
            await self._database.write(work)

    async def get(self, schedule: str) -> Schedule:
        """The schedule with this id. Raises NotFound."""
        row = await self._database.read(lambda c: c.execute(_GET, {"id": schedule}).first())
        if row is None:
            raise NotFound("schedule", schedule)
        return _schedule(row)

    async def made_by(self, effect: str) -> Schedule | None:
        """The schedule that was made under this permit."""
        query = select(schedules).where(schedules.c.effect == effect)
        row = await self._database.read(lambda c: c.execute(query).first())
        return _schedule(row) if row is not None else None

    async def list(self, *, deleted: bool = False) -> builtins.list[Schedule]:
        """All of them, built-in ones first, then the oldest; those that were deleted only on request."""
        query = select(schedules).order_by(*_ORDER)
        if not deleted:
            query = query.where(schedules.c.status != Standing.DELETED)
        return [_schedule(row) for row in await self._database.read(lambda c: c.execute(query).all())]

    async def due(self, now: datetime) -> builtins.list[Schedule]:
        """Active schedules whose time has come, the one that has waited longest first."""
        query = (
            select(schedules)
            .where(schedules.c.status == Standing.ACTIVE, schedules.c.next_at <= now)
            .order_by(schedules.c.next_at, schedules.c.id)
        )
        return [_schedule(row) for row in await self._database.read(lambda c: c.execute(query).all())]

    async def wake(self, now: datetime) -> None:
        """Let those run again whose pause ends now: paused ones that are due at a time all the same."""
        over = (schedules.c.status == Standing.PAUSED, schedules.c.next_at <= now)
        if not await self._database.read(lambda c: c.execute(select(schedules.c.id).where(*over).limit(1)).first()):
            return
        awake = update(schedules).where(*over).returning(schedules.c.id)

        def work(connection: Connection) -> None:
            ended = {"status": Standing.ACTIVE, "reason": ""}
            for (each,) in connection.execute(awake, ended).all():
                payload: dict[str, JsonValue] = {"schedule": each, "status": Standing.ACTIVE.value}
                payload["reason"] = "its pause is over"
                entry = NewEntry(kind="schedule.changed", payload=payload, actor="sophia", at=now)
                self._audit.append_in(connection, entry)

        await self._database.write(work, durable=True)

    async def next_time(self) -> datetime | None:
        """When the next schedule is due, or the first pause ends; None when neither comes."""
        query = (
            select(schedules.c.next_at)
            .where(schedules.c.status.in_((Standing.ACTIVE, Standing.PAUSED)), schedules.c.next_at.is_not(None))
            .order_by(schedules.c.next_at)
            .limit(1)
        )
        return await self._database.read(lambda c: c.execute(query).scalar())

    async def stand(
        self,
        schedule: str,
        status: Standing,
        person: str,
        now: datetime,
        *,
        reason: str = "",
        next_at: datetime | None = None,
    ) -> Schedule:
        """Pause, resume, end or delete. Raises NotFound.

        `next_at` is when a resumed one is due, and when a paused one runs again by itself; see `wake`.
        """
        values = {"status": status, "reason": reason, "next_at": next_at, "unanswered": 0}
        payload: dict[str, JsonValue] = {"schedule": schedule, "status": status.value, "reason": reason}

        def work(connection: Connection) -> Schedule:
            if not connection.execute(update(schedules).where(schedules.c.id == schedule), values).rowcount:
                raise NotFound("schedule", schedule)
            self._audit.append_in(connection, NewEntry(kind="schedule.changed", payload=payload, actor=person, at=now))
            return _schedule(connection.execute(_GET, {"id": schedule}).one())

        return await self._database.write(work, durable=True)

    async def retime(self, schedule: Schedule, next_at: datetime | None, person: str, now: datetime) -> Schedule:
        """Keep its words, rule, zone and grant as given; if it is to run again by itself, it is due at `next_at`.

        Raises NotFound.
        """
        values = {name: getattr(schedule, name) for name in ("words", "rule", "zone", "grant")}
        payload: dict[str, JsonValue] = {"schedule": schedule.id, "when": schedule.words, "grant": schedule.grant}
        this = schedules.c.id == schedule.id

        def work(connection: Connection) -> Schedule:
            if not connection.execute(update(schedules).where(this), values).rowcount:
                raise NotFound("schedule", schedule.id)
            connection.execute(update(schedules).where(this, schedules.c.next_at.is_not(None)), {"next_at": next_at})
            self._audit.append_in(connection, NewEntry(kind="schedule.changed", payload=payload, actor=person, at=now))
            return _schedule(connection.execute(_GET, {"id": schedule.id}).one())

        return await self._database.write(work, durable=True)

    async def claim(
        self,
        schedule: Schedule,
        next_at: datetime | None,
        now: datetime,
        *,
        turn: NewTurn | None,
        outcome: Outcome = Outcome.RUNNING,
        note: str = "",
        seen: int | None = None,
    ) -> Run | None:
        """Take the occurrence at `schedule.next_at`; None when somebody else took it or the schedule was changed.

        The schedule goes on to `next_at` (None: it has ended). With a turn, that is queued for the run; without one,
        the run is over at once with the outcome given. What is run before its time counts as due now; there, where
        `next_at` may stay as it is, `seen` is the last run that was known, and a later one means that it was taken.
        """
        if schedule.next_at is None:
            return None
        due_at = min(schedule.next_at, now)
        moved = {"next_at": next_at, "status": Standing.ACTIVE if next_at else Standing.ENDED}
        ours = update(schedules).where(
            schedules.c.id == schedule.id,
            schedules.c.status == Standing.ACTIVE,
            schedules.c.next_at == schedule.next_at,
        )
        run = {"schedule": schedule.id, "due_at": due_at, "started_at": now, "outcome": outcome, "note": note}

        def work(connection: Connection) -> Run | None:
            if not connection.execute(ours, moved).rowcount:
                return None
            if seen is not None and (connection.execute(_NEWEST, {"of": schedule.id}).scalar() or 0) != seen:
                return None
            started = start_in(connection, turn, now) if turn else None
            run["turn"] = started.id if started else None
            run["ended_at"] = None if started else now
            made = connection.execute(insert(schedule_runs).returning(schedule_runs), run).one()
            self._audit.append_in(connection, *_logged(schedule, due_at, outcome, started, now))
            return _run(made)

        return await self._database.write(work, durable=True)

    async def open_runs(self, schedule: str | None = None) -> builtins.list[Run]:
        """Runs that haven't ended, oldest first."""
        query = select(schedule_runs).where(schedule_runs.c.ended_at.is_(None)).order_by(schedule_runs.c.id)
        if schedule is not None:
            query = query.where(schedule_runs.c.schedule == schedule)
        return [_run(row) for row in await self._database.read(lambda c: c.execute(query).all())]

    async def runs(self, schedule: str, n: int = 10) -> builtins.list[Run]:
        """The last `n` runs of a schedule, newest first."""
        query = select(schedule_runs).where(schedule_runs.c.schedule == schedule)
        query = query.order_by(schedule_runs.c.id.desc()).limit(n)
        return [_run(row) for row in await self._database.read(lambda c: c.execute(query).all())]

    async def post(self, run: int, turn: NewTurn, now: datetime) -> Run:
        """Queue the turn that tells a run's results, once: a second call gives the first's."""

        def work(connection: Connection) -> Run:
            found = connection.execute(_RUN.with_for_update(), {"id": run}).one()
            if found.post is None:
                started = start_in(connection, turn, now)
                connection.execute(update(schedule_runs).where(schedule_runs.c.id == run), {"post": started.id})
                self._audit.append_in(connection, _request(started, now))
            return _run(connection.execute(_RUN, {"id": run}).one())

        return await self._database.write(work, durable=True)

    async def end_run(self, run: int, outcome: Outcome, note: str, now: datetime, *, muted: bool = False) -> int:
        """Keep what became of a run, once; how many runs of the schedule in a row nobody answered.

        A run that was `muted` asked nothing, because so many had asked in vain: it leaves that number as it is.
        """
        statement = update(schedule_runs).where(schedule_runs.c.id == run, schedule_runs.c.ended_at.is_(None))
        counter = schedules.c.unanswered + 1 if outcome is Outcome.UNANSWERED else 0

        def work(connection: Connection) -> int:
            found = connection.execute(_RUN, {"id": run}).one()
            ended = connection.execute(statement, {"outcome": outcome, "note": note, "ended_at": now}).rowcount
            if ended and not muted:
                this = update(schedules).where(schedules.c.id == found.schedule)
                connection.execute(this.values(unanswered=counter))
            return _schedule(connection.execute(_GET, {"id": found.schedule}).one()).unanswered

        return await self._database.write(work)


def _schedule(row: Row[Any]) -> Schedule:
    return Schedule.model_validate(row._asdict())


def _run(row: Row[Any]) -> Run:
    return Run.model_validate(row._asdict())


def _change(defined: Schedule, known: Schedule | None) -> dict[str, Any]:
    """What has to be set so that the known one is as it is defined; empty when it is."""
    change = {name: getattr(defined, name) for name in _DEFINED if known is None or _unlike(defined, known, name)}
    if known is not None and known.status is Standing.ENDED:
        change["status"] = Standing.ACTIVE
    if "status" in change or ("rule" in change and (known is None or known.status is not Standing.PAUSED)):
        change["next_at"] = defined.next_at
    return change


def _unlike(one: Schedule, other: Schedule, name: str) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def _logged(
    schedule: Schedule, due_at: datetime, outcome: Outcome, turn: Turn | None, now: datetime
) -> builtins.list[NewEntry]:
    payload: dict[str, JsonValue] = {
        "schedule": schedule.id,
        "due_at": due_at.isoformat(),
        "outcome": outcome.value,
        "turn": turn.id if turn else None,
    }
    run = NewEntry(kind="schedule.run", payload=payload, actor="sophia", at=now)
    return [run, _request(turn, now)] if turn else [run]


def _request(turn: Turn, now: datetime) -> NewEntry:
    payload: dict[str, JsonValue] = {
        "turn": turn.id,
        "thread": turn.thread,
        "text": turn.request,
        "surface": turn.surface,
    }
    return NewEntry(kind="request", payload=payload, actor=turn.person, at=now)
