"""An alert in a channel: its buttons are requests of whoever presses them, answered in its thread."""

from __future__ import annotations

from datetime import datetime

from memory.competitors import Competitors
from memory.pages import Capture, Change, Observation, Page, Version
from tests.slack.conftest import Opening, buttons
from tests.slack.server import BOT_USER, shown
from tools.alert_feedback import alert_feedback
from tools.competitor_silence import competitor_snooze

GENERAL, OPS, URL = "C0GENERAL1", "C0OPS00001", "https://www.realpage.com/releases"
SAID = f"RealPage, product updates: A price went up. ({URL})"


def seen(now: datetime, digest: str, before: str | None = None, url: str = URL, cluster: str = "") -> Observation:
    version = Version(digest=digest, url=url, text=digest, blocks=[["p", "/p", 0, 3]])
    change = Change(
        url=url, competitor="RealPage", aspect="product_updates", before=before, after=digest, at=now, score=0.5,
        significance=0.8, summary="A price went up.", cluster=cluster,
    )  # fmt: skip
    capture = Capture(url=url, at=now, state="ok", version=digest, status=200)
    return Observation(capture=capture, version=version, change=change if before else None)


async def test_buttons_of_an_alert_are_requests_in_its_thread(opening: Opening) -> None:
    async with opening(more_tools=[alert_feedback, competitor_snooze]) as office:
        slack, memory = office.slack, office.sophia.ports.get(Competitors)
        now = office.sophia.clock.now()
        await memory.put_page(Page(url=URL, competitor="RealPage", aspect="product_updates", added_at=now))
        await memory.record([seen(now, "one")])
        (change,) = await memory.record([seen(now, "two", "one")])
        office.plan("tell them", ("notify", {"channel": "#ops", "content": SAID}))
        await office.text_of(GENERAL, await slack.say("U0ANN00001", f"<@{BOT_USER}> tell them"), "Told #ops")
        alert = buttons(slack.messages[OPS])
        assert alert is not None
        assert [each["text"]["text"] for each in alert["blocks"][-1]["elements"]] == [
            "Why?",
            "Not interesting",
            "Snooze a week",
        ]
        await slack.press("U0STRANGER", OPS, alert, "sophia_alert_dull")
        await slack.until(lambda: "Nobody in the configuration" in str(slack.ephemeral))
        await slack.press("U0BOB00001", OPS, {**alert, "ts": "1.1"}, "sophia_alert_dull")
        await slack.until(lambda: "no power" in str(slack.ephemeral))
        await slack.press("U0BOB00001", OPS, alert, "sophia_alert_dull")
        await office.text_of(OPS, alert["ts"], "are no longer told", "done")
        (feedback,) = await memory.feedback(URL)
        assert (feedback.person, change.id) == ("bob", feedback.change)
        await slack.press("U0ANN00001", OPS, alert, "sophia_alert_snooze")
        await office.text_of(OPS, alert["ts"], "is left alone until")
        page = await memory.page(URL)
        assert page is not None
        assert page.snoozed_until is not None
        assert "A price went up" in shown(alert)


async def test_each_line_that_tells_of_one_change_has_buttons_of_its_own(opening: Opening) -> None:
    async with opening(more_tools=[alert_feedback]) as office:
        slack, memory = office.slack, office.sophia.ports.get(Competitors)
        now = office.sophia.clock.now()
        await memory.put_page(Page(url=URL, competitor="RealPage", aspect="product_updates", added_at=now))
        await memory.put_page(Page(url=f"{URL}/two", competitor="RealPage", aspect="pricing", added_at=now))
        await memory.record([seen(now, "one")])
        (change,) = await memory.record([seen(now, "two", "one")])
        both = f"Two things today\n{SAID}\nA price went up, says {URL}\nNothing more on {URL}"
        office.plan("tell them", ("notify", {"channel": "#ops", "content": both}))
        await office.text_of(GENERAL, await slack.say("U0ANN00001", f"<@{BOT_USER}> tell them"), "Told #ops")
        message = buttons(slack.messages[OPS])
        assert message is not None
        assert [block["type"] for block in message["blocks"]] == ["section", "section", "actions", "section", "section"]
        await slack.press("U0BOB00001", OPS, message, "sophia_alert_dull")
        await office.text_of(OPS, message["ts"], "are no longer told", "done")
        assert [each.change for each in await memory.feedback(URL)] == [change.id]


async def test_what_is_said_of_an_alert_of_two_pages_holds_for_both(opening: Opening) -> None:
    async with opening(more_tools=[alert_feedback, competitor_snooze]) as office:
        slack, memory = office.slack, office.sophia.ports.get(Competitors)
        now, pages = office.sophia.clock.now(), [URL, f"{URL}/two"]
        for url in pages:
            await memory.put_page(Page(url=url, competitor="RealPage", aspect="product_updates", added_at=now))
            await memory.record([seen(now, f"one {url}", url=url)])
            await memory.record([seen(now, f"two {url}", f"one {url}", url, "the same news")])
        told = f"RealPage, product updates: A price went up. ({', '.join(pages)})"
        office.plan("tell them", ("notify", {"channel": "#ops", "content": told}))
        await office.text_of(GENERAL, await slack.say("U0ANN00001", f"<@{BOT_USER}> tell them"), "Told #ops")
        alert = buttons(slack.messages[OPS])
        assert alert is not None
        await slack.press("U0BOB00001", OPS, alert, "sophia_alert_snooze")
        await office.text_of(OPS, alert["ts"], f"{pages[0]} is left alone until", f"{pages[1]} is left alone until")
        await slack.press("U0BOB00001", OPS, alert, "sophia_alert_dull")
        await office.text_of(OPS, alert["ts"], f"on {pages[0]} are no longer told", f"on {pages[1]} are no longer told")
