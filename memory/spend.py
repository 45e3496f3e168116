"""What was spent, on what, for whom: tokens, money, requests, pages."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Index, Table, Text, func, insert, select

from memory.database import Database
from memory.schema import COUNTER, Choice, Instant, Words, metadata

__all__ = ["Kind", "Spend"]

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
    Index("ix_spend_kind", "kind", "at"),
)
_MICROS = 1_000_000


class Kind(StrEnum):
    """What can be spent. Money is in US dollars."""

    TOKENS = "tokens"
    MONEY = "money"
    REQUESTS = "requests"
    PAGES = "pages"


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
        await self._database.write(lambda c: c.execute(insert(spend), row))

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

    async def by_person(self, since: datetime, kind: Kind) -> dict[str, Decimal]:
        """The sum of each person from `since` on, the largest first."""
        query = (
            select(spend.c.person, func.sum(spend.c.micros).label("micros"))
            .where(spend.c.kind == kind, spend.c.at >= since)
            .group_by(spend.c.person)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        found = {row.person: Decimal(int(row.micros)) / _MICROS for row in rows}
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    async def by_day(self, since: datetime, kind: Kind) -> dict[str, Decimal]:
        """The sum of each day (in UTC, `2026-01-31`) from `since` on, in order."""
        query = select(spend.c.at, spend.c.micros).where(spend.c.kind == kind, spend.c.at >= since).order_by(spend.c.at)
        rows = await self._database.read(lambda c: c.execute(query).all())
        found: dict[str, Decimal] = {}
        for row in rows:
            day = row.at.date().isoformat()
            found[day] = found.get(day, Decimal(0)) + Decimal(row.micros) / _MICROS
        return found
