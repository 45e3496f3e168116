"""The guard and the audit log by themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from agent.guard import Facts, Origin, Standing, decide
from memory.audit import Audit, NewEntry
from memory.database import Database
from memory.labels import Confidentiality, Integrity
from tools.declaration import Effect, Gate

__all__ = ["audit_costs", "guard_cost"]

VERDICTS = 20_000
ENTRIES = 4_000
_FACTS = Facts(
    declared=True,
    effect=Effect.EGRESS,
    gate=Gate.ONE,
    rotates=False,
    control=False,
    origin=Origin.NAMED,
    destination=Integrity.UNTRUSTED,
    influence=Integrity.UNTRUSTED,
    confidentiality=Confidentiality.INTERNAL,
    clearance=Confidentiality.PUBLIC,
    attended=True,
    halted=False,
    standing=Standing.NONE,
    protected=False,
)


def guard_cost() -> float:
    """Microseconds a verdict in which most rules speak."""
    started = perf_counter()
    for _ in range(VERDICTS):
        decide(_FACTS)
    return (perf_counter() - started) * 1e6 / VERDICTS


async def audit_costs() -> dict[str, float]:
    """Entries a second in batches of 200, and how verification grows when the log doubles (2 is linear)."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    entries = [NewEntry(kind="request", payload={"n": n}, actor="bench", at=now) for n in range(ENTRIES)]
    with TemporaryDirectory() as folder:
        database = await Database.open(str(Path(folder) / "audit.db"))
        audit = Audit(database, folder=Path(folder) / "audit")
        seconds = await _append(audit, entries)
        once = await _verify(audit)
        await _append(audit, entries)
        twice = await _verify(audit)
        await database.close()
    return {"appends_per_second": ENTRIES / seconds, "verify_growth": twice / once}


async def _append(audit: Audit, entries: list[NewEntry]) -> float:
    started = perf_counter()
    for start in range(0, len(entries), 200):
        await audit.append_many(entries[start : start + 200])
    return perf_counter() - started


async def _verify(audit: Audit) -> float:
    started = perf_counter()
    found = await audit.verify()
    assert found.ok, "a log that nobody touched verifies"
    return perf_counter() - started
