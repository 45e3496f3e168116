from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from memory.approvals import Approval, Approvals, ApprovalStatus
from memory.audit import Audit
from memory.database import Database
from memory.effects import EffectStatus, PermitRow
from memory.errors import AlreadyDone, ApprovalUnusable, InFlight, NotFound, PermitRefused, WrongEpoch
from memory.labels import INTERNAL, Envelope, Provenance
from memory.ledger import Ledger
from memory.new_epoch import begin_in
from memory.results import Results

ARGUMENTS = {"stack": "dev"}


def envelope(now: datetime, value="done") -> Envelope:
    return Envelope(value=value, label=INTERNAL, provenance=Provenance.observed("pulumi:dev", now, "pulumi up"))


async def approved(approvals: Approvals, now: datetime, *, people: int = 1, **more) -> Approval:
    values = {"turn": "t_1", "step": "s1", "tool": "stack_up", "digest": "all that is bound", **more}
    asked = await approvals.create(
        arguments=ARGUMENTS, card=None, people=people, requested_by="ann", role="approver",
        binding={"covers": ["stack_rollback"]}, expires_at=now + timedelta(hours=1), now=now, **values,
    )  # fmt: skip
    for person in ("bob", "carol")[:people]:
        asked = await approvals.decide(asked.id, person, True, "", now)
    return asked


async def mint(ledger: Ledger, now: datetime, **more) -> PermitRow:
    values = {"turn": "t_1", "step": "s1", "tool": "stack_up", "arguments": ARGUMENTS, "digest": "d1", **more}
    return await ledger.mint(state_version="v7", bound={"plan": "p"}, now=now, **values)


async def test_an_effect_from_approval_to_result(
    database: Database, approvals: Approvals, ledger: Ledger, audit: Audit, now: datetime
) -> None:
    approval = await approved(approvals, now)
    permit = await mint(ledger, now, approval=approval.id, approval_digest=approval.digest)
    assert (await approvals.get(approval.id)).status is ApprovalStatus.USED
    assert [effect.status for effect in await ledger.pending("t_1")] == [EffectStatus.INTENDED]
    await ledger.redeem(permit.id, permit.token, tool="stack_up")
    started = await ledger.get(permit.id)
    assert started.status is EffectStatus.STARTED
    assert started.started_at is not None
    assert (started.bound, started.state_version, started.arguments) == ({"plan": "p"}, "v7", ARGUMENTS)
    ref = await ledger.finish(permit.id, envelope(now), now, verification={"ok": True})
    assert await Results(database).get(ref) == envelope(now)
    assert await Results(database).of_turn("t_1") == {"s1": (ref,)}
    done = await ledger.find("t_1", "s1", "d1")
    assert done is not None
    assert (done.status, done.result, done.verification) == (EffectStatus.DONE, ref, {"ok": True})
    assert await ledger.pending() == []
    assert await ledger.of_turn("t_1") == [done]
    assert [entry.kind for entry in await audit.entries(stack="dev")][-2:] == ["effect.intended", "effect.done"]
    assert (await audit.verify()).ok


async def test_a_permit_is_redeemed_once(ledger: Ledger, now: datetime) -> None:
    permit = await mint(ledger, now)
    outcomes = await asyncio.gather(
        *(ledger.redeem(permit.id, permit.token, tool="stack_up") for _ in range(8)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, PermissionError) for outcome in outcomes) == 7


async def test_a_permit_is_for_its_tool_and_its_token(ledger: Ledger, now: datetime) -> None:
    permit = await mint(ledger, now)
    with pytest.raises(PermitRefused, match="is for stack_up, not for stack_destroy"):
        await ledger.redeem(permit.id, permit.token, tool="stack_destroy")
    with pytest.raises(PermitRefused, match="No permit"):
        await ledger.redeem(permit.id, "guessed", tool="stack_up")
    with pytest.raises(PermitRefused, match="No permit"):
        await ledger.redeem("e_none", permit.token, tool="stack_up")
    await ledger.redeem(permit.id, permit.token, tool="stack_up")
    with pytest.raises(PermitRefused, match="redeemed before"):
        await ledger.redeem(permit.id, permit.token, tool="stack_up")


async def test_the_database_does_not_hold_the_token(ledger: Ledger, database: Database, now: datetime) -> None:
    permit = await mint(ledger, now)
    if isinstance(database.location, Path):
        stored = b"".join(path.read_bytes() for path in database.location.parent.glob("sophia.db*"))
        assert permit.id.encode() in stored
        assert permit.token.encode() not in stored


