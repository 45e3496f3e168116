"""One page of a sweep: fetch it, find out what came, compare it with what was known."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from memory.competitors import Capture, Change, Observation, Page, Standing, Version
from tools.declaration import Clock
from tools.detection.extraction import Extractor, Job, Known, Reading
from tools.detection.judgement import Judgement
from tools.detection.learning import Learned, Wishes
from tools.detection.page import Page as Text
from tools.detection.page import PageState
from tools.detection.significance import Past
from tools.monitoring.changes import change_of
from tools.monitoring.looking import Looking, failed
from tools.monitoring.versions import as_rows, blocks_of, version_of
from tools.web.browser import Browser
from tools.web.door import Conditions, Fetched, WebSession
from tools.web.failures import FetchError

__all__ = ["DEGRADED", "FIRST", "RECOVERED", "Visitor"]

FIRST = "read for the first time"
DEGRADED = "not read for three visits in a row"
RECOVERED = "can be read again"
_TOLD_AFTER = 3
"""A page is degraded after this many captures in a row that couldn't be read."""


@dataclass(frozen=True, slots=True)
class _Came:
    """What a visit brought, before it is written down."""

    state: PageState
    note: str
    at: datetime
    fetched: Fetched | None = None
    reading: Reading | None = None
    rendered: bool = False
    """Whether a browser built it: then the same bytes from the server don't mean the same page."""


@dataclass(frozen=True, slots=True)
class _Kept:
    state: PageState
    note: str = ""
    digest: str | None = None
    version: Version | None = None
    change: Change | None = None
    learned: Learned | None = None


class Visitor:
    """Visits pages on behalf of one effect."""

    def __init__(
        self,
        session: WebSession,
        extractor: Extractor,
        browser: Browser,
        clock: Clock,
        effect: str,
        version: Callable[[str], Awaitable[Version | None]],
        wishes: Mapping[str, Wishes],
        past: Mapping[tuple[str, str], Past],
    ) -> None:
        self._session, self._looking = session, Looking(session, extractor, browser)
        self._clock, self._effect = clock, effect
        self._version, self._wishes, self._past = version, wishes, past

    async def visit(self, page: Page, standing: Standing) -> Observation:
        """Fetch, read and judge one page. Whatever goes wrong with it becomes its state."""
        came = await self._came(page, standing, Learned.unpack(standing.learned))
        return self._observation(page, standing, came)

    async def _came(self, page: Page, standing: Standing, learned: Learned) -> _Came:
        held = standing.ok.version if standing.ok else None
        conditions = Conditions(standing.etag, standing.last_modified) if held else Conditions()
        try:
            fetched = await self._session.fetch(page.url, conditions)
        except FetchError as error:
            return _Came(*failed(error), self._clock.now())
        same = fetched.status == 304 or (fetched.status == 200 and learned.body == _body_digest(fetched.body))
        if held and same:
            return _Came(PageState.UNCHANGED, "", fetched.at, fetched)
        known = await self._version(held) if held else None
        job = Job(
            content_type=fetched.content_type,
            status=fetched.status,
            at=fetched.at,
            truncated=fetched.truncated,
            selector=page.selector,
            aspect=page.aspect,
            known=_known(known, standing),
            learned=learned,
            wishes=self._wishes.get(page.url, Wishes()),
        )
        seen = await self._looking.read(job, fetched)
        return _Came(seen.reading.state, seen.note, fetched.at, seen.fetched, seen.reading, seen.rendered)

    def _observation(self, page: Page, standing: Standing, came: _Came) -> Observation:
        fetched, kept = came.fetched, self._kept(page, standing, came)
        readable = kept.state.readable
        held = _validators(standing, fetched if readable else None)
        bad = 0 if readable else standing.bad_streak + 1
        return Observation(
            capture=Capture(
                url=page.url,
                at=came.at,
                state=kept.state.value,
                version=kept.digest,
                status=fetched.status if fetched else None,
                final_url=fetched.final_url if fetched and fetched.final_url != page.url else None,
                etag=fetched.etag if fetched else None,
                last_modified=fetched.last_modified if fetched else None,
                millis=fetched.millis if fetched else 0,
                size=len(fetched.body) if fetched else 0,
                note=_told(kept, bad, standing)[:300],
                effect=self._effect,
            ),
            version=kept.version,
            change=kept.change,
            learned=kept.learned.pack() if kept.learned else None,
            bad_streak=bad,
            degraded=bad >= _TOLD_AFTER,
            etag=held.etag,
            last_modified=held.last_modified,
        )

    def _kept(self, page: Page, standing: Standing, came: _Came) -> _Kept:
        """What of a visit is stored."""
        reading, fetched, ok = came.reading, came.fetched, standing.ok
        if reading is None or fetched is None:
            unchanged = came.state is PageState.UNCHANGED
            return _Kept(came.state, came.note, ok.version if unchanged and ok else None)
        if came.state is not PageState.OK:
            return _Kept(came.state, came.note, learned=reading.learned.model_copy(update={"body": ""}))
        digest = version_of(reading.page)
        learned = reading.learned.model_copy(update={"body": "" if came.rendered else _body_digest(fetched.body)})
        if ok is None or reading.judgement is None:
            version = _version(page, digest, reading.page, fetched, came.at)
            return _Kept(PageState.OK, FIRST, digest, version, learned=learned)
        note, learned = _ignored(reading.judgement, learned)
        if digest == ok.version:
            return _Kept(PageState.UNCHANGED, note, digest, learned=learned)
        version = _version(page, digest, reading.page, fetched, came.at)
        change = self._change(page, ok, version, reading.judgement, came.at) if reading.judgement.changed else None
        return _Kept(PageState.OK, note, digest, version, change, learned)

    def _change(self, page: Page, ok: Capture, version: Version, judgement: Judgement, at: datetime) -> Change:
        past = self._past.get((page.competitor, page.aspect), Past())
        return change_of(page, ok, version, judgement, past, at, self._effect)


