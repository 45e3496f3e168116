from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from memory.database import Database
from memory.spend import Kind, Spend


async def test_sums_are_exact(database: Database, now: datetime) -> None:
    spend = Spend(database)
    for _ in range(10):
        await spend.record(Kind.MONEY, Decimal("0.1"), "t_1", "ann", now, "gpt")
    await spend.record(Kind.MONEY, 0.000003, "t_2", "bob", now + timedelta(days=1))
    await spend.record(Kind.TOKENS, 1234, "t_2", "bob", now)
    assert await spend.total(now, Kind.MONEY) == Decimal("1.000003")
    assert await spend.total(now, Kind.MONEY, "ann") == 1
    assert await spend.total(now, Kind.MONEY, until=now + timedelta(days=1)) == 1
    assert await spend.total(now, Kind.MONEY, turn="t_2") == Decimal("0.000003")
    assert await spend.total(now, Kind.TOKENS) == 1234
    assert await spend.total(now + timedelta(days=2), Kind.MONEY) == 0
    assert await spend.by_day(now, Kind.MONEY) == {"2026-03-02": Decimal(1), "2026-03-03": Decimal("0.000003")}