@pytest.mark.parametrize(
    "wrong, why",
    [
        ({"approval_digest": "something else"}, "differs from what was approved"),
        ({"approval_digest": None}, "differs from what was approved"),
        ({"tool": "stack_destroy"}, "another step"),
        ({"step": "s2"}, "another step"),
        ({"turn": "t_2"}, "another step"),
        ({"late": timedelta(hours=1)}, "expired"),
        ({"approval": "a_none"}, "no approval"),
    ],
)
async def test_an_approval_covers_nothing_else(
    approvals: Approvals, ledger: Ledger, audit: Audit, now: datetime, wrong: dict, why: str
) -> None:
    approval = await approved(approvals, now)
    before = len(await audit.entries())
    values = {"approval": approval.id, "approval_digest": approval.digest, **wrong}
    with pytest.raises(ApprovalUnusable, match=why):
        await mint(ledger, now + values.pop("late", timedelta()), **values)
    assert (await approvals.get(approval.id)).status is ApprovalStatus.APPROVED
    assert await ledger.pending() == []
    (refusal,) = (await audit.entries())[before:]
    assert refusal.kind == "effect.refused"
    assert why in refusal.payload["why"]


async def test_an_approval_is_used_once(approvals: Approvals, ledger: Ledger, now: datetime) -> None:
    approval = await approved(approvals, now)
    outcomes = await asyncio.gather(
        *(mint(ledger, now, approval=approval.id, approval_digest=approval.digest, digest=f"d{n}") for n in range(6)),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, PermitRow) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ApprovalUnusable) for outcome in outcomes) == 5


@pytest.mark.parametrize("decision", ["waiting", "half", "denied", "superseded"])
async def test_what_is_not_approved_is_unusable(
    approvals: Approvals, ledger: Ledger, now: datetime, decision: str
) -> None:
    asked = await approvals.create(
        "t_1", "s1", "stack_up", ARGUMENTS, "d", None, 2, "ann", "approver", None, now + timedelta(hours=1), now
    )
    if decision == "half":
        await approvals.decide(asked.id, "bob", True, "", now)
    if decision == "denied":
        await approvals.decide(asked.id, "bob", False, "", now)
    if decision == "superseded":
        await approvals.supersede("t_1", "s1", now)
    with pytest.raises(ApprovalUnusable, match=r"it is (waiting|denied|superseded)"):
        await mint(ledger, now, approval=asked.id, approval_digest="d")


async def test_nothing_is_made_twice(ledger: Ledger, now: datetime) -> None:
    permit = await mint(ledger, now)
    for status in ("intended", "started", "unknown"):
        with pytest.raises(InFlight, match=status) as raised:
            await mint(ledger, now)
        assert raised.value.effect.id == permit.id  # type: ignore[attr-defined]
        if status == "intended":
            await ledger.redeem(permit.id, permit.token, tool="stack_up")
        else:
            await ledger.unknown(permit.id, "Is the database there?", now)
    ref = await ledger.finish(permit.id, envelope(now), now)
    with pytest.raises(AlreadyDone) as done:
        await mint(ledger, now)
    assert done.value.effect.result == ref  # type: ignore[attr-defined]
    assert await ledger.finish(permit.id, envelope(now, "another result"), now) == ref


async def test_minting_at_once_mints_once(ledger: Ledger, now: datetime) -> None:
    outcomes = await asyncio.gather(*(mint(ledger, now) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(outcome, PermitRow) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, InFlight) for outcome in outcomes) == 5


async def test_what_failed_is_attempted_again_under_its_id(ledger: Ledger, now: datetime) -> None:
    permit = await mint(ledger, now)
    await ledger.redeem(permit.id, permit.token, tool="stack_up")
    await ledger.fail(permit.id, "the disk was full", now)
    failed = await ledger.get(permit.id)
    assert (failed.status, failed.problem) == (EffectStatus.FAILED, "the disk was full")
    with pytest.raises(PermitRefused):
        await ledger.redeem(permit.id, permit.token, tool="stack_up")
    again = await mint(ledger, now)
    assert (again.id, again.attempt) == (permit.id, 2)
    assert again.token != permit.token
    with pytest.raises(PermitRefused, match="No permit"):
        await ledger.redeem(permit.id, permit.token, tool="stack_up")
    await ledger.redeem(again.id, again.token, tool="stack_up")


