"""kill -9 in the middle of writing, and several processes on the same files."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
import textwrap
import time
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

import memory
from memory.approvals import Approvals, ApprovalStatus
from memory.audit import Audit
from memory.database import Database
from memory.effects import EffectStatus
from memory.ledger import Ledger
from memory.results import Results

ROOT = Path(memory.__file__).parent.parent

WRITER = textwrap.dedent("""
    import asyncio, datetime, pathlib, sys
    from memory.approvals import Approvals
    from memory.audit import Audit
    from memory.database import Database
    from memory.labels import INTERNAL, Envelope, Provenance
    from memory.ledger import Ledger
    from memory.turns import Turns

    class Clock:
        def now(self):
            return datetime.datetime.now(datetime.UTC)

    async def main(location, folder, world, name):
        clock = Clock()
        database = await Database.open(location)
        audit = Audit(database, pathlib.Path(folder))
        turns, approvals = Turns(database), Approvals(database, audit)
        ledger = Ledger(database, audit, clock)
        for n in range(10_000):
            now = clock.now()
            turn = await turns.start(f"thread {name}", f"request {n}", "ann", "ann", "terminal", now)
            asked = await approvals.create(turn.id, "s1", "touch", {"n": n}, "bound", None, 1, "ann", "approver", None,
                                           now + datetime.timedelta(hours=1), now)
            await approvals.decide(asked.id, "bob", True, "", now)
            permit = await ledger.mint(turn.id, "s1", "touch", {"n": n}, "d", "", None, now=now, approval=asked.id,
                                       approval_digest="bound")
            await ledger.redeem(permit.id, permit.token, tool="touch")
            with open(world, "a") as file:  # the effect: one line for each, at once in the file
                file.write(permit.id + "\\n")
            value = Envelope(value=permit.id, label=INTERNAL, provenance=Provenance.observed("world", now, "wrote"))
            await ledger.finish(permit.id, value, now)
            await turns.update(turn.id, now, status="done")

    asyncio.run(main(*sys.argv[1:]))
