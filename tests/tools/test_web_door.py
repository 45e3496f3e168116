from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from tools.web.addresses import forbidden
from tools.web.door import Conditions
from tools.web.failures import CircuitOpen, FetchFailed, FetchRefused, NotAllowed, RobotsDisallow, Unpermitted
from tools.web.transport import Resolver

PAGE = "<html><title>Pricing</title><h1>Pricing</h1><p>Growth plan $399</p></html>"


@dataclass(frozen=True)
class Ticket:
    id: str = "e_test"
    token: str = "token"


async def fetch(door, url, *origins, conditions=None, token="token"):  # noqa: S107 - no password
    async with door.session(Ticket(token=token), tool="competitor_sweep", origins=origins) as session:
        return await session.fetch(url, conditions)


async def test_brings_a_page_from_an_origin_that_is_allowed(site, new_door):
    site.pages["/pricing"] = PAGE
    fetched = await fetch(new_door(site.origin), site.url("/pricing"), site.origin)
    assert (fetched.status, fetched.body.decode(), fetched.final_url) == (200, PAGE, site.url("/pricing"))
    request = site.requests[-1]
    assert request.method == "GET"
    assert request.headers["user-agent"].startswith("SophiaBot/")
    assert not {"cookie", "authorization", "referer"} & {name.lower() for name in request.headers}


async def test_sends_nothing_without_a_permit_that_can_be_redeemed(site, new_door):
    with pytest.raises(PermissionError):
        await fetch(new_door(site.origin), site.url("/"), site.origin, token="forged")
    assert site.requests == []


async def test_sends_nothing_after_the_session_has_ended(site, new_door):
    async with new_door(site.origin).session(Ticket(), tool="competitor_sweep", origins=[site.origin]) as session:
        pass
    with pytest.raises(Unpermitted):
        await session.fetch(site.url("/"))
    assert site.requests == []


async def test_refuses_an_origin_that_the_session_is_not_for(site, new_site, new_door):
    other = await new_site()
    with pytest.raises(NotAllowed):
        await fetch(new_door(site.origin, other.origin), other.url("/"), site.origin)
    assert other.requests == []


async def test_follows_redirects_within_the_origin_and_no_further(site, new_site, new_door):
    other = await new_site()
    site.pages["/new"] = PAGE

    async def moved(request):
        raise web.HTTPFound("/new")

    async def away(request):
        raise web.HTTPMovedPermanently(other.url("/elsewhere"))

    site.pages |= {"/old": moved, "/away": away}
    door = new_door(site.origin, other.origin)
    fetched = await fetch(door, site.url("/old"), site.origin)
    assert fetched.final_url == site.url("/new")
    assert [hop.status for hop in fetched.hops] == [302]
    with pytest.raises(NotAllowed) as refused:
        await fetch(door, site.url("/away"), site.origin, token="second")
    assert refused.value.target == other.url("/elsewhere")
    assert other.requests == []


async def test_ends_redirects_that_go_in_a_circle_or_never_end(site, new_door):
    async def circle(request):
        raise web.HTTPFound("/circle")

    async def endless(request):
        raise web.HTTPFound(f"/endless?{int(request.query_string or 0) + 1}")

    site.pages |= {"/circle": circle, "/endless": endless}
    door = new_door(site.origin)
    with pytest.raises(FetchRefused, match="circle"):
        await fetch(door, site.url("/circle"), site.origin)
    with pytest.raises(FetchRefused, match="never end"):
        await fetch(door, site.url("/endless"), site.origin, token="second")
    assert len(site.paths) <= 9


