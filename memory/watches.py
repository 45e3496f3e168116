"""Watching a page, and the grant by which its changes are told: begun together, ended together.

A watched page has one standing grant at most. A watch that takes the place of another ends that one's grant in the
same transaction, so that nothing stands for a page that is told elsewhere, or not at all, by now.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from memory.audit import Audit
from memory.database import Database
from memory.grants import Grant, grant_in, revoke_in
from memory.pages import Page, pages
from memory.schema import insert_or_not

__all__ = ["Watches"]


class Watches:
    """Begins and ends watches. Each is one durable transaction, and logged with its grant."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    async def begin(self, page: Page, grant: Grant | None, now: datetime) -> Page:
        """Watch the page, told under this grant or not at all; the page as it is kept.

        Done twice with the same grant's id it is done once.
        """
        return await self._database.write(lambda c: self._begin(c, page, grant, now), durable=True)

    def _begin(self, connection: Connection, page: Page, grant: Grant | None, now: datetime) -> Page:
        before = _there(connection, page)
        kept = page.model_copy(update={"grant": grant_in(connection, self._audit, grant).id if grant else ""})
        if before and before != kept.grant:
            why = f"another watch of {page.url} took its place"
            revoke_in(connection, self._audit, before, page.proposed_by or "sophia", now, why)
        _put(connection, kept)
        return kept

    async def end(self, page: Page, person: str, now: datetime) -> str | None:
        """Watch the page no longer; the grant that ended with it. What was seen there stays."""
        return await self._database.write(lambda c: self._end(c, page, person, now), durable=True)

    def _end(self, connection: Connection, page: Page, person: str, now: datetime) -> str | None:
        grant = _there(connection, page) or None
        _put(connection, page.model_copy(update={"active": False, "grant": grant or ""}))
        if grant:
            revoke_in(connection, self._audit, grant, person, now, f"{page.url} is no longer watched")
        return grant


def _there(connection: Connection, page: Page) -> str:
    """The grant of the page, whose row is there and ours from now on."""
    connection.execute(insert_or_not(connection, pages), page.model_dump())
    query = select(pages.c.grant).where(pages.c.url == page.url).with_for_update()
    return str(connection.execute(query).scalar_one())


def _put(connection: Connection, page: Page) -> None:
    connection.execute(update(pages).where(pages.c.url == page.url), page.model_dump())