""")


def _writer(location: str, tmp_path: Path, name: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, location, str(tmp_path / "audit"), str(tmp_path / f"world-{name}"), name]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)


@pytest.mark.parametrize("writers", [1, 3])
async def test_killing_writers_loses_and_doubles_nothing(
    migrated: str, tmp_path: Path, now: datetime, writers: int
) -> None:
    for attempt in range(3):
        running = [_writer(migrated, tmp_path, f"{attempt}-{n}") for n in range(writers)]
        await _wait_for(running, tmp_path, f"world-{attempt}-*", 3 * writers)
        await asyncio.sleep(random.uniform(0, 0.05))
        for process in running:
            process.send_signal(signal.SIGKILL)
        for process in running:
            _, problems = process.communicate()
            assert process.returncode == -signal.SIGKILL, problems.decode()
    async with await Database.open(migrated) as database:
        audit = Audit(database, tmp_path / "audit")
        await _nothing_lost_nothing_twice(database, audit, tmp_path, now)
        report = await audit.verify()
        assert report.ok, report.problems
        assert report.unsigned <= 50 * writers


async def _nothing_lost_nothing_twice(database: Database, audit: Audit, tmp_path: Path, now: datetime) -> None:
    ledger, approvals, results = Ledger(database, audit, _Never()), Approvals(database, audit), Results(database)
    world = _world(tmp_path)
    assert len(world) == len(set(world)) >= 9
    pending = await ledger.pending()
    ids = await database.read(lambda c: c.execute(text("SELECT id FROM effects")).scalars().all())
    known = {effect_id: await ledger.get(effect_id) for effect_id in ids}
    assert set(world) <= set(known)  # nothing happened of which nothing is known
    done = [effect for effect in known.values() if effect.status is EffectStatus.DONE]
    assert {effect.id for effect in done} | {effect.id for effect in pending} == set(known)
    for effect in done:
        assert effect.id in world
        assert (await results.get(effect.result or "")).value == effect.id
    count = await database.read(lambda c: c.execute(text("SELECT count(*) FROM results")).scalar())
    assert count == len(done)  # no result without `done`
    for effect in pending:
        assert effect.status is not EffectStatus.INTENDED or effect.id not in world
    for effect in known.values():  # every approval that was used has its effect, every effect its approval
        assert (await approvals.get(effect.approval or "")).status is ApprovalStatus.USED
    used = text("SELECT count(*) FROM approvals WHERE status = 'used'")
    assert await database.read(lambda c: c.execute(used).scalar()) == len(known)
    logged = await audit.entries(kinds=["effect.intended"])
    assert {entry.payload["effect"] for entry in logged} == set(known)
    assert {entry.payload["effect"] for entry in await audit.entries(kinds=["effect.done"])} == {e.id for e in done}


class _Never:
    def now(self) -> datetime:
        raise AssertionError("nothing is redeemed here")


async def _wait_for(running: list[subprocess.Popen[bytes]], tmp_path: Path, pattern: str, lines: int) -> None:
    give_up = time.monotonic() + 60
    while len(_world(tmp_path, pattern)) < lines:
        assert all(process.poll() is None for process in running), [process.communicate() for process in running]
        assert time.monotonic() < give_up, "the writers write nothing"
        await asyncio.sleep(0.01)


def _world(tmp_path: Path, pattern: str = "world-*") -> list[str]:
    return [line for path in tmp_path.glob(pattern) for line in path.read_text().splitlines()]


SIDE_BY_SIDE = textwrap.dedent("""
    import asyncio, datetime, json, pathlib, sys, time
    from memory.audit import Audit
    from memory.database import Database
    from memory.leases import Leases, Wakes
    from memory.turns import NewEvent, Turns

    async def main(location, folder, name, rounds):
        async with await Database.open(location) as database:
            turns, audit = Turns(database), Audit(database, pathlib.Path(folder))
            leases, wakes = Leases(database), Wakes(database)
            slowest = 0.0
            for n in range(int(rounds)):
                now = datetime.datetime.now(datetime.UTC)
                begun = time.perf_counter()
                turn = await turns.start("shared thread", f"{name} {n}", "ann", "ann", "terminal", now)
                lease = await leases.acquire(turn.id, name, datetime.timedelta(minutes=1), now)
                await asyncio.gather(
                    turns.add_events(turn.id, [NewEvent(kind="progress", text="a")], now),
                    turns.add_events(turn.id, [NewEvent(kind="progress", text="b")], now),
                    audit.append("request", {"turn": turn.id}, "ann", now),
                    turns.latest("shared thread"),
                )
                await wakes.signal("shared")
                await turns.update(turn.id, now, status="done", events=[NewEvent(kind="end", text="c")])
                await leases.release(lease)
                slowest = max(slowest, time.perf_counter() - begun)
            print(json.dumps(slowest))

    asyncio.run(main(*sys.argv[1:]))
""")


def _side_by_side(location: str, tmp_path: Path, name: str, rounds: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SIDE_BY_SIDE, location, str(tmp_path / "audit"), name, str(rounds)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


async def test_processes_write_side_by_side(migrated: str, tmp_path: Path) -> None:
    processes, rounds = 4, 25
    running = [_side_by_side(migrated, tmp_path, f"p{n}", rounds) for n in range(processes)]
    ended = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * processes, [problems for _, problems in ended]
    assert max(json.loads(output) for output, _ in ended) < 10
    async with await Database.open(migrated) as database:
        sequence = text("SELECT seq FROM turns WHERE thread = 'shared thread' ORDER BY seq")
        numbers = await database.read(lambda c: c.execute(sequence).scalars().all())
        assert numbers == list(range(1, processes * rounds + 1))
        events = await database.read(lambda c: c.execute(text("SELECT count(*) FROM turn_events")).scalar())
        assert events == 3 * processes * rounds
        signals = await database.read(lambda c: c.execute(text("SELECT count FROM wakes")).scalar())
        assert signals == processes * rounds
        report = await Audit(database, tmp_path / "audit").verify()
        assert (report.ok, report.size, report.unsigned) == (True, processes * rounds, 0)
