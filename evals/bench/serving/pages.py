"""Pages through the queue: one worker sweeps a host on loopback that answers in 1 ms."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from agent.composition import open_sophia
from agent.plan import Plan, Step
from agent.serving.durable import DurableWork, durable_work
from agent.settings import load
from agent.sophia import Sophia
from evals.bench.measuring import Figure
from memory.competitors import Competitors
from memory.pages import Page
from memory.turns import Status

__all__ = ["measure_queue"]

PAGES = 500
"""A run."""
ANSWER_SECONDS = 0.001
_ITEM = "<p>Item {item} of page {page} costs {price} dollars a month for every unit.</p>"
MOST_SECONDS = 600


async def measure_queue(runs: int, count: int = PAGES) -> list[Figure]:
    """`runs` times so many pages, read for the first time, extracted and kept; beside their mere transport."""
    with tempfile.TemporaryDirectory(prefix="sophia-bench-") as folder:
        async with _host() as origin:
            urls = [f"{origin}/{number}" for number in range(runs * count)]
            swept = await _swept(Path(folder), origin, urls)
            fetched = await _fetched(urls)
    figures = {"swept": len(urls) / swept * 60, "fetched": len(urls) / fetched * 60}
    beside = {"mere fetches by six, a minute": round(figures["fetched"]), "pages": len(urls)}
    return [Figure("queue.pages_per_minute", figures["swept"], "pages a minute", at_least=1000, beside=dict(beside))]


@asynccontextmanager
async def _host() -> AsyncIterator[str]:
    async def page(request: web.Request) -> web.Response:
        await asyncio.sleep(ANSWER_SECONDS)
        number = int(request.match_info["number"])
        items = "".join(_ITEM.format(item=item, page=number, price=item * 7) for item in range(30))
        text = (
            f"<html><head><title>P{number}</title></head><body><main><h1>Plan {number}</h1>{items}</main></body></html>"
        )
        return web.Response(text=text, content_type="text/html")

    async def robots(_: web.Request) -> web.Response:
        return web.Response(text="User-agent: *\nAllow: /\n")

    app = web.Application()
    app.add_routes([web.get("/robots.txt", robots), web.get("/{number:\\d+}", page)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _swept(folder: Path, origin: str, urls: list[str]) -> float:
    """Seconds from the queue to the end of the turn that reads them all. Raises RuntimeError when it isn't done."""
    given = {
        "home": str(folder / "home"),
        "network": {"allowed_private_origins": [origin]},
        "competitors": {"Bench": {}},
        "people": {"ann": {"roles": ["requester", "approver"], "system_users": ["ann"]}},
    }
    settings = load(directory=folder, environ={}, overrides=given)
    async with open_sophia(settings) as sophia, durable_work(settings, sophia) as work:
        memory: Competitors = sophia.ports.get(Competitors)
        for url in urls:
            await memory.put_page(Page(url=url, competitor="Bench", aspect="pricing", added_at=sophia.clock.now()))
        return await _sweep(sophia, work)


async def _sweep(sophia: Sophia, work: DurableWork) -> float:
    ann = sophia.people.get("ann")
    assert ann is not None, "she is in the settings"
    plan = Plan(steps=[Step(id="s1", tool="competitor_sweep", why="it is measured")], planner="bench")
    audience = "person:ann"
    turn = await sophia.receive("sweep", ann, thread="c", surface="terminal", audience=audience, plan=plan)
    began = time.perf_counter()
    await work.enqueue(turn.id, "start")
    async with asyncio.timeout(MOST_SECONDS):
        while not (turn := await sophia.turns.get(turn.id)).status.ended:
            if turn.status is Status.WAITING:
                (approval,) = await sophia.approvals.of_turn(turn.id)
                await sophia.decide(approval.id, ann, approve=True)
                await work.enqueue(turn.id, "approved")
            await asyncio.sleep(0.1)
    if turn.status is not Status.DONE:
        raise RuntimeError((await sophia.report(turn.id)).as_text()[:500])
    return time.perf_counter() - began


async def _fetched(urls: list[str]) -> float:
    """Seconds of the transport alone, six at once, as one host is asked."""
    began = time.perf_counter()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=6)) as session:

        async def one(url: str) -> None:
            async with session.get(url) as answer:
                await answer.read()

        await asyncio.gather(*map(one, urls))
    return time.perf_counter() - began
