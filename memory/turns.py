"""Conversations and their turns: what was asked, by whom, how far it is, and what was said while it was worked on.

A turn is the unit of durability; a conversation is a row that its turns refer to. Statuses change only by `update`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from memory.audit import Audit, NewEntry
from memory.conversations import (
    Conversation,
    Event,
    NewEvent,
    NewTurn,
    Status,
    Turn,
    conversations,
    turn_events,
    turns,
)
from memory.database import Database
from memory.errors import NotFound, OtherAudience
from memory.schema import new_id

__all__ = ["Conversation", "Event", "NewEvent", "NewTurn", "Status", "Turn", "Turns", "start_in"]

_CONVERSATION = select(conversations).where(conversations.c.thread == bindparam("thread"))
_CONVERSATION_LOCKED = _CONVERSATION.with_for_update()
_CONVERSE = insert(conversations)
_TURN = select(turns).where(turns.c.id == bindparam("id"))
_LAST_SEQ = select(func.max(turns.c.seq)).where(turns.c.thread == bindparam("thread"))
_LAST_EVENT = select(func.max(turn_events.c.seq)).where(turn_events.c.turn == bindparam("turn"))
_EVENTS = (
    select(turn_events)
    .where(turn_events.c.turn == bindparam("turn"), turn_events.c.seq > bindparam("after"))
    .order_by(turn_events.c.seq)
)
_CANCEL = select(turns.c.cancel_by).where(turns.c.id == bindparam("id"))
_CANCEL_LOCKED = _CANCEL.with_for_update()
_START, _ADD_EVENTS = insert(turns), insert(turn_events)
_UPDATE = update(turns).where(turns.c.id == bindparam("turn_id"))
_BEFORE = (
    select(*(column for column in turns.c if column is not turns.c.outcome))
    .where(turns.c.thread == bindparam("thread"), turns.c.seq < bindparam("seq_of_this"))
    .order_by(turns.c.seq.desc())
    .limit(bindparam("n"))
)
_HAS = select(turns.c.id).where(turns.c.thread == bindparam("this")).limit(1)
_UNFINISHED = [str(status) for status in Status if not status.ended]


def _turn(row: Row[Any]) -> Turn:
    return Turn.model_validate(row._asdict())


class Turns:
    """The store of conversations, turns and their events. With an audit log, what is asked for is logged with it."""

    def __init__(self, database: Database, audit: Audit | None = None) -> None:
        self._database = database
        self._audit = audit

    async def conversation(self, thread: str, person: str, audience: str, now: datetime) -> Conversation:
        """The conversation of this thread, made now if there is none. An existing one keeps its person and audience."""
        return await self._database.write(lambda c: _conversation(c, thread, person, audience, now), brief=True)

    async def start(
        self,
        thread: str,
        request: str,
        person: str,
        audience: str,
        surface: str,
        now: datetime,
        *,
        context: JsonValue = None,
        plan: JsonValue = None,
        status: Status = Status.QUEUED,
        events: Sequence[NewEvent] = (),
    ) -> Turn:
        """A new turn, the next of its thread; the conversation is made if there is none.

        Raises OtherAudience when there is one whose answers are for somebody else.
        """
        new = NewTurn(
            thread=thread,
            request=request,
            person=person,
            audience=audience,
            surface=surface,
            status=status,
            context=context,
            plan=plan,
            events=tuple(events),
        )
        return await self.begin(new, now)

    async def begin(self, new: NewTurn, now: datetime) -> Turn:
        """The same for a turn that is all there."""
        return await self._database.write(lambda c: self.begin_in(c, new, now), brief=True)

    def begin_in(self, connection: Connection, new: NewTurn, now: datetime) -> Turn:
        """The same within a transaction that is open."""
        conversation = _conversation(connection, new.thread, new.person, new.audience, now, lock=True)
        if conversation.audience != new.audience:
            raise OtherAudience(new.thread)
        turn = _add_turn(connection, new, now)
        if self._audit is not None:
            self._audit.append_in(connection, _asked(turn))
        return turn

    async def get(self, turn: str) -> Turn:
        """The turn with this id. Raises NotFound."""
        row = await self._database.read(lambda c: c.execute(_TURN, {"id": turn}).first(), brief=True)
        if row is None:
            raise NotFound("turn", turn)
        return _turn(row)

    async def latest(self, thread: str, n: int = 10) -> list[Turn]:
        """The last `n` turns of the thread, oldest first."""
        query = select(turns).where(turns.c.thread == thread).order_by(turns.c.seq.desc()).limit(n)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return [_turn(row) for row in reversed(rows)]

    async def has(self, thread: str) -> bool:
        """Whether anything was ever asked in the thread."""
        return await self._database.read(lambda c: c.execute(_HAS, {"this": thread}).first() is not None, brief=True)

    async def before(self, turn: Turn, n: int = 10) -> list[Turn]:
        """The last `n` turns of the thread before this one, oldest first, without their outcomes."""
        asked = {"thread": turn.thread, "seq_of_this": turn.seq, "n": n}
        if turn.seq == 1:
            return []
        rows = await self._database.read(lambda c: c.execute(_BEFORE, asked).all(), brief=True)
        return [_turn(row) for row in reversed(rows)]

    async def unfinished(self, thread: str | None = None) -> list[Turn]:
        """Turns that haven't ended, of one thread or of all, in the order in which they came."""
        query = select(turns).where(turns.c.status.in_(_UNFINISHED)).order_by(turns.c.created_at, turns.c.seq)
        if thread is not None:
            query = query.where(turns.c.thread == thread)
        return [_turn(row) for row in await self._database.read(lambda c: c.execute(query).all())]

    async def running(self) -> list[Turn]:
        """Turns that are being worked on."""
        query = select(turns).where(turns.c.status == Status.RUNNING).order_by(turns.c.created_at, turns.c.seq)
        return [_turn(row) for row in await self._database.read(lambda c: c.execute(query).all())]

    async def update(
        self,
        turn: str,
        now: datetime,
        *,
        status: Status | None = None,
        planner: str | None = None,
        plan: JsonValue = None,
        outcome: JsonValue = None,
        context: JsonValue = None,
        events: Sequence[NewEvent] = (),
        entry: NewEntry | None = None,
    ) -> None:
        """Change what is given, add events and log the entry, in one transaction. None leaves a column as it is.

        Raises NotFound.
        """
        given = {"status": status, "planner": planner, "plan": plan, "outcome": outcome, "context": context}
        values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if status is not None and Status(status).ended:
            values["ended_at"] = now

        def work(connection: Connection) -> None:
            changed = connection.execute(_UPDATE, {"turn_id": turn, "updated_at": now, **values})
            if not changed.rowcount:
                raise NotFound("turn", turn)
            _add_events(connection, turn, events, now)
            if entry is not None and self._audit is not None:
                self._audit.append_in(connection, entry)

        await self._database.write(work, brief=True)

    async def add_events(self, turn: str, events: Sequence[NewEvent], now: datetime) -> list[int]:
        """Add events in one transaction; their numbers. Raises NotFound."""

        def work(connection: Connection) -> list[int]:
            if connection.execute(_CANCEL_LOCKED, {"id": turn}).first() is None:
                raise NotFound("turn", turn)
            return _add_events(connection, turn, events, now)

        return await self._database.write(work, brief=True)

    async def events(self, turn: str, after: int = 0) -> list[Event]:
        """The turn's events whose number is higher than `after`, in order."""
        rows = await self._database.read(lambda c: c.execute(_EVENTS, {"turn": turn, "after": after}).all())
        return [Event.model_validate(row._asdict()) for row in rows]

    async def request_cancel(self, turn: str, person: str, now: datetime) -> bool:
        """Ask that the turn stops. False when it has ended already. The first who asks is remembered."""
        statement = (
            update(turns)
            .where(turns.c.id == turn, turns.c.status.in_(_UNFINISHED))
            .values(cancel_by=func.coalesce(turns.c.cancel_by, person), updated_at=now)
        )
        return await self._database.write(lambda c: c.execute(statement).rowcount > 0)

    async def cancel_requested(self, turn: str) -> bool:
        """Whether somebody asked that the turn stops."""
        found = await self._database.read(lambda c: c.execute(_CANCEL, {"id": turn}).scalar(), brief=True)
        return found is not None


