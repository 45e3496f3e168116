"""What Slack refuses: the official client fails on each row of the table, and Sophia's own blocks on none."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from agent.slack.door import SlackDoor
from agent.slack.errors import SlackRefused, TokenRefused
from tests.slack.refusals import REFUSALS
from tests.slack.server import BOT_TOKEN, SlackServer


def _client(slack: SlackServer, token: str = BOT_TOKEN) -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=f"{slack.url}/api/", retry_handlers=[])


async def test_the_official_client_fails_on_every_row(slack: SlackServer) -> None:
    for row in REFUSALS:
        with pytest.raises(SlackApiError) as refused:
            await _client(slack).api_call(row.method, json=dict(row.arguments))
        assert refused.value.response["error"] == row.error, row
        assert row.docs.startswith("https://docs.slack.dev/"), row


async def test_an_operator_is_told_what_to_mend(slack: SlackServer) -> None:
    told = {}
    for fault in ("missing_scope", "is_archived", "token_revoked", "not_in_channel"):
        slack.fail("chat.postMessage", fault)
        door = SlackDoor(_client(slack))
        with pytest.raises((SlackRefused, TokenRefused)) as refused:
            await door.call("chat.postMessage", channel="C0GENERAL1", text="x")
        await door.aclose()
        told[fault] = str(refused.value)
    assert "lacks the scope channels:history" in told["missing_scope"]
    assert "OAuth & Permissions" in told["missing_scope"]
    assert "archived" in told["is_archived"]
    assert "SOPHIA_SLACK_BOT_TOKEN" in told["token_revoked"]
    assert "/invite @Sophia" in told["not_in_channel"]
