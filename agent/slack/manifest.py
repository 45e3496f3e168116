"""The app manifest: what Slack has to know of Sophia, with scopes no wider than what she uses.

https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, Literal

from pydantic import JsonValue

from agent.slack.http import EVENTS_PATH
from agent.slack.incoming import COMMAND

__all__ = ["SCOPES", "manifest", "manifest_text"]

SCOPES: Final[Mapping[str, str]] = {
    "app_mentions:read": "hear mentions",
    "assistant:write": "offer requests in the Assistant pane",
    "channels:history": "hear replies in threads, and look for a message before it is posted again",
    "channels:read": "find channels by their names, and see whether guests are there",
    "chat:write": "answer",
    "commands": f"hear {COMMAND}",
    "files:read": "read lists of pages that are attached to a request",
    "files:write": "attach what is too long for messages",
    "groups:history": "the same in private channels",
    "groups:read": "the same in private channels",
    "im:history": "hear direct messages",
    "im:write": "bring approvals to approvers",
    "users:read": "tell guests from members",
}
"""Scope → what it is for."""
_EVENTS: Final = (
    "app_mention",
    "assistant_thread_context_changed",
    "assistant_thread_started",
    "channel_shared",
    "channel_unshared",
    "member_joined_channel",
    "message.channels",
    "message.groups",
    "message.im",
)


def manifest(mode: Literal["socket", "http"], url: str) -> dict[str, JsonValue]:
    """The manifest; `url` is where Slack reaches Sophia, which Socket Mode doesn't need."""
    socket = mode == "socket"
    address: dict[str, JsonValue] = {} if socket else {"request_url": f"{url.rstrip('/')}{EVENTS_PATH}"}
    command: dict[str, JsonValue] = {
        "command": COMMAND,
        "description": "Ask Sophia",
        "usage_hint": "what changed at the competitors this week?",
        "should_escape": True,
    }
    if not socket:
        command["url"] = f"{url.rstrip('/')}{EVENTS_PATH}"
    return {
        "display_information": {"name": "Sophia", "description": "Operations by conversation."},
        "features": {
            "app_home": {"messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
            "assistant_view": {"assistant_description": "Operations by conversation."},
            "bot_user": {"display_name": "Sophia", "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": [*SCOPES]}},
        "settings": {
            "event_subscriptions": {**address, "bot_events": list(_EVENTS)},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": False,
        },
    }


def manifest_text(mode: Literal["socket", "http"], url: str) -> str:
    """The manifest as JSON, to be pasted at api.slack.com/apps."""
    return json.dumps(manifest(mode, url), indent=2)
