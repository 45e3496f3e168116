from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

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
