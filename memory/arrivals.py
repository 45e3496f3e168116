"""What came in from a chat: every event, command and press of a button once, kept until it was worked on.

An arrival is stored before it is acknowledged. Whoever sends it again finds it there; whoever starts after a crash
finds what wasn't worked on; and the turn that it begins is begun in the transaction that says so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import Column, Connection, Index, Integer, Row, Table, Text, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from memory.conversations import NewTurn, Status, Turn, turns
from memory.database import Database
from memory.schema import Choice, Document, Instant, Words, metadata
from memory.turns import Turns

__all__ = ["Arrival", "Arrivals"]

arrivals = Table(
    "arrivals",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Choice, nullable=False),
    Column("payload", Document),
    Column("place", Document),
    Column("turn", Text),
    Column("attempts", Integer, nullable=False),
    Column("problem", Words, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("worked_at", Instant),
    Column("presented_at", Instant),
    Column("shown_at", Instant),
    Index("ix_arrivals_turn", "turn"),
    Index("ix_arrivals_worked_at", "worked_at"),
    Index("ix_arrivals_shown_at", "shown_at"),
)
_GET = select(arrivals).where(arrivals.c.key == bindparam("this"))
_OF_TURN = select(arrivals).where(arrivals.c.turn == bindparam("of"))
_SET = update(arrivals).where(arrivals.c.key == bindparam("this"))
_TURN = select(turns).where(turns.c.id == bindparam("id"))


class Arrival(BaseModel):
    """Something that came in."""

    model_config = ConfigDict(frozen=True)

    key: str
    """The same however often, and over whichever way, it is sent."""
    kind: str
    payload: JsonValue = None
    """What was sent; gone as soon as it was worked on."""
    place: JsonValue = None
    """Where the turn that it began is shown; what is in it is the surface's business."""
    turn: str | None = None
    attempts: int = 0
    problem: str = ""
    """Why it can't be worked on, after so many attempts."""
    received_at: datetime
    worked_at: datetime | None = None
    presented_at: datetime | None = None
    """As of when its turn was shown last."""
    shown_at: datetime | None = None
    """When the end of its turn was shown."""


class Arrivals:
    """The store of arrivals."""

    def __init__(self, database: Database, turns: Turns) -> None:
        self._database = database
        self._turns = turns

    async def accept(self, key: str, kind: str, payload: JsonValue, now: datetime) -> bool:
        """Keep it. False when it is there already."""
        row = Arrival(key=key, kind=kind, payload=payload, received_at=now).model_dump()

        try:
            await self._database.apply(insert(arrivals), row)
        except IntegrityError:
            return False
        return True

    async def get(self, key: str) -> Arrival | None:
        """The arrival with this key."""
        row = await self._database.read(lambda c: c.execute(_GET, {"this": key}).first(), brief=True)
        return _arrival(row) if row is not None else None

    async def of_turn(self, turn: str) -> Arrival | None:
        """The arrival that began this turn."""
        row = await self._database.read(lambda c: c.execute(_OF_TURN, {"of": turn}).first(), brief=True)
        return _arrival(row) if row is not None else None

    async def begin(self, key: str, new: NewTurn, place: JsonValue, now: datetime) -> Turn:
        """Begin the turn that it asks for, once: a second call gives the first's. Raises OtherAudience."""

        def work(connection: Connection) -> Turn:
            known = connection.execute(_GET.with_for_update(), {"this": key}).one().turn
            if known is not None:
                return Turn.model_validate(connection.execute(_TURN, {"id": known}).one()._asdict())
            turn = self._turns.begin_in(connection, new, now)
            begun = {"turn": turn.id, "place": place, "worked_at": now, "payload": None, "problem": ""}
            connection.execute(_SET, {"this": key, **begun})
            return turn

        return await self._database.write(work, brief=True)

    async def worked(self, key: str, now: datetime, problem: str = "") -> None:
        """Nothing more is to be done about it. What it said is kept only where somebody may have it tried again."""
        values: dict[str, Any] = {"this": key, "worked_at": now, "problem": problem}
        kept = values if problem else values | {"payload": None}
        await self._database.apply(_SET, kept)

    async def tried(self, key: str, problem: str) -> int:
        """It was tried in vain; how often by now."""

        def work(connection: Connection) -> int:
            attempts = int(connection.execute(_GET.with_for_update(), {"this": key}).one().attempts) + 1
            connection.execute(_SET, {"this": key, "attempts": attempts, "problem": problem})
            return attempts

        return await self._database.write(work, brief=True)

    async def waits(self, key: str, problem: str) -> None:
        """It can't be worked on now, for this reason; that counts as no attempt."""
        await self._database.apply(_SET, {"this": key, "problem": problem})

    async def pending(self) -> list[Arrival]:
        """Those that weren't worked on yet, oldest first."""
        query = select(arrivals).where(arrivals.c.worked_at.is_(None)).order_by(arrivals.c.received_at)
        return [_arrival(row) for row in await self._database.read(lambda c: c.execute(query).all())]

    async def given_up(self) -> list[Arrival]:
        """Those that were tried so often that nobody tries them again by themselves, oldest first."""
        query = (
            select(arrivals)
            .where(arrivals.c.worked_at.is_not(None), arrivals.c.problem != "")
            .order_by(arrivals.c.received_at)
        )
        return [_arrival(row) for row in await self._database.read(lambda c: c.execute(query).all())]

    async def retry(self, key: str) -> bool:
        """Have it worked on again from the start. False when it wasn't given up."""
        again = (
            update(arrivals)
            .where(arrivals.c.key == key, arrivals.c.problem != "", arrivals.c.worked_at.is_not(None))
            .values(worked_at=None, attempts=0, problem="")
        )
        return await self._database.apply(again) > 0

    async def presented(self, key: str, as_of: datetime, now: datetime, *, ended: bool) -> None:
        """Its turn was shown as it was at that time; with `ended`, nothing more will be shown of it."""
        values: dict[str, Any] = {"this": key, "presented_at": as_of}
        await self._database.apply(_SET, values | ({"shown_at": now} if ended else {}))

    async def to_present(self) -> list[str]:
        """Turns of which there is something to show that wasn't shown yet."""
        query = (
            select(arrivals.c.turn)
            .join(turns, turns.c.id == arrivals.c.turn)
            .where(
                arrivals.c.shown_at.is_(None),
                or_(arrivals.c.presented_at.is_(None), turns.c.updated_at > arrivals.c.presented_at),
            )
        )
        return await self._database.read(lambda c: list(c.execute(query).scalars()), brief=True)

    async def unfinished(self, *statuses: Status) -> list[Turn]:
        """Turns that an arrival began and that are in one of these statuses."""
        query = (
            select(turns)
            .join(arrivals, turns.c.id == arrivals.c.turn)
            .where(turns.c.status.in_(statuses))
            .order_by(turns.c.created_at)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        return [Turn.model_validate(row._asdict()) for row in rows]


def _arrival(row: Row[Any]) -> Arrival:
    return Arrival.model_validate(row._asdict())
