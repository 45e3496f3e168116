from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from agent.people import People
from agent.people_now import FixedPeople
from agent.scheduling.owners import ConfiguredOwners
from agent.settings import load
from agent.watch_lists import FolderOfLists
from memory.audit import Audit
from memory.competitors import Competitors
from memory.database import Database
from memory.embedders import WordLlama
from memory.grants import Grants
from memory.leases import Leases
from memory.search import SearchIndex
from memory.watches import Watches
from tools.declaration import Attempt, Preview, ProgressEvent, parameters
from tools.declaration import Clock as Clock_
from tools.detection.extraction import Extractor
from tools.monitoring.sweeping import Sweeps
from tools.monitoring.targets import Competitor, TargetPage, Targets
from tools.monitoring.watch_lists import WatchLists
from tools.permits import PermitDesk
from tools.registry import discover
from tools.timetable.foresight import Owners
from tools.web.browser import Browser
from tools.web.door import WebDoor
from tools.web.policy import WebPolicy


@dataclass
class Site:
    """A real server on loopback whose pages a test sets and whose requests it sees."""

    origin: str = ""
    pages: dict[str, bytes | str | Callable[[web.Request], Awaitable[web.StreamResponse]]] = field(default_factory=dict)
    requests: list[web.Request] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests if request.path != "/robots.txt"]

    def url(self, path: str) -> str:
        return self.origin + path

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        page = self.pages.get(request.path)
        if page is None:
            return web.Response(status=404, text="<h1>Not here</h1>", content_type="text/html")
        if callable(page):
            return await page(request)
        body = page.encode() if isinstance(page, str) else page
        return web.Response(body=body, content_type="text/html", charset="utf-8")


@pytest.fixture
async def new_site() -> AsyncIterator[Callable[[], Awaitable[Site]]]:
    runners: list[web.AppRunner] = []

    async def start() -> Site:
        site = Site()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", site.answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        place = web.TCPSite(runner, "127.0.0.1", 0)
        await place.start()
        site.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return site

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def site(new_site) -> Site:
    return await new_site()


class Clock:
    """The real time, which a test may move on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@dataclass(frozen=True)
class Ticket:
    id: str = "e_test"
    token: str = "token"


class Desk:
    """Accepts each permit once."""

    def __init__(self) -> None:
        self.redeemed: list[tuple[str, str, str]] = []

    async def redeem(self, permit_id: str, token: str, *, tool: str) -> None:
        if token == "forged" or (permit_id, token) in [entry[:2] for entry in self.redeemed]:
            raise PermissionError(f"{permit_id} can't be redeemed")
        self.redeemed.append((permit_id, token, tool))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def new_door(clock, desk) -> AsyncIterator[Callable[..., WebDoor]]:
    doors: list[WebDoor] = []

    def make(*origins: str, resolver=None, **limits) -> WebDoor:
        door = WebDoor(desk, clock, WebPolicy(private_origins=frozenset(origins), **limits), resolver)
        doors.append(door)
        return door

    yield make
    for door in doors:
        await door.aclose()


@dataclass
class Person:
    person: str = "ann"
    thread: str = "th"
    turn: str = "t_1"


class Configured:
    """The configuration's competitors, as a test writes them."""

    def __init__(self) -> None:
        self.all: list[Competitor] = []

    def competitors(self) -> list[Competitor]:
        return self.all

    def add(self, name: str, *pages: TargetPage, aliases: tuple[str, ...] = ()) -> None:
        self.all.append(Competitor(name=name, aliases=aliases, pages=pages))


class World:
    """Every real part that the competitor tools need, wired as the composition root does it."""

    def __init__(self, ports: dict[type, object]) -> None:
        self.ports = ports
        self.said: list[ProgressEvent] = []
        self.count = 0

    def __getitem__(self, port: type):
        return self.ports[port]

    def sweeps(self) -> Sweeps:
        return Sweeps(
            memory=self[Competitors],
            index=self[SearchIndex],
            door=self[WebDoor],
            extractor=self[Extractor],
            browser=self[Browser],
            clock=self[Clock_],
        )

    async def handle(self, handler, *arguments, **scoped):
        wanted = {}
        for name, port in parameters(handler).items():
            match port.__name__:
                case "Permit" | "Preview":
                    wanted[name] = scoped[port.__name__]
                case "Progress":
                    wanted[name] = self.said.append
                case "Requester":
                    wanted[name] = Person()
                case "Sweeps":
                    wanted[name] = self.sweeps()
                case _:
                    wanted[name] = self.ports[port]
        return await handler(*arguments, **wanted)

    async def call(self, name: str, *, permit: str | None = None, **arguments):
        """Preview, run and verify a tool; its result."""
        tool = discover()[name]
        given = tool.arguments.model_validate(arguments)
        if not tool.effect.writes:
            return await self.handle(tool.run, given)
        self.count += 1
        bound = await self.handle(tool.preview, given)
        ticket = Ticket(permit or f"e_{self.count}", f"token {self.count}")
        result = await self.handle(tool.run, given, Permit=ticket, Preview=bound)
        verification = await self.handle(tool.verify, given, result)
        assert verification.ok, verification.evidence
        tool.result.model_validate_json(result.model_dump_json(exclude=set(tool.result.model_computed_fields)))
        assert all(finding.provenance for finding in result.findings())
        result.as_terminal()
        return result

    async def reconcile(self, name: str, permit: str, bound: Preview | None = None, **arguments):
        """What the tool says of an attempt after a crash."""
        tool = discover()[name]
        given = tool.arguments.model_validate(arguments)
        bound = bound or await self.handle(tool.preview, given)
        attempt = Attempt(
            permit_id=permit,
            started_at=datetime.now(UTC),
            state_version=bound.state_version,
            bound=bound.bound,
        )
        return await self.handle(tool.reconcile, given, attempt)


@pytest.fixture
async def world(tmp_path, clock, desk, new_door, site) -> AsyncIterator[World]:
    database = await Database.open(str(tmp_path / "sophia.db"))
    audit = Audit(database, folder=tmp_path / "audit")
    index = SearchIndex(database, tmp_path / "index", WordLlama(), clock)
    extractor, browser = Extractor(), Browser(shutil.which("chromium") or shutil.which("google-chrome"))
    settings = load(directory=tmp_path, environ={"HOME": str(tmp_path)})
    ports: dict[type, object] = {
        Owners: ConfiguredOwners(settings, FixedPeople(People.of(settings))),
        Competitors: Competitors(database),
        SearchIndex: index,
        Grants: Grants(database, audit),
        Watches: Watches(database, audit),
        Leases: Leases(database),
        Targets: Configured(),
        WebDoor: new_door(site.origin),
        Extractor: extractor,
        Browser: browser,
        Clock_: clock,
        PermitDesk: desk,
        WatchLists: FolderOfLists([tmp_path / "lists"]),
    }
    yield World(ports)
    await extractor.aclose()
    await browser.aclose()
    await index.aclose()
    await database.close()
