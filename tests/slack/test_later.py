"""What can't be said in Slack now is kept and said later, once; what never can be is put aside with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.composition import open_sophia
from agent.plan import Plan
from agent.serving.process import serving
from agent.settings import Settings
from agent.slack import delivery
from agent.sophia import Sophia
from agent.terminal.waiting import at_work
from memory.arrivals import Arrivals
from memory.posts import Posts
from memory.switches import Switch, Switches
from tests.slack.conftest import Office, settings_for, shelf
from tests.slack.server import BOT_USER, SlackServer, shown
from tools.registry import Registry

OPS = "C0OPS00001"
PLANS = {"tell them": Plan(steps=shelf.steps(("notify", {"channel": "#ops", "content": "three & <more>"})))}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "RESTS_SECONDS", (0.0,))


def open_here(settings: Settings):
    planner = shelf.Scripted(PLANS)
    tools = Registry(shelf.registry().values())
    things = shelf.Shelf(settings.home.parent / "shelf")
    return open_sophia(settings, planner=planner, reader=planner, tools=tools, ports={shelf.Shelf: lambda: things})


async def told(sophia: Sophia) -> str:
    """Ask in the terminal, to the turn's end; what is reported."""
    ann = sophia.people.get("ann")
    assert ann is not None
    turn = await sophia.receive("tell them", ann, thread="c_1", surface="terminal", audience="person:ann")
    assert (await sophia.drive(turn.id)).status == "done"
    return (await sophia.report(turn.id)).as_text()


def said(slack: SlackServer) -> list[str]:
    return [shown(message) for message in slack.messages.get(OPS, [])]


@pytest.mark.parametrize("why", ["away", "revoked", "no token"])
async def test_it_is_kept_and_said_later_once(slack: SlackServer, tmp_path: Path, why: str) -> None:
    settings = settings_for(tmp_path, slack)
    slack.away, slack.revoked = why == "away", why == "revoked"
    early = settings
    if why == "no token":
        early = settings.model_copy(update={"slack": settings.slack.model_copy(update={"bot_token": None})})
    async with open_here(early) as sophia:
        assert "#ops isn't told yet" in await told(sophia)
        (check,) = await at_work(early)
        assert check.name == "messages"
        assert "1 kept" in check.detail
    slack.away = slack.revoked = False
    for _ in range(2):
        async with (
            open_here(settings) as sophia,
            serving(sophia, host="127.0.0.1", port=0),
        ):
            await slack.until(lambda: said(slack))
            while await at_work(settings):
                await slack.pause()
    assert said(slack) == ["three &amp; &lt;more&gt;"]


async def test_what_was_posted_though_its_answer_was_lost_is_found(office: Office) -> None:
    slack = office.slack
    slack.fail("chat.postMessage", "lost")
    slack.fail("conversations.history", "refuse", times=2)  # both at once, and when it is verified
    office.plans |= PLANS
    assert "isn't told yet" in await told(office.sophia)
    arrivals: Arrivals = office.sophia.ports.get(Arrivals)
    (arrival,) = await arrivals.pending()
    assert office.served.slack is not None
    await office.served.slack.desk.work(arrival.key)
    assert await arrivals.pending() == []
    assert said(slack) == ["three &amp; &lt;more&gt;"]
    posts: Posts = office.sophia.ports.get(Posts)
    post = await posts.at(OPS, slack.messages[OPS][0]["ts"])
    assert post is not None
    assert post.id in arrival.key


async def test_a_history_that_is_too_long_to_be_read_proves_nothing(office: Office) -> None:
    slack = office.slack
    slack.fail("chat.postMessage", "refuse")
    slack.fail("conversations.history", "refuse", times=2)
    office.plans |= PLANS
    await told(office.sophia)
    slack.endless.add("conversations.history")
    arrivals: Arrivals = office.sophia.ports.get(Arrivals)
    (arrival,) = await arrivals.pending()
    assert office.served.slack is not None
    await office.served.slack.desk.work(arrival.key)
    (check,) = await at_work(office.sophia.settings)
    assert (check.name, "can't be seen" in check.detail) == ("put aside", True)
    assert said(slack) == []


async def test_where_not_every_user_can_be_listed_no_channel_is_taken_for_free_of_guests(office: Office) -> None:
    office.slack.endless.add("users.list")
    office.plan("read it", ("read_page", {}))
    thread = await office.slack.say("U0ANN00001", f"<@{BOT_USER}> read it", "C0GENERAL1")
    text = await office.text_of("C0GENERAL1", thread, "more than is read")
    assert "The page says" not in text


async def test_what_cannot_be_delivered_is_put_aside_with_its_reason(office: Office) -> None:
    slack = office.slack
    slack.away = True
    office.plans |= PLANS
    await told(office.sophia)
    slack.away = False
    slack.channels[OPS]["is_archived"] = True
    arrivals: Arrivals = office.sophia.ports.get(Arrivals)
    (arrival,) = await arrivals.pending()
    assert office.served.slack is not None
    desk = office.served.slack.desk
    await desk.work(arrival.key)
    (check,) = await at_work(office.sophia.settings)
    assert (check.name, "archived" in check.detail) == ("put aside", True)
    assert "archived" in shown(slack.messages[slack.direct("U0ANN00001")][0])  # and ann is told, who wanted it said
    slack.channels[OPS]["is_archived"] = False
    assert await arrivals.retry(arrival.key)
    await desk.work(arrival.key)
    assert len(said(slack)) == 1


async def test_nothing_goes_out_while_everything_is_paused(office: Office) -> None:
    slack = office.slack
    slack.away = True
    office.plans |= PLANS
    await told(office.sophia)
    slack.away = False
    switches: Switches = office.sophia.ports.get(Switches)
    now = office.sophia.clock.now
    await switches.set(Switch.PAUSED, True, "ann", "wait", now())
    arrivals: Arrivals = office.sophia.ports.get(Arrivals)
    (arrival,) = await arrivals.pending()
    assert office.served.slack is not None
    delivering = office.served.slack.desk._delivery
    message = delivery.KeptMessage.model_validate(arrival.payload)
    with pytest.raises(delivery.SlackAway, match="paused"):
        await delivering.bring(message)
    assert said(slack) == []
    await switches.set(Switch.PAUSED, False, "ann", "go on", now())
    await delivering.bring(message)
    assert len(said(slack)) == 1
