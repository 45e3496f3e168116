"""What is known of the workspace: who Sophia is there, and what its channels and users are."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.settings import Settings
from agent.slack.door import SlackDoor
from agent.slack.errors import SlackRefused, refusal

__all__ = ["Myself", "Workspace"]

KNOWN_SECONDS = 600.0
MOST_KNOWN = 2000


@dataclass(frozen=True)
class Myself:
    """Sophia's own identity in the workspace."""

    team: str
    user: str
    bot: str
    name: str = ""


class Workspace:
    """Asks Slack and remembers the answers for ten minutes."""

    def __init__(self, door: SlackDoor, settings: Settings) -> None:
        self._door = door
        self._settings = settings
        self._myself: Myself | None = None
        self._known: dict[tuple[str, str], tuple[float, Mapping[str, Any]]] = {}
        self._ids: dict[str, str] = {}
        self._guests: tuple[float, frozenset[str]] = (float("-inf"), frozenset())

    @property
    def known_myself(self) -> Myself | None:
        """Who the bot token is, as far as Slack was asked already."""
        return self._myself

    async def myself(self) -> Myself:
        """Who the bot token is."""
        if self._myself is None:
            told = await self._door.call("auth.test")
            self._myself = Myself(
                str(told["team_id"]), str(told["user_id"]), str(told.get("bot_id", "")), str(told.get("team", ""))
            )
        return self._myself

    async def channel(self, channel: str) -> Mapping[str, Any]:
        """The channel with this id."""
        return await self._ask("conversations.info", "channel", channel)

    async def user(self, user: str) -> Mapping[str, Any]:
        """The user with this id."""
        return await self._ask("users.info", "user", user)

    async def _ask(self, method: str, what: str, which: str) -> Mapping[str, Any]:
        at, found = self._known.get((what, which), (0.0, {}))
        if not found or time.monotonic() - at > KNOWN_SECONDS:
            answer = await self._door.call(method, **{what: which})
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            found = answer[what]
            self._known[what, which] = (time.monotonic(), found)
        return found

    async def guests(self) -> frozenset[str]:
        """Users of the workspace that may see only some of its channels."""
        at, found = self._guests
        if time.monotonic() - at > KNOWN_SECONDS:
            users = [user async for user in self._door.pages("users.list", "members")]
            found = frozenset(str(user["id"]) for user in users if user.get("is_restricted"))
            self._guests = (time.monotonic(), found)
        return found

    async def has_guests(self, channel: str) -> bool:
        """Whether a guest is in the channel."""
        guests = await self.guests()
        if not guests:
            return False
        at, found = self._known.get(("members", channel), (float("-inf"), {}))
        if time.monotonic() - at > KNOWN_SECONDS:
            members = [
                str(user) async for user in self._door.pages("conversations.members", "members", channel=channel)
            ]
            found = {"guests": sorted(guests.intersection(members))}
            self._known["members", channel] = (time.monotonic(), found)
        return bool(found["guests"])

    def forget(self, channel: str) -> None:
        """Something about the channel has changed."""
        self._known.pop(("channel", channel), None)
        self._known.pop(("members", channel), None)

    async def id_of(self, name: str) -> str:
        """The id of a channel that is named as in the configuration. Raises SlackRefused when there is none."""
        configured = self._settings.channels.get(name)
        if configured is not None and configured.slack_id:
            return configured.slack_id
        bare = name.lstrip("#")
        if bare not in self._ids:
            kinds = "public_channel,private_channel"
            async for found in self._door.pages("conversations.list", "channels", types=kinds, exclude_archived=False):
                self._ids[str(found["name"])] = str(found["id"])
        if bare not in self._ids:
            raise refusal(f"posting in {name}", "channel_not_found")
        return self._ids[bare]

    async def configured_name(self, channel: str) -> str:
        """The name of the channel in the configuration; empty when it isn't configured."""
        for name, each in self._settings.channels.items():
            if each.slack_id == channel:
                return name
        try:
            name = f"#{(await self.channel(channel)).get('name', '')}"
        except SlackRefused:
            return ""
        configured = self._settings.channels.get(name)
        return name if configured is not None and configured.slack_id in (None, channel) else ""

    async def direct(self, user: str) -> str:
        """The id of the direct conversation with a user."""
        if f"@{user}" not in self._ids:
            opened = await self._door.call("conversations.open", users=user)
            self._ids[f"@{user}"] = str(opened["channel"]["id"])
        return self._ids[f"@{user}"]

    async def says(self, channel: str, thread: str, status: str) -> None:
        """Show below a thread what Sophia is about; empty takes it away. Where Slack has no place for it, it isn't.

        https://docs.slack.dev/reference/methods/assistant.threads.setStatus
        """
        with contextlib.suppress(SlackRefused):
            await self._door.call("assistant.threads.setStatus", channel_id=channel, thread_ts=thread, status=status)

    async def suggest(self, channel: str, thread: str, requests: Sequence[str]) -> None:
        """Offer requests in an Assistant pane that was opened."""
        prompts = [{"title": request, "message": request} for request in requests]
        await self._door.call(
            "assistant.threads.setSuggestedPrompts", channel_id=channel, thread_ts=thread, prompts=prompts
        )
