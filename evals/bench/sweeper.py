"""A program that sweeps a server's pages once, in a process of its own, and says how long that took.

Its arguments: the server's origin, how many pages it has, a folder for the database, and a name for the sweep.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from agent.clock import SystemClock
from evals.permits import OpenDesk, OwnPermit
from memory.competitors import Competitors, Page
from memory.database import Database
from memory.embedders import WordLlama
from memory.search import SearchIndex
from tools.declaration import ProgressEvent
from tools.detection.extraction import Extractor
from tools.monitoring.sweeping import Sweep
from tools.web.browser import Browser
from tools.web.door import WebDoor
from tools.web.policy import WebPolicy

__all__ = ["main"]


def _silent(event: ProgressEvent) -> None:
    """Nobody watches."""


async def main(origin: str, count: int, folder: Path, name: str) -> dict[str, float]:
    """Seconds that the sweep took, and how many captures and changes it stored."""
    clock = SystemClock()
    async with await Database.open(str(folder / "sophia.db")) as database:
        memory = Competitors(database)
        index = SearchIndex(database, folder / "index", WordLlama(), clock)
        door = WebDoor(OpenDesk(), clock, WebPolicy(private_origins=frozenset({origin})))
        extractor, now = Extractor(), clock.now()
        urls = [f"{origin}/{number}" for number in range(count)]
        pages = [Page(url=url, competitor="Rival", aspect="pricing", added_at=now) for url in urls]
        sweep = Sweep(
            memory=memory,
            index=index,
            door=door,
            extractor=extractor,
            browser=Browser(None),
            clock=clock,
            progress=_silent,
        )
        started = time.perf_counter()
        await sweep.run(pages, OwnPermit(name), tool="competitor_sweep")
        seconds = time.perf_counter() - started
        captured = await memory.captured(name)
        changes = await memory.changes(effect=name)
        await extractor.aclose()
        await door.aclose()
        await index.aclose()
    unread = sum(capture.state not in ("ok", "unchanged") for capture in captured.values())
    return {"seconds": seconds, "captures": len(captured), "unread": unread, "changes": len(changes)}


if __name__ == "__main__":
    place, number, where, called = sys.argv[1:5]
    sys.stdout.write(json.dumps(asyncio.run(main(place, int(number), Path(where), called))))
