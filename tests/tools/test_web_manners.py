from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from memory.database import Database
from memory.hosts import Hosts
from tools.detection.charset import encoding_of
from tools.web.addresses import kin, origin_of
from tools.web.door import WebDoor
from tools.web.failures import CircuitOpen, FetchFailed
from tools.web.pace import Pace, retry_after
from tools.web.policy import WebPolicy
from tools.web.robots import from_answer

PAGE = "<h1>Plans</h1>"
NO_RULES = b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


@dataclass(frozen=True)
class Ticket:
    id: str = "e_test"
    token: str = "token"


@pytest.fixture
async def hosts(tmp_path):
    database = await Database.open(str(tmp_path / "hosts.db"))
    yield Hosts(database)
    await database.close()


@pytest.fixture
async def doors(site, clock, desk, hosts):
    """Two doors, as two processes have them: one store, nothing else in common."""
    policy = WebPolicy(private_origins=frozenset({site.origin}), private_per_second=20.0, burst=1, attempts=1)
    pair = [WebDoor(desk, clock, policy, hosts=hosts) for _ in range(2)]
    yield pair
    for door in pair:
        await door.aclose()


def get(door, site, path, number):
    async def run():
        ticket = Ticket(token=f"t{number}")
        async with door.session(ticket, tool="competitor_sweep", origins=[site.origin]) as session:
            return await session.fetch(site.url(path))

    return run()


async def test_processes_share_a_pace(site, doors):
    site.pages["/"] = PAGE
    started = time.monotonic()
    await asyncio.gather(*(get(doors[number % 2], site, "/", number) for number in range(10)))
    assert time.monotonic() - started >= 0.45


async def test_processes_share_robots_txt_and_a_pause_that_was_asked_for(site, doors):
    async def busy(request):
        return web.Response(status=503, headers={"retry-after": "7200"})

    site.pages |= {"/robots.txt": "User-agent: *\nDisallow: /no", "/busy": busy, "/": PAGE}
    await get(doors[0], site, "/", 1)
    await get(doors[0], site, "/busy", 2)
    with pytest.raises(CircuitOpen):
        await get(doors[1], site, "/", 3)
    assert [request.path for request in site.requests].count("/robots.txt") == 1


async def test_a_certificate_that_does_not_fit_is_refused(clock, desk, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody.else")])
    now = dt.datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    async def answer(request):
        return web.Response(text=PAGE)

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    origin = f"https://127.0.0.1:{runner.addresses[0][1]}"
    door = WebDoor(desk, clock, WebPolicy(private_origins=frozenset({origin})))
    try:
        with pytest.raises(FetchFailed) as failed:
            async with door.session(Ticket(), tool="competitor_sweep", origins=[origin]) as session:
                await session.fetch(f"{origin}/")
        assert failed.value.kind == "certificate"
    finally:
        await door.aclose()
        await runner.cleanup()


@pytest.mark.parametrize("length", [5, 500_000])
async def test_a_content_length_that_lies_is_no_page(length, clock, desk):
    async def lie(reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        if b"GET /robots.txt" in request:
            writer.write(NO_RULES)
        else:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % length + b"<h1>Plans</h1>" * 9)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(lie, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    door = WebDoor(desk, clock, WebPolicy(private_origins=frozenset({origin}), attempts=1, read_seconds=2))
    try:
        async with door.session(Ticket(), tool="competitor_sweep", origins=[origin]) as session:
            if length > 1000:
                with pytest.raises(FetchFailed):
                    await session.fetch(f"{origin}/")
            else:
                assert (await session.fetch(f"{origin}/")).body == b"<h1>P"
    finally:
        await door.aclose()
        server.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 999999 X\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200_000,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"\x00" * 5000,
    ],
)
async def test_what_is_no_http_is_a_failure_in_words(answer, clock, desk):
    async def speak(reader, writer):
        request = await reader.readuntil(b"\r\n\r\n")
        writer.write(NO_RULES if b"GET /robots.txt" in request else answer)
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    door = WebDoor(desk, clock, WebPolicy(private_origins=frozenset({origin}), attempts=1, read_seconds=2))
    try:
        async with door.session(Ticket(), tool="competitor_sweep", origins=[origin]) as session:
            with pytest.raises(FetchFailed) as failed:
                await session.fetch(f"{origin}/")
        assert failed.value.reason
    finally:
        await door.aclose()
        server.close()


