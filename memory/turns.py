"""Conversations and their turns: what was asked, by whom, how far it is, and what was said while it was worked on.

A turn is the unit of durability; a conversation is a row that its turns refer to. Statuses change only by `update`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    insert,
    select,
    update,
)

from memory.database import Database
from memory.errors import NotFound
from memory.schema import Choice, Document, Instant, Words, metadata, new_id

__all__ = ["Conversation", "Event", "NewEvent", "NewTurn", "Status", "Turn", "Turns", "start_in"]

conversations = Table(
    "conversations",
    metadata,
    Column("thread", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)
turns = Table(
    "turns",
    metadata,
    Column("id", Text, primary_key=True),
    Column("thread", Text, ForeignKey("conversations.thread"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("request", Words, nullable=False),
    Column("person", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("surface", Text, nullable=False),
    Column("status", Choice, nullable=False, index=True),
    Column("planner", Text, nullable=False),
    Column("plan", Document),
    Column("outcome", Document),
    Column("context", Document),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("cancel_by", Text),
    UniqueConstraint("thread", "seq"),
)
turn_events = Table(
    "turn_events",
    metadata,
    Column("turn", Text, ForeignKey("turns.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Words, nullable=False),
    Column("data", Document),
    PrimaryKeyConstraint("turn", "seq"),
)

_CONVERSATION = select(conversations).where(conversations.c.thread == bindparam("thread"))
_TURN = select(turns).where(turns.c.id == bindparam("id"))
_LAST_SEQ = select(func.max(turns.c.seq)).where(turns.c.thread == bindparam("thread"))
_LAST_EVENT = select(func.max(turn_events.c.seq)).where(turn_events.c.turn == bindparam("turn"))
_EVENTS = (
    select(turn_events)
    .where(turn_events.c.turn == bindparam("turn"), turn_events.c.seq > bindparam("after"))
    .order_by(turn_events.c.seq)
)
_CANCEL = select(turns.c.cancel_by).where(turns.c.id == bindparam("id"))


class Status(StrEnum):
    """How far a turn is."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    """For an approval."""
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    QUESTION = "question"
    """It ended with a question back; the answer is another turn."""
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens in the turn."""
        return self not in (Status.QUEUED, Status.RUNNING, Status.WAITING)


_UNFINISHED = [str(status) for status in Status if not status.ended]


class Conversation(BaseModel):
    """A thread of turns, with who began it and who may see its answers."""

    model_config = ConfigDict(frozen=True)

    thread: str
    person: str
    audience: str
    created_at: datetime


class Turn(BaseModel):
    """One request and what became of it."""

    model_config = ConfigDict(frozen=True)

    id: str
    thread: str
    seq: int
    """1, 2, … within the thread."""
    request: str
    person: str
    audience: str
    surface: str
    status: Status
    planner: str = ""
    plan: JsonValue = None
    outcome: JsonValue = None
    context: JsonValue = None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None = None
    cancel_by: str | None = None
    """Who asked to stop it."""


class Event(BaseModel):
    """Something that happened in a turn, for those who watch it."""

    model_config = ConfigDict(frozen=True)

    turn: str
    seq: int
    at: datetime
    kind: str
    text: str
    data: JsonValue = None


class NewEvent(BaseModel):
    """An event that isn't stored yet."""

    model_config = ConfigDict(frozen=True)

    kind: str
    text: str
    data: JsonValue = None


class NewTurn(BaseModel):
    """A turn that isn't stored yet."""

    model_config = ConfigDict(frozen=True)

    thread: str
    request: str
    person: str
    audience: str
    surface: str
    status: Status = Status.QUEUED
    plan: JsonValue = None
    context: JsonValue = None
    events: tuple[NewEvent, ...] = ()


def _turn(row: Row[Any]) -> Turn:
    return Turn.model_validate(row._asdict())


