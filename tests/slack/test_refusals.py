"""What Slack refuses: the official client and framework fail on each row of the table, Sophia's own blocks on none."""

from __future__ import annotations

import json
import time

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.say.async_say import AsyncSay
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from agent.slack.door import SlackDoor
from agent.slack.errors import SlackRefused, TokenRefused
from tests.slack.refusals import REFUSALS
from tests.slack.server import BOT, BOT_TOKEN, BOT_USER, SECRET, TEAM, SlackServer


def _client(slack: SlackServer, token: str = BOT_TOKEN) -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=f"{slack.url}/api/", retry_handlers=[])


async def test_the_official_client_fails_on_every_row(slack: SlackServer) -> None:
    for row in REFUSALS:
        with pytest.raises(SlackApiError) as refused:
            await _client(slack).api_call(row.method, json=dict(row.arguments))
        assert refused.value.response["error"] == row.error, row
        assert row.docs.startswith("https://docs.slack.dev/"), row


async def test_bolt_fails_on_every_row_too(slack: SlackServer) -> None:
    """A listener of the official framework, reached by a signed event, makes the call with the client that it gives."""
    rows, refused = iter(REFUSALS), []
    app = AsyncApp(client=_client(slack), signing_secret=SECRET, authorize=_as_sophia, process_before_response=True)

    @app.event("app_mention")
    async def calls(client: AsyncWebClient, say: AsyncSay) -> None:
        row = next(rows)
        if row.method == "chat.postMessage" and "text" in row.arguments:
            await say(**row.arguments)
        else:
            await client.api_call(row.method, json=dict(row.arguments))

    @app.error
    async def failed(error: Exception) -> None:
        assert isinstance(error, SlackApiError), error
        refused.append(error.response["error"])

    for _ in REFUSALS:
        raw, stamp = json.dumps(slack.event({"type": "app_mention", "user": "U0ANN00001", "ts": "1.1"})), time.time()
        signature = str(SignatureVerifier(SECRET).generate_signature(timestamp=str(int(stamp)), body=raw))
        headers = {"X-Slack-Request-Timestamp": [str(int(stamp))], "X-Slack-Signature": [signature]}
        await app.async_dispatch(AsyncBoltRequest(body=raw, headers={**headers, "Content-Type": ["application/json"]}))
    assert refused == [row.error for row in REFUSALS]


async def _as_sophia() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_user_id=BOT_USER, bot_id=BOT, bot_token=BOT_TOKEN)


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
