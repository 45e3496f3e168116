"""One thread in Slack, from the mention to the verified effect, through real slack_sdk and slack-bolt."""

from __future__ import annotations

from agent.people import People, Role
from agent.plan import Step
from tests.slack.conftest import Office, Opening, buttons
from tests.slack.server import BOT_USER, shown

GENERAL = "C0GENERAL1"
ASK = f"<@{BOT_USER}> put cup"


async def test_a_mention_is_understood_approved_and_done_in_its_thread(opening: Opening, migrated: str) -> None:
    async with opening(database=migrated) as office:
        await _done_in_its_thread(office)


async def _done_in_its_thread(office: Office) -> None:
    office.plan("put cup", ("put", {"name": "cup"}))
    thread = await office.slack.say("U0ANN00001", ASK)
    first = await office.text_of(GENERAL, thread, "Understood from “put cup”", "put", "name: cup")
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


async def test_buttons_work_for_the_right_people_on_the_very_card_and_say_who_pressed(office: Office) -> None:
    slack = office.slack
    burning = Step(id="s2", tool="burn", args={"name": "cup"}, needs=["s1"])
    office.plan("burn cup", ("put", {"name": "cup"}), burning)
    thread = await slack.say("U0CYD00001", f"<@{BOT_USER}> burn cup")
    card = await office.card(GENERAL, thread)
    copy = {**card, "ts": "7.7"}
    for user, channel, message, why in (
        ("U0CYD00001", GENERAL, card, "cyd has no approver role"),
        ("U0STRANGER", GENERAL, card, "Nobody in the configuration is"),
        ("U0ANN00001", GENERAL, copy, "This card has no power"),
        ("U0ANN00001", "C0OPS00001", card, "This card has no power"),
    ):
        await slack.press(user, channel, message, "sophia_approve")
        told = await slack.until(lambda: slack.ephemeral[-1:])
        assert why in told[0]["text"].replace("\u200b", "")
        assert told[0]["user"] == user
        slack.ephemeral.clear()
    refused = [entry for entry in await office.sophia.audit.entries() if entry.kind == "approval.refused"]
    assert len(refused) == 4
    await slack.press("U0CYD00001", GENERAL, card, "sophia_plan")
    view = (await slack.until(lambda: slack.views)).pop()
    assert "*burn* (name: cup)" in shown({"blocks": view["blocks"]})
    await slack.press("U0ANN00001", GENERAL, card, "sophia_approve")
    await office.text_of(GENERAL, thread, "approved by <@U0ANN00001>", "Approval: burn")
    await slack.until(lambda: buttons(slack.thread(GENERAL, thread)) not in (None, card))
    second = await office.card(GENERAL, thread)
    await slack.press("U0ANN00001", GENERAL, second, "sophia_approve")
    await office.text_of(GENERAL, thread, "A different person must give the next approval")
    await slack.press("U0ANN00001", GENERAL, second, "sophia_approve")
    await slack.until(lambda: "a second person must" in str(slack.ephemeral))
    await slack.press("U0BOB00001", GENERAL, second, "sophia_deny")
    dialog = (await slack.until(lambda: slack.views)).pop()
    await slack.submit("U0BOB00001", dialog, "we need *it* <!here>")
    text = await office.text_of(GENERAL, thread, "denied by <@U0BOB00001>", "refused")
    assert "<!here>" not in text
    assert office.things.mark("cup") is not None


async def test_a_second_click_and_a_second_person_change_nothing_and_learn_who_was_first(office: Office) -> None:
    office.plan("put cup", ("put", {"name": "cup"}))
    thread = await office.slack.say("U0ANN00001", ASK)
    card = dict(await office.card(GENERAL, thread))
    for user in ("U0ANN00001", "U0ANN00001", "U0BOB00001"):
        await office.slack.press(user, GENERAL, card, "sophia_approve")
    await office.slack.until(lambda: len(office.slack.ephemeral) == 2)
    for told in office.slack.ephemeral:
        assert "was approved already by ann; nothing was changed" in told["text"].replace("\u200b", "")
    await office.text_of(GENERAL, thread, "cup is there")
    assert office.things.times_put("cup") == 1


async def test_who_loses_the_role_loses_it_for_cards_that_wait(office: Office) -> None:
    office.plan("put cup", ("put", {"name": "cup"}))
    thread = await office.slack.say("U0ANN00001", ASK)
    card = await office.card(GENERAL, thread)
    everybody = office.roster.people.all()
    demoted = [p.model_copy(update={"roles": frozenset({Role.REQUESTER})}) if p.name == "bob" else p for p in everybody]
    office.roster.people = People(demoted)
    await office.slack.press("U0BOB00001", GENERAL, card, "sophia_deny")
    await office.slack.until(lambda: "bob has no approver role" in str(office.slack.ephemeral))
    assert not office.slack.views


async def test_a_vote_of_who_has_lost_the_role_since_does_not_count(office: Office) -> None:
    office.things.put("cup", "here")
    office.plan("burn cup", ("burn", {"name": "cup"}))
    thread = await office.slack.say("U0CYD00001", f"<@{BOT_USER}> burn cup")
    card = await office.card(GENERAL, thread)
    await office.slack.press("U0BOB00001", GENERAL, card, "sophia_approve")
    await office.text_of(GENERAL, thread, "approved by <@U0BOB00001>")
    everybody = office.roster.people.all()
    demoted = [p.model_copy(update={"roles": frozenset({Role.REQUESTER})}) if p.name == "bob" else p for p in everybody]
    office.roster.people = People(demoted)
    await office.slack.press("U0ANN00001", GENERAL, card, "sophia_approve")
    await office.text_of(GENERAL, thread, "bob, who approved it, is no approver any more")
    assert office.things.mark("cup") == "here"


async def test_text_of_pages_is_nothing_but_text(office: Office) -> None:
    (office.things.folder.parent / "page.txt").write_text(
        "<!channel> <@U0BOB00001> <https://evil.example|click> *bold* `code` & \u202eevil\u200b" + " word" * 2000
    )
    office.plan("read it", ("read_page", {}))
    thread = await office.slack.say("U0ANN00001", f"<@{BOT_USER}> read it")
    text = await office.text_of(GENERAL, thread, "The page says", "done")
    for markup in ("<!channel>", "<@U0BOB00001>", "<https", " *bold*", " `code`", "\u202e"):
        assert markup not in text
    assert text.count("word") == 2000  # split, and nothing left out


async def test_what_is_too_long_for_messages_comes_as_a_file_too(office: Office) -> None:
    (office.things.folder.parent / "page.txt").write_text("line\n" * 100_000)
    office.plan("read it", ("read_page", {}))
    thread = await office.slack.say("U0ANN00001", f"<@{BOT_USER}> read it")
    await office.text_of(GENERAL, thread, "all of it is in the file below")
    await office.slack.until(lambda: any("content" in f and "title" in f for f in office.slack.files.values()))
    (file,) = office.slack.files.values()
    assert file["content"].decode().count("line") == 100_000
