from __future__ import annotations

import asyncio
import sqlite3
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from memory.competitors import Capture, Change, Competitors, Observation, Page, Version
from memory.database import Database
from memory.errors import NotFound
from memory.hosts import Hosts
from memory.labels import Integrity

URL = "https://realpage.example/releases"


@pytest.fixture
def competitors(database: Database) -> Competitors:
    return Competitors(database)


def page(now: datetime, url: str = URL, **more) -> Page:
    return Page(url=url, competitor="RealPage", aspect="product_updates", added_at=now, **more)


def seen(now: datetime, text: str, *, url: str = URL, hours: float = 0, effect: str = "", **more) -> Observation:
    at = now + timedelta(hours=hours)
    version = Version(
        digest=f"sha-{text}", url=url, title="Releases", text=text, blocks=[["p", "/p", 0, 3]], html=b"<p>"
    )
    capture = Capture(url=url, at=at, state="ok", version=version.digest, status=200, effect=effect, millis=12, size=3)
    return Observation(capture=capture, version=version, etag='"1"', last_modified="Mon", **more)


def change(now: datetime, before: str, after: str, hours: float = 0, **more) -> Change:
    values = {"score": 0.5, "significance": 0.75, "summary": "A price went up.", "facts": [{"kind": "price", "by": 2}]}
    return Change(
        url=URL,
        competitor="RealPage",
        aspect="product_updates",
        before=f"sha-{before}",
        after=f"sha-{after}",
        at=now + timedelta(hours=hours),
        **{**values, **more},
    )


async def test_pages(competitors: Competitors, now: datetime) -> None:
    first = page(now, proposed_by="ann", approved_by="bob", channel="#intel")
    await competitors.put_page(first)
    await competitors.put_page(page(now, "https://a.example/", selector="main", threshold="0.4", kind="feed"))
    assert await competitors.page(URL) == first
    assert await competitors.page("https://nowhere.example/") is None
    assert [found.url for found in await competitors.pages(competitor="RealPage", active=True)] == [
        "https://a.example/",
        URL,
    ]


async def test_two_that_meet_a_page_for_the_first_time_at_the_same_moment_both_put_it(
    migrated: str, database: Database, now: datetime
) -> None:
    async with await Database.open(migrated, migrate=False) as theirs:
        both = (Competitors(database), Competitors(theirs))
        met = [page(now, f"https://a.example/{number}") for number in range(10)]
        await asyncio.gather(*(each.put_page(one) for one in met for each in both))
        await asyncio.gather(*(each.snooze(page(now, f"{one.url}/b"), now) for one in met for each in both))
        assert len(await both[0].pages()) == 20


async def test_a_silence_says_nothing_else_of_a_page(competitors: Competitors, now: datetime) -> None:
    until = now + timedelta(days=3)
    await competitors.put_page(page(now))
    await competitors.put_page(page(now, active=False))
    await competitors.snooze(page(now), until)  # as somebody saw it before it was watched no longer
    assert [(found.url, found.snoozed_until) for found in await competitors.pages(active=False)] == [(URL, until)]
    await competitors.snooze(page(now, "https://configured.example/"), until)
    configured = await competitors.page("https://configured.example/")
    assert configured is not None
    assert (configured.active, configured.snoozed_until) == (True, until)


async def test_what_was_seen_comes_back_byte_for_byte(competitors: Competitors, now: datetime) -> None:
    await competitors.put_page(page(now))
    made = await competitors.record([seen(now, "one"), seen(now, "two", hours=1, learned=b"\0learned")])
    assert made == []
    version = await competitors.version(f"sha-{'one'}")
    assert version is not None
    assert (version.text, version.html, version.blocks) == ("one", b"<p>", [["p", "/p", 0, 3]])
    assert version.first_at == now
    assert version.label.integrity is Integrity.UNTRUSTED
    assert await competitors.version("sha-one", html=False) == version.model_copy(update={"html": b""})
    assert await competitors.version("sha-nothing") is None
    assert await competitors.text_of("sha-nothing") is None


async def test_text_that_no_database_takes_is_kept_all_the_same(competitors: Competitors, now: datetime) -> None:
    await competitors.put_page(page(now))
    text = "Rent\u00a0+2 %\r\n\0 ☂ \ud800 end"
    version = Version(digest="odd", url=URL, text=text, html=b"\xff\0")
    await competitors.record(
        [Observation(capture=Capture(url=URL, at=now, state="ok", version="odd"), version=version)]
    )
    assert await competitors.text_of("odd") == text
    found = await competitors.version("odd")
    assert found is not None
    assert (found.text, found.html) == (text, b"\xff\0")