class Answers(Resolver):
    """A name server that says something else each time it is asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def resolve(self, host, port):
        return [self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.168.0.1",
        "100.100.100.200",
        "::1",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "0.0.0.0",  # noqa: S104 - never bound
        "168.63.129.16",
        "224.0.0.1",
        "fec0::1",
        "100.64.0.1",
        "2001:470::5efe:7f00:1",
    ],
)
async def test_dials_no_private_address_whatever_a_name_says(address, new_door):
    assert forbidden(address)
    door = new_door(resolver=Answers(address))
    with pytest.raises(FetchRefused, match="leads to"):
        await fetch(door, "http://pricing.example/", "http://pricing.example")


async def test_a_name_that_is_rebound_between_requests_is_checked_at_each_dialling(site, new_door):
    door = new_door(resolver=Answers("127.0.0.1"))
    port = site.origin.rpartition(":")[2]
    with pytest.raises(FetchRefused):
        await fetch(door, f"http://pricing.example:{port}/", f"http://pricing.example:{port}")
    assert site.requests == []


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_dialled(address):
    assert forbidden(address) is None


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "file:///etc/passwd",
        "http://user:secret@a.example/",
        "http://a.example:22/",
        "//a.example/",
        "javascript:alert(1)",
        "http:///nothing",
        "gopher://a.example",
    ],
)
async def test_refuses_what_is_no_plain_web_address(url, new_door):
    with pytest.raises(FetchRefused):
        await fetch(new_door(), url, "http://a.example")


@pytest.mark.parametrize("url", ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://[::ffff:7f00:1]/"])
async def test_refuses_loopback_in_every_spelling(url, new_door):
    with pytest.raises(FetchRefused):
        await fetch(new_door(), url, "http://2130706433", "http://0x7f.1", "http://127.1", "http://[::ffff:7f00:1]")


async def test_asks_again_only_for_what_is_new(site, new_door):
    async def conditional(request):
        if request.headers.get("if-none-match") == '"v1"':
            return web.Response(status=304)
        return web.Response(text=PAGE, content_type="text/html", headers={"etag": '"v1"'})

    site.pages["/"] = conditional
    door = new_door(site.origin)
    first = await fetch(door, site.url("/"), site.origin)
    again = await fetch(door, site.url("/"), site.origin, conditions=Conditions(etag=first.etag), token="second")
    assert (first.status, again.status, again.body) == (200, 304, b"")


async def test_obeys_robots_txt_and_asks_for_it_once(site, new_door):
    site.pages |= {"/robots.txt": "User-agent: SophiaBot\nDisallow: /secret\n", "/open": PAGE, "/secret/plan": PAGE}
    door = new_door(site.origin)
    await fetch(door, site.url("/open"), site.origin)
    with pytest.raises(RobotsDisallow):
        await fetch(door, site.url("/secret/plan"), site.origin, token="second")
    assert [request.path for request in site.requests] == ["/robots.txt", "/open"]


async def test_robots_txt_that_fails_forbids_everything_for_now(site, new_door):
    async def broken(request):
        return web.Response(status=503)

    site.pages |= {"/robots.txt": broken, "/": PAGE}
    with pytest.raises(RobotsDisallow):
        await fetch(new_door(site.origin, attempts=1), site.url("/"), site.origin)
    assert site.paths == []


async def test_robots_txt_of_ten_megabytes_is_read_up_to_the_limit(site, new_door):
    rules = "User-agent: *\nDisallow: /no\n" + "# padding\n" * 1_000_000
    site.pages |= {"/robots.txt": rules, "/yes": PAGE, "/no": PAGE}
    door = new_door(site.origin)
    assert (await fetch(door, site.url("/yes"), site.origin)).status == 200
    with pytest.raises(RobotsDisallow):
        await fetch(door, site.url("/no"), site.origin, token="second")


async def test_a_compression_bomb_is_cut_off_at_the_limit(site, new_door):
    bomb = gzip.compress(b"0" * 200_000_000, 9)

    async def explode(request):
        return web.Response(body=bomb, headers={"content-encoding": "gzip", "content-type": "text/html"})

    site.pages["/"] = explode
    fetched = await fetch(new_door(site.origin, body_bytes=1_000_000), site.url("/"), site.origin)
    assert (len(fetched.body), fetched.truncated) == (1_000_000, True)


@pytest.mark.parametrize("raw", [False, True])
async def test_deflate_is_read_in_both_of_its_forms(raw, site, new_door):
    squeeze = zlib.compressobj(wbits=-15 if raw else 15)
    body = squeeze.compress(PAGE.encode()) + squeeze.flush()

    async def deflated(request):
        return web.Response(body=body, headers={"content-encoding": "deflate", "content-type": "text/html"})

    site.pages["/"] = deflated
    assert (await fetch(new_door(site.origin), site.url("/"), site.origin)).body.decode() == PAGE


async def test_a_body_that_is_not_what_its_encoding_says_is_an_error_in_words(site, new_door):
    async def lying(request):
        return web.Response(body=b"plain", headers={"content-encoding": "gzip"})

    site.pages["/"] = lying
    with pytest.raises(FetchFailed, match="decoded"):
        await fetch(new_door(site.origin), site.url("/"), site.origin)


async def test_an_endless_body_and_a_trickle_end_in_time(site, new_door):
    async def endless(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)

    async def trickle(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.05)

    site.pages |= {"/endless": endless, "/trickle": trickle}
    door = new_door(site.origin, body_bytes=500_000, total_seconds=0.8)
    assert (await fetch(door, site.url("/endless"), site.origin)).truncated
    started = time.monotonic()
    with pytest.raises(FetchFailed) as failed:
        await fetch(door, site.url("/trickle"), site.origin, token="second")
    assert failed.value.kind == "time"
    assert time.monotonic() - started < 20


async def test_waits_as_long_as_the_server_asks_and_tries_again(site, new_door):
    times = []

    async def busy_once(request):
        times.append(time.monotonic())
        if len(times) == 1:
            return web.Response(status=429, headers={"retry-after": "1"})
        return web.Response(text=PAGE, content_type="text/html")

    site.pages["/"] = busy_once
    fetched = await fetch(new_door(site.origin), site.url("/"), site.origin)
    assert fetched.status == 200
    assert times[1] - times[0] >= 1.0


async def test_leaves_a_host_alone_that_asks_for_a_long_pause(site, new_door):
    async def busy(request):
        until = datetime.now(UTC) + timedelta(hours=2)
        return web.Response(status=503, headers={"retry-after": format_datetime(until, usegmt=True)})

    site.pages |= {"/": busy, "/robots.txt": ""}
    door = new_door(site.origin)
    fetched = await fetch(door, site.url("/"), site.origin)
    assert fetched.retry_at is not None
    with pytest.raises(CircuitOpen) as left:
        await fetch(door, site.url("/other"), site.origin, token="second")
    assert left.value.retry_at > datetime.now(UTC) + timedelta(minutes=100)
    assert site.paths == ["/"]


async def test_stops_asking_a_host_that_keeps_failing_and_others_are_not_held_up(site, new_site, new_door):
    other = await new_site()
    other.pages["/"] = PAGE

    async def broken(request):
        return web.Response(status=500)

    site.pages |= {"/": broken, "/robots.txt": ""}
    door = new_door(site.origin, other.origin, attempts=1, breaker_failures=3)
    for number in range(3):
        assert (await fetch(door, site.url("/"), site.origin, token=f"t{number}")).status == 500
    with pytest.raises(CircuitOpen):
        await fetch(door, site.url("/"), site.origin, token="t4")
    assert len(site.paths) == 3
    assert (await fetch(door, other.url("/"), other.origin, token="t5")).status == 200


async def test_goes_no_faster_than_the_pace_towards_one_host(site, new_door):
    site.pages["/"] = PAGE
    door = new_door(site.origin, private_per_second=10.0)
    started = time.monotonic()
    async with door.session(Ticket(), tool="competitor_sweep", origins=[site.origin]) as session:
        await asyncio.gather(*(session.fetch(site.url("/")) for _ in range(8)))
    assert time.monotonic() - started >= 0.5


@pytest.mark.parametrize("path", ["/robots.txt", "/robots.txt?a=1", "/login"])
async def test_robots_txt_may_be_kept_by_another_host_of_which_nothing_else_is_asked(path, site, new_site, new_door):
    elsewhere = await new_site()

    async def away(request):
        return web.Response(status=301, headers={"location": elsewhere.url(path)})

    site.pages |= {"/robots.txt": away, "/plan": PAGE}
    elsewhere.pages |= {"/robots.txt": "User-agent: *\nDisallow: /plan", "/login": PAGE}
    door = new_door(site.origin, elsewhere.origin)
    if path == "/robots.txt":
        with pytest.raises(RobotsDisallow):
            await fetch(door, site.url("/plan"), site.origin)
    else:
        assert (await fetch(door, site.url("/plan"), site.origin)).status == 200
        assert not elsewhere.requests


async def test_robots_txt_leads_to_no_private_address(site, new_site, new_door):
    inside = await new_site()

    async def inwards(request):
        return web.Response(status=302, headers={"location": inside.url("/robots.txt")})

    site.pages |= {"/robots.txt": inwards, "/": PAGE}
    assert (await fetch(new_door(site.origin), site.url("/"), site.origin)).status == 200
    assert not inside.requests
