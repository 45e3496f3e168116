"""What an operator is told of Slack before anybody asks for anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.settings import system_user
from agent.slack.examination import examine_slack
from agent.slack.manifest import SCOPES, manifest
from tests.slack.conftest import settings_for
from tests.slack.server import TEAM, SlackServer

CHANNELS = {name: {"delivery": ["slack"]} for name in ("#ops", "#old", "#outside", "#nowhere")}


async def test_each_thing_that_has_to_be_mended_is_said(slack: SlackServer, tmp_path: Path) -> None:
    me = {"roles": ["requester"], "system_users": [system_user()], "slack": [{"workspace": TEAM, "user": "U0ANN00001"}]}
    settings = settings_for(tmp_path, slack, channels=CHANNELS, people={"ann": me})
    found = {check.name: check for check in await examine_slack(settings)}
    assert {name for name, check in found.items() if check.state == "ok"} == {
        "bot token",
        "scopes",
        "#ops",
        "test message",
    }
    assert "archived" in found["#old"].detail
    assert "/invite @Sophia" in found["#outside"].to_do
    assert "slack_id" in found["#nowhere"].to_do
    assert "messages arrive" in str(slack.messages[slack.direct("U0ANN00001")])
    slack.revoked = True
    (only,) = await examine_slack(settings)
    assert "revoked" in only.detail
    assert "SOPHIA_SLACK_BOT_TOKEN" in only.to_do


@pytest.mark.parametrize("mode, url", [("socket", ""), ("http", "https://sophia.example.com/")])
def test_the_manifest_asks_for_what_is_used(mode: str, url: str) -> None:
    found = manifest(mode, url)  # type: ignore[arg-type]
    assert found["settings"]["socket_mode_enabled"] == (mode == "socket")  # type: ignore[index,call-overload]
    assert ("https://sophia.example.com/slack/events" in str(found)) == (mode == "http")
    assert found["oauth_config"] == {"scopes": {"bot": sorted(SCOPES)}}
