"""Whoever may decide may leave it to somebody who may: by button or in words. They decide by a click of their own."""

from __future__ import annotations

from typing import Any

import pytest

from agent.delegating import Wish, delegation_in
from tests.slack.conftest import Office, buttons
from tests.slack.server import BOT_USER, shown

GENERAL = "C0GENERAL1"
ANN, BOB, CYD = "U0ANN00001", "U0BOB00001", "U0CYD00001"


async def asked(office: Office) -> tuple[str, dict[str, Any]]:
    office.plan("put cup", ("put", {"name": "cup"}))
    thread = await office.slack.say(CYD, f"<@{BOT_USER}> put cup")
    return thread, await office.card(GENERAL, thread)


async def logged(office: Office, kind: str) -> list[Any]:
    return [entry for entry in await office.sophia.audit.entries() if entry.kind == kind]


async def test_by_button_to_whoever_has_the_role_and_decides_alone(office: Office) -> None:
    slack = office.slack
    thread, card = await asked(office)
    await slack.press(CYD, GENERAL, card, "sophia_delegate")
    await slack.until(lambda: "cyd has no approver role" in str(slack.ephemeral))
    await slack.press(ANN, GENERAL, card, "sophia_delegate")
    dialog = (await slack.until(lambda: slack.views)).pop()
    offered = [each["value"] for each in dialog["blocks"][-1]["element"]["options"]]
    assert offered == ["bob"]  # not herself, and not cyd, who has no such role
    await slack.submit(ANN, dialog, "cyd")  # a dialog says what its sender wants it to
    await slack.until(lambda: "not delegated" in str(slack.ephemeral))
    await slack.submit(ANN, dialog, "bob")
    text = await office.text_of(GENERAL, thread, f"left by <@{ANN}> to <@{BOB}>")
    assert "approved" not in text
    assert office.things.mark("cup") is None
    direct = slack.direct(BOB)
    await slack.until(lambda: f"<@{ANN}> leaves this to you" in slack.text(direct, slack.messages[direct][0]["ts"]))
    (entry,) = await logged(office, "approval.delegated")
    assert (entry.actor, entry.payload["to"]) == ("ann", "bob")
    await slack.press(BOB, direct, buttons(slack.messages[direct]) or {}, "sophia_approve")
    await office.text_of(GENERAL, thread, f"approved by <@{BOB}>", "cup is there")


async def test_in_words_where_it_waits_and_not_otherwise(office: Office) -> None:
    slack = office.slack
    thread, _ = await asked(office)
    await slack.say(ANN, f"delegate this to <@{CYD}>", thread=thread)
    await office.text_of(GENERAL, thread, "cyd has no approver role")
    await slack.say(CYD, f"delegate this to <@{BOB}>", thread=thread)
    await slack.until(lambda: slack.text(GENERAL, thread).count("cyd has no approver role") == 2)
    await slack.say(ANN, "please hand this over to nobody", thread=thread)
    await office.text_of(GENERAL, thread, "Nobody is called")
    await slack.say(ANN, f"let <@{BOB}> decide", thread=thread)
    await office.text_of(GENERAL, thread, "is left to bob, who decides with a click of their own")
    assert len(await logged(office, "approval.delegated")) == 1
    direct = slack.direct(BOB)
    card = await slack.until(lambda: buttons(slack.messages.get(direct, [])))
    await slack.say(BOB, "leave it to Ann", channel=direct, thread=card["ts"])  # under the card itself
    await slack.until(lambda: "is left to ann" in slack.text(direct, card["ts"]))
    await slack.until(lambda: f"left by <@{BOB}> to <@{ANN}>" in shown(slack.messages[direct][0]))
    elsewhere = await slack.say(ANN, f"<@{BOT_USER}> let bob decide")
    await office.text_of(GENERAL, elsewhere, "What?")  # nothing waits there: a request like every other


@pytest.mark.parametrize(
    "text, wish",
    [
        ("delegate this to bob", Wish("", "bob")),
        ("Please delegate a_zp6f43dt8r5t to @Bob.", Wish("a_zp6f43dt8r5t", "Bob")),
        ("delegate to bob", Wish("", "bob")),
        ("could you hand this over to Bob Stone, please?", Wish("", "Bob Stone")),
        ("let bob decide", Wish("", "bob")),
        ("let Bob approve a_12", Wish("a_12", "Bob")),
        ("leave the decision to ann", Wish("", "ann")),
        ("let bob know that we deployed", None),
        ("let bob approve", None),
        ("give production to bob", None),
        ("hand the keys over to bob and deploy production", None),
        ("don't delegate this to bob", None),
        ("delegate this to bob and then approve it", None),
    ],
)
def test_a_sentence_that_says_this_and_nothing_else(text: str, wish: Wish | None) -> None:
    assert delegation_in(text) == wish
