"""Messages that were posted somewhere else, each once: what was meant to be posted is written down before it is.

A row without a `ts` is an attempt whose answer isn't known. Whoever finds one looks at the place itself before
anything is posted again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, Connection, Index, Row, Table, Text, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from memory.database import Database
from memory.schema import Choice, Instant, metadata

__all__ = ["Post", "PostState", "Posts"]

posts = Table(
    "posts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("about", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("state", Choice, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("ix_posts_about", "about"),
    Index("ix_posts_channel", "channel", "ts"),
)
_GET = select(posts).where(posts.c.id == bindparam("this"))
_SET = update(posts).where(posts.c.id == bindparam("this"))


class PostState(StrEnum):
    """What is known of a message."""

    INTENDED = "intended"
    """It was sent or is about to be; the answer isn't known."""
    SENT = "sent"
    GONE = "gone"
    """Somebody deleted it there."""
    UNKNOWN = "unknown"
    """Whether it is there can't be seen; a person must look."""


class Post(BaseModel):
    """A message."""

    model_config = ConfigDict(frozen=True)

    id: str
    """The effect's id, which the message carries."""
    about: str
    """What it shows: a turn, an approval."""
    channel: str
    thread: str = ""
    ts: str = ""
    """Its name in the channel; empty while that isn't known."""
    digest: str = ""
    """Of what it shows now."""
    state: PostState = PostState.INTENDED
    created_at: datetime
    updated_at: datetime


class Posts:
    """The store of messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def intend(self, post_id: str, about: str, channel: str, thread: str, now: datetime) -> tuple[Post, bool]:
        """Write down that it is to be posted; whether this is the first time. Otherwise nothing is written."""
        known = await self.get(post_id)
        if known is not None:
            return known, False
        row = Post(id=post_id, about=about, channel=channel, thread=thread, created_at=now, updated_at=now)

        def work(connection: Connection) -> tuple[Post, bool]:
            found = connection.execute(_GET, {"this": post_id}).first()
            if found is not None:
                return _post(found), False
            connection.execute(insert(posts), row.model_dump())
            return row, True

        try:
            return await self._database.write(work, brief=True)
        except IntegrityError:  # PostgreSQL: somebody else wrote it first
            return await self._database.write(work, brief=True)

    async def set(self, post_id: str, now: datetime, *, state: PostState, ts: str = "", digest: str = "") -> None:
        """Keep what became of it; an empty `ts` or `digest` leaves what is there."""
        given = {"ts": ts, "digest": digest}
        values = {"state": state, "updated_at": now} | {name: value for name, value in given.items() if value}
        await self._database.apply(_SET, {"this": post_id, **values})

    async def get(self, post_id: str) -> Post | None:
        """The message with this id."""
        row = await self._database.read(lambda c: c.execute(_GET, {"this": post_id}).first(), brief=True)
        return _post(row) if row is not None else None

    async def at(self, channel: str, ts: str) -> Post | None:
        """The message that stands there, if we posted it."""
        query = select(posts).where(posts.c.channel == channel, posts.c.ts == ts)
        row = await self._database.read(lambda c: c.execute(query).first(), brief=True)
        return _post(row) if row is not None else None

    async def subjects(self, beginning: str, since: datetime) -> Sequence[str]:
        """What messages since then are about, as far as its name begins so."""
        query = (
            select(posts.c.about)
            .where(posts.c.created_at >= since, posts.c.about.startswith(beginning, autoescape=True))
            .distinct()
        )
        return await self._database.read(lambda c: c.execute(query).scalars().all())

    async def about(self, what: str) -> Sequence[Post]:
        """All messages about something, oldest first."""
        query = select(posts).where(posts.c.about == what).order_by(posts.c.created_at, posts.c.id)
        return [_post(row) for row in await self._database.read(lambda c: c.execute(query).all())]


def _post(row: Row[Any]) -> Post:
    return Post.model_validate(row._asdict())
