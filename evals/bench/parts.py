"""Parts that are called often: a verdict of the guard, entries of the audit log, verifying it."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from agent.calls import resolve
from agent.classify import Snapshot, classify
from agent.guard import decide
from agent.plan import Plan, Step
from evals.bench.measuring import Figure, Sample, alternate, timed, yardstick
from memory.audit import Audit, NewEntry
from memory.database import Database
from memory.labels import INTERNAL, WEB, Confidentiality, Envelope, Provenance, join
from memory.ledger import Ledger
from tools.registry import discover

__all__ = ["measure_audit", "measure_guard", "measure_step"]

_NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_ROUNDS = 300
_STEPS_A_RUN = 40
_BATCH, _BATCHES = 200, 5
_SHORT, _LONG = 1_000, 4_000
_STEPS = (
    Step(id="s1", tool="notify", args={"channel": "#ops", "content": "development has drifted"}),
    Step(id="s2", tool="stack_up", args={"stack": "development"}),
    Step(id="s3", tool="competitor_watch", args={"url": "https://www.realpage.com/news", "aspect": "releases"}),
)


async def measure_guard(runs: int) -> list[Figure]:
    """Microseconds from a call to its verdict: classified, then decided."""
    plan = Plan(steps=list(_STEPS))
    calls = [resolve(step, plan, discover(), {}) for step in _STEPS]
    snapshot = Snapshot(
        origins=frozenset({"https://www.realpage.com"}),
        channels={"#ops": Confidentiality.INTERNAL},
        protected_stacks=frozenset({"production"}),
    )

    async def verdicts() -> None:
        for call in calls:
            decide(classify(call, snapshot))

    found = await alternate(runs, {"verdicts": timed(verdicts, _ROUNDS), "yardstick": timed(yardstick, _ROUNDS)})
    one = found["verdicts"].wall / len(calls) * 1e6
    beside: dict[str, JsonValue] = {"a plan's way through JSON": round(found["yardstick"].wall * 1e6, 1)}
    ratio = found["verdicts"].over(found["yardstick"]) / len(calls)
    return [
        Figure("guard.verdict_us", one, "µs", at_most=50.0, beside=beside),
        Figure("guard.verdict_ratio", ratio, "× a plan's way through JSON"),
    ]


class _Clock:
    def now(self) -> datetime:
        return _NOW


async def measure_step(runs: int) -> list[Figure]:
    """Milliseconds that the safety of an effect costs: labels, permit, redemption, result, entries of the log."""
    numbers = itertools.count()
    with tempfile.TemporaryDirectory(prefix="sophia-bench-") as folder:
        database = await Database.open(Path(folder) / "sophia.db")
        async with database:
            ledger = Ledger(database, Audit(database, Path(folder) / "audit"), _Clock())

            async def step() -> None:
                label = join([INTERNAL, WEB.with_source("https://www.realpage.com")])
                seen = Provenance.observed("bench", _NOW, "counted")
                permit = await ledger.mint(f"t_{next(numbers)}", "s1", "notify", {}, "digest", "", {}, now=_NOW)
                await ledger.redeem(permit.id, permit.token, tool="notify")
                await ledger.finish(permit.id, Envelope(value={"told": True}, label=label, provenance=seen), _NOW)

            found = await alternate(runs, {"step": timed(step, _STEPS_A_RUN), "yardstick": timed(yardstick, _ROUNDS)})
    beside: dict[str, JsonValue] = {"durable commits": 2, "ms of processor": round(found["step"].cpu * 1e3, 2)}
    return [
        Figure("step.safety_ms", found["step"].wall * 1e3, "ms", at_most=1.0, beside=beside),
        Figure("step.safety_ratio", found["step"].over(found["yardstick"]), "× a plan's way through JSON"),
    ]


def _entries(count: int) -> list[NewEntry]:
    payload: dict[str, JsonValue] = {
        "turn": "t_0123456789ab",
        "step": "s1",
        "tool": "stack_preview",
        "answer": "allow",
        "rules": [],
    }
    return [NewEntry(kind="verdict", payload=payload, actor="ann", at=_NOW) for _ in range(count)]


async def measure_audit(runs: int) -> list[Figure]:
    """Entries a second in batches, each durable; and how verifying grows with the log."""
    with tempfile.TemporaryDirectory(prefix="sophia-bench-") as folder:
        long, short = Path(folder) / "long", Path(folder) / "short"
        long.mkdir()
        short.mkdir()
        database, small = await Database.open(long / "sophia.db"), await Database.open(short / "sophia.db")
        async with database, small:
            log, little = Audit(database, long / "audit"), Audit(small, short / "audit")
            await log.append_many(_entries(_LONG))
            await little.append_many(_entries(_SHORT))

            verified = await alternate(runs, {"long": timed(log.verify), "short": timed(little.verify)})
            batch = timed(lambda: log.append_many(_entries(_BATCH)), _BATCHES)
            found = await alternate(runs, {"batch": batch, "yardstick": timed(yardstick, _ROUNDS)})
            await log.settle()
            await little.settle()
    return _audit_figures(verified, found)


def _audit_figures(verified: Mapping[str, Sample], found: Mapping[str, Sample]) -> list[Figure]:
    long, short = verified["long"].cpu / _LONG, verified["short"].cpu / _SHORT
    batch = found["batch"]
    return [
        Figure("audit.appends_per_second", _BATCH / batch.wall, "entries", at_least=2000.0),
        Figure("audit.append_ratio", batch.over(found["yardstick"]) / _BATCH, "× a plan's way through JSON"),
        Figure(
            "audit.verify_growth",
            long / short,
            f"× the time for an entry, {_LONG} entries beside {_SHORT}",
            at_most=1.3,
            beside={"µs for an entry": round(long * 1e6, 1)},
        ),
    ]
