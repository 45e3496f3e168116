"""Posting, each message once: intended, posted with its id, and looked for before it is posted again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import JsonValue

from agent.slack.door import SlackDoor
from agent.slack.errors import SlackRefused
from memory.posts import Post, Posts, PostState
from tools.declaration import Clock

__all__ = ["EVENT_TYPE", "Poster", "Wanted"]

EVENT_TYPE: Final = "sophia_post"
LONGEST_TEXT = 4000
"""Characters of the text that stands in for the blocks in notifications."""
_LOOK_BACK_SECONDS = 120
Blocks = Sequence[Mapping[str, JsonValue]]


@dataclass(frozen=True)
class Wanted:
    """A message as it should be."""

    id: str
    about: str
    channel: str
    thread: str
    blocks: Blocks
    text: str
    content: str = ""
    """What was to be said, before it was made fit for Slack; the message carries its digest."""

    def digest(self) -> str:
        """Of what is shown."""
        shown = json.dumps([self.blocks, self.text], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(shown.encode()).hexdigest()[:24]

    def metadata(self) -> dict[str, JsonValue]:
        """What the message carries, unseen, to be found by."""
        carried: dict[str, JsonValue] = {"effect": self.id}
        if self.content:
            carried["content_sha256"] = hashlib.sha256(self.content.encode()).hexdigest()
        return {"event_type": EVENT_TYPE, "event_payload": carried}


class Poster:
    """Brings messages to Slack and keeps them as they should be."""

    def __init__(self, door: SlackDoor, posts: Posts, clock: Clock) -> None:
        self._door = door
        self.posts = posts
        self._clock = clock

    async def show(self, wanted: Wanted) -> Post:
        """Post it, or bring it up to date. Raises SlackAway to be called again later, SlackRefused when it can't be."""
        post, first = await self.posts.intend(wanted.id, wanted.about, wanted.channel, wanted.thread, self._clock.now())
        if post.state is PostState.INTENDED and not first:
            post = await self.look_for(post)
        if post.state in (PostState.GONE, PostState.UNKNOWN) or post.digest == wanted.digest():
            return post
        return await (self._update(post, wanted) if post.ts else self._post(post, wanted))

    async def _post(self, post: Post, wanted: Wanted) -> Post:
        answer = await self._door.call(
            "chat.postMessage",
            channel=wanted.channel,
            thread_ts=wanted.thread or None,
            text=wanted.text[:LONGEST_TEXT],
            blocks=list(wanted.blocks) or None,
            metadata=wanted.metadata(),
            parse="none",
            unfurl_links=False,
            unfurl_media=False,
        )
        return await self._keep(post, PostState.SENT, str(answer["ts"]), wanted.digest())

    async def _update(self, post: Post, wanted: Wanted) -> Post:
        try:
            await self._door.call(
                "chat.update",
                channel=post.channel,
                ts=post.ts,
                text=wanted.text[:LONGEST_TEXT],
                blocks=list(wanted.blocks),
                metadata=wanted.metadata(),
                parse="none",
            )
        except SlackRefused as error:
            if error.code in ("message_not_found", "cant_update_message"):
                return await self._keep(post, PostState.GONE)
            raise
        return await self._keep(post, PostState.SENT, post.ts, wanted.digest())

    async def look_for(self, post: Post) -> Post:
        """The message of an attempt whose answer was lost, as it is found in the channel; without `ts`, it isn't there.

        Where the channel can't be read, the message becomes `unknown`, which a person has to look into.
        """
        try:
            found = await self.find(post.channel, post.thread, post.id, post.created_at)
        except SlackRefused:
            return await self._keep(post, PostState.UNKNOWN)
        return await self._keep(post, PostState.SENT, str(found["ts"])) if found else post

    async def find(self, channel: str, thread: str, effect: str, since: datetime) -> Mapping[str, Any] | None:
        """The message with this effect's id in the channel's own history, or in the thread's."""
        oldest = f"{since.timestamp() - _LOOK_BACK_SECONDS:.6f}"
        method, where = ("conversations.replies", {"ts": thread}) if thread else ("conversations.history", {})
        messages = self._door.pages(
            method, "messages", channel=channel, oldest=oldest, include_all_metadata=True, **where
        )
        message: Mapping[str, Any]
        async for message in messages:
            told = message.get("metadata", {})
            if told.get("event_type") == EVENT_TYPE and told.get("event_payload", {}).get("effect") == effect:
                return message
        return None

    async def _keep(self, post: Post, state: PostState, ts: str = "", digest: str = "") -> Post:
        now = self._clock.now()
        await self.posts.set(post.id, now, state=state, ts=ts, digest=digest)
        kept = {"state": state, "updated_at": now} | {k: v for k, v in (("ts", ts), ("digest", digest)) if v}
        return post.model_copy(update=kept)
