"""Saying something in a channel of Slack, beside the places where it is told without Slack.

While Slack is away, or takes the token no more, what is to be said is kept among the arrivals: work of Sophia's own,
tried again until it is done, and put aside with its reason when that can never be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from pydantic import BaseModel

from agent.budgets import paying
from agent.errors import OperatorMustAct, SophiaError
from agent.outbox import Outbox
from agent.settings import Settings
from agent.slack.alerts import AlertButtons
from agent.slack.errors import SlackAway, SlackRefused
from agent.slack.posting import Poster, Wanted
from agent.slack.workspace import Workspace
from agent.slack_blocks import MOST_BLOCKS, Block, context, escaped
from memory.arrivals import Arrivals
from memory.posts import Post, PostState
from memory.switches import Switches
from tools.declaration import Clock, Permit
from tools.delivery import Delivered
from tools.errors import NotNow, ToolError
from tools.permits import PermitDesk

__all__ = ["KEPT", "Connected", "KeptMessage", "SlackDelivery"]

KEPT: Final = "delivery"
"""The kind of arrival that is a message which waits for Slack."""
RESTS_SECONDS = (1.0, 4.0)
"""So long a message waits for Slack before it is kept and its turn goes on."""
_MONTH = timedelta(days=30)
_MINUTE = timedelta(minutes=1)


class Connected(NamedTuple):
    """What it takes to post."""

    poster: Poster
    workspace: Workspace


class KeptMessage(BaseModel):
    """A message that waits for Slack; `effect` is the id under which it is posted, once."""

    effect: str
    channel: str
    content: str
    written_at: datetime
    person: str = ""
    """For whom it was to be said."""


class SlackDelivery:
    """Delivers to Slack where the channel's configuration says so, and to the outbox otherwise."""

    def __init__(
        self,
        *,
        settings: Settings,
        outbox: Outbox,
        slack: Callable[[], Connected],
        arrivals: Arrivals,
        switches: Switches,
        desk: PermitDesk,
        clock: Clock,
        alerts: AlertButtons,
    ) -> None:
        """`slack` raises SlackAway where no token is configured."""
        self._settings = settings
        self._outbox = outbox
        self._slack = slack
        self._arrivals = arrivals
        self._switches = switches
        self._desk = desk
        self._clock = clock
        self._alerts = alerts

    def _by_slack(self, channel: str) -> bool:
        configured = self._settings.channels.get(channel)
        return configured is not None and "slack" in configured.delivery

    async def deliver(self, permit: Permit, channel: str, content: str) -> Delivered:
        """Post it under the permit's id; while Slack is away, keep it for later."""
        if not self._by_slack(channel):
            return await self._outbox.deliver(permit, channel, content)
        await self._desk.redeem(permit.id, permit.token, tool="notify")
        message = KeptMessage(
            effect=permit.id,
            channel=channel,
            content=content,
            written_at=self._clock.now(),
            person=paying.get().person,
        )
        try:
            where, post = await self._soon(message)
        except SlackAway as error:
            kept = message.model_dump(mode="json")
            await self._arrivals.accept(_key(permit.id), KEPT, kept, message.written_at)
            return _waiting(message, f"{error.tried} {error.to_do}")
        except SlackRefused as error:
            raise ToolError(
                error.tried, not_done=f"{channel} was not told.", to_do=error.to_do, acts="operator"
            ) from error
        return self._delivered(channel, where, content, permit.id, post.ts)

    async def _soon(self, message: KeptMessage) -> tuple[str, Post]:
        for rest in RESTS_SECONDS:
            try:
                return await self._posted(message)
            except SlackAway:
                await asyncio.sleep(rest)
        return await self._posted(message)

    async def _posted(self, message: KeptMessage, note: str = "") -> tuple[str, Post]:
        """Post it, unless it is there. Raises OperatorMustAct when that can't be seen."""
        poster, workspace = self._slack()
        where = await workspace.id_of(message.channel)
        small: list[Block] = [context(escaped(note))] if note else []
        blocks = [*await self._alerts.shown(message.content, MOST_BLOCKS - 1), *small]
        effect, text = message.effect, escaped(message.content)
        post = await poster.show(Wanted(effect, effect, where, "", blocks, text, message.content))
        if post.state is PostState.UNKNOWN:
            raise OperatorMustAct(
                f"Whether {message.channel} was told can't be seen: Slack's answer was lost, and the channel's history "
                "can't be read.",
                not_done="It was not posted again.",
                to_do=f"Look into {message.channel}; if it doesn't say so, ask again.",
            )
        return where, post

    async def bring(self, message: KeptMessage) -> None:
        """Deliver what was kept; it is looked for before it is posted.

        Raises SlackAway when it has to wait on, OperatorMustAct when it can't be delivered.
        """
        halted = await self._switches.state()
        if halted.paused or halted.read_only or self._settings.read_only:
            raise SlackAway("Everything is paused or read-only.")
        poster, workspace = self._slack()
        where = await workspace.id_of(message.channel)
        effect = message.effect
        post, _ = await poster.posts.intend(effect, effect, where, "", message.written_at)
        if post.state is PostState.UNKNOWN:  # somebody wants it tried again
            await poster.posts.set(effect, self._clock.now(), state=PostState.INTENDED)
        if post.state is PostState.INTENDED:
            post = await poster.look_for(post)
        late = not post.ts and self._clock.now() - message.written_at >= _MINUTE
        written = f"Written {message.written_at:%Y-%m-%d %H:%M} UTC; Slack could not be reached until now."
        await self._posted(message, written if late else "")

    async def find(self, channel: str, effect: str) -> Delivered | None:
        """The message of this effect, among what is kept, or read from the channel's history."""
        if not self._by_slack(channel):
            return await self._outbox.find(channel, effect)
        arrival = await self._arrivals.get(_key(effect))
        if arrival is not None and arrival.worked_at is None:
            return _waiting(KeptMessage.model_validate(arrival.payload), arrival.problem or "Slack was away.")
        try:
            return await self._in_channel(channel, effect)
        except SlackAway as error:
            raise NotNow(error.tried, to_do=error.to_do) from error
        except SophiaError as error:
            raise ToolError(
                error.tried, not_done="It could not be seen whether the message is there.", to_do=error.to_do
            ) from error

    async def _in_channel(self, channel: str, effect: str) -> Delivered | None:
        poster, workspace = self._slack()
        where = await workspace.id_of(channel)
        post = await poster.posts.get(effect)
        found = await poster.find(where, "", effect, post.created_at if post else self._clock.now() - _MONTH)
        if found is None:
            return None
        if post is not None and post.state is PostState.INTENDED:
            await poster.posts.set(effect, self._clock.now(), state=PostState.SENT, ts=str(found["ts"]))
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


def _key(effect: str) -> str:
    return f"{KEPT}:{effect}"


def _waiting(message: KeptMessage, why: str) -> Delivered:
    return Delivered(
        channel=message.channel,
        content=message.content,
        effect=message.effect,
        at=message.written_at,
        where=f"kept as {_key(message.effect)}",
        kept=why,
    )
