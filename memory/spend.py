"""What was spent, on what, for whom: tokens, money, requests, pages; and what may still be, by all processes together.

What is set aside is a row like what was spent: it counts at once and for everybody, and is corrected when it is known
what was really used. Whoever dies between the two has spent it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Table,
    Text,
    and_,
    delete,
    false,
    func,
    insert,
    select,
    text,
    update,
)

from memory.conversations import turns
from memory.database import Database
from memory.errors import RecordError
from memory.schema import COUNTER, Choice, Instant, Words, metadata

__all__ = ["NEARLY", "Bound", "Kind", "LimitReached", "SetAside", "Spend", "Used"]

spend = Table(
    "spend",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", Choice, nullable=False),
    Column("micros", BigInteger, nullable=False),
    Column("turn", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("note", Words, nullable=False),
    Column("held", Boolean, nullable=False, server_default=false()),
    Index("ix_spend_kind", "kind", "at"),
)
_MICROS = 1_000_000
_LOCK = 0x50F1B
"""PostgreSQL's advisory lock under which it is decided whether something is left."""
NEARLY = 0.8
"""The part of a limit at which somebody is told."""
_HELD_AT_MOST = timedelta(hours=1)
"""What was set aside so long ago and never settled was used, by somebody who died."""


class Kind(StrEnum):
    """What can be spent. Money is in US dollars."""

    TOKENS = "tokens"
    MONEY = "money"
    REQUESTS = "requests"
    PAGES = "pages"


class Bound(BaseModel):
    """At most so much since a time: by everybody, or by one turn, one person, or one schedule."""

    model_config = ConfigDict(frozen=True)

    what: str
    """Of whom and of when, as a sentence says it: `of ann today`."""
    most: float
    since: datetime
    turn: str | None = None
    person: str | None = None
    schedule: str | None = None


class LimitReached(RecordError):
    """So much isn't left. Nothing was set aside."""

    def __init__(self, bound: Bound, left: float) -> None:
        super().__init__(f"{left:g} of {bound.most:g} are left {bound.what}.")
        self.bound = bound
        self.left = left


class Used(BaseModel):
    """How much of a bound is used, and how much more is set aside for what runs now."""

    model_config = ConfigDict(frozen=True)

    bound: Bound
    used: float
    held: float

    @property
    def nearly(self) -> bool:
        """Whether four fifths are used; what is only set aside doesn't count."""
        return self.used >= NEARLY * self.bound.most


class SetAside(BaseModel):
    """What may be used, and under which bounds."""

    model_config = ConfigDict(frozen=True)

    id: int
    amount: float
    kind: Kind
    bounds: tuple[Bound, ...] = ()


