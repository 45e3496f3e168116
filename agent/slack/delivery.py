"""Saying something in a channel of Slack, beside the places where it is told without Slack."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from agent.errors import SophiaError
from agent.outbox import Outbox
from agent.settings import Settings
from agent.slack.alerts import AlertButtons
from agent.slack.errors import SlackAway, SlackRefused
from agent.slack.posting import Poster, Wanted
from agent.slack.workspace import Workspace
from agent.slack_blocks import MOST_BLOCKS, escaped, sections
from memory.posts import Post, PostState
from tools.declaration import Clock, Permit
from tools.delivery import Delivered
from tools.errors import ToolError
from tools.permits import PermitDesk

__all__ = ["SlackDelivery"]

_MONTH = timedelta(days=30)
RESTS_SECONDS = (1.0, 4.0, 15.0, 60.0, 120.0, 300.0)
"""While Slack is away, a message waits for it this long; then a person is told that it isn't known."""


class SlackDelivery:
    """Delivers to Slack where the channel's configuration says so, and to the outbox otherwise."""

    def __init__(
        self,
        *,
        settings: Settings,
        outbox: Outbox,
        poster: Poster,
        workspace: Workspace,
        desk: PermitDesk,
        clock: Clock,
        alerts: AlertButtons,
    ) -> None:
        self._settings = settings
        self._outbox = outbox
        self._poster = poster
        self._workspace = workspace
        self._desk = desk
        self._clock = clock
        self._alerts = alerts

    def _by_slack(self, channel: str) -> bool:
        configured = self._settings.channels.get(channel)
        return configured is not None and "slack" in configured.delivery

    async def deliver(self, permit: Permit, channel: str, content: str) -> Delivered:
        """Post it under the permit's id. A lost answer leaves the effect started: it is looked for, then."""
        if not self._by_slack(channel):
            return await self._outbox.deliver(permit, channel, content)
        await self._desk.redeem(permit.id, permit.token, tool="notify")
        try:
            where = await self._workspace.id_of(channel)
            blocks = [*sections(escaped(content))[: MOST_BLOCKS - 1], *await self._alerts.under(content)]
            wanted = Wanted(permit.id, permit.id, where, "", blocks, escaped(content), content)
            post = await self._posted(wanted, channel)
        except SlackRefused as error:
            raise ToolError(
                error.tried, not_done=f"{channel} was not told.", to_do=error.to_do, acts="operator"
            ) from error
        return self._delivered(channel, where, content, permit.id, post.ts)

    async def _posted(self, wanted: Wanted, channel: str) -> Post:
        """Post it; while Slack is away, look for it and try again. Raises SlackAway when it isn't known at last."""
        for rest in RESTS_SECONDS:
            try:
                return await self._poster.show(wanted)
            except SlackAway:
                await asyncio.sleep(rest)
        post = await self._poster.show(wanted)
        if post.state is PostState.UNKNOWN:
            raise SlackAway(f"Whether {channel} was told can't be seen.", to_do="Look into the channel.")
        return post

    async def find(self, channel: str, effect: str) -> Delivered | None:
        """The message of this effect, read from the channel's history. Raises ToolError when that can't be read."""
        if not self._by_slack(channel):
            return await self._outbox.find(channel, effect)
        try:
            where = await self._workspace.id_of(channel)
            post = await self._poster.posts.get(effect)
            since = post.created_at if post else self._clock.now() - _MONTH
            found = await self._poster.find(where, "", effect, since)
        except SophiaError as error:
            raise ToolError(
                error.tried, not_done="It could not be seen whether the message is there.", to_do=error.to_do
            ) from error
        if found is None:
            return None
        digest = str(found["metadata"]["event_payload"].get("content_sha256", ""))
        return self._delivered(channel, where, str(found.get("text", "")), effect, str(found["ts"]), digest)

    async def places(self, channel: str) -> list[str]:
        """Slack, or where the outbox tells it."""
        return [f"Slack, {channel}"] if self._by_slack(channel) else await self._outbox.places(channel)

    def _delivered(self, channel: str, where: str, content: str, effect: str, ts: str, digest: str = "") -> Delivered:
        link = f"https://slack.com/archives/{where}/p{ts.replace('.', '')}"
        return Delivered(
            channel=channel, content=content, effect=effect, at=self._clock.now(), where=link, content_sha256=digest
        )
