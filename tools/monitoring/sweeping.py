"""A sweep: many pages side by side, each stored as it comes, so that whoever goes on fetches only the rest."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta

from memory.competitors import Change, Competitors, Feedback, Observation, Page, Standing, Version
from memory.search import Entry, SearchIndex
from tools.declaration import Clock, Permit, Progress, ProgressEvent
from tools.detection.extraction import Extractor
from tools.detection.learning import Wishes
from tools.detection.page import PageState
from tools.detection.significance import Past
from tools.monitoring.clusters import WINDOW, clustered
from tools.monitoring.passages import change_entry, passages
from tools.monitoring.reach import spread
from tools.monitoring.recording import Recorder
from tools.monitoring.verdicts import wishes_of
from tools.monitoring.visiting import Visitor
from tools.web.browser import Browser
from tools.web.door import WebDoor

__all__ = ["Sweep", "Sweeps"]


class Sweep:
    """One effect's sweep over some pages."""

    def __init__(
        self,
        *,
        memory: Competitors,
        index: SearchIndex,
        door: WebDoor,
        extractor: Extractor,
        browser: Browser,
        clock: Clock,
        progress: Progress,
    ) -> None:
        self._memory, self._index, self._door = memory, index, door
        self._extractor, self._browser, self._clock, self._progress = extractor, browser, clock, progress
        self._done = 0

    async def run(
        self,
        pages: Sequence[Page],
        permit: Permit,
        *,
        tool: str,
        enrol: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Visit every page that this effect hasn't visited yet.

        `enrol` puts the pages into memory in its own way. Raises PermissionError and the errors of memory.
        """
        from tools.web.addresses import origin_of

        origins = frozenset(origin_of(page.url) for page in pages)
        async with self._door.session(permit, tool=tool, origins=origins) as session:
            await (enrol() if enrol else self._enrol(pages))
            captured = await self._memory.captured(permit.id)
            todo = [page for page in pages if page.url not in captured]
            self._done = len(pages) - len(todo)
            standing = await self._memory.standing([page.url for page in todo])
            wishes, past = await self._wishes(), await self._past(todo)
            visitor = Visitor(
                session, self._extractor, self._browser, self._clock, permit.id, self._known, wishes, past
            )
            try:
                await self._all(todo, standing, visitor, len(pages))
            except BaseExceptionGroup as several:
                raise several.exceptions[0] from several
        await self._cluster(permit.id, pages)

    async def _all(self, todo: Sequence[Page], standing: dict[str, Standing], visitor: Visitor, of: int) -> None:
        async with Recorder(self._memory) as recorder, asyncio.TaskGroup() as group:
            places = asyncio.Semaphore(self._door.policy.connections)
            for page in todo:
                group.create_task(self._one(page, standing[page.url], visitor, recorder, places, of))

    async def _cluster(self, effect: str, pages: Sequence[Page]) -> None:
        """Put changes that say the same on several pages together, also with those of the last days."""
        new = await self._memory.changes(effect=effect)
        if not new:
            return
        competitors = list({change.competitor for change in new})
        since = min(change.at for change in new) - WINDOW
        recent = await self._memory.changes(competitors=competitors, since=since)
        together: dict[str, list[str]] = {}
        for change, cluster in clustered(new, recent).items():
            together.setdefault(cluster, []).append(change)
        thresholds = {page.url: page.threshold for page in pages}
        for cluster, ids in together.items():
            await self._memory.set_cluster(ids, cluster)
            alike = [each for each in recent if each.id in ids or each.cluster == cluster]
            for counted in spread(alike, thresholds):
                await self._memory.weigh(counted)

    async def _known(self, digest: str) -> Version | None:
        return await self._memory.version(digest, html=False)

    async def _wishes(self) -> dict[str, Wishes]:
        said: dict[str, list[Feedback]] = {}
        for item in await self._memory.feedback():
            said.setdefault(item.url, []).append(item)
        return {url: wishes_of(feedback) for url, feedback in said.items()}

    async def _past(self, pages: Sequence[Page]) -> dict[tuple[str, str], Past]:
        """How much has changed in the last months, for each competitor and aspect that has been watched so long."""
        since = self._clock.now() - timedelta(days=Past().days)
        known = await self._memory.changes(competitors=sorted({page.competitor for page in pages}), since=since)
        counts = Counter((change.competitor, change.aspect) for change in known)
        watched = {(page.competitor, page.aspect) for page in pages if page.added_at <= since}
        return {pair: Past(counts[pair], known=pair in watched) for pair in {*counts, *watched}}

    async def _enrol(self, pages: Sequence[Page]) -> None:
        known = {page.url for page in await self._memory.pages()}
        for page in pages:
            if page.url not in known:
                await self._memory.put_page(page)

    async def _one(
        self, page: Page, standing: Standing, visitor: Visitor, recorder: Recorder, places: asyncio.Semaphore, of: int
    ) -> None:
        async with places:
            observation = await visitor.visit(page, standing)
            changes = await recorder.record(observation)
            await self._remember(page, observation, changes)
        self._done += 1
        self._say(page, observation, changes, of)

    async def _remember(self, page: Page, observation: Observation, changes: Iterable[Change]) -> None:
        entries: list[Entry] = [change_entry(change) for change in changes]
        if observation.version:
            entries += passages(page, observation.version, observation.capture.at)
        if entries:
            await self._index.add(entries)

    def _say(self, page: Page, observation: Observation, changes: Sequence[Change], of: int) -> None:
        capture = observation.capture
        what = (
            "; ".join(change.summary for change in changes) or capture.note or _WORDS.get(capture.state, capture.state)
        )
        self._progress(
            ProgressEvent(
                kind="page",
                text=f"{self._done}/{of} {page.competitor}: {page.url}: {what}",
                data={"url": page.url, "state": capture.state, "done": self._done, "of": of, "changed": bool(changes)},
            )
        )


class Sweeps:
    """Begins sweeps; holds what all of them work with."""

    def __init__(
        self,
        *,
        memory: Competitors,
        index: SearchIndex,
        door: WebDoor,
        extractor: Extractor,
        browser: Browser,
        clock: Clock,
    ) -> None:
        self._memory, self._index, self._door = memory, index, door
        self._extractor, self._browser, self._clock = extractor, browser, clock

    def begin(self, progress: Progress) -> Sweep:
        """A sweep that says there how far it is."""
        return Sweep(
            memory=self._memory,
            index=self._index,
            door=self._door,
            extractor=self._extractor,
            browser=self._browser,
            clock=self._clock,
            progress=progress,
        )


_WORDS = {PageState.OK.value: "read", PageState.UNCHANGED.value: "unchanged"}
