from __future__ import annotations

from datetime import timedelta

import pytest

from memory.competitors import Competitors
from memory.grants import Grants
from tools.declaration import Outcome
from tools.errors import ToolError
from tools.monitoring.discovery import board_of
from tools.monitoring.targets import TargetPage, Targets
from tools.registry import discover

FILLER = "".join(
    f"<p>Sentence number {word} says something that stays as it is on every visit.</p>" for word in "abcdefgh"
)


def page(main: str, title: str) -> str:
    return f"<html><head><title>{title}</title></head><body><main><h1>{title}</h1>{main}{FILLER}</main></body></html>"


def pricing(growth: str) -> str:
    return page(
        f"<h2>Starter plan</h2><p>The Starter plan costs $99 per month and covers 200 units.</p>"
        f"<h2>Growth plan</h2><p>The Growth plan costs {growth} per month and covers 1,000 units.</p>"
        "<h2>Payment terms</h2><p>Invoices are due within 30 days; annual contracts get two months free.</p>",
        "Pricing",
    )


@pytest.fixture
async def rival(world, site):
    site.pages["/pricing"] = pricing("$399")
    site.pages["/security"] = page(
        "<h2>Certifications</h2><p>We are certified for SOC 2 Type II and PCI DSS since May 2024.</p>", "Security"
    )
    world[Targets].add(
        "RealPage",
        TargetPage(url=site.url("/pricing"), aspect="pricing"),
        TargetPage(url=site.url("/security"), aspect="technology"),
    )
    world[Targets].add("EliseAI", TargetPage(url=site.url("/elise"), aspect="pricing"))
    world[Targets].add("Hunter Warfield")
    await world.call("competitor_sweep", competitors=["RealPage"])
    return site


async def ask(world, question, **more):
    return await world.call("competitor_recall", question=question, **more)


async def test_an_answer_is_quotes_that_stand_in_what_was_read(world, rival):
    answer = await ask(world, "How much does RealPage's Growth plan cost?")
    assert answer.answered
    assert "$399" in answer.citations[0].quote
    for citation in answer.citations:
        assert citation.quote in await world[Competitors].text_of(citation.version)
        assert citation.url.startswith(rival.origin)
    security = await ask(world, "is RealPage certified for PCI DSS?")
    assert "PCI DSS" in security.citations[0].quote


@pytest.mark.parametrize(
    "question",
    [
        "How much does RealPage's Enterprise plan cost?",
        "Does RealPage offer a Spanish voice agent?",
        "Who is RealPage's chief financial officer?",
        "How many units does RealPage manage in Texas?",
    ],
)
async def test_what_was_not_read_is_not_known(world, rival, question):
    answer = await ask(world, question)
    assert (answer.answered, answer.reason) == (False, "unknown")
    assert answer.summary.startswith("I don't know")


async def test_says_who_is_not_watched_and_what_was_not_read_yet(world, rival):
    assert (await ask(world, "what does Hunter Warfield charge?")).reason == "not watched"
    assert (await ask(world, "what does EliseAI charge?")).reason == "not read yet"
    with pytest.raises(ToolError, match="No competitor"):
        await ask(world, "what do they charge?", competitors=["Nobody"])


async def test_a_question_about_a_change_is_answered_by_the_change(world, rival):
    rival.pages["/pricing"] = pricing("$449")
    await world.call("competitor_sweep", competitors=["RealPage"])
    moved = await ask(world, "what changed in RealPage's Growth plan?")
    assert moved.answered
    assert "$399" in moved.summary
    assert "$449" in moved.summary
    now = await ask(world, "how much is RealPage's Growth plan?")
    assert "$449" in now.citations[0].quote
    assert "$399" not in now.summary


async def test_a_question_for_a_whole_page_is_answered_by_its_beginning(world, rival):
    said = await ask(world, "what does RealPage's pricing page say now?")
    assert said.answered
    assert "Starter plan" in said.summary
    again = await ask(world, f"what does {rival.url('/security')} say?")
    assert "SOC 2" in again.summary
    assert (await ask(world, "what does RealPage's careers page say?")).reason == "unknown"


async def test_an_answer_is_what_is_said_now_also_after_many_versions(world, rival):
    for price in range(400, 430, 3):
        rival.pages["/pricing"] = pricing(f"${price}")
        await world.call("competitor_sweep", competitors=["RealPage"])
    now = await ask(world, "how much is RealPage's Growth plan?")
    (citation,) = now.citations
    assert "$427" in citation.quote
    raised = await ask(world, "when did RealPage raise the price of the Growth plan?")
    assert raised.answered
    assert "→" in raised.summary


