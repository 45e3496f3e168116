from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from memory.approvals import Approval, Approvals, ApprovalStatus
from memory.audit import Audit
from memory.errors import AlreadyDecided, Expired, NotFound, RecordError, SamePerson


async def ask(approvals: Approvals, now: datetime, *, people: int = 1, digest: str = "d1", **more) -> Approval:
    values = {"turn": "t_1", "step": "s1", "tool": "stack_up", "arguments": {"stack": "dev"}, **more}
    return await approvals.create(
        digest=digest, card={"title": "Deploy dev"}, people=people, requested_by="ann", role="approver",
        binding={"covers": ["stack_rollback"]}, expires_at=now + timedelta(hours=1), now=now, audience="#ops", **values,
    )  # fmt: skip


async def test_one_person_approves(approvals: Approvals, audit: Audit, now: datetime) -> None:
    asked = await ask(approvals, now)
    assert await approvals.get(asked.id) == asked
    assert await approvals.waiting() == [asked]
    decided = await approvals.decide(asked.id, "bob", True, "looks right", now + timedelta(minutes=1))
    assert decided.status is ApprovalStatus.APPROVED
    assert [(vote.person, vote.approve, vote.reason) for vote in decided.votes] == [("bob", True, "looks right")]
    assert await approvals.get(asked.id) == decided
    assert await approvals.waiting() == []
    logged = await audit.entries()
    assert [(entry.kind, entry.actor, entry.stack) for entry in logged] == [
        ("approval.asked", "ann", "dev"),
        ("approval.approved", "bob", "dev"),
    ]


async def test_two_different_people_approve(approvals: Approvals, audit: Audit, now: datetime) -> None:
    asked = await ask(approvals, now, people=2)
    half = await approvals.decide(asked.id, "bob", True, "", now)
    assert half.status is ApprovalStatus.WAITING
    with pytest.raises(SamePerson, match="a second person"):
        await approvals.decide(asked.id, "bob", True, "again", now)
    whole = await approvals.decide(asked.id, "carol", True, "", now)
    assert whole.status is ApprovalStatus.APPROVED
    assert [vote.person for vote in whole.votes] == ["bob", "carol"]
    assert [entry.kind for entry in await audit.entries()] == ["approval.asked", "approval.voted", "approval.approved"]


async def test_one_no_denies(approvals: Approvals, now: datetime) -> None:
    asked = await ask(approvals, now, people=2)
    await approvals.decide(asked.id, "bob", True, "", now)
    denied = await approvals.decide(asked.id, "carol", False, "not today", now)
    assert denied.status is ApprovalStatus.DENIED
    with pytest.raises(AlreadyDecided, match="denied already"):
        await approvals.decide(asked.id, "dave", True, "", now)


async def test_votes_side_by_side_count_once_each(approvals: Approvals, now: datetime) -> None:
    asked = await ask(approvals, now, people=2)
    people = ["bob", "bob", "carol", "dave", "bob"]
    outcomes = await asyncio.gather(
        *(approvals.decide(asked.id, person, True, "", now) for person in people), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, RecordError)]
    assert len(refused) == 3
    found = await approvals.get(asked.id)
    assert found.status is ApprovalStatus.APPROVED
    assert len({vote.person for vote in found.votes}) == 2


async def test_too_late(approvals: Approvals, now: datetime) -> None:
    asked = await ask(approvals, now)
    with pytest.raises(Expired, match="asked for again"):
        await approvals.decide(asked.id, "bob", True, "", now + timedelta(hours=1))
    assert (await approvals.get(asked.id)).status is ApprovalStatus.EXPIRED


async def test_what_is_late_is_closed(approvals: Approvals, audit: Audit, now: datetime) -> None:
    late = await ask(approvals, now)
    approved = await ask(approvals, now, step="s2")
    await approvals.decide(approved.id, "bob", True, "", now)
    await ask(approvals, now + timedelta(hours=1), step="s3")
    assert await approvals.expire(now) == []
    closed = await approvals.expire(now + timedelta(hours=1))
    assert {approval.id for approval in closed} == {late.id, approved.id}
    assert [approval.step for approval in await approvals.waiting()] == ["s3"]
    assert [entry.kind for entry in await audit.entries()][-2:] == ["approval.expired"] * 2


async def test_asking_the_same_again_asks_nobody_twice(approvals: Approvals, now: datetime) -> None:
    asked = await ask(approvals, now)
    assert await ask(approvals, now + timedelta(minutes=1)) == asked
    decided = await approvals.decide(asked.id, "bob", True, "", now)
    assert await ask(approvals, now) == decided
    afterwards = await ask(approvals, now + timedelta(hours=2))
    assert afterwards.id != asked.id


async def test_something_else_for_the_same_step_takes_its_place(approvals: Approvals, now: datetime) -> None:
    asked = await ask(approvals, now)
    changed = await ask(approvals, now, digest="d2")
    assert (await approvals.get(asked.id)).status is ApprovalStatus.SUPERSEDED
    with pytest.raises(AlreadyDecided, match="isn't asked for any more"):
        await approvals.decide(asked.id, "bob", True, "", now)
    assert await approvals.waiting("#ops") == [changed]
    assert await approvals.waiting("#other") == []
    assert await approvals.supersede("t_1", "s1", now) == 1
    assert await approvals.supersede("t_1", "s1", now) == 0
    assert {approval.id for approval in await approvals.of_turn("t_1")} == {asked.id, changed.id}


async def test_an_approval_that_is_not_there(approvals: Approvals, now: datetime) -> None:
    with pytest.raises(NotFound, match="a_none"):
        await approvals.get("a_none")
    with pytest.raises(NotFound):
        await approvals.decide("a_none", "bob", True, "", now)
