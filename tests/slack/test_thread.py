"""One thread in Slack, from the mention to the verified effect, through real slack_sdk and slack-bolt."""

from __future__ import annotations

import time

from tests.slack.conftest import Office
from tests.slack.server import BOT_USER, shown

GENERAL = "C0GENERAL1"
ASK = f"<@{BOT_USER}> put cup"


async def test_a_mention_is_understood_approved_and_done_in_its_thread(office: Office) -> None:
    office.plan("put cup", ("put", {"name": "cup"}))
    began = time.monotonic()
    thread = await office.slack.say("U0ANN00001", ASK)
    first = await office.text_of(GENERAL, thread, "Understood from “put cup”", "put", "name: cup")
    assert time.monotonic() - began < 30  # the figure is the bench's; here it comes at all
    assert ":white_check_mark:" not in first
    card = await office.card(GENERAL, thread)
    assert "Approval: put: put cup" in shown(card)
    assert "take it away" in shown(card)
    assert office.things.times_put("cup") == 0
    await office.slack.press("U0BOB00001", GENERAL, card, "sophia_approve")
    text = await office.text_of(
        GENERAL, thread, "cup is there", "approved by <@U0BOB00001>", ":white_check_mark: *put*"
    )
    assert "done" in text
    assert office.things.times_put("cup") == 1
    assert len(office.slack.thread(GENERAL, thread)) == 3  # the plan, the card, the report
    assert not any(block["type"] == "actions" for m in office.slack.thread(GENERAL, thread) for block in m["blocks"])
