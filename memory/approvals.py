"""Approvals: records of what a person was asked and what they decided, bound by digest to what may then happen once.

An approval waits, then is approved (when enough different people said yes), denied (by one no), superseded or
expired; an approved one becomes used in the transaction that mints the permit (see `memory.ledger`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update

from memory.approval_rows import (
    Approval,
    ApprovalStatus,
    Delegation,
    Vote,
    approvals,
    delegations,
    one_approval,
    read_approvals,
    votes,
)
from memory.audit import Audit, NewEntry
from memory.database import Database
from memory.errors import AlreadyDecided, ApprovalUnusable, Expired, NotFound, SamePerson
from memory.schema import new_id

__all__ = ["Approval", "ApprovalStatus", "Approvals", "Delegation", "Vote", "consume_approval"]

_SET = update(approvals).where(approvals.c.id == bindparam("this"))


class Approvals:
    """The store of approvals. Every change of one is logged in the same transaction."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    async def create(  # noqa: PLR0913 - an approval binds this many things
        self,
        turn: str,
        step: str,
        tool: str,
        arguments: dict[str, JsonValue],
        digest: str,
        card: JsonValue,
        people: int,
        requested_by: str,
        role: str,
        binding: JsonValue,
        expires_at: datetime,
        now: datetime,
        *,
        audience: str = "",
    ) -> Approval:
        """Ask. The same turn, step and digest asked again gives back the one that waits or is approved.

        Others of the same step that wait, or are approved and not used, are superseded: they were for something else.
        """
        asked = Approval(
            id=new_id("a"),
            turn=turn,
            step=step,
            tool=tool,
            arguments=arguments,
            digest=digest,
            card=card,
            people=people,
            requested_by=requested_by,
            role=role,
            binding=binding,
            audience=audience,
            status=ApprovalStatus.WAITING,
            created_at=now,
            expires_at=expires_at,
        )
        return await self._database.write(lambda c: self._create(c, asked, now), durable=True)

    def _create(self, connection: Connection, asked: Approval, now: datetime) -> Approval:
        open_ones = read_approvals(
            connection,
            select(approvals).where(
                approvals.c.turn == asked.turn,
                approvals.c.step == asked.step,
                approvals.c.status.in_([ApprovalStatus.WAITING, ApprovalStatus.APPROVED]),
            ),
        )
        for other in open_ones:
            if other.digest == asked.digest and other.expires_at > now:
                return other
        for other in open_ones:
            self._move(connection, other, ApprovalStatus.SUPERSEDED, "sophia", now)
        connection.execute(insert(approvals), asked.model_dump(exclude={"votes", "delegations"}))
        payload: dict[str, JsonValue] = {"arguments": asked.arguments, "people": asked.people, "role": asked.role}
        self._log(connection, "asked", asked, asked.requested_by, now, payload)
        return asked

    async def get(self, approval_id: str) -> Approval:
        """The approval with this id. Raises NotFound."""
        return await self._database.read(lambda c: one_approval(c, approval_id))

    async def waiting(self, audience: str | None = None) -> list[Approval]:
        """Those that wait, of one audience or of all, oldest first. Call `expire` first to drop those that are late."""
        query = select(approvals).where(approvals.c.status == ApprovalStatus.WAITING)
        if audience is not None:
            query = query.where(approvals.c.audience == audience)
        return await self._database.read(lambda c: read_approvals(c, query))

    async def of_turn(self, turn: str) -> list[Approval]:
        """All of a turn, oldest first."""
        return await self._database.read(lambda c: read_approvals(c, select(approvals).where(approvals.c.turn == turn)))

    async def decide(self, approval_id: str, person: str, approve: bool, reason: str, now: datetime) -> Approval:
        """Count one person's vote. That the person has the role is the caller's to check.

        Raises NotFound, AlreadyDecided, SamePerson when this person voted before, and Expired (which is stored then).
        """
        decided = await self._database.write(
            lambda c: self._decide(c, approval_id, Vote(person=person, approve=approve, reason=reason, at=now)),
            durable=True,
        )
        if decided.status is ApprovalStatus.EXPIRED:
            raise Expired(
                f"{approval_id} expired at {decided.expires_at:%Y-%m-%d %H:%M} UTC; it must be asked for again."
            )
        return decided

    def _decide(self, connection: Connection, approval_id: str, vote: Vote) -> Approval:
        approval = one_approval(connection, approval_id, lock=True)
        if approval.status is not ApprovalStatus.WAITING:
            raise AlreadyDecided(f"{approval_id} {_how_it_ended(approval)}; nothing was changed.")
        if approval.expires_at <= vote.at:
            return self._move(connection, approval, ApprovalStatus.EXPIRED, "sophia", vote.at)
        if any(earlier.person == vote.person for earlier in approval.votes):
            raise SamePerson(f"{vote.person} has approved {approval_id} already; a second person must.")
        connection.execute(insert(votes), {"approval": approval_id, **dict(vote)})
        approval = approval.model_copy(update={"votes": (*approval.votes, vote)})
        if not vote.approve:
            return self._move(connection, approval, ApprovalStatus.DENIED, vote.person, vote.at, vote.reason)
        if len(approval.votes) >= approval.people:
            return self._move(connection, approval, ApprovalStatus.APPROVED, vote.person, vote.at, vote.reason)
        self._log(connection, "voted", approval, vote.person, vote.at, {"reason": vote.reason})
        return approval

    async def delegate(self, approval_id: str, person: str, to: str, now: datetime) -> Approval:
        """Write down that `person` leaves the decision to `to`; the last word counts. Roles are the caller's to check.

        Raises NotFound, AlreadyDecided, and SamePerson when one of the two has voted.
        """

        def work(connection: Connection) -> Approval:
            approval = one_approval(connection, approval_id, lock=True)
            if approval.status is not ApprovalStatus.WAITING or approval.expires_at <= now:
                raise AlreadyDecided(f"{approval_id} doesn't wait any more; nothing was changed.")
            for vote in approval.votes:
                if vote.person in (person, to):
                    raise SamePerson(f"{vote.person} has decided {approval_id} already.")
            of_person = (delegations.c.approval == approval_id) & (delegations.c.person == person)
            connection.execute(delete(delegations).where(of_person))
            connection.execute(insert(delegations), {"approval": approval_id, "person": person, "to": to, "at": now})
            self._log(connection, "delegated", approval, person, now, {"to": to})
            return one_approval(connection, approval_id)

        return await self._database.write(work, durable=True)

    async def supersede(self, turn: str, step: str, now: datetime) -> int:
        """Close what waits, or is approved and unused, for this step, as something else takes its place; how many."""
        query = select(approvals).where(
            approvals.c.turn == turn,
            approvals.c.step == step,
            approvals.c.status.in_([ApprovalStatus.WAITING, ApprovalStatus.APPROVED]),
        )
        return len(await self._close(query, ApprovalStatus.SUPERSEDED, now))

    async def expire(self, now: datetime) -> list[Approval]:
        """Close what is late; what was closed."""
        late = select(approvals).where(
            approvals.c.status.in_([ApprovalStatus.WAITING, ApprovalStatus.APPROVED]), approvals.c.expires_at <= now
        )
        if not await self._database.read(lambda c: c.execute(late).first()):
            return []
        return await self._close(late, ApprovalStatus.EXPIRED, now)

    async def _close(self, query: Select[Any], status: ApprovalStatus, now: datetime) -> list[Approval]:
        def work(connection: Connection) -> list[Approval]:
            found = read_approvals(connection, query.with_for_update())
            return [self._move(connection, approval, status, "sophia", now) for approval in found]

        return await self._database.write(work, durable=True)

    def _move(
        self,
        connection: Connection,
        approval: Approval,
        status: ApprovalStatus,
        actor: str,
        now: datetime,
        reason: str = "",
    ) -> Approval:
        connection.execute(_SET, {"this": approval.id, "status": status, "decided_at": now})
        moved = approval.model_copy(update={"status": status, "decided_at": now})
        people: list[JsonValue] = [vote.person for vote in moved.votes]
        self._log(connection, str(status), moved, actor, now, {"reason": reason, "people": people})
        return moved

    def _log(
        self,
        connection: Connection,
        what: str,
        approval: Approval,
        actor: str,
        now: datetime,
        more: dict[str, JsonValue],
    ) -> None:
        payload: dict[str, JsonValue] = {
            "approval": approval.id,
            "turn": approval.turn,
            "step": approval.step,
            "tool": approval.tool,
            "digest": approval.digest,
            **more,
        }
        entry = NewEntry(kind=f"approval.{what}", payload=payload, actor=actor, at=now, stack=_stack(approval))
        self._audit.append_in(connection, entry)