async def test_a_diff_shows_both_versions_or_says_why_not(world, rival):
    nothing = await world.call("competitor_diff", competitor="RealPage", aspect="pricing")
    assert not nothing.found
    assert "No change" in nothing.summary
    rival.pages["/pricing"] = pricing("$449")
    await world.call("competitor_sweep", competitors=["RealPage"])
    shown = await world.call("competitor_diff", competitor="RealPage", aspect="pricing")
    assert [(line.before, line.after, line.under) for line in shown.lines] == [
        (
            "The Growth plan costs $399 per month and covers 1,000 units.",
            "The Growth plan costs $449 per month and covers 1,000 units.",
            "Growth plan",
        )
    ]
    assert "Not watched" in (await world.call("competitor_diff", competitor="Hunter Warfield")).summary


async def test_a_watch_makes_page_capture_and_grant_and_unwatch_ends_them(world, rival, clock):
    rival.pages["/jobs"] = page("<h2>Sales</h2><p>Account executive, Austin</p>", "Jobs")
    url = rival.url("/jobs/")
    watched = await world.call("competitor_watch", url=url, aspect="job_postings", channel="#competitive-intel")
    assert (watched.url, watched.competitor, watched.state) == (rival.url("/jobs"), "RealPage", "ok")
    (grant,) = await world[Grants].list(clock.now())
    assert (grant.tool, grant.destination, grant.id) == ("notify", "#competitive-intel", watched.grant)
    found = await world.reconcile("competitor_watch", "e_2", url=url, aspect="job_postings")
    assert found.outcome is Outcome.HAPPENED
    other = await world.reconcile("competitor_watch", "e_other", url=url, aspect="job_postings")
    assert other.outcome is Outcome.NOT_HAPPENED
    ended = await world.call("competitor_unwatch", url=url)
    assert ended.revoked == grant.id
    assert await world[Grants].list(clock.now()) == []
    with pytest.raises(ToolError, match="not watched"):
        await world.call("competitor_unwatch", url=url)


async def test_a_page_of_an_unknown_origin_is_nobody_elses(world, rival, new_site):
    other = await new_site()
    with pytest.raises(ToolError, match="can't be fetched"):
        await world.call("competitor_watch", url=other.url("/"), aspect="pricing")
    bound = await world.handle(
        discover()["competitor_watch"].preview,
        discover()["competitor_watch"].arguments(url="https://www.newcomer.example/pricing", aspect="pricing"),
    )
    assert bound.bound["competitor"] == "newcomer.example"


async def test_a_configured_page_that_was_stopped_stays_stopped(world, rival):
    await world.call("competitor_unwatch", url=rival.url("/security"))
    assert (await world.call("competitor_sweep", competitors=["RealPage"])).visited == 1


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "file:///etc/passwd", "http://a.example:22/", "http://u:p@a.b/"]
)
async def test_what_the_door_refuses_is_refused_before_anybody_is_asked(world, url):
    with pytest.raises(ToolError, match="can't be fetched"):
        await world.call("competitor_watch", url=url, aspect="pricing")


async def test_feedback_silences_such_changes_until_it_is_taken_back(world, rival):
    async def change(words: str):
        rival.pages["/pricing"] = pricing("$399").replace("Invoices are due", words)
        return await world.call("competitor_sweep", competitors=["RealPage"])

    first = (await change("Bills are due")).lines[0]
    noted = await world.call("alert_feedback", alert=first.id, verdict="not interesting")
    assert noted.places == ["Payment terms"]
    muted = await change("Receipts are owed")
    assert (muted.changes, muted.ignored) == (0, {"not interesting": 1})
    (said,) = (listed := await world.call("competitor_targets")).said
    assert (said.alert, said.person, said.under) == (first.id, "ann", ["Payment terms"])
    assert f"take back what was said of {first.id}" in listed.summary
    await world.call("alert_feedback", alert=first.id, verdict="retract")
    assert (await change("Vouchers must be settled")).changes == 1
    assert (await world.call("competitor_targets")).said == []
    with pytest.raises(ToolError, match="no alert"):
        await world.call("alert_feedback", alert="c_nothing", verdict="interesting")
    with pytest.raises(ToolError, match="no verdict"):
        await world.call("alert_feedback", alert=first.id, verdict="purple")


async def test_what_is_snoozed_is_said_with_its_end_and_how_it_is_woken(world, rival, clock):
    url = rival.url("/pricing")
    assert "are watched; none is snoozed." in (await world.call("competitor_targets")).summary
    await world.call("competitor_snooze", url=url, until="7d")
    end = f"{clock.now() + timedelta(days=7):%Y-%m-%d %H:%M}"
    told = (await world.call("competitor_targets")).summary
    assert f"{url} is snoozed until {end} UTC; to wake it: “snooze {url} until now”" in told
    await world.call("competitor_snooze", url=url, until="now")
    assert "none is snoozed" in (await world.call("competitor_targets")).summary


