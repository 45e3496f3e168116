"""Files in a thread: what is too long for messages, and pictures."""

from __future__ import annotations

import aiohttp

from agent.slack.door import SlackDoor
from agent.slack.errors import SlackAway
from agent.slack.requests import Place
from memory.posts import Posts, PostState
from tools.declaration import Clock

__all__ = ["Files"]


class Files:
    """Uploads files, once for each effect: a file carries no metadata, so its name carries the effect's id."""

    def __init__(self, door: SlackDoor, posts: Posts, clock: Clock) -> None:
        self._door = door
        self._posts = posts
        self._clock = clock

    async def attached(self, effect: str) -> bool:
        """Whether it is there already, so that it needn't be made."""
        post = await self._posts.get(effect)
        return post is not None and post.state is not PostState.INTENDED

    async def attach(
        self, effect: str, about: str, place: Place, content: bytes, *, kind: str = "txt", words: str | None = None
    ) -> None:
        """Upload it in three steps (https://docs.slack.dev/messaging/working-with-files), unless it is there.

        `kind` is the ending of its name; `words` say what is in a picture to whoever doesn't see it.
        """
        post, first = await self._posts.intend(effect, about, place.channel, place.thread, self._clock.now())
        name = f"{effect.replace(':', '-')}.{kind}"
        if post.state is not PostState.INTENDED:
            return
        if first or not await self._there(place, name):
            opened = await self._door.call(
                "files.getUploadURLExternal", filename=name, length=len(content), alt_txt=words
            )
            await self._upload(str(opened["upload_url"]), content)
            await self._door.call(
                "files.completeUploadExternal",
                files=[{"id": opened["file_id"], "title": name}],
                channel_id=place.channel,
                thread_ts=place.thread,
            )
        await self._posts.set(effect, self._clock.now(), state=PostState.SENT)

    async def _upload(self, url: str, content: bytes) -> None:
        timeout = aiohttp.ClientTimeout(total=60)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session, session.post(url, data=content) as answer:
                answer.raise_for_status()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SlackAway("Slack did not take the file.", to_do="It is tried again by itself.") from error

    async def _there(self, place: Place, name: str) -> bool:
        replies = self._door.pages("conversations.replies", "messages", channel=place.channel, ts=place.thread)
        async for message in replies:
            if any(file.get("title") == name for file in message.get("files", [])):
                return True
        return False
