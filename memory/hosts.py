"""What all processes know of the hosts that we visit: when the next request may go, robots rules, breakers."""

from __future__ import annotations

import json
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Column, Connection, Double, LargeBinary, Table, bindparam, insert, select, update

from memory.database import Database
from memory.schema import Words, metadata

__all__ = ["Hosts"]

hosts = Table(
    "hosts",
    metadata,
    Column("host", Words, primary_key=True),
    Column("next_at", Double, nullable=False),
    Column("state", LargeBinary),
)
_GET = select(hosts).where(hosts.c.host == bindparam("this"))
_SET = update(hosts).where(hosts.c.host == bindparam("this"))


class Hosts:
    """The store of hosts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, host: str, *, now: datetime, per_second: float, burst: float) -> float:
        """Book the next request to the host; how many seconds to wait before it may go.

        The generic cell rate algorithm: `per_second` requests on average, `burst` at once after a pause. The booking
        counts for all processes.
        """
        interval = 1 / per_second
        at = now.timestamp()

        def work(connection: Connection) -> float:
            next_at = max(_locked(connection, host), at)
            connection.execute(_SET, {"this": host, "next_at": next_at + interval})
            return max(0.0, next_at - interval * max(burst - 1, 0) - at)

        return await self._database.write(work)

    async def get(self, host: str) -> dict[str, JsonValue] | None:
        """What was put for the host."""
        row = await self._database.read(lambda c: c.execute(_GET, {"this": host}).first())
        if row is None or row.state is None:
            return None
        import zstandard

        state: dict[str, JsonValue] = json.loads(zstandard.ZstdDecompressor().decompress(row.state))
        return state

    async def put(self, host: str, state: dict[str, JsonValue]) -> None:
        """Remember this for the host, in place of what was put before."""
        import zstandard

        data = zstandard.ZstdCompressor(level=6).compress(json.dumps(state, separators=(",", ":")).encode())

        def work(connection: Connection) -> None:
            _locked(connection, host)
            connection.execute(_SET, {"this": host, "state": data})

        await self._database.write(work)


def _locked(connection: Connection, host: str) -> float:
    """The host's next time, 0 when nothing is booked; its row is made when missing, and ours until the end."""
    row = connection.execute(_GET.with_for_update(), {"this": host}).first()
    if row is not None:
        return float(row.next_at)
    if connection.dialect.name == "sqlite":
        connection.execute(insert(hosts), {"host": host, "next_at": 0.0})
        return 0.0
    from sqlalchemy.dialects.postgresql import insert as insert_or_not

    connection.execute(insert_or_not(hosts).on_conflict_do_nothing(), {"host": host, "next_at": 0.0})
    return float(connection.execute(_GET.with_for_update(), {"this": host}).one().next_at)
