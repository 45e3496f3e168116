"""Pages that a real Chromium builds. Without one these tests fail: `make browser` installs it."""

from __future__ import annotations

import asyncio

from memory.competitors import Competitors
from tools.monitoring.targets import TargetPage, Targets
from tools.web.browser import Browser

SHELL = "<title>Plans</title><div id=root></div><script src=/app.js></script>"
SCRIPT = """
const say = text => { document.getElementById('root').innerHTML = text; };
fetch('/api/plans').then(answer => answer.json()).then(plans => say(
  '<h1>Plans</h1>' + plans.map(plan => `<h2>${plan.name}</h2><p>$${plan.price}/month for everybody</p>`).join('')
  + '<p>Our plans have voice, chat and mail, and somebody who answers when it goes wrong.</p>'.repeat(4)));
"""


def plans(price: int) -> str:
    return f'[{{"name": "Starter", "price": 49}}, {{"name": "Growth", "price": {price}}}]'


async def watched(world, site) -> str:
    site.pages |= {"/plans": SHELL, "/app.js": SCRIPT, "/api/plans": plans(399)}
    world[Targets].add("Rival", TargetPage(url=site.url("/plans"), aspect="pricing"))
    return site.url("/plans")


async def test_an_empty_shell_is_built_and_its_changes_are_told(world, site):
    url = await watched(world, site)
    first = await world.call("competitor_sweep")
    assert [page.state for page in first.pages] == ["ok"]
    site.pages["/api/plans"] = plans(449)
    second = await world.call("competitor_sweep")
    assert [line.summary for line in second.lines] == ["Growth plan $399/month → $449/month"]
    (capture, _) = await world[Competitors].captures(url)
    assert "$449/month" in await world[Competitors].text_of(capture.version)
    third = await world.call("competitor_sweep")
    assert (third.changes, third.unchanged) == (0, 1)


async def test_a_short_page_that_a_browser_built_is_one_though_it_asks_for_scripts(world, site):
    url = await watched(world, site)
    site.pages["/plans"] = SHELL + "<noscript>You need to enable JavaScript to run this app.</noscript>"
    site.pages["/app.js"] = SCRIPT.replace(".repeat(4)", ".slice(0, 40)")
    first = await world.call("competitor_sweep", url=url)
    assert [page.state for page in first.pages] == ["ok"]


async def test_a_page_in_a_browser_reaches_nothing_but_its_own_origin(world, site, new_site):
    other = await new_site()
    url = await watched(world, site)
    host = other.origin.removeprefix("http://")
    site.pages["/app.js"] = (
        f"""
        new Image().src = '{other.origin}/image';
        new WebSocket('ws://{host}/socket');
        navigator.sendBeacon('{other.origin}/beacon', 'x');
        fetch('{other.origin}/fetch').catch(() => 0);
        fetch('/api/plans', {{method: 'POST', body: 'x'}}).catch(() => 0);
        fetch('http://169.254.169.254/latest/meta-data/').catch(() => 0);
        window.open('{other.origin}/window');
        document.write('<link rel=preconnect href={other.origin}><iframe src={other.origin}/frame></iframe>');
        """
        + SCRIPT
    )
    found = await world.call("competitor_sweep")
    assert [page.state for page in found.pages] == ["ok"]
    assert other.requests == []
    assert {request.method for request in site.requests} == {"GET"}
    (capture,) = await world[Competitors].captures(url)
    assert "$399/month" in await world[Competitors].text_of(capture.version)


async def test_robots_txt_holds_for_what_scripts_ask_for(world, site):
    await watched(world, site)
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /api/"
    found = await world.call("competitor_sweep")
    assert [page.state for page in found.pages] == ["empty_shell"]
    assert "/api/plans" not in site.paths


async def test_scripts_that_never_end_cost_their_time_and_no_more(world, site):
    url = await watched(world, site)
    site.pages["/app.js"] = "while (true) {}"
    world.ports[Browser]._seconds = 3.0
    async with asyncio.timeout(60):
        found = await world.call("competitor_sweep")
    assert [(page.state, "weren't done within 3 s" in page.note) for page in found.pages] == [("empty_shell", True)]
    site.pages["/app.js"] = SCRIPT
    world.ports[Browser]._seconds = 25.0
    again = await world.call("competitor_sweep", url=url)
    assert [page.state for page in again.pages] == ["ok"]


async def test_without_a_browser_a_shell_is_reported_as_one(world, site):
    await watched(world, site)
    world.ports[Browser] = Browser("/nowhere/chromium")
    found = await world.call("competitor_sweep")
    assert [page.state for page in found.pages] == ["empty_shell"]
    assert "not rendered: there is no /nowhere/chromium" in found.pages[0].note
    assert "sophia doctor" in found.summary


async def test_discovery_builds_empty_shells_and_says_so(world, site):
    site.pages |= {
        "/": SHELL.replace("app.js", "home.js"),
        "/home.js": "document.getElementById('root').innerHTML = '<a href=/plans>Plans</a>'"
        " + '<p>We collect what residents owe, by voice, chat and mail.</p>'.repeat(5);",
        "/plans": SHELL,
        "/changelog": SHELL.replace("app.js", "home.js"),
        "/app.js": SCRIPT,
        "/api/plans": plans(399),
    }
    seen = await world.call("competitor_discover", domain=site.origin)
    found = {item.url.removeprefix(site.origin): (item.state, item.note, item.proposed) for item in seen.pages}
    assert found["/plans"] == ("ok", "rendered by a browser", True)
    assert "/changelog" not in found, "what a guessed address shows is the first page again"
