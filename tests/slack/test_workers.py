"""Several processes on one PostgreSQL: what a dead one left is taken over, by the living and at the next start."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.composition import open_sophia
from agent.plan import Plan
from memory.arrivals import Arrivals
from memory.conversations import NewTurn
from memory.leases import Leases
from memory.ledger import Ledger
from tests.slack.conftest import NO_SCHEDULES, shelf
from tools.declaration import (
    Attempt,
    Effect,
    Gate,
    Outcome,
    Permit,
    Preview,
    Reconciliation,
    Verification,
    tool,
)
from tools.permits import PermitDesk
from tools.registry import Registry

HERE = str(Path(__file__).parents[2])
PERSON = {"roles": ["requester", "approver"], "system_users": ["ann"]}
MARKS = [f"mark{number}" for number in range(8)]
PLANS = {"wait": Plan(steps=shelf.steps(("read_page", {}), ("put", {"name": "cup"})))}
PLANS |= {name: Plan(steps=shelf.steps(("mark", {"name": name}))) for name in MARKS}


async def preview_mark(arguments: shelf.ThingArguments) -> Preview:
    """What it is."""
    return Preview(summary=f"mark {arguments.name}")


async def verify_mark(arguments: shelf.ThingArguments, result: shelf.Thing, *, shelf: shelf.Shelf) -> Verification:
    """Look."""
    return Verification(ok=shelf.mark(arguments.name) is not None, evidence=["looked"])


async def reconcile_mark(arguments: shelf.ThingArguments, attempt: Attempt, *, shelf: shelf.Shelf) -> Reconciliation:
    """Look for the effect's own mark."""
    if shelf.mark(arguments.name) == attempt.permit_id:
        made = Marked(name=arguments.name, there=True)
        return Reconciliation(outcome=Outcome.HAPPENED, result=made, evidence="its mark is there")
    return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence="no mark")


Marked = shelf.Thing


@tool(
    effect=Effect.CHANGE,
    gate=Gate.ONE,
    phrases=("mark {name}",),
    preview=preview_mark,
    verify=verify_mark,
    reconcile=reconcile_mark,
    irreversible="a mark stays",
)
async def mark(arguments: shelf.ThingArguments, *, shelf: shelf.Shelf, permit: Permit, desk: PermitDesk) -> shelf.Thing:
    """Leave a mark, after some waiting."""
    await desk.redeem(permit.id, permit.token, tool="mark")
    await asyncio.sleep(1.0)
    shelf.put(arguments.name, permit.id)
    return Marked(name=arguments.name, there=True)


def settings_in(folder: Path, url: str):
    from agent.settings import load

    given = {"home": str(folder / "home"), "competitors": {}, "people": {"ann": PERSON}, "schedules": NO_SCHEDULES}
    return load(directory=folder, environ={"SOPHIA_DATABASE_URL": url}, overrides=given)


def open_here(folder: Path, url: str, kill_at: str = ""):
    things = shelf.Shelf(folder / "shelf", kill_at)
    planner = shelf.Scripted(PLANS)
    return open_sophia(
        settings_in(folder, url),
        planner=planner,
        reader=planner,
        tools=Registry([*shelf.registry().values(), mark]),
        ports={shelf.Shelf: lambda: things},
    )


async def worker(folder: Path, url: str, kill_at: str, version: str) -> None:
    """What runs in a process of its own."""
    from agent.serving import caretaker, durable
    from agent.serving.process import working

    durable.WORK_VERSION = caretaker.WORK_VERSION = version or durable.WORK_VERSION  # type: ignore[misc]
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_here(folder, url, kill_at) as sophia, working(sophia, host="127.0.0.1", port=0):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await stop.wait()


