from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from memory.audit import Audit
from memory.errors import GrantUnusable, NotFound
from memory.grants import Grant, Grants
from memory.ledger import Ledger, PermitRow


async def grant(grants: Grants, now: datetime, **more) -> Grant:
    values = {
        "tool": "notify",
        "destination": "#competitive-intel",
        "template": "{competitor} changed {aspect}",
        "owner": "ann",
        "uses": 3,
        "window": timedelta(hours=1),
        "expires_at": now + timedelta(days=30),
        "arguments": {"channel": "#competitive-intel"},
        **more,
    }
    return await grants.create(now=now, **values)


async def use(ledger: Ledger, grant: Grant, now: datetime, step: str, **more) -> PermitRow:
    arguments = {"channel": "#competitive-intel", "content": "x", **more.pop("arguments", {})}
    tool = more.pop("tool", "notify")
    bound = {"kinds": more.pop("kinds", [])}
    return await ledger.mint("t_1", step, tool, arguments, step, "", bound, grant=grant.id, now=now)


async def test_a_grant_covers_exactly_its_tool_and_destination(grants: Grants, now: datetime) -> None:
    made = await grant(grants, now)
    assert await grants.get(made.id) == made
    assert await grants.list(now) == [made]
    assert await grants.covering("notify", "#competitive-intel", now) == [made]
    assert await grants.covering("notify", "#ops", now) == []
    assert await grants.covering("stack_repair", "#competitive-intel", now) == []
    assert await grants.covering("notify", "#competitive-intel", now + timedelta(days=30)) == []
    with pytest.raises(NotFound):
        await grants.get("g_none")


async def test_revoking_takes_one_step(grants: Grants, ledger: Ledger, audit: Audit, now: datetime) -> None:
    made = await grant(grants, now)
    assert await grants.revoke(made.id, "bob", now)
    assert not await grants.revoke(made.id, "bob", now)
    assert await grants.list(now) == []
    assert [found.revoked_by for found in await grants.list(now, active=False)] == ["bob"]
    with pytest.raises(GrantUnusable, match="revoked"):
        await use(ledger, made, now, "s1")
    assert [entry.kind for entry in await audit.entries()] == [
        "grant.created",
        "grant.revoked",
        "effect.refused",
    ]
    with pytest.raises(NotFound):
        await grants.revoke("g_none", "bob", now)


async def test_the_rate_holds(grants: Grants, ledger: Ledger, now: datetime) -> None:
    made = await grant(grants, now)
    for n in range(3):
        await use(ledger, made, now + timedelta(minutes=n), f"s{n}")
    with pytest.raises(GrantUnusable, match="used up"):
        await use(ledger, made, now + timedelta(minutes=59), "s4")
    assert await grants.covering("notify", "#competitive-intel", now + timedelta(minutes=59)) == []
    assert await ledger.find("t_1", "s4", "s4") is None
    await use(ledger, made, now + timedelta(minutes=60), "s4")


async def test_the_rate_holds_for_uses_side_by_side(grants: Grants, ledger: Ledger, now: datetime) -> None:
    made = await grant(grants, now)
    outcomes = await asyncio.gather(*(use(ledger, made, now, f"s{n}") for n in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, PermitRow) for outcome in outcomes) == 3
    assert sum(isinstance(outcome, GrantUnusable) for outcome in outcomes) == 5


async def test_a_grant_is_for_nothing_else(grants: Grants, ledger: Ledger, now: datetime) -> None:
    made = await grant(grants, now)
    with pytest.raises(GrantUnusable, match="it is for notify"):
        await use(ledger, made, now, "s1", tool="stack_destroy")
    with pytest.raises(GrantUnusable, match="arguments are others"):
        await use(ledger, made, now, "s1", arguments={"channel": "#elsewhere"})
    with pytest.raises(GrantUnusable, match="expired"):
        await use(ledger, made, now + timedelta(days=30), "s1")
    with pytest.raises(GrantUnusable, match="no grant"):
        await use(ledger, made.model_copy(update={"id": "g_none"}), now, "s1")
    assert await ledger.pending() == []


async def test_a_grant_is_for_its_kinds_of_change_alone(grants: Grants, ledger: Ledger, now: datetime) -> None:
    made = await grant(grants, now, kinds=["tags", "Service.version", "Topic"])
    assert (await grants.get(made.id)).kinds == ["tags", "Service.version", "Topic"]
    await use(ledger, made, now, "s1", kinds=["Bucket.tags", "Service.version", "Topic.gone"])
    for step, kind in enumerate(["Service.tag", "Service.gone", "the same came back 3 times", "tags"]):
        with pytest.raises(GrantUnusable, match=f"it isn't for {kind}"):
            await use(ledger, made, now, f"n{step}", kinds=["Bucket.tags", kind])
    without = await grant(grants, now)
    with pytest.raises(GrantUnusable, match=r"it isn't for Bucket\.tags"):
        await use(ledger, without, now, "s2", kinds=["Bucket.tags"])


async def test_the_grant_of_an_effect_is_made_once(grants: Grants, audit: Audit, now: datetime) -> None:
    made = await asyncio.gather(*(grant(grants, now + timedelta(seconds=n), effect="e_1") for n in range(5)))
    assert len(await grants.list(now)) == 1
    assert {found.id for found in made} == {made[0].id}
    assert (await grant(grants, now, effect="e_2")).id != made[0].id
    assert [entry.kind for entry in await audit.entries()] == ["grant.created"] * 2
