"""What a Slack payload says: which key it has, where it was said, and the words as people wrote them."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from agent.slack_blocks import unescaped

__all__ = ["Place", "Said", "SharedFile", "key_of", "kind_of", "said_in", "sound", "words"]

_REFERENCE = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")
_OWN_SUBTYPES = frozenset({None, "file_share", "thread_broadcast"})
"""Subtypes of messages that people write; the others are what Slack says itself."""


class Place(BaseModel):
    """Where a request was made, and where its answers go."""

    model_config = ConfigDict(frozen=True)

    team: str
    channel: str
    thread: str
    """The `ts` of the message that the thread hangs on."""
    user: str
    message: str = ""
    """The `ts` of the request itself; empty for a command."""
    direct: bool = False
    """Nobody else is in this channel."""

    @property
    def conversation(self) -> str:
        """The thread as a conversation of Sophia's."""
        return f"slack.{self.team}.{self.channel}.{self.thread}"


class SharedFile(BaseModel):
    """A file that hangs on a message; where it is may be empty, as with files of other workspaces."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    url: str
    size: int = 0


class Said(BaseModel):
    """A message that a person wrote."""

    model_config = ConfigDict(frozen=True)

    place: Place
    home: str
    """The workspace that the person belongs to."""
    raw: str
    threaded: bool
    """It stands in a thread, not at its head."""
    files: tuple[SharedFile, ...] = ()

    def mentions(self, user: str) -> bool:
        """Whether the message mentions the user."""
        return f"<@{user}>" in self.raw or f"<@{user}|" in self.raw

    @property
    def to_somebody(self) -> bool:
        """Whether it begins by mentioning somebody."""
        return self.raw.lstrip().startswith("<@")


def sound(body: object) -> bool:
    """Whether a payload has the shape that everything here counts on, whoever signed it."""
    if not isinstance(body, dict):
        return False
    match kind_of(body):
        case "event":
            return isinstance(body["event"], dict) and _sound_event(body["event"])
        case "command":
            return _texts(body, "command", "user_id", "team_id", "channel_id")
        case "action":
            actions = body.get("actions")
            if not isinstance(actions, list) or not actions or not all(isinstance(each, dict) for each in actions):
                return False
            return all(_texts(each, "action_id") for each in actions) and _by_somebody(body)
        case "view":
            view = body.get("view")
            return isinstance(view, dict) and _texts(view, "type", "callback_id") and _by_somebody(body)
    return True


def _sound_event(event: Mapping[str, Any]) -> bool:
    """What isn't worked on may look as it likes."""
    kind = event.get("type")
    if kind in ("assistant_thread_started", "assistant_thread_context_changed"):
        thread = event.get("assistant_thread")
        return isinstance(thread, dict) and _texts(thread, "channel_id", "thread_ts")
    if kind not in ("message", "app_mention"):
        return isinstance(kind, str)
    told = [event.get(name) for name in ("user", "text", "thread_ts", "subtype", "bot_id")]
    inner = [event.get(name, {}) for name in ("message", "previous_message")]
    return (
        _texts(event, "channel", "ts")
        and all(each is None or isinstance(each, str) for each in told)
        and all(isinstance(each, dict) for each in inner)
    )


def _by_somebody(body: Mapping[str, Any]) -> bool:
    user, team, container = body.get("user"), body.get("team") or {}, body.get("container") or {}
    return isinstance(user, dict) and _texts(user, "id") and isinstance(team, dict) and isinstance(container, dict)


def _texts(of: Mapping[str, Any], *names: str) -> bool:
    return all(isinstance(of.get(name), str) for name in names)


def kind_of(body: Mapping[str, Any]) -> str:
    """`event`, `command`, `action`, `view`, or `other`."""
    if "event" in body:
        return "event"
    if "command" in body:
        return "command"
    return {"block_actions": "action", "view_submission": "view"}.get(str(body.get("type")), "other")


def key_of(body: Mapping[str, Any], signature: str) -> str:
    """The same for everything that is one request, however often and by whichever way it is delivered.

    A mention comes as two events with ids of their own, so that a message's key is its place. Commands and dialogs
    carry no event's id; their trigger is as unique and survives a second delivery, which is signed anew.
    """
    event = body.get("event", {})
    if event.get("type") in ("app_mention", "message") and event.get("subtype") in _OWN_SUBTYPES and "ts" in event:
        return f"message:{body.get('team_id')}:{event.get('channel')}:{event['ts']}"
    for name in ("event_id", "trigger_id"):
        if body.get(name):
            return f"{name}:{body[name]}"
    if signature:
        return f"signature:{signature}"
    return f"body:{hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()}"


def said_in(body: Mapping[str, Any]) -> Said | None:
    """The message of an event; None for what no person wrote."""
    event = body.get("event", {})
    if event.get("type") not in ("app_mention", "message") or event.get("subtype") not in _OWN_SUBTYPES:
        return None
    if event.get("bot_id") or event.get("bot_profile") or not event.get("user") or not event.get("ts"):
        return None
    team = str(body.get("team_id", ""))
    return Said(
        place=Place(
            team=team,
            channel=str(event["channel"]),
            thread=str(event.get("thread_ts") or event["ts"]),
            user=str(event["user"]),
            message=str(event["ts"]),
            direct=event.get("channel_type") == "im" or str(event["channel"]).startswith("D"),
        ),
        home=str(event.get("user_team") or event.get("team") or team),
        raw=str(event.get("text", "")),
        threaded=event.get("thread_ts") not in (None, event["ts"]),
        files=tuple(_shared(file) for file in event.get("files") or () if isinstance(file, dict) and file.get("id")),
    )


def _shared(file: Mapping[str, Any]) -> SharedFile:
    size = file.get("size")
    return SharedFile(
        id=re.sub(r"\W", "", str(file["id"]))[:40],
        name=str(file.get("name") or ""),
        url=str(file.get("url_private_download") or ""),
        size=size if isinstance(size, int) else 0,
    )


def words(raw: str, myself: str, names: Mapping[str, str]) -> str:
    """Slack's markup as people see it: mentions as names (`names` by user id), links as addresses, without Sophia's."""
    without = re.sub(rf"<@{re.escape(myself)}(\|[^>]*)?>", " ", raw, count=1)

    def shown(found: re.Match[str]) -> str:
        sign, what, label = found.groups()
        if sign == "@":
            return f"@{names.get(what) or label or what}"
        if sign == "#":
            return f"#{label or what}"
        if sign == "!":
            named = (label or what.partition("^")[0]).lstrip("@")  # a group by its name
            return named if what.startswith("date^") else f"@{named}"
        return what.removeprefix("mailto:")

    return unescaped(html.unescape(_REFERENCE.sub(shown, without))).strip()
