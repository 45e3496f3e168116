"""The store of watched pages, their captures, versions and changes, and of what people thought of the alerts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, Row, Select, func, insert, or_, select, update

from memory.database import Database
from memory.errors import NotFound
from memory.pages import (
    Capture,
    Change,
    Feedback,
    Observation,
    Page,
    Standing,
    Version,
    captures,
    changes,
    feedback,
    from_millis,
    pages,
    terms,
    to_millis,
    versions,
)
from memory.recording import known_digests, packed, record_in
from memory.schema import insert_or_not, new_id
from memory.thinning import thin_in

__all__ = ["Capture", "Change", "Competitors", "Feedback", "Observation", "Page", "Standing", "Version"]

_OWN_COLUMNS = [pages.c[name] for name in Page.model_fields]
_states, _effects = terms.alias("states"), terms.alias("effects")
_CAPTURE = (
    select(captures, pages.c.url, _states.c.term.label("state_term"), _effects.c.term.label("effect_term"))
    .add_columns(versions.c.digest)
    .join(pages, captures.c.page == pages.c.id)
    .join(_states, captures.c.state == _states.c.id)
    .outerjoin(_effects, captures.c.effect == _effects.c.id)
    .outerjoin(versions, captures.c.version == versions.c.id)
)
_CHANGE = select(changes, pages.c.url).join(pages, changes.c.page == pages.c.id)


class Competitors:
    """Everything that is remembered of competitors' pages. Addresses are keys and come normalised."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # pages

    async def put_page(self, page: Page) -> None:
        """Add the page, or replace what is said of the page with this address; what was seen there stays."""
        values = page.model_dump()

        def work(connection: Connection) -> None:
            connection.execute(insert_or_not(connection, pages), values)
            connection.execute(update(pages).where(pages.c.url == page.url), values)

        await self._database.write(work)

    async def page(self, url: str) -> Page | None:
        """The page with this address."""
        query = select(*_OWN_COLUMNS).where(pages.c.url == url)
        row = await self._database.read(lambda c: c.execute(query).first())
        return None if row is None else Page.model_validate(row._asdict())

    async def pages(self, *, competitor: str | None = None, active: bool | None = None) -> list[Page]:
        """Pages by competitor and address."""
        query = select(*_OWN_COLUMNS).order_by(pages.c.competitor, pages.c.url)
        if competitor is not None:
            query = query.where(pages.c.competitor == competitor)
        if active is not None:
            query = query.where(pages.c.active == active)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return [Page.model_validate(row._asdict()) for row in rows]

    async def snooze(self, page: Page, until: datetime | None) -> None:
        """Be quiet about the page until then (None: no longer be quiet), whatever else is said of it meanwhile.

        A page that only the configuration names is added with it.
        """
        values = page.model_copy(update={"snoozed_until": until}).model_dump()
        silent = update(pages).where(pages.c.url == page.url).values(snoozed_until=until)

        def work(connection: Connection) -> None:
            connection.execute(insert_or_not(connection, pages), values)
            connection.execute(silent)

        await self._database.write(work)

    async def standing(self, urls: Sequence[str]) -> dict[str, Standing]:
        """What a sweep must know of these pages, by address; pages that aren't there are left out."""

        def work(connection: Connection) -> dict[str, Standing]:
            found = [
                row
                for start in range(0, len(urls), 400)
                for row in connection.execute(select(pages).where(pages.c.url.in_(urls[start : start + 400])))
            ]
            numbers = {number for row in found for number in (row.last_capture, row.ok_capture) if number}
            seen = _captures_by_id(connection, sorted(numbers))
            return {row.url: _standing(row, seen) for row in found}

        return await self._database.read(work)

    # visits

    async def record(self, observations: Sequence[Observation]) -> list[Change]:
        """Store a batch in one transaction; the changes that were new.

        A second observation of the same page by the same effect is ignored. Raises NotFound when a page isn't there or
        a capture names a version that is neither stored nor given; then nothing of the batch is stored.
        """
        given = {version.digest: version for observation in observations if (version := observation.version)}
        known = await self._database.read(lambda c: known_digests(c, given)) if given else {}
        new = [version for digest, version in given.items() if digest not in known]
        fresh = {row["digest"]: row for row in await asyncio.to_thread(lambda: [packed(version) for version in new])}
        return await self._database.write(lambda c: record_in(c, observations, fresh))

    async def captured(self, effect: str) -> dict[str, Capture]:
        """What a sweep has stored, by address."""
        query = _CAPTURE.where(_effects.c.term == effect)
        return {capture.url: capture for capture in await self._captures(query)}

    async def captures(
        self,
        url: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        states: Sequence[str] | None = None,
        limit: int | None = None,
    ) -> list[Capture]:
        """Visits of a page, newest first."""
        query = _between(_CAPTURE.where(pages.c.url == url), since, until)
        if states is not None:
            query = query.where(_states.c.term.in_(states))
        return await self._captures(query.order_by(captures.c.at.desc(), captures.c.id.desc()).limit(limit))

    async def versions(
        self, url: str, *, since: datetime | None = None, until: datetime | None = None, limit: int | None = None
    ) -> list[tuple[Capture, str]]:
        """The versions that the page went through, newest first: the first capture of each with its digest.

        One that comes back is there again.
        """
        order = (captures.c.at, captures.c.id)
        turned = (
            select(captures.c.id, captures.c.version, func.lag(captures.c.version).over(order_by=order).label("before"))
            .join(pages, captures.c.page == pages.c.id)
            .where(pages.c.url == url, captures.c.version.is_not(None))
            .subquery()
        )
        new = select(turned.c.id).where(or_(turned.c.before.is_(None), turned.c.before != turned.c.version))
        query = _between(_CAPTURE.where(captures.c.id.in_(new)), since, until)
        found = await self._captures(query.order_by(captures.c.at.desc(), captures.c.id.desc()).limit(limit))
        return [(capture, capture.version or "") for capture in found]

    async def version(self, digest: str, *, html: bool = True) -> Version | None:
        """A version, with or without the HTML that it was extracted from."""
        columns = [column for column in versions.c if html or column is not versions.c.html]
        query = select(*columns).where(versions.c.digest == digest)
        row = await self._database.read(lambda c: c.execute(query).first())
        return None if row is None else await asyncio.to_thread(_version, row)

    async def text_of(self, digest: str) -> str | None:
        """Only the text of a version, byte for byte what was stored."""
        query = select(versions.c.text).where(versions.c.digest == digest)
        found = await self._database.read(lambda c: c.execute(query).scalar())
        return None if found is None else _unpacked(found).decode("utf-8", "surrogatepass")

    async def _captures(self, query: Select[Any]) -> list[Capture]:
        return [_capture(row) for row in await self._database.read(lambda c: c.execute(query).all())]

    # changes

    async def changes(
        self,
        *,
        competitors: Sequence[str] | None = None,
        aspect: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        url: str | None = None,
        effect: str | None = None,
        cluster: str | None = None,
        limit: int | None = None,
    ) -> list[Change]:
        """Changes that fit, newest first."""
        wanted = {
            changes.c.aspect: aspect,
            pages.c.url: url,
            changes.c.effect: effect,
            changes.c.cluster: cluster,
        }
        query = _CHANGE.where(*(column == value for column, value in wanted.items() if value is not None))
        if competitors is not None:
            query = query.where(changes.c.competitor.in_(competitors))
        if since is not None:
            query = query.where(changes.c.at >= since)
        if until is not None:
            query = query.where(changes.c.at < until)
        query = query.order_by(changes.c.at.desc(), changes.c.id).limit(limit)
        return [_change(row) for row in await self._database.read(lambda c: c.execute(query).all())]

    async def change(self, change_id: str) -> Change | None:
        """The change with this id."""
        row = await self._database.read(lambda c: c.execute(_CHANGE.where(changes.c.id == change_id)).first())
        return None if row is None else _change(row)

    async def mark_alert(self, ids: Sequence[str], alert: str) -> int:
        """Note what became of the alerts of these changes; how many there are."""
        statement = update(changes).where(changes.c.id.in_(ids)).values(alert=alert)
        return await self._database.write(lambda c: c.execute(statement).rowcount)

    async def weigh(self, change: Change) -> None:
        """Keep another significance of the change, with its explanation and what is to become of its alert."""
        names = ("significance", "explanation", "alert")
        values = {name: getattr(change, name) for name in names}
        statement = update(changes).where(changes.c.id == change.id).values(**values)
        await self._database.write(lambda c: c.execute(statement))

    async def set_cluster(self, ids: Sequence[str], cluster: str | None) -> int:
        """Put these changes together; how many there are."""
        statement = update(changes).where(changes.c.id.in_(ids)).values(cluster=cluster)
        return await self._database.write(lambda c: c.execute(statement).rowcount)

    # feedback

    async def add_feedback(
        self,
        change: str,
        url: str,
        verdict: str,
        person: str,
        at: datetime,
        pattern: dict[str, JsonValue] | None = None,
    ) -> Feedback:
        """Store what a person thought of a change."""
        made = Feedback(
            id=new_id("f"), change=change, url=url, verdict=verdict, person=person, at=at, pattern=pattern or {}
        )
        await self._database.write(lambda c: c.execute(insert(feedback), made.model_dump()))
        return made

    async def feedback(self, url: str | None = None, include_retracted: bool = False) -> list[Feedback]:
        """What people thought, of one page or of all, oldest first."""
        query = select(feedback).order_by(feedback.c.at, feedback.c.id)
        if url is not None:
            query = query.where(feedback.c.url == url)
        if not include_retracted:
            query = query.where(feedback.c.retracted.is_(False))
        rows = await self._database.read(lambda c: c.execute(query).all())
        return [Feedback.model_validate(row._asdict()) for row in rows]

    async def retract_feedback(self, feedback_id: str) -> bool:
        """Take feedback back; False when that was done before. Raises NotFound."""

        def work(connection: Connection) -> bool:
            this = feedback.c.id == feedback_id
            statement = update(feedback).where(this, feedback.c.retracted.is_(False)).values(retracted=True)
            if connection.execute(statement).rowcount:
                return True
            if connection.execute(select(feedback.c.id).where(this)).first() is None:
                raise NotFound("feedback", feedback_id)
            return False

        return await self._database.write(work)

    # retention

    async def thin(
        self, now: datetime, *, full: timedelta = timedelta(days=30), daily: timedelta = timedelta(days=180)
    ) -> int:
        """Forget versions that nobody will miss; how many.

        All stay for the time `full`, then the last of each day, and after `daily` the last of each month; and always
        what a change cites and the last two of each page. Captures stay and say no version then.
        """
        return await self._database.write(lambda c: thin_in(c, now - full, now - daily))