@pytest.mark.parametrize(
    "header,seconds",
    [
        ("120", 120),
        ("0", 0),
        ("Mon, 02 Mar 2026 09:05:00 GMT", 300),
        ("Mon, 02 Mar 2020 09:05:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("99999999999999", 604800),
        ("\uff11\uff12", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header, seconds):
    assert retry_after(header, datetime(2026, 3, 2, 9, tzinfo=UTC)) == seconds


def test_a_bucket_lets_a_burst_go_and_then_keeps_its_rate():
    pace = Pace(per_second=2.0, burst=3)
    assert [pace.reserve(100.0) for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 1.0]
    assert pace.reserve(200.0) == 0.0


def test_an_origin_has_one_spelling_and_its_kin():
    assert origin_of("HTTPS://WWW.Rival.Example:443/Pricing?x#y") == "https://www.rival.example"
    assert origin_of("http://rival.example:8080/") == "http://rival.example:8080"
    assert kin("https://rival.example") == {"https://rival.example", "https://www.rival.example"}
    assert "https://rival.example" in kin("http://www.rival.example")
    assert "http://rival.example" not in kin("https://rival.example")
    assert kin("http://127.0.0.1:8080") == {"http://127.0.0.1:8080"}


@pytest.mark.parametrize(
    "rules,path,allowed",
    [
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nAllow: /a\nDisallow: /a/b", "/a/b/c", False),
        ("User-agent: *\nDisallow: /p\nAllow: /p", "/p", True),
        ("User-agent: *\nDisallow: /*.php$", "/a.php?x=1", True),
        ("User-agent: *\nDisallow: /*.php$", "/a.php", False),
        ("User-agent: *\nDisallow: /caf\u00e9", "/caf%C3%A9", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: SOPHIABOT\nAllow: /", "/x", True),
        ("User-agent: SophiaBot/1.0 # ours\nDisallow: /x", "/x", False),
        (
            "User-agent: SophiaBot\nDisallow: /a\n\nUser-agent: X\n\nUser-agent: SophiaBot\nDisallow: /b",
            "/a",
            False,
        ),
        ("User-agent: Sophia\nDisallow: /", "/x", True),
        ("User-agent: Sophia\nAllow: /\n\nUser-agent: *\nDisallow: /", "/x", False),
        ("User-agent: SophiaBotImage\nDisallow: /", "/x", True),
        ("\ufeffUser-agent: *\nDisallow: /", "/x", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("<html>no such page</html>", "/x", True),
    ],
)
def test_robots_txt_is_read_by_its_rfc(rules, path, allowed):
    found = from_answer(200, rules, "SophiaBot", datetime(2026, 3, 2, tzinfo=UTC))
    assert found.allows(f"https://rival.example{path}", "SophiaBot") is allowed


@pytest.mark.parametrize(
    "body,header,encoding",
    [
        (b"\xef\xbb\xbf<p>", "text/html; charset=iso-8859-1", "utf-8"),
        (b"\xff\xfe<\x00", "text/html; charset=utf-8", "utf-16-le"),
        (b"<meta charset=utf-8>", "text/html; charset=windows-1251", "cp1251"),
        (b"<!-- <meta charset=big5> --><meta charset=koi8-r>", "text/html", "koi8-r"),
        (b"<meta name=about content='charset=big5'><p>caf\xe9 and more of it", "text/html", "cp1252"),
        (b"<meta content='text/html; charset=x-sjis' http-equiv=Content-Type>", "", "cp932"),
        (b"<meta charset=utf-16>", "", "utf-8"),
        (b"<meta charset=nonsense><META CHARSET='EUC-JP' />", "", "euc_jp"),
        (b"<meta charset=iso-8859-1>", "text/html; charset=bogus", "cp1252"),
        (b"<?xml version='1.0' encoding='iso-8859-2'?><p>", "", "iso8859-2"),
        (b"<meta charset=base64>plain", "", "utf-8"),
    ],
)
def test_a_charset_is_decided_as_browsers_decide_it(body, header, encoding):
    assert encoding_of(body, header) == encoding