class Spend:
    """The store of what was spent, exact to a millionth."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(
        self, kind: Kind, amount: Decimal | float, turn: str, person: str, at: datetime, note: str = ""
    ) -> None:
        """Add an amount. `note` says on what: a model, a host."""
        row = {
            "at": at,
            "kind": kind,
            "micros": round(Decimal(str(amount)) * _MICROS),
            "turn": turn,
            "person": person,
            "note": note,
        }
        await self._database.apply(insert(spend), row)

    async def set_aside(
        self,
        kind: Kind,
        amount: float,
        turn: str,
        person: str,
        bounds: Sequence[Bound],
        at: datetime,
        *,
        least: float | None = None,
        note: str = "",
    ) -> SetAside:
        """Set so much aside if every bound leaves it, or at least `least`. Raises LimitReached.

        Processes that ask at the same moment are served one after the other.
        """
        row = {"at": at, "kind": kind, "turn": turn, "person": person, "note": note, "held": True}

        def work(connection: Connection) -> SetAside:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            used = {bound: _sum(connection, kind, bound) for bound in bounds}
            granted = min([amount, *(bound.most - used[bound] for bound in bounds)])
            if granted < amount and (least is None or granted < least):
                tightest = min(bounds, key=lambda bound: bound.most - used[bound])
                raise LimitReached(tightest, max(0.0, tightest.most - used[tightest]))
            micros = round(Decimal(str(granted)) * _MICROS)
            made = connection.execute(insert(spend).returning(spend.c.id), {**row, "micros": micros}).scalar_one()
            return SetAside(id=made, amount=granted, kind=kind, bounds=tuple(bounds))

        return await self._database.write(work)

    async def settle(self, aside: SetAside, used: float, now: datetime) -> list[Used]:
        """Correct what was set aside to what was used; the bounds of which this made it four fifths."""
        micros = round(Decimal(str(used)) * _MICROS)
        row = spend.c.id == aside.id
        settled = update(spend).where(row).values(micros=micros, held=False) if micros else delete(spend).where(row)

        def work(connection: Connection) -> list[Used]:
            connection.execute(settled)
            after = [_used(connection, aside.kind, bound, now) for bound in aside.bounds] if micros else []
            return [each for each in after if each.nearly and each.used - used < NEARLY * each.bound.most]

        return await self._database.write(work)

    async def used(self, kind: Kind, bound: Bound, now: datetime) -> Used:
        """How much of a bound is used and set aside."""
        return await self._database.read(lambda c: _used(c, kind, bound, now))

    async def left(self, kind: Kind, bounds: Sequence[Bound]) -> float:
        """What the tightest bound leaves; infinite without one."""
        used = await self._database.read(lambda c: [_sum(c, kind, bound) for bound in bounds])
        return min((b.most - u for b, u in zip(bounds, used, strict=True)), default=float("inf"))

    async def total(
        self,
        since: datetime,
        kind: Kind,
        person: str | None = None,
        until: datetime | None = None,
        turn: str | None = None,
    ) -> Decimal:
        """The sum from `since` on, of everybody or of one person or turn."""
        query = select(func.coalesce(func.sum(spend.c.micros), 0)).where(spend.c.kind == kind, spend.c.at >= since)
        if person is not None:
            query = query.where(spend.c.person == person)
        if until is not None:
            query = query.where(spend.c.at < until)
        if turn is not None:
            query = query.where(spend.c.turn == turn)
        micros = await self._database.read(lambda c: c.execute(query).scalar() or 0)
        return Decimal(int(micros)) / _MICROS

    async def by_day(self, since: datetime, kind: Kind) -> dict[str, Decimal]:
        """The sum of each day (in UTC, `2026-01-31`) from `since` on, in order."""
        query = select(spend.c.at, spend.c.micros).where(spend.c.kind == kind, spend.c.at >= since).order_by(spend.c.at)
        rows = await self._database.read(lambda c: c.execute(query).all())
        found: dict[str, Decimal] = {}
        for row in rows:
            day = row.at.date().isoformat()
            found[day] = found.get(day, Decimal(0)) + Decimal(row.micros) / _MICROS
        return found


def _used(connection: Connection, kind: Kind, bound: Bound, now: datetime) -> Used:
    held = _sum(connection, kind, bound, held_since=now - _HELD_AT_MOST)
    return Used(bound=bound, used=_sum(connection, kind, bound) - held, held=held)


def _sum(connection: Connection, kind: Kind, bound: Bound, *, held_since: datetime | None = None) -> float:
    """All of it; with a time, only what has been set aside since and isn't settled."""
    query = select(func.coalesce(func.sum(spend.c.micros), 0)).where(spend.c.kind == kind, spend.c.at >= bound.since)
    if held_since is not None:
        query = query.where(and_(spend.c.held, spend.c.at >= held_since))
    if bound.turn is not None:
        query = query.where(spend.c.turn == bound.turn)
    if bound.person is not None:
        query = query.where(spend.c.person == bound.person)
    if bound.schedule is not None:
        runs = select(turns.c.id).where(turns.c.thread.startswith(f"{bound.schedule}.", autoescape=True))
        query = query.where(spend.c.turn.in_(runs))
    return float(Decimal(int(connection.execute(query).scalar() or 0)) / _MICROS)