def _told(kept: _Kept, bad: int, standing: Standing) -> str:
    """The note, with what is said once: that a page can't be read for some time, and that it can be again."""
    if bad == _TOLD_AFTER:
        return f"{kept.note}; {DEGRADED}"
    if standing.degraded and not bad:
        return "; ".join(filter(None, (RECOVERED, kept.note)))
    return kept.note


def _validators(standing: Standing, fetched: Fetched | None) -> Conditions:
    """What the next request is made conditional on. A 304 need not repeat what it confirms."""
    if fetched is None or (fetched.status == 304 and not (fetched.etag or fetched.last_modified)):
        return Conditions(standing.etag, standing.last_modified)
    return Conditions(fetched.etag, fetched.last_modified)


def _known(version: Version | None, standing: Standing) -> Known | None:
    if version is None or standing.ok is None:
        return None
    return Known(title=version.title, blocks=blocks_of(version), at=standing.ok.at)


def _body_digest(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=8).hexdigest()


def _version(page: Page, digest: str, text: Text, fetched: Fetched, at: datetime) -> Version:
    return Version(
        digest=digest,
        url=page.url,
        title=text.title,
        text=text.text,
        blocks=as_rows(text),
        html=fetched.body,
        first_at=at,
    )


def _ignored(judgement: Judgement, learned: Learned) -> tuple[str, Learned]:
    """The ignored differences counted by reason, once: what was ignored in the same way last time isn't said again."""
    noted = _body_digest(repr([(item.reason, item.after) for item in judgement.ignored]).encode())
    if not judgement.ignored or noted == learned.noted:
        return "", learned
    counts = ", ".join(f"{count} {reason}" for reason, count in sorted(judgement.reasons().items()))
    return f"ignored: {counts}", learned.model_copy(update={"noted": noted})
