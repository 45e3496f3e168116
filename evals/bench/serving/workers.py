"""Several workers: how much two do that one does, and how soon a dead one's work is taken over. Real processes."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from pydantic import JsonValue

from agent.settings import process_environment
from agent.sophia import Sophia
from evals.bench.measuring import Figure, load_per_core
from evals.bench.serving.worker import open_waiting
from evals.servers import postgresql
from memory.arrivals import Arrivals
from memory.leases import Leases
from memory.turns import NewTurn, Status

__all__ = ["measure_workers"]

MOST_SECONDS = 300
LOOK_SECONDS = 0.2
TURNS = 64
TAKEN_OVER = 4
"""Turns that are taken over."""


async def measure_workers(runs: int) -> list[Figure]:
    """`runs` times 64 turns, which is twice what one worker drives side by side, by one worker and by two."""
    with tempfile.TemporaryDirectory(prefix="sophia-bench-") as name:
        folder = Path(name)
        async with postgresql(folder / "server") as url:
            if url is None:
                return []
            async with open_waiting(folder, url) as sophia:
                one = await _worked(sophia, folder, url, 1, TURNS * runs)
                two = await _worked(sophia, folder, url, 2, TURNS * runs)
                taken = await _taken_over(sophia, folder, url)
    load = load_per_core()
    beside = {"one, seconds": round(one, 1), "two, seconds": round(two, 1), "turns": TURNS * runs, "load": load}
    return [
        Figure(
            "workers.two_ratio", one / two, "× one worker, waiting", at_least=1.8, beside=dict(beside), anywhere=True
        ),
        Figure(
            "workers.take_over_seconds", taken, "s from a kill to another one's lease", at_most=30,
            beside={"load": load}, anywhere=True,
        ),
    ]  # fmt: skip


@contextlib.asynccontextmanager
async def _workers(folder: Path, url: str, count: int) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    command = [sys.executable, "-m", "evals.bench.serving.worker", str(folder)]
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.DEVNULL}
    processes = [
        await asyncio.create_subprocess_exec(*command, env=process_environment(), **pipes)  # type: ignore[arg-type]
        for _ in range(count)
    ]
    try:
        for process in processes:
            assert process.stdin is not None, "there is a pipe to it"
            assert process.stdout is not None, "there is a pipe from it"
            process.stdin.write(url.encode() + b"\n")
            if await process.stdout.readline() != b"ready\n":
                raise RuntimeError("a worker didn't start")
        yield processes
    finally:
        for process in processes:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()


async def _worked(sophia: Sophia, folder: Path, url: str, count: int, turns: int) -> float:
    """Seconds from the first turn that is driven to the end of the last."""
    async with _workers(folder, url, count):
        begun = await _begin(sophia, turns)
        async with asyncio.timeout(MOST_SECONDS):
            async for _ in _looks():
                if await sophia.turns.running():
                    break
        began = time.perf_counter()
        await _done(sophia, begun)
        return time.perf_counter() - began


async def _taken_over(sophia: Sophia, folder: Path, url: str) -> float:
    """Seconds from the kill of a worker that drives turns to the moment at which the other one drives all of them.

    Which of the two that is, is theirs to settle.
    """
    leases: Leases = sophia.ports.get(Leases)

    async def driving(turns: Sequence[str]) -> dict[str, int]:
        living = await leases.living("turn:", sophia.clock.now())
        return {turn: lease.process.pid for lease in living if (turn := lease.name.removeprefix("turn:")) in turns}

    async with _workers(folder, url, 2) as workers:
        turns, held = await _begin(sophia, TAKEN_OVER), dict[str, int]()
        async with asyncio.timeout(MOST_SECONDS):
            async for _ in _looks():
                if held := await driving(turns):
                    break
            doomed = next(worker for worker in workers if worker.pid in held.values())
            doomed.kill()
            began, left = time.perf_counter(), {turn for turn, pid in held.items() if pid == doomed.pid}
            async for _ in _looks():
                left -= {turn for turn, pid in (await driving(turns)).items() if pid != doomed.pid}
                if not left:
                    break
        taken = time.perf_counter() - began
        await _done(sophia, turns)
        return taken


async def _begin(sophia: Sophia, count: int) -> list[str]:
    """Turns as Slack begins them, which nobody drives yet."""
    arrivals: Arrivals = sophia.ports.get(Arrivals)
    place: JsonValue = {"team": "T", "channel": "C", "thread": "1", "user": "U"}
    turns = []
    for _ in range(count):
        key = f"k{secrets.token_hex(8)}"
        new = NewTurn(thread=key, request="wait", person="ann", audience="person:ann", surface="slack")
        await arrivals.accept(key, "event", {}, sophia.clock.now())
        turns.append((await arrivals.begin(key, new, place, sophia.clock.now())).id)
    return turns


async def _done(sophia: Sophia, turns: Sequence[str]) -> None:
    """Wait until these turns have ended, by one question a look: the looks mustn't take a core from the workers.

    Raises TimeoutError, and RuntimeError if one didn't end well.
    """
    async with asyncio.timeout(MOST_SECONDS):
        async for _ in _looks():
            if not {turn.id for turn in await sophia.turns.unfinished()}.intersection(turns):
                break
    if {(await sophia.turns.get(turn)).status for turn in turns} != {Status.DONE}:
        raise RuntimeError("a turn that only waits didn't end well")


async def _looks() -> AsyncIterator[None]:
    """One moment after the other, for what another process does."""
    while True:
        yield
        await asyncio.sleep(LOOK_SECONDS)