def start_in(connection: Connection, new: NewTurn, now: datetime) -> Turn:
    """Start a turn within a transaction that is open, as `Turns.start` does in one of its own."""
    _conversation(connection, new.thread, new.person, new.audience, now, lock=True)
    return _add_turn(connection, new, now)


def _add_turn(connection: Connection, new: NewTurn, now: datetime) -> Turn:
    seq = (connection.execute(_LAST_SEQ, {"thread": new.thread}).scalar() or 0) + 1
    given = {name: value for name, value in new if name != "events"}
    turn = Turn(id=new_id("t"), seq=seq, created_at=now, updated_at=now, **given)
    connection.execute(_START, dict(turn))
    _add_events(connection, turn.id, new.events, now)
    return turn


def _asked(turn: Turn) -> NewEntry:
    asked = {"turn": turn.id, "thread": turn.thread, "text": turn.request, "surface": turn.surface}
    return NewEntry(kind="request", payload=dict(asked), actor=turn.person, at=turn.created_at)


def _conversation(
    connection: Connection, thread: str, person: str, audience: str, now: datetime, *, lock: bool = False
) -> Conversation:
    query = _CONVERSATION_LOCKED if lock else _CONVERSATION
    row = connection.execute(query, {"thread": thread}).first()
    if row is None:
        made = Conversation(thread=thread, person=person, audience=audience, created_at=now)
        if connection.dialect.name == "sqlite":
            connection.execute(_CONVERSE, dict(made))
            return made
        from sqlalchemy.dialects.postgresql import insert as insert_or_not

        connection.execute(insert_or_not(conversations).on_conflict_do_nothing(), dict(made))
        row = connection.execute(query, {"thread": thread}).one()
    return Conversation.model_validate(row._asdict())


def _add_events(connection: Connection, turn: str, events: Sequence[NewEvent], now: datetime) -> list[int]:
    if not events:
        return []
    last = connection.execute(_LAST_EVENT, {"turn": turn}).scalar() or 0
    rows = [{"turn": turn, "seq": last + n, **dict(event), "at": event.at or now} for n, event in enumerate(events, 1)]
    connection.execute(_ADD_EVENTS, rows)
    return [row["seq"] for row in rows]