async def test_reconciliation_mints_a_new_token(ledger: Ledger, audit: Audit, now: datetime) -> None:
    permit = await mint(ledger, now)
    await ledger.redeem(permit.id, permit.token, tool="stack_up")
    again = await ledger.mint_again(permit.id, now)
    assert (again.id, again.attempt) == (permit.id, 2)
    with pytest.raises(PermitRefused):
        await ledger.redeem(permit.id, permit.token, tool="stack_up")
    await ledger.redeem(again.id, again.token, tool="stack_up")
    await ledger.finish(again.id, envelope(now), now)
    with pytest.raises(ValueError, match="is done and can't be attempted again"):
        await ledger.mint_again(again.id, now)
    assert [entry.kind for entry in await audit.entries()] == [
        "effect.intended",
        "effect.again",
        "permit.refused",
        "effect.done",
    ]


async def test_what_the_world_does_not_tell_is_asked(ledger: Ledger, now: datetime) -> None:
    permit = await mint(ledger, now)
    await ledger.unknown(permit.id, "Is the database there?", now)
    asked = await ledger.get(permit.id)
    assert (asked.status, asked.problem) == (EffectStatus.UNKNOWN, "Is the database there?")
    assert [effect.id for effect in await ledger.pending("t_1")] == [permit.id]
    assert await ledger.pending("t_2") == []
    with pytest.raises(PermitRefused):
        await ledger.redeem(permit.id, permit.token, tool="stack_up")


async def test_the_approval_covers_the_rollback_of_the_same_deploy(
    approvals: Approvals, ledger: Ledger, now: datetime
) -> None:
    approval = await approved(approvals, now)
    deploy = await mint(ledger, now, approval=approval.id, approval_digest=approval.digest)
    await ledger.redeem(deploy.id, deploy.token, tool="stack_up")
    await ledger.finish(deploy.id, envelope(now), now)
    undo = {"step": "s1.undo", "digest": "u", "undo_of": deploy.id}
    with pytest.raises(ApprovalUnusable, match="doesn't cover stack_destroy"):
        await mint(ledger, now, tool="stack_destroy", **undo)
    with pytest.raises(ApprovalUnusable, match="covers no undo"):
        await mint(ledger, now, tool="stack_rollback", turn="t_2", **undo)
    rollback = await mint(ledger, now, tool="stack_rollback", **undo)
    await ledger.redeem(rollback.id, rollback.token, tool="stack_rollback")
    await ledger.finish(rollback.id, envelope(now), now)
    await ledger.undone(deploy.id, now, by=rollback.id)
    await ledger.undone(deploy.id, now, by=rollback.id)
    assert (await ledger.get(deploy.id)).status is EffectStatus.UNDONE
    with pytest.raises(ApprovalUnusable, match="covers no undo"):
        await mint(ledger, now, tool="stack_rollback", step="s1.undo2", digest="u2", undo_of=deploy.id)
    with pytest.raises(AlreadyDone):
        await mint(ledger, now)
    with pytest.raises(ValueError, match="can't be finished"):
        await ledger.finish(deploy.id, envelope(now), now)


async def test_what_is_not_there(ledger: Ledger, now: datetime) -> None:
    assert await ledger.find("t_1", "s1", "d1") is None
    for call in (
        ledger.get("e_none"),
        ledger.finish("e_none", envelope(now), now),
        ledger.fail("e_none", "", now),
        ledger.mint_again("e_none", now),
        ledger.undone("e_none", now),
    ):
        with pytest.raises(NotFound):
            await call


async def test_nothing_in_flight_survives_a_restore(
    database: Database, ledger: Ledger, audit: Audit, now: datetime
) -> None:
    assert await ledger.epoch() == 1
    permit = await mint(ledger, now)

    def restore(connection: Connection) -> None:
        with begin_in(connection, audit, "restored from backup", now):
            """Nothing is replaced."""

    await database.write(restore)
    assert await ledger.epoch() == 2
    with pytest.raises(WrongEpoch, match="before a restore"):
        await ledger.redeem(permit.id, permit.token, tool="stack_up")
    assert [effect.id for effect in await ledger.pending()] == [permit.id]
    again = await ledger.mint_again(permit.id, now)
    await ledger.redeem(again.id, again.token, tool="stack_up")
    begun = (await audit.entries(kinds=["epoch.started"]))[0].payload
    assert (begun["epoch"], begun["why"]) == (2, "restored from backup")
