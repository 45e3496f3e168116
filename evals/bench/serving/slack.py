"""Slack's side: how soon an event is acknowledged and answered, and what a process costs that has nothing to do."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
from aiohttp import web

from evals.bench.measuring import Figure, load_per_core
from evals.bench.serving.past import multiply
from evals.bench.serving.served import Served, served
from evals.bench.serving.workspace import SECRET, Line, Workspace, workspace

__all__ = ["measure_idle", "measure_slack"]

REQUEST = "what are you doing?"
PER_SECOND = 50.0
DELIVERIES = 10
"""How often each request is delivered."""
IDLE_SECONDS = 30.0
MANY = 10_000


async def measure_slack(runs: int) -> list[Figure]:
    """Acknowledgements, first words and duplicates; `runs` times ten requests, ten of each delivery."""
    with tempfile.TemporaryDirectory(prefix="sophia-bench-") as folder:
        async with workspace() as slack, served(Path(folder), slack) as sophia, _bare() as bare:
            first = await _first_words(slack, sophia, runs * 2)
            talk = [slack.message("none of her business", f"C0TALK{number % 20}") for number in range(runs * 60)]
            quiet = await sophia.line.deliver_all(talk, PER_SECOND)
            requests = [slack.mention(REQUEST, f"C0ASKED{number}") for number in range(runs * 10)]
            many = [request for request in requests for _ in range(DELIVERIES)]
            random.Random(7).shuffle(many)
            busy, theirs = await asyncio.gather(
                sophia.line.deliver_all(many, PER_SECOND), bare.deliver_all(many, PER_SECOND)
            )
            channels = [str(request["event"]["channel"]) for request in requests]
            await slack.until(lambda: all(slack.ended(channel) for channel in channels), 300)
    doubled = sum(len(slack.begun(channel)) - 1 for channel in channels)
    return [
        _acknowledged("slack.ack_quiet_ms", quiet, {}),
        _acknowledged("slack.ack_busy_ms", busy, {"a bare server meanwhile, p99": _ms(theirs, 0.99)}),
        Figure("slack.first_words_seconds", max(first), "s", at_most=1.0, beside={"median": round(median(first), 3)}),
        Figure(
            "slack.doubled", doubled, f"of {len(requests)} requests, {len(many)} deliveries", at_most=0, anywhere=True
        ),
    ]


def _ms(seconds: Sequence[float], part: float) -> float:
    return round(sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * part))] * 1000, 1)


def _acknowledged(name: str, seconds: Sequence[float], beside: dict[str, Any]) -> Figure:
    told = {
        "p50": _ms(seconds, 0.5),
        "most": _ms(seconds, 1),
        "events": len(seconds),
        "load": load_per_core(),
        **beside,
    }
    return Figure(name, _ms(seconds, 0.99), "ms at p99, 50 events a second", at_most=50, beside=told)


async def _first_words(slack: Workspace, sophia: Served, count: int) -> list[float]:
    """Seconds from the delivery of a request to the first message below it, one after the other."""
    found = []
    for number in range(count):
        channel, began = f"C0FIRST{number}", time.perf_counter()
        await sophia.line.deliver(slack.mention(REQUEST, channel))
        await slack.until(lambda channel=channel: channel in slack.posts, 60)  # type: ignore[misc]
        found.append(slack.posts[channel][0].at - began)
        await slack.until(lambda channel=channel: slack.ended(channel), 60)  # type: ignore[misc]
    return found


@asynccontextmanager
async def _bare() -> AsyncIterator[Line]:
    """What anybody needs: a server that checks the signature and says yes, in this process."""

    async def yes(request: web.Request) -> web.Response:
        signed = b"v0:" + request.headers["X-Slack-Request-Timestamp"].encode() + b":" + await request.read()
        due = "v0=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        return web.Response(status=200 if hmac.compare_digest(due, request.headers["X-Slack-Signature"]) else 401)

    app = web.Application()
    app.router.add_post("/", yes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            yield Line(session, f"http://127.0.0.1:{runner.addresses[0][1]}/")
    finally:
        await runner.cleanup()


async def measure_idle(runs: int, seconds: float = IDLE_SECONDS, ended: int = MANY) -> list[Figure]:
    """Memory and processor time of a process with nothing to do, and a turn's after 10,000 others have ended."""
    with tempfile.TemporaryDirectory(prefix="sophia-bench-") as name:
        folder = Path(name)
        async with workspace() as slack:
            async with served(folder, slack) as sophia:
                await asyncio.sleep(seconds / 3)  # what starts has settled
                before, began = sophia.seconds, time.perf_counter()
                await asyncio.sleep(seconds)
                core = (sophia.seconds - before) / (time.perf_counter() - began) * 100
                megabytes = sophia.megabytes
                few = await _cost(slack, sophia, "FEW", runs)
            await asyncio.to_thread(multiply, folder / "home", ended)
            async with served(folder, slack) as sophia:
                many = await _cost(slack, sophia, "MANY", runs)
    return [
        Figure("serve.megabytes", megabytes, "MB, nothing to do", at_most=300, anywhere=True),
        Figure("serve.idle_core", core, "% of a core, nothing to do", at_most=1.0),
        Figure(
            "serve.after_many_ratio", many / few, f"× the processor time of a request before {ended:,} have ended",
            at_most=1.25, beside={"before, ms": round(few * 1000, 1), "after, ms": round(many * 1000, 1)},
        ),
    ]  # fmt: skip


async def _cost(slack: Workspace, sophia: Served, name: str, count: int) -> float:
    """Processor seconds of a request, the median; the first few don't count."""
    found = []
    for number in range(count + 3):
        channel, before = f"C0{name}{number}", sophia.seconds
        await sophia.line.deliver(slack.mention(REQUEST, channel))
        await slack.until(lambda channel=channel: slack.ended(channel), 60)  # type: ignore[misc]
        found.append(sophia.seconds - before)
    return median(found[3:])