class Turns:
    """The store of conversations, turns and their events."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def conversation(self, thread: str, person: str, audience: str, now: datetime) -> Conversation:
        """The conversation of this thread, made now if there is none. An existing one keeps its person and audience."""
        return await self._database.write(lambda c: _conversation(c, thread, person, audience, now))

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
        status: Status = Status.QUEUED,
        events: Sequence[NewEvent] = (),
    ) -> Turn:
        """A new turn, the next of its thread; the conversation is made if there is none."""
        new = NewTurn(
            thread=thread,
            request=request,
            person=person,
            audience=audience,
            surface=surface,
            status=status,
            context=context,
            events=tuple(events),
        )
        return await self.begin(new, now)

    async def begin(self, new: NewTurn, now: datetime) -> Turn:
        """The same for a turn that is all there."""
        return await self._database.write(lambda c: start_in(c, new, now))

    async def get(self, turn: str) -> Turn:
        """The turn with this id. Raises NotFound."""
        row = await self._database.read(lambda c: c.execute(_TURN, {"id": turn}).first())
        if row is None:
            raise NotFound("turn", turn)
        return _turn(row)

    async def latest(self, thread: str, n: int = 10) -> list[Turn]:
        """The last `n` turns of the thread, oldest first."""
        query = select(turns).where(turns.c.thread == thread).order_by(turns.c.seq.desc()).limit(n)
        rows = await self._database.read(lambda c: c.execute(query).all())
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
    ) -> None:
        """Change what is given, and add events, in one transaction. None leaves a column as it is. Raises NotFound."""
        given = {"status": status, "planner": planner, "plan": plan, "outcome": outcome, "context": context}
        values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if status is not None and Status(status).ended:
            values["ended_at"] = now
        statement = update(turns).where(turns.c.id == bindparam("turn_id"))

        def work(connection: Connection) -> None:
            changed = connection.execute(statement, {"turn_id": turn, "updated_at": now, **values})
            if not changed.rowcount:
                raise NotFound("turn", turn)
            _add_events(connection, turn, events, now)

        await self._database.write(work)

    async def add_event(self, turn: str, kind: str, text: str, data: JsonValue = None, *, now: datetime) -> int:
        """Add an event; its number, from 1 on. Raises NotFound."""
        return (await self.add_events(turn, [NewEvent(kind=kind, text=text, data=data)], now))[-1]

    async def add_events(self, turn: str, events: Sequence[NewEvent], now: datetime) -> list[int]:
        """Add events in one transaction; their numbers. Raises NotFound."""

        def work(connection: Connection) -> list[int]:
            if connection.execute(_CANCEL.with_for_update(), {"id": turn}).first() is None:
                raise NotFound("turn", turn)
            return _add_events(connection, turn, events, now)

        return await self._database.write(work)

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
        return await self._database.read(lambda c: c.execute(_CANCEL, {"id": turn}).scalar()) is not None


def start_in(connection: Connection, new: NewTurn, now: datetime) -> Turn:
    """Start a turn within a transaction that is open, as `Turns.start` does in one of its own."""
    _conversation(connection, new.thread, new.person, new.audience, now, lock=True)
    seq = (connection.execute(_LAST_SEQ, {"thread": new.thread}).scalar() or 0) + 1
    given = {name: value for name, value in new if name != "events"}
    turn = Turn(id=new_id("t"), seq=seq, created_at=now, updated_at=now, **given)
    connection.execute(insert(turns), dict(turn))
    _add_events(connection, turn.id, new.events, now)
    return turn


def _conversation(
    connection: Connection, thread: str, person: str, audience: str, now: datetime, *, lock: bool = False
) -> Conversation:
    query = _CONVERSATION.with_for_update() if lock else _CONVERSATION
    row = connection.execute(query, {"thread": thread}).first()
    if row is None:
        made = Conversation(thread=thread, person=person, audience=audience, created_at=now)
        if connection.dialect.name == "sqlite":
            connection.execute(insert(conversations), dict(made))
            return made
        from sqlalchemy.dialects.postgresql import insert as insert_or_not

        connection.execute(insert_or_not(conversations).on_conflict_do_nothing(), dict(made))
        row = connection.execute(query, {"thread": thread}).one()
    return Conversation.model_validate(row._asdict())


def _add_events(connection: Connection, turn: str, events: Sequence[NewEvent], now: datetime) -> list[int]:
    if not events:
        return []
    last = connection.execute(_LAST_EVENT, {"turn": turn}).scalar() or 0
    rows = [{"turn": turn, "seq": last + n, "at": now, **dict(event)} for n, event in enumerate(events, 1)]
    connection.execute(insert(turn_events), rows)
    return [row["seq"] for row in rows]
