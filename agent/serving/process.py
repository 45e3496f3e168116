"""One process that serves: Slack, the clock, and whether it is well."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web

from agent.errors import OperatorMustAct
from agent.serving.arriving import Arriving
from agent.serving.caretaker import Caretaker
from agent.serving.porch import Porch, porch
from agent.slack.connection import SlackSurface, slack_surface
from agent.slack.errors import SlackAway, TokenRefused
from agent.slack.home import Home
from agent.slack.http import slack_routes
from agent.sophia import Sophia
from memory.arrivals import Arrivals
from memory.errors import StoreError

__all__ = ["Served", "serving", "working"]

_log = logging.getLogger(__name__)
HANGS_SECONDS = 15.0
STOPPING_SECONDS = 25.0
"""Until what stops between steps is left to whoever comes next; orchestrators kill after 30."""


@dataclass
class Served:
    """What is served, and whether it is ready."""

    host: str
    sophia: Sophia
    port: int = 0
    slack: SlackSurface | None = None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    broken: str = ""
    """Why it stopped by itself."""

    def watch(self, task: asyncio.Task[None]) -> None:
        """A part that ends before it is told to takes the process with it: whoever started that starts it again."""
        if not self.stop.is_set() and not task.cancelled():
            error = task.exception()
            _log.error("a part of what is served ended", exc_info=error)
            self.broken = f"A part of it ended: {error or 'without an error'}"
            self.stop.set()

    def closed(self) -> str:
        """Why nothing is taken in any more; empty while it serves."""
        return (self.broken or "Sophia is stopping.") if self.stop.is_set() else ""

    async def away(self) -> str:
        """Why nothing can be worked on now; empty when all is well."""
        if self.stop.is_set():
            return self.closed()
        try:
            await self.sophia.turns.running()
        except StoreError as error:
            return f"The database doesn't answer: {error}"
        return ""


@contextlib.asynccontextmanager
async def serving(sophia: Sophia, *, host: str, port: int, by_the_clock: bool = True) -> AsyncIterator[Served]:
    """Serve until the block is left; what is worked on then stops between steps and is gone on with later."""
    from agent.serving.durable import durable_work

    served = Served(host, sophia)
    async with durable_work(sophia.settings, sophia) as work, porch() as outside:
        arriving = Arriving(work)
        tasks, routes = [], []
        if sophia.settings.slack.connected:
            served.slack = await _slack(served, arriving)
            routes = _routes(served, served.slack)
            tasks.append(asyncio.create_task(served.slack.serve(served.stop)))
            if sophia.settings.slack.mode == "socket":
                tasks.append(asyncio.create_task(_listened(served, outside)))
        if by_the_clock:
            from agent.scheduling.runner import ScheduleRunner

            tasks.append(asyncio.create_task(ScheduleRunner(sophia).serve(served.stop)))
        await _take_up(sophia, arriving)
        caretaker = Caretaker(sophia, work, arriving.arrive if served.slack else None)
        tasks.append(asyncio.create_task(caretaker.serve(served.stop)))
        for task in tasks:
            task.add_done_callback(served.watch)
        try:
            async with _http(served, outside, routes, port):
                yield served
                served.stop.set()
        finally:
            served.stop.set()
            sophia.driver.stop()
            await _ended([*tasks, asyncio.create_task(arriving.aclose()), asyncio.create_task(work.aclose())])


@contextlib.asynccontextmanager
async def working(sophia: Sophia, *, host: str, port: int) -> AsyncIterator[Served]:
    """One more worker: it drives what is queued, and takes over what a dead process left."""
    from agent.serving.durable import durable_work

    served = Served(host, sophia)
    async with durable_work(sophia.settings, sophia) as work, porch() as outside:
        tasks = [asyncio.create_task(Caretaker(sophia, work, None).serve(served.stop))]
        tasks[0].add_done_callback(served.watch)
        try:
            async with _http(served, outside, [], port):
                yield served
                served.stop.set()
        finally:
            served.stop.set()
            sophia.driver.stop()
            await _ended([*tasks, asyncio.create_task(work.aclose())])


async def _slack(served: Served, arriving: Arriving) -> SlackSurface:
    surface = slack_surface(served.sophia, arriving)
    arriving.work_on = surface.desk.work
    try:
        await surface.workspace.myself()
    except TokenRefused:
        raise
    except SlackAway as error:
        _log.warning("Slack is away; what comes in is taken as soon as it answers: %s", error)
    return surface


def _routes(served: Served, slack: SlackSurface) -> list[web.RouteDef]:
    secret = served.sophia.settings.slack.signing_secret
    if secret is None or served.sophia.settings.slack.mode != "http":
        return []
    return slack_routes(slack.app, secret.get_secret_value(), served.sophia.clock, served.closed)


async def _take_up(sophia: Sophia, arriving: Arriving) -> None:
    """What arrived and wasn't worked on when the last process ended."""
    arrivals: Arrivals = sophia.ports.get(Arrivals)
    if arriving.work_on is not None:
        for arrival in await arrivals.pending():
            await arriving.arrive(arrival.key)


async def _listened(served: Served, outside: Porch) -> None:
    """Keep the socket to Slack open until it is to stop."""
    assert served.slack is not None, "Slack is connected"
    listening = asyncio.create_task(outside.run(served.slack.listen()))
    stopping = asyncio.create_task(served.stop.wait())
    await asyncio.wait({listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening


@contextlib.asynccontextmanager
async def _http(served: Served, outside: Porch, routes: list[web.RouteDef], port: int) -> AsyncIterator[None]:
    """Listen. Raises OperatorMustAct where that can't be done."""
    home = Home()

    async def health(_: web.Request) -> web.Response:
        """Alive means that the loop of the work goes round, not only that of the porch."""
        try:
            await asyncio.wait_for(home.do(asyncio.sleep(0)), HANGS_SECONDS)
        except TimeoutError:
            return web.Response(status=503, text=f"Nothing has moved for {HANGS_SECONDS:.0f} s.\n")
        return web.Response(text="ok\n")

    async def ready(_: web.Request) -> web.Response:
        why = await served.away()
        return web.Response(status=503 if why else 200, text=f"{why or 'ready'}\n")

    app = web.Application(client_max_size=2_000_000)
    app.add_routes([*routes, web.get("/health", health), web.get("/ready", ready)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
    await outside.run(runner.setup())
    try:
        await outside.run(web.TCPSite(runner, served.host, port).start())
    except OSError as error:
        await outside.run(runner.cleanup())
        raise OperatorMustAct(
            f"{served.host}:{port} can't be listened on: {error.strerror or error}.",
            not_done="Nothing is served.",
            to_do="Name another address or port: --host, --port.",
        ) from error
    served.port = int(runner.addresses[0][1])
    try:
        yield
    finally:
        await outside.run(runner.cleanup())


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    done, late = await asyncio.wait(tasks, timeout=STOPPING_SECONDS)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task in done:
        if (error := task.exception()) is not None:
            _log.error("stopped with an error", exc_info=error)
