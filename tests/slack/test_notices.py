"""Approvals come to approvers, who decide where they are; whoever didn't is reminded, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.people_now import PeopleNow
from agent.plan import Plan
from agent.settings import Settings
from agent.slack.notices import remind_at
from memory.approvals import Approval, ApprovalStatus
from memory.spend import Kind, Spend
from tests.slack.conftest import Office, Opening, buttons, settings_for, shelf
from tests.slack.server import BOT_USER, TEAM, SlackServer, shown

GENERAL = "C0GENERAL1"


async def test_an_approver_decides_in_their_direct_messages(office: Office) -> None:
    slack = office.slack
    office.plan("put cup", ("put", {"name": "cup"}))
    thread = await slack.say("U0CYD00001", f"<@{BOT_USER}> put cup")
    ann, bob = slack.direct("U0ANN00001"), slack.direct("U0BOB00001")
    await slack.until(lambda: buttons(slack.messages.get(ann, [])))
    card = await slack.until(lambda: buttons(slack.messages.get(bob, [])))
    assert slack.direct("U0CYD00001") not in slack.messages  # who can't approve isn't asked
    assert f"<#{GENERAL}>" in shown(card)
    assert f"<#{GENERAL}>" not in slack.text(GENERAL, thread)
    await slack.press("U0BOB00001", bob, card, "sophia_approve")
    await office.text_of(GENERAL, thread, "approved by <@U0BOB00001>", "cup is there")
    await slack.until(lambda: buttons(slack.messages[ann]) is None and buttons(slack.messages[bob]) is None)
    assert "approved by <@U0BOB00001>" in shown(slack.messages[ann][0])
    assert len(slack.messages[ann]) == len(slack.messages[bob]) == 1


async def test_an_approver_who_can_not_be_written_to_keeps_it_from_nobody_else(office: Office) -> None:
    slack = office.slack
    del slack.users["U0ANN00001"]
    office.plan("put cup", ("put", {"name": "cup"}))
    await slack.say("U0CYD00001", f"<@{BOT_USER}> put cup")
    bob = slack.direct("U0BOB00001")
    await slack.until(lambda: buttons(slack.messages.get(bob, [])))
    assert office.served.slack is not None
    calls = len(slack.calls)
    for _ in range(3):
        await office.served.slack.notices.look()
    assert len([name for name, _ in slack.calls[calls:] if name == "conversations.open"]) == 0  # nothing has changed
    assert len(slack.messages[bob]) == 1


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


async def test_operators_are_told_of_a_budget_that_comes_to_its_end_once(opening: Opening) -> None:
    people = {
        "ann": {"roles": ["requester"], "slack": [{"workspace": TEAM, "user": "U0ANN00001"}]},
        "bob": {"roles": ["operator"], "slack": [{"workspace": TEAM, "user": "U0BOB00001"}]},
    }
    limits = {"pages_per_day": 100, "person": {"pages_per_day": 50}, "schedule": {"pages_per_day": 50}}
    async with opening(people=people, limits=limits) as office:
        slack, book, now = office.slack, office.sophia.ports.get(Spend), office.sophia.clock.now()
        assert office.served.slack is not None
        look = office.served.slack.notices.look_at_budgets
        bob = slack.direct("U0BOB00001")

        async def told() -> list[str]:
            await look()
            await look()
            return [shown(message) for message in slack.messages.get(bob, [])]

        await book.record(Kind.PAGES, 39, "t_1", "ann", now)
        assert await told() == []
        await book.record(Kind.PAGES, 1, "t_1", "ann", now)
        (most,) = await told()
        assert most.startswith("40 of the 50 pages for ann today are used. At 100 %")
        await book.record(Kind.PAGES, 60, "t_2", "cyd", now)
        assert [each.partition(" are used")[0] for each in await told()][1:] == ["100 of the 100 pages today"]
        assert "isn't begun before tomorrow (UTC)" in (await told())[1]
        office.served.slack.notices._told.clear()  # another process, or this one after a restart
        assert len(await told()) == 2
        assert slack.direct("U0ANN00001") not in slack.messages


def test_a_short_approval_is_reminded_of_in_time() -> None:
    asked = datetime(2026, 3, 1, tzinfo=UTC)
    common = {"turn": "t", "step": "s1", "tool": "x", "arguments": {}, "digest": "", "people": 1, "role": "approver"}
    for minutes, after in ((20, 5), (24 * 60, 4 * 60)):
        approval = Approval(
            id="a", requested_by="ann", status=ApprovalStatus.WAITING, created_at=asked,
            expires_at=asked + timedelta(minutes=minutes), **common,
        )  # fmt: skip
        assert remind_at(approval) - asked == timedelta(minutes=after)


async def asked_by_a_schedule(office: Office, name: str, channel: str) -> None:
    """A run of bob's schedule that puts something, and waits."""
    bob = office.sophia.people.get("bob")
    assert bob is not None
    plan = Plan(steps=shelf.steps(("put", {"name": name})))
    audience = f"channel:{channel}"
    run = await office.sophia.receive(f"put {name}", bob, thread=name, surface="schedule", audience=audience, plan=plan)
    await office.sophia.drive(run.id)


async def test_what_a_schedule_waits_for_stands_in_its_channel_too(opening: Opening) -> None:
    channels = {"#ops": {"delivery": ["slack"]}, "#guests": {"delivery": ["slack"]}, "#general": {"delivery": ["file"]}}
    async with opening(channels=channels) as office:
        slack = office.slack
        for name, channel in (("jug", "#guests"), ("pot", "#general"), ("cup", "#ops")):
            await asked_by_a_schedule(office, name, channel)
        card = await slack.until(lambda: buttons(slack.messages.get("C0OPS00001", [])))
        assert "put cup" in shown(card)
        ann = slack.direct("U0ANN00001")
        await slack.until(lambda: len(slack.messages.get(ann, [])) == 3)
        assert "C0GUESTS01" not in slack.messages  # guests see nothing of it
        assert GENERAL not in slack.messages  # where nothing is told by Slack, nothing is asked
        await slack.press("U0CYD00001", "C0OPS00001", card, "sophia_approve")
        await slack.until(lambda: "approver role" in str(slack.ephemeral))
        await slack.press("U0ANN00001", "C0OPS00001", card, "sophia_approve")
        await slack.until(lambda: "approved by <@U0ANN00001>" in shown(slack.message("C0OPS00001", card["ts"]) or {}))


async def test_operators_hear_of_a_configuration_that_cannot_be_read(
    opening: Opening, slack: SlackServer, tmp_path: Path
) -> None:
    file = tmp_path / "sophia.toml"
    file.write_text("")
    bob = {"roles": ["requester", "operator"], "slack": [{"workspace": TEAM, "user": "U0BOB00001"}]}

    def now(settings: Settings) -> PeopleNow:
        return PeopleNow(settings, lambda: settings_for(tmp_path, slack, people={"bob": bob}))

    async with opening(people={"bob": bob}, roster=now) as office:
        assert office.served.slack is not None
        notices = office.served.slack.notices
        file.write_text("[people.")
        for _ in range(2):
            await notices.look_at_the_people()
        (told,) = slack.messages[slack.direct("U0BOB00001")]
        assert "was changed and can't be read, so the people of before count" in shown(told)