def consume_approval(
    connection: Connection, approval_id: str, turn: str, step: str, tool: str, digest: str, now: datetime
) -> Approval:
    """Use an approved approval up, in the transaction that mints the permit. Raises ApprovalUnusable, with the why."""
    try:
        approval = one_approval(connection, approval_id, lock=True)
    except NotFound as error:
        raise ApprovalUnusable(f"There is no approval {approval_id}.") from error
    yes = {vote.person for vote in approval.votes if vote.approve}
    reasons = {
        f"it is {approval.status}": approval.status is not ApprovalStatus.APPROVED,
        "it has expired": approval.expires_at <= now,
        "it is for another step": (approval.turn, approval.step, approval.tool) != (turn, step, tool),
        "what would be done differs from what was approved": approval.digest != digest,
        f"{approval.people} different people must approve": len(yes) < approval.people,
    }
    why = [reason for reason, holds in reasons.items() if holds]
    if why:
        raise ApprovalUnusable(f"Approval {approval_id} doesn't cover this: {'; '.join(why)}.")
    connection.execute(_SET, {"this": approval_id, "status": ApprovalStatus.USED})
    return approval.model_copy(update={"status": ApprovalStatus.USED})


def _stack(approval: Approval) -> str | None:
    stack = approval.arguments.get("stack")
    return stack if isinstance(stack, str) else None


def _how_it_ended(approval: Approval) -> str:
    """How it was decided, and by whom."""
    word = {
        ApprovalStatus.USED: "was approved",
        ApprovalStatus.APPROVED: "was approved",
        ApprovalStatus.DENIED: "was denied",
        ApprovalStatus.SUPERSEDED: "isn't asked for any more",
        ApprovalStatus.EXPIRED: "has expired",
    }.get(approval.status, f"is {approval.status}")
    voted = " and ".join(vote.person for vote in approval.votes)
    return f"{word} already by {voted}" if voted and word.startswith("was") else word
