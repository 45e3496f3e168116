"""A list of pages that hangs on a request is read with Slack's token, which goes to Slack alone, and is on the card."""

from __future__ import annotations

import pytest

from agent.settings import Settings
from agent.slack.lists import SharedLists
from tests.slack.conftest import Opening
from tests.slack.server import BOT_USER, SlackServer, shown
from tools.competitor_import import competitor_import

GENERAL, ANN, CSV = "C0GENERAL1", "U0ANN00001", b"url,aspect\nhttps://rival.example/pricing,pricing\nnot an address,x\n"


async def attach(slack: SlackServer, user: str, file: dict[str, object]) -> str:
    """Ask for what hangs on the message to be watched; the thread."""
    body = slack.written(user, f"<@{BOT_USER}> watch these pages", GENERAL, subtype="file_share", files=[file])
    assert await slack.deliver(body) == 200
    return str(body["event"]["ts"])


async def test_what_it_names_is_on_the_card(opening: Opening) -> None:
    async with opening(more_tools=[competitor_import]) as office:
        slack = office.slack
        file = slack.shared("Our rivals (2026)!.csv", CSV)
        name = f"{file['id']}-Our-rivals-2026-.csv"
        office.plan(f"watch these pages {name}", ("competitor_import", {"file": name}))
        thread = await attach(slack, ANN, file)
        card = shown(await office.card(GENERAL, thread))
        assert "https://rival.example/pricing for pricing" in card
        assert "left out: line 3" in card
        slack.missing_scope = "files:read"
        thread = await attach(slack, ANN, slack.shared("pages.csv", CSV))
        await office.text_of(GENERAL, thread, "lacks the scope files:read", "OAuth &amp; Permissions")
        slack.missing_scope = ""
        thread = await attach(slack, ANN, slack.shared("pages.csv", b"x" * 1_000_001))
        await office.text_of(GENERAL, thread, "larger than 1 MB")
        large = slack.shared("pages.csv", b"x" * 1_000_001)
        thread = await attach(slack, ANN, {**large, "size": 12})  # it says it is small
        await office.text_of(GENERAL, thread, "larger than 1 MB")
        thread = await attach(slack, "U0STRANGER", {**file, "url_private_download": "https://evil.example/x.csv"})
        await office.text_of(GENERAL, thread, "Nobody in the configuration is")


@pytest.mark.parametrize(
    "url, own",
    [
        ("https://files.slack.com/files-pri/T0-F0/download/x.csv", True),
        ("https://slack.com/x.csv", True),
        ("http://files.slack.com/x.csv", False),
        ("https://files.slack.com.evil.example/x.csv", False),
        ("https://notslack.com/x.csv", False),
        ("https://ann@files.slack.com/x.csv", False),
        ("https://files.slack.com:8443/x.csv", False),
        ("https://evil.example/files.slack.com/x.csv", False),
        ("https://files.slack.com:port/x.csv", False),
        ("", False),
    ],
)
def test_the_token_goes_to_slack_alone(url: str, own: bool) -> None:
    assert SharedLists(Settings())._slacks_own(url) == own
