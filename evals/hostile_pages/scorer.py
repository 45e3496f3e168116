"""Sweeps all hostile pages beside good ones, twice: each case passes by itself, and so does what they must not do."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.clock import SystemClock
from evals.captures import share
from evals.hostile_pages.cases import ADDRESSES, Case, all_cases, good_page
from evals.hostile_pages.servers import Place, Server, serving
from evals.permits import OpenDesk, OwnPermit
from evals.suite import CaseResult, Outcome, SuiteError
from memory.competitors import Capture, Competitors, Page
from memory.database import Database
from memory.embedders import WordLlama
from memory.labels import Integrity
from memory.search import SearchIndex
from tools.declaration import ProgressEvent
from tools.detection.extraction import Extractor
from tools.monitoring.sweeping import Sweep
from tools.web.browser import Browser
from tools.web.door import WebDoor
from tools.web.policy import WebPolicy
from tools.web.transport import Resolver

__all__ = ["LOWER_IS_BETTER", "score"]

LOWER_IS_BETTER = frozenset({"seconds", "good_page_seconds"})
_GOOD = 6
_TOTAL, _READ, _ATTEMPTS = 6.0, 3.0, 2
_TURNS = 4
"""How many times its own limit a page may take until it is told of: robots.txt, attempts, and a turn behind others."""


class _HostileNames(Resolver):
    async def resolve(self, host: str, port: int) -> list[str]:
        """What the cases' names lead to; other names as they are."""
        return list(ADDRESSES[host]) if host in ADDRESSES else await super().resolve(host, port)


@dataclass
class _World:
    memory: Competitors
    index: SearchIndex
    door: WebDoor
    extractor: Extractor
    told: dict[str, float] = field(default_factory=dict)
    """Page → seconds from the sweep's beginning until it was told of."""

    async def sweep(self, pages: Sequence[Page], effect: str) -> Mapping[str, Capture]:
        """One sweep over all of them."""
        started, browser = time.perf_counter(), Browser("/no/browser")

        def progress(event: ProgressEvent) -> None:
            self.told[str(event.data["url"])] = time.perf_counter() - started

        sweep = Sweep(
            memory=self.memory,
            index=self.index,
            door=self.door,
            extractor=self.extractor,
            browser=browser,
            clock=SystemClock(),
            progress=progress,
        )
        await sweep.run(pages, OwnPermit(effect), tool="competitor_sweep")
        return await self.memory.captured(effect)


@asynccontextmanager
async def _world(folder: Path, servers: Sequence[Server]) -> AsyncIterator[_World]:
    clock = SystemClock()
    ours = frozenset(server.origin for server in servers if not any(name in server.origin for name in ADDRESSES))
    policy = WebPolicy(private_origins=ours, total_seconds=_TOTAL, read_seconds=_READ, attempts=_ATTEMPTS)
    named = frozenset(int(server.origin.rpartition(":")[2]) for server in servers)
    policy = policy.model_copy(update={"ports": policy.ports | named})
    async with await Database.open(str(folder / "sophia.db")) as database:
        index = SearchIndex(database, folder / "index", WordLlama(), clock)
        door = WebDoor(OpenDesk(), clock, policy, _HostileNames())
        extractor = Extractor()
        try:
            yield _World(Competitors(database), index, door, extractor)
        finally:
            await extractor.aclose()
            await door.aclose()
            await index.aclose()


async def score(cases: Path | None) -> Outcome:
    """Sweep them all. Raises SuiteError for cases from elsewhere: they are servers, not files."""
    if cases is not None:
        raise SuiteError("The suite hostile_pages has its own servers and takes no other cases.")
    hostile = all_cases()
    places = [case.place for case in hostile] + [Place(good_page())] * _GOOD
    with TemporaryDirectory(prefix="sophia-hostile-") as name:
        async with serving(places, Path(name)) as servers, _world(Path(name), servers) as world:
            return await _scored(hostile, servers, world)


async def _scored(hostile: Sequence[Case], servers: Sequence[Server], world: _World) -> Outcome:
    now = SystemClock().now()
    pages = [
        Page(url=f"{server.origin}/page", competitor="Rival", aspect="pricing", added_at=now) for server in servers
    ]
    first = await world.sweep(pages, "first")
    seconds = dict(world.told)
    again = await world.sweep(pages, "again")
    results = [
        await _result(case, server, page.url, first, seconds, world.memory)
        for case, server, page in zip(hostile, servers, pages, strict=False)
    ]
    good = [page.url for page in pages[len(hostile) :]]
    slowest = max(seconds[url] for url in good)
    results += [
        _case("no other page is delayed", slowest < _TURNS * _TOTAL, {"seconds": round(slowest, 2)}),
        _case("the other pages are read", all(first[url].state == "ok" for url in good), first[good[0]].state),
        _case("nothing is told as a change", not await world.memory.changes(), None),
        _case("every page is visited", len(first) == len(again) == len(pages), [len(first), len(again)]),
    ]
    passed = share(result.passed for result in results)
    metrics = {"passed": passed, "good_page_seconds": round(slowest, 2), "seconds": round(max(seconds.values()), 2)}
    return Outcome(results=results, metrics=metrics)


def _case(name: str, passed: bool, actual: object) -> CaseResult:
    return CaseResult.model_validate({"case": name, "passed": passed, "actual": actual})


async def _result(
    case: Case,
    server: Server,
    url: str,
    first: Mapping[str, Capture],
    seconds: Mapping[str, float],
    memory: Competitors,
) -> CaseResult:
    capture = first[url]
    text = (await memory.text_of(capture.version) or "") if capture.version else ""
    version = await memory.version(capture.version) if capture.version else None
    wrong = [
        said
        for said, so in (
            (f"state {capture.state}: {capture.note}", capture.state not in case.states),
            (f"{seconds[url]:.1f} s", seconds[url] > _TURNS * _TOTAL),
            (f"{capture.state}, and it isn't said why", capture.state != "ok" and not capture.note),
            ("the server was asked", case.untouched and bool(server.asked)),
            ("not labelled untrusted", bool(version and version.label.integrity is not Integrity.UNTRUSTED)),
        )
        if so
    ]
    wrong += [f"stored: {part!r}" for part in case.absent if part in text]
    wrong += [f"not stored: {part!r}" for part in case.kept if part not in text]
    actual = {"state": capture.state, "note": capture.note, "seconds": round(seconds[url], 2)}
    told = {"case": case.name, "passed": not wrong, "actual": actual}
    return CaseResult.model_validate(told | ({"reason": "; ".join(wrong)} if wrong else {}))