async def test_standing(competitors: Competitors, now: datetime) -> None:
    await competitors.put_page(page(now))
    await competitors.put_page(page(now, "https://new.example/"))
    await competitors.record([seen(now, "one", learned=b"learned")])
    wall = Capture(url=URL, at=now + timedelta(hours=4), state="wall", status=403, note="login")
    await competitors.record([Observation(capture=wall, bad_streak=1, degraded=True, etag='"1"')])
    standing = await competitors.standing([URL, "https://new.example/", "https://nowhere.example/"])
    assert set(standing) == {URL, "https://new.example/"}
    here = standing[URL]
    assert here.last is not None
    assert here.ok is not None
    assert (here.last.state, here.last.note, here.ok.version, here.learned) == ("wall", "login", "sha-one", b"learned")
    assert (here.bad_streak, here.degraded, here.etag, here.last_modified) == (1, True, '"1"', None)
    assert standing["https://new.example/"].last is None


async def test_a_resumed_sweep_stores_each_page_once(competitors: Competitors, now: datetime) -> None:
    await competitors.put_page(page(now))
    await competitors.put_page(page(now, "https://a.example/"))
    observation = seen(now, "one", effect="e_1").model_copy(update={"change": change(now, "zero", "one")})
    assert len(await competitors.record([observation])) == 1
    assert await competitors.record([observation, seen(now, "two", url="https://a.example/", effect="e_1")]) == []
    captured = await competitors.captured("e_1")
    assert {url: capture.version for url, capture in captured.items()} == {
        URL: "sha-one",
        "https://a.example/": "sha-two",
    }
    assert len(await competitors.captures(URL)) == 1
    assert len(await competitors.changes()) == 1


async def test_a_batch_is_stored_as_a_whole(competitors: Competitors, now: datetime) -> None:
    await competitors.put_page(page(now))
    with pytest.raises(NotFound, match=r"nowhere\.example"):
        await competitors.record([seen(now, "one"), seen(now, "two", url="https://nowhere.example/")])
    lost = Observation(capture=Capture(url=URL, at=now, state="ok", version="sha-lost"))
    with pytest.raises(NotFound, match="sha-lost"):
        await competitors.record([seen(now, "one"), lost])
    assert await competitors.captures(URL) == []
    assert await competitors.version("sha-one") is None


async def test_versions_that_come_back_are_listed_again_and_stored_once(
    competitors: Competitors, now: datetime
) -> None:
    await competitors.put_page(page(now))
    await competitors.record([seen(now, text, hours=n) for n, text in enumerate(["a", "a", "b", "b", "a", "c"])])
    turned = await competitors.versions(URL)
    assert [digest for _, digest in turned] == ["sha-c", "sha-a", "sha-b", "sha-a"]
    assert [capture.at for capture, _ in turned][-1] == now
    assert [digest for _, digest in await competitors.versions(URL, since=now + timedelta(hours=3), limit=1)] == [
        "sha-c"
    ]
    hours = [now + timedelta(hours=n) for n in (2, 4)]
    assert len(await competitors.captures(URL, since=hours[0], until=hours[1])) == 2
    assert await competitors.captures(URL, states=["wall"]) == []


async def test_changes(competitors: Competitors, now: datetime) -> None:
    await competitors.put_page(page(now))
    observed = [
        seen(now, text, hours=n).model_copy(update={"change": change(now, str(n), text, hours=n, effect=f"e_{n}")})
        for n, text in enumerate(["a", "b", "c"])
    ]
    made = await competitors.record(observed)
    found = await competitors.changes()
    assert [entry.after for entry in found] == ["sha-c", "sha-b", "sha-a"]
    assert found[0] == made[2]
    assert found[0].facts == [{"kind": "price", "by": 2}]
    assert not found[0].label.trusted
    assert await competitors.change(made[1].id) == made[1]
    assert await competitors.change("c_none") is None
    assert len(await competitors.changes(competitors=["RealPage"], aspect="product_updates", since=now)) == 3
    assert await competitors.changes(competitors=["EliseAI"]) == []
    assert await competitors.changes(competitors=[]) == []
    assert len(await competitors.changes(url=URL, until=now + timedelta(hours=2), limit=1)) == 1
    assert len(await competitors.changes(effect="e_1")) == 1
    assert await competitors.mark_alert([made[0].id, "c_none"], "sent") == 1
    assert await competitors.set_cluster([made[0].id, made[1].id], "k_1") == 2
    assert {entry.alert for entry in await competitors.changes(cluster="k_1")} == {"sent", "none"}


