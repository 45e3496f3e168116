from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from memory.audit import Audit
from memory.competitors import Competitors, Page
from memory.database import Database
from memory.grants import Grant, Grants, grant_of
from memory.watches import Watches

URL = "https://rival.example/pricing"


@pytest.fixture
def watches(database: Database, audit: Audit) -> Watches:
    return Watches(database, audit)


@pytest.fixture
def competitors(database: Database) -> Competitors:
    return Competitors(database)


def page(now: datetime, **more) -> Page:
    return Page(url=URL, competitor="Rival", aspect="pricing", proposed_by="ann", added_at=now, **more)


def grant(now: datetime, effect: str, destination: str = "#intel") -> Grant:
    return Grant(
        id=grant_of(effect),
        tool="notify",
        destination=destination,
        template="{summary}",
        owner="ann",
        uses=20,
        window_seconds=86_400,
        created_at=now,
        expires_at=now + timedelta(days=365),
    )


async def test_a_watch_gone_on_with_by_several_makes_one_grant(
    watches: Watches, competitors: Competitors, grants: Grants, audit: Audit, now: datetime
) -> None:
    begun = await asyncio.gather(*(watches.begin(page(now), grant(now, "e_1"), now) for _ in range(6)))
    await watches.begin(page(now), grant(now, "e_1"), now + timedelta(minutes=1))
    (standing,) = await grants.list(now, active=False)
    assert {each.grant for each in begun} == {standing.id}
    stored = await competitors.page(URL)
    assert stored is not None
    assert stored.grant == standing.id
    assert [entry.kind for entry in await audit.entries()] == ["grant.created"]


async def test_of_several_watches_side_by_side_one_grant_stands_and_it_is_the_pages(
    watches: Watches, competitors: Competitors, grants: Grants, now: datetime
) -> None:
    await asyncio.gather(*(watches.begin(page(now), grant(now, f"e_{n}"), now) for n in range(6)))
    (standing,) = await grants.list(now)
    stored = await competitors.page(URL)
    assert stored is not None
    assert stored.grant == standing.id


@pytest.mark.parametrize("destination", ["#intel", "#elsewhere", None])
async def test_a_watch_that_takes_anothers_place_ends_its_grant(
    watches: Watches, grants: Grants, audit: Audit, now: datetime, destination: str | None
) -> None:
    await watches.begin(page(now), grant(now, "e_1"), now)
    await watches.begin(page(now), grant(now, "e_2", destination) if destination else None, now)
    assert [each.destination for each in await grants.list(now)] == ([destination] if destination else [])
    ended = [entry for entry in await audit.entries() if entry.kind == "grant.revoked"]
    assert [entry.payload["grant"] for entry in ended] == [grant_of("e_1")]


async def test_a_revoked_grant_isnt_made_again_by_going_on(watches: Watches, grants: Grants, now: datetime) -> None:
    begun = await watches.begin(page(now), grant(now, "e_1"), now)
    await grants.revoke(begun.grant, "bob", now)
    assert (await watches.begin(page(now), grant(now, "e_1"), now)).grant == begun.grant
    assert await grants.list(now) == []


async def test_page_and_grant_end_together(
    watches: Watches, competitors: Competitors, grants: Grants, now: datetime
) -> None:
    begun = await watches.begin(page(now), grant(now, "e_1"), now)
    assert await watches.end(begun, "ann", now) == begun.grant
    assert await grants.list(now) == []
    assert await competitors.pages(active=True) == []