@contextlib.asynccontextmanager
async def process(
    folder: Path, url: str, kill_at: str = "", version: str = ""
) -> AsyncIterator[asyncio.subprocess.Process]:
    command = [sys.executable, "-m", "tests.slack.test_workers", str(folder), url, kill_at, version]
    root = HERE
    found = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, cwd=root, env={**os.environ, "PYTHONPATH": root}
    )
    try:
        assert found.stdout is not None
        assert await found.stdout.readline() == b"ready\n"
        yield found
    finally:
        if found.returncode is None:
            found.send_signal(signal.SIGTERM)
        await found.wait()


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_dead_workers_work_is_taken_over_and_done_once(tmp_path: Path, postgresql_url: str) -> None:
    async with open_here(tmp_path, postgresql_url) as sophia:
        arrivals: Arrivals = sophia.ports.get(Arrivals)
        ann = sophia.people.get("ann")
        assert ann is not None
        place = {"team": "T", "channel": "C", "thread": "1", "user": "U"}
        turns = []
        for number in range(3):
            new = NewTurn(thread=f"c_{number}", request="wait", person="ann", audience="person:ann", surface="slack")
            await arrivals.accept(f"k{number}", "event", {}, sophia.clock.now())
            turns.append((await arrivals.begin(f"k{number}", new, place, sophia.clock.now())).id)
        async with process(tmp_path, postgresql_url):
            await _until(sophia, turns, "waiting")
        approvals = [(await sophia.approvals.of_turn(turn))[0] for turn in turns]
        await sophia.decide(approvals[0].id, ann, approve=True)
        async with process(tmp_path, postgresql_url, "after") as doomed:  # dies when the effect is done, and not noted
            await _resumed(sophia, turns[0])
            assert await asyncio.wait_for(doomed.wait(), 60) == -signal.SIGKILL
        assert (await sophia.turns.get(turns[0])).status == "running"
        async with process(tmp_path, postgresql_url):
            await _until(sophia, turns[:1], "done")
        assert shelf.Shelf(tmp_path / "shelf").times_put("cup") == 1
        assert (await sophia.report(turns[0])).status == "done"


async def begun(sophia, requests: list[str]) -> list[str]:
    """Turns as Slack begins them, that nobody drives yet."""
    arrivals: Arrivals = sophia.ports.get(Arrivals)
    turns = []
    for request in requests:
        new = NewTurn(thread=request, request=request, person="ann", audience="person:ann", surface="slack")
        await arrivals.accept(f"k{request}", "event", {}, sophia.clock.now())
        place = {"team": "T", "channel": "C", "thread": "1", "user": "U"}
        turns.append((await arrivals.begin(f"k{request}", new, place, sophia.clock.now())).id)
    return turns


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_four_workers_share_the_work_and_one_is_killed_at_it(tmp_path: Path, postgresql_url: str) -> None:
    async with open_here(tmp_path, postgresql_url) as sophia, contextlib.AsyncExitStack() as stack:
        turns = await begun(sophia, MARKS)
        for version in ("", "", "", "sophia-0"):
            await stack.enter_async_context(process(tmp_path, postgresql_url, version=version))
        await _until(sophia, turns, "waiting")
        ann = sophia.people.get("ann")
        assert ann is not None
        for turn in turns:
            (approval,) = await sophia.approvals.of_turn(turn)
            await sophia.decide(approval.id, ann, approve=True)
        os.kill(await _at_work(sophia), signal.SIGKILL)
        await _until(sophia, turns, "done")
    things = shelf.Shelf(tmp_path / "shelf")
    assert [things.times_put(name) for name in MARKS] == [1] * len(MARKS)


async def _at_work(sophia) -> int:
    """The process that has begun an effect just now."""
    leases: Leases = sophia.ports.get(Leases)
    ledger: Ledger = sophia.ports.get(Ledger)
    while True:
        begun = {effect.turn for effect in await ledger.pending()}
        for lease in await leases.living("turn:", sophia.clock.now()):
            if lease.name.removeprefix("turn:") in begun:
                return lease.process.pid
        await sophia.driver._wakes.wait("a test", 0, 0.05)


async def _until(sophia, turns: list[str], status: str) -> None:
    async with asyncio.timeout(180):
        seen = 0
        while {(await sophia.turns.get(turn)).status for turn in turns} != {status}:
            seen = await sophia.driver._wakes.wait("a test", seen, 0.2)


async def _resumed(sophia, turn: str) -> None:
    """Make the turn one that has to be driven, as a decision in Slack does."""
    from memory.turns import Status

    leases: Leases = sophia.ports.get(Leases)
    assert await leases.holder(f"turn:{turn}", sophia.clock.now()) is None
    await sophia.turns.update(turn, sophia.clock.now(), status=Status.RUNNING)


if __name__ == "__main__":
    asyncio.run(worker(Path(sys.argv[1]), *sys.argv[2:]))
