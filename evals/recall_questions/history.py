"""A year of three invented competitors, swept once a month from a server on loopback into a memory of its own."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from evals.permits import OpenDesk, OwnPermit
from evals.rivals import CHANGES, KINDS, Content, Frame, first_content, render
from memory.competitors import Competitors, Page
from memory.search import SearchIndex
from tools.declaration import ProgressEvent
from tools.monitoring.targets import Competitor

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["ASPECTS", "RIVALS", "Year", "lived"]

RIVALS = ("Quillfort", "Rendwell", "Tessaro")
ASPECTS = {
    "pricing": "pricing",
    "features": "features",
    "releases": "product_updates",
    "jobs": "job_postings",
    "customers": "client_wins",
    "blog": "market_share",
}
_MONTHS = 12


@dataclass
class _Clock:
    at: datetime = datetime(2025, 12, 1, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@dataclass
class Year:
    """What was said in each month, and the memory of it."""

    memory: Competitors
    index: SearchIndex
    clock: _Clock
    contents: dict[tuple[str, str], list[Content]] = field(default_factory=dict)
    """By competitor and kind of page, a content a month."""
    pages: list[Page] = field(default_factory=list)

    def competitors(self) -> list[Competitor]:
        """As a configuration has them; the pages are approved ones."""
        return [Competitor(name=name) for name in RIVALS]

    def now(self, rival: str, kind: str) -> Content:
        """What the page says at the end of the year."""
        return self.contents[rival, kind][-1]


def _history() -> dict[tuple[str, str], list[Content]]:
    found: dict[tuple[str, str], list[Content]] = {}
    for number, rival in enumerate(RIVALS):
        for kind in KINDS:
            pick = random.Random(f"{rival} {kind}")
            months = [first_content(kind, 100 + number)]
            for month in range(1, _MONTHS):
                changes = month % 3 == number and kind != "blog"
                months.append(pick.choice(CHANGES[kind])(months[-1], pick) if changes else months[-1])
            found[rival, kind] = months
    return found


@asynccontextmanager
async def lived() -> AsyncIterator[Year]:
    """Live through the year."""
    from aiohttp import web

    from memory.database import Database
    from memory.embedders import WordLlama

    contents = _history()
    month = 0

    async def answer(request: web.Request) -> web.Response:
        rival, _, kind = request.path.strip("/").partition("/")
        if (rival, kind) not in contents:
            return web.Response(status=404)
        frame = Frame(nonce=month, visitors=1000 + 37 * month, quote=month // 5)
        return web.Response(body=render(contents[rival, kind][month], frame), content_type="text/html")

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    with TemporaryDirectory() as folder:
        database = await Database.open(str(Path(folder) / "year.db"))
        clock = _Clock()
        year = Year(
            Competitors(database), SearchIndex(database, Path(folder) / "index", WordLlama(), clock), clock, contents
        )
        year.pages = [
            Page(url=f"{origin}/{rival}/{kind}", competitor=rival, aspect=ASPECTS[kind], added_at=clock.at)
            for rival, kind in contents
        ]
        try:
            for month in range(_MONTHS):
                await _sweep(year, origin, month)
            yield year
        finally:
            await year.index.aclose()
            await database.close()
            await runner.cleanup()


async def _sweep(year: Year, origin: str, month: int) -> None:
    from tools.detection.extraction import Extractor
    from tools.monitoring.sweeping import Sweep
    from tools.web.browser import Browser
    from tools.web.door import WebDoor
    from tools.web.policy import WebPolicy

    door = WebDoor(OpenDesk(), year.clock, WebPolicy(private_origins=frozenset({origin})))
    extractor, browser = Extractor(), Browser(None)

    def silent(event: ProgressEvent) -> None:
        """Nobody watches."""

    try:
        sweep = Sweep(
            memory=year.memory,
            index=year.index,
            door=door,
            extractor=extractor,
            browser=browser,
            clock=year.clock,
            progress=silent,
        )
        await sweep.run(year.pages, OwnPermit(f"month {month}"), tool="competitor_sweep")
    finally:
        await extractor.aclose()
        await browser.aclose()
        await door.aclose()
        year.clock.at += timedelta(days=30)