def _between(query: Select[Any], since: datetime | None, until: datetime | None) -> Select[Any]:
    if since is not None:
        query = query.where(captures.c.at >= to_millis(since))
    return query if until is None else query.where(captures.c.at < to_millis(until))


def _captures_by_id(connection: Connection, numbers: Sequence[int]) -> dict[int, Capture]:
    found: dict[int, Capture] = {}
    for start in range(0, len(numbers), 400):
        query = _CAPTURE.where(captures.c.id.in_(numbers[start : start + 400]))
        found |= {row.id: _capture(row) for row in connection.execute(query)}
    return found


def _capture(row: Row[Any]) -> Capture:
    return Capture(
        id=row.id,
        url=row.url,
        at=from_millis(row.at),
        state=row.state_term,
        version=row.digest,
        status=row.status,
        final_url=row.final_url,
        etag=row.etag,
        last_modified=row.last_modified,
        millis=row.millis,
        size=row.size,
        note=row.note or "",
        effect=row.effect_term or "",
    )


def _standing(row: Row[Any], seen: dict[int, Capture]) -> Standing:
    return Standing(
        page_url=row.url,
        last=seen.get(row.last_capture),
        ok=seen.get(row.ok_capture),
        etag=row.etag,
        last_modified=row.last_modified,
        learned=row.learned,
        bad_streak=row.bad_streak,
        degraded=row.degraded,
    )


def _change(row: Row[Any]) -> Change:
    values = row._asdict()
    del values["page"]
    return Change.model_validate(values)


def _unpacked(data: bytes) -> bytes:
    if not data:
        return b""
    import zstandard

    return zstandard.ZstdDecompressor().decompress(data)


def _version(row: Row[Any]) -> Version:
    return Version(
        digest=row.digest,
        url=row.url,
        title=row.title,
        text=_unpacked(row.text).decode("utf-8", "surrogatepass"),
        blocks=json.loads(_unpacked(row.blocks)),
        html=_unpacked(getattr(row, "html", b"")),
        first_at=from_millis(row.first_at),
    )