async def test_feedback(competitors: Competitors, now: datetime) -> None:
    first = await competitors.add_feedback("c_1", URL, "noise", "ann", now, {"kind": "banner"})
    await competitors.add_feedback("c_2", "https://a.example/", "useful", "bob", now)
    assert await competitors.feedback(URL) == [first]
    assert await competitors.retract_feedback(first.id)
    assert not await competitors.retract_feedback(first.id)
    assert await competitors.feedback(URL) == []
    assert [entry.retracted for entry in await competitors.feedback(URL, include_retracted=True)] == [True]
    with pytest.raises(NotFound):
        await competitors.retract_feedback("f_none")


async def test_thinning_keeps_what_is_cited_and_the_last_two(competitors: Competitors, now: datetime) -> None:
    await competitors.put_page(page(now))
    year = 24 * 365
    cited = seen(now, "v5", hours=5).model_copy(update={"change": change(now, "v3", "v5")})
    await competitors.record([seen(now, f"v{n}", hours=n) for n in range(5)])
    await competitors.record([cited, *(seen(now, f"v{n}", hours=n) for n in range(6, 12))])
    dropped = await competitors.thin(now + timedelta(hours=year))
    kept = [n for n in range(12) if await competitors.version(f"sha-v{n}")]
    assert kept == [3, 5, 10, 11]
    assert dropped == 8
    assert len(await competitors.captures(URL)) == 12
    assert await competitors.thin(now + timedelta(hours=year)) == 0


async def test_thinning_keeps_one_a_day_then_one_a_month(competitors: Competitors, now: datetime) -> None:
    await competitors.put_page(page(now))
    await competitors.record([seen(now, f"v{n}", hours=12 * n) for n in range(240)])  # 120 days
    await competitors.thin(now + timedelta(days=120))
    month_ago = sum([await competitors.version(f"sha-v{n}") is not None for n in range(182, 240)])
    earlier = sum([await competitors.version(f"sha-v{n}") is not None for n in range(180)])
    assert month_ago == 58
    assert earlier in (90, 91)
    await competitors.thin(now + timedelta(days=500))
    assert sum([await competitors.version(f"sha-v{n}") is not None for n in range(240)]) in (5, 6, 7)


async def test_a_sweep_of_300_unchanged_pages_is_quick_and_small(tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "sophia.db"
    urls = [f"https://competitor-{n}.example/some/page/of/theirs" for n in range(300)]
    async with await Database.open(path) as database:
        competitors = Competitors(database)
        for url in urls:
            await competitors.put_page(page(now, url))
        await competitors.record([seen(now, f"text of {url}", url=url, effect="e_0") for url in urls])
        before = _bytes_used(path)
        sweeps = 10
        begun = time.process_time()
        for sweep in range(1, sweeps + 1):
            at = now + timedelta(hours=4 * sweep)
            standing = await competitors.standing(urls)
            assert len(standing) == 300
            await competitors.record([_unchanged(url, at, f"e_{sweep}") for url in urls])
        assert (time.process_time() - begun) / sweeps < 0.2
        assert (_bytes_used(path) - before) / (sweeps * 300) < 200


def _unchanged(url: str, at: datetime, effect: str) -> Observation:
    capture = Capture(
        url=url, at=at, state="unchanged", version=f"sha-text of {url}", status=304, etag='"1"', last_modified="Mon",
        final_url=url, millis=87, size=0, effect=effect,
    )  # fmt: skip
    return Observation(capture=capture, etag='"1"', last_modified="Mon")


def _bytes_used(path: Path) -> int:
    connection = sqlite3.connect(path)
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    connection.close()
    return int((pages - free) * size)


async def test_hosts(database: Database, now: datetime) -> None:
    hosts = Hosts(database)
    assert await hosts.get("a.example") is None
    waits = [await hosts.reserve("a.example", now=now, per_second=2, burst=2) for _ in range(4)]
    assert waits == pytest.approx([0, 0, 0.5, 1.0])
    assert await hosts.reserve("a.example", now=now + timedelta(minutes=1), per_second=2, burst=2) == 0
    await hosts.put("a.example", {"robots": "User-agent: *\n" * 1000, "until": "2026"})
    await hosts.put("b.example", {"breaker": "open"})
    assert (await hosts.get("a.example") or {})["until"] == "2026"
    assert await hosts.get("b.example") == {"breaker": "open"}


async def test_bookings_side_by_side_never_share_a_place(database: Database, now: datetime) -> None:
    hosts = Hosts(database)
    waits = await asyncio.gather(*(hosts.reserve("a.example", now=now, per_second=10, burst=1) for _ in range(20)))
    assert sorted(waits) == pytest.approx([n / 10 for n in range(20)])