async def test_alerts_above_the_threshold_are_told_at_once_and_the_rest_later(world, rival):
    rival.pages["/pricing"] = pricing("$449")
    rival.pages["/security"] = str(rival.pages["/security"]).replace("May 2024", "June 2024")
    result = await world.call("competitor_sweep", competitors=["RealPage"])
    assert {line.aspect: line.alert for line in result.lines} == {"pricing": "instant", "technology": "digest"}
    assert result.alerts == 1
    assert result.alert_text.startswith("RealPage, pricing: ")


async def test_discovery_proposes_and_watches_nothing(world, site, new_site):
    other = await new_site()
    site.pages |= {
        "/": "<main><a href=/pricing>Pricing</a><a href=/about/careers>Careers</a><a href='/blog/x'>Post</a>"
        "<a href='https://boards.greenhouse.io/rival'>Jobs</a><a href='https://help.rival.example/start'>Help</a>"
        f"<a href='{other.url('/pricing')}'>Elsewhere</a></main>"
        + "<p>Welcome to Rival, who collect balances.</p>"
        * 9,
        "/pricing": pricing("$399"),
        "/about/careers": "<div id=root></div><script src=app.js></script>",
        "/sitemap.xml": f"<urlset><url><loc>{site.url('/customers/stories')}</loc></url></urlset>",
        "/customers/stories": page("<h2>Hillside</h2><p>They recovered 31% more.</p>", "Stories"),
        "/feed": "<?xml version='1.0'?><rss><channel><title>News</title>"
        + "".join(f"<item><title>Post {n}</title><description>Words {n}</description></item>" for n in range(5))
        + "</channel></rss>",
    }
    seen = await world.call("competitor_discover", domain=site.origin)
    states = {
        item.url.removeprefix(site.origin): (item.aspect, item.kind, item.state, item.proposed) for item in seen.pages
    }
    assert states["/pricing"] == ("pricing", "page", "ok", True)
    assert states["/about/careers"] == ("job_postings", "page", "empty_shell", False)
    assert states["/feed"] == ("product_updates", "feed", "ok", True)
    assert states["/customers/stories"] == ("client_wins", "page", "ok", True)
    assert "/changelog" not in states
    assert [item.url for item in seen.elsewhere] == [
        "https://boards-api.greenhouse.io/v1/boards/rival/jobs?content=true",
        "https://help.rival.example/",
    ]
    assert other.requests == []
    assert await world[Competitors].pages() == []


async def test_a_link_goes_before_a_guess_and_is_known_by_its_words_where_its_path_says_nothing(world, site):
    site.pages |= {
        "/": "<main><a href=/n/7.html>What’s new</a><a href=/p/3>Preise</a><a href=/x/1>Read this</a></main>"
        + "<p>Welcome to Rival, who collect balances.</p>" * 9,
        "/n/7.html": page("<h2>Version 5.2</h2><p>Voice for move-outs is here for everybody.</p>", "News of us"),
        "/p/3": pricing("$399"),
        "/changelog": page("<h2>Version 4</h2><p>An old list that nobody links to any more.</p>", "Old"),
        "/releases": page("<h2>Version 3</h2><p>An older list that nobody links to any more.</p>", "Older"),
    }
    seen = await world.call("competitor_discover", domain=site.origin)
    found = {item.url.removeprefix(site.origin): item.aspect for item in seen.pages}
    assert found["/n/7.html"] == "product_updates"
    assert found["/p/3"] == "pricing"
    assert "/x/1" not in found


@pytest.mark.parametrize(
    "url,board",
    [
        ("https://careers.smartrecruiters.com/Rival", "https://api.smartrecruiters.com/v1/companies/Rival/postings"),
        ("https://apply.workable.com/rival/", "https://apply.workable.com/api/v1/widget/accounts/rival"),
        ("https://rival.recruitee.com/", "https://rival.recruitee.com/api/offers/"),
        ("https://www.recruitee.com/pricing", None),
    ],
)
def test_the_public_interface_of_a_board_is_known_by_its_address(url, board):
    assert board_of(url) == board


async def test_discovery_of_what_cannot_be_reached_says_so(world):
    seen = await world.call("competitor_discover", domain="http://rival.invalid")
    assert seen.problem
    assert "couldn't be looked at" in seen.summary
    with pytest.raises(ToolError, match="no domain"):
        await world.call("competitor_discover", domain="rival")


async def test_a_time_that_has_passed_is_no_time_to_snooze_until(world, rival, clock):
    with pytest.raises(ToolError, match="has passed"):
        await world.call("competitor_snooze", url=rival.url("/pricing"), until="2020-01-01")
    until = (clock.now() + timedelta(days=2)).isoformat()
    snoozed = await world.call("competitor_snooze", url=rival.url("/pricing"), until=until)
    assert snoozed.until is not None
    again = await world.call("competitor_snooze", url=rival.url("/pricing"), until="9d")
    assert again.previous == snoozed.until.isoformat()
