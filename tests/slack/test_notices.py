"""Approvals come to approvers, who decide where they are; whoever didn't is reminded, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent.slack.notices import remind_at
from memory.approvals import Approval, ApprovalStatus
from tests.slack.conftest import Office, buttons
from tests.slack.server import BOT_USER, shown

GENERAL = "C0GENERAL1"


async def test_an_approver_decides_in_their_direct_messages(office: Office) -> None:
    slack = office.slack
    office.plan("put cup", ("put", {"name": "cup"}))
    thread = await slack.say("U0CYD00001", f"<@{BOT_USER}> put cup")
    ann, bob = slack.direct("U0ANN00001"), slack.direct("U0BOB00001")
    await slack.until(lambda: buttons(slack.messages.get(ann, [])))
    card = await slack.until(lambda: buttons(slack.messages.get(bob, [])))
    assert slack.direct("U0CYD00001") not in slack.messages  # who can't approve isn't asked
    await slack.press("U0BOB00001", bob, card, "sophia_approve")
    await office.text_of(GENERAL, thread, "approved by <@U0BOB00001>", "cup is there")
    await slack.until(lambda: buttons(slack.messages[ann]) is None and buttons(slack.messages[bob]) is None)
    assert "approved by <@U0BOB00001>" in shown(slack.messages[ann][0])
    assert len(slack.messages[ann]) == len(slack.messages[bob]) == 1


async def test_whoever_has_not_decided_is_reminded_once(office: Office) -> None:
    slack = office.slack
    office.plan("put cup", ("put", {"name": "cup"}))
    await slack.say("U0CYD00001", f"<@{BOT_USER}> put cup")
    bob = slack.direct("U0BOB00001")
    await slack.until(lambda: buttons(slack.messages.get(bob, [])))
    assert office.served.slack is not None
    clock = office.sophia.clock
    later = clock.now() + timedelta(hours=5)
    clock.now = lambda: later  # type: ignore[method-assign]
    for _ in range(3):
        await office.served.slack.notices.look()
    reminders = [message for message in slack.messages[bob] if "still waits for you" in shown(message)]
    assert len(reminders) == 1


def test_a_short_approval_is_reminded_of_in_time() -> None:
    asked = datetime(2026, 3, 1, tzinfo=UTC)
    common = {"turn": "t", "step": "s1", "tool": "x", "arguments": {}, "digest": "", "people": 1, "role": "approver"}
    for minutes, after in ((20, 5), (24 * 60, 4 * 60)):
        approval = Approval(
            id="a", requested_by="ann", status=ApprovalStatus.WAITING, created_at=asked,
            expires_at=asked + timedelta(minutes=minutes), **common,
        )  # fmt: skip
        assert remind_at(approval) - asked == timedelta(minutes=after)
