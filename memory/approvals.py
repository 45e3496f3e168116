"""Approvals: records of what a person was asked and what they decided, bound by digest to what may then happen once.

An approval waits, then is approved (when enough different people said yes), denied (by one no), superseded or
expired; an approved one becomes used in the transaction that mints the permit (see `memory.ledger`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from memory.audit import Audit, NewEntry
from memory.database import Database
from memory.errors import AlreadyDecided, ApprovalUnusable, Expired, NotFound, SamePerson
from memory.schema import Choice, Document, Instant, Words, metadata, new_id

__all__ = ["Approval", "ApprovalStatus", "Approvals", "Delegation", "Vote", "consume_approval"]

approvals = Table(
    "approvals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("turn", Text, nullable=False, index=True),
    Column("step", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("arguments", Document, nullable=False),
    Column("digest", Text, nullable=False),
    Column("card", Document),
    Column("people", Integer, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("binding", Document),
    Column("audience", Text, nullable=False),
    Column("status", Choice, nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("decided_at", Instant),
)
votes = Table(
    "approval_votes",
    metadata,
    Column("approval", Text, ForeignKey("approvals.id"), nullable=False),
    Column("person", Text, nullable=False),
    Column("approve", Boolean, nullable=False),
    Column("reason", Words, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("approval", "person"),
)
delegations = Table(
    "approval_delegations",
    metadata,
    Column("approval", Text, ForeignKey("approvals.id"), nullable=False),
    Column("person", Text, nullable=False),
    Column("to", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("approval", "person"),
)
_GET = select(approvals).where(approvals.c.id == bindparam("id"))
_SET = update(approvals).where(approvals.c.id == bindparam("this"))


class ApprovalStatus(StrEnum):
    """Where an approval is in its life."""

    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    """What it was for has changed, or its turn went on without it."""
    USED = "used"


class Vote(BaseModel):
    """What one person decided."""

    model_config = ConfigDict(frozen=True)

    person: str
    approve: bool
    reason: str
    at: datetime


class Delegation(BaseModel):
    """That one person left the decision to another, who has to make it themselves."""

    model_config = ConfigDict(frozen=True)

    person: str
    to: str
    at: datetime


class Approval(BaseModel):
    """What was asked, of whom, until when, and what was decided."""

    model_config = ConfigDict(frozen=True)

    id: str
    turn: str
    step: str
    tool: str
    arguments: dict[str, JsonValue]
    digest: str
    """Over everything that the approval binds."""
    card: JsonValue = None
    """What people are shown."""
    people: int
    """How many different people must say yes."""
    requested_by: str
    role: str
    """The role that whoever decides must have."""
    binding: JsonValue = None
    """What went into the digest, in the clear; `covers` lists the tools that may undo it under this approval."""
    audience: str = ""
    status: ApprovalStatus
    votes: tuple[Vote, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None = None


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
        open_ones = _read(
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
        return await self._database.read(lambda c: _one(c, approval_id))

    async def waiting(self, audience: str | None = None) -> list[Approval]:
        """Those that wait, of one audience or of all, oldest first. Call `expire` first to drop those that are late."""
        query = select(approvals).where(approvals.c.status == ApprovalStatus.WAITING)
        if audience is not None:
            query = query.where(approvals.c.audience == audience)
        return await self._database.read(lambda c: _read(c, query))

    async def of_turn(self, turn: str) -> list[Approval]:
        """All of a turn, oldest first."""
        return await self._database.read(lambda c: _read(c, select(approvals).where(approvals.c.turn == turn)))

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
        approval = _one(connection, approval_id, lock=True)
        if approval.status is not ApprovalStatus.WAITING:
            raise AlreadyDecided(f"{approval_id} is {approval.status} already; nothing was changed.")
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
            approval = _one(connection, approval_id, lock=True)
            if approval.status is not ApprovalStatus.WAITING or approval.expires_at <= now:
                raise AlreadyDecided(f"{approval_id} doesn't wait any more; nothing was changed.")
            for vote in approval.votes:
                if vote.person in (person, to):
                    raise SamePerson(f"{vote.person} has decided {approval_id} already.")
            of_person = (delegations.c.approval == approval_id) & (delegations.c.person == person)
            connection.execute(delete(delegations).where(of_person))
            connection.execute(insert(delegations), {"approval": approval_id, "person": person, "to": to, "at": now})
            self._log(connection, "delegated", approval, person, now, {"to": to})
            return _one(connection, approval_id)

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
            found = _read(connection, query.with_for_update())
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
    row = connection.execute(_GET.with_for_update(), {"id": approval_id}).first()
    if row is None:
        raise ApprovalUnusable(f"There is no approval {approval_id}.")
    approval = _with_votes(connection, [row])[0]
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


def _one(connection: Connection, approval_id: str, *, lock: bool = False) -> Approval:
    row = connection.execute(_GET.with_for_update() if lock else _GET, {"id": approval_id}).first()
    if row is None:
        raise NotFound("approval", approval_id)
    return _with_votes(connection, [row])[0]


def _read(connection: Connection, query: Select[Any]) -> list[Approval]:
    rows = connection.execute(query.order_by(approvals.c.created_at, approvals.c.id)).all()
    return _with_votes(connection, rows)


def _with_votes(connection: Connection, rows: Sequence[Row[Any]]) -> list[Approval]:
    if not rows:
        return []
    query = select(votes).where(votes.c.approval.in_([row.id for row in rows])).order_by(votes.c.at, votes.c.person)
    cast: dict[str, list[Vote]] = {}
    for row in connection.execute(query):
        cast.setdefault(row.approval, []).append(
            Vote(person=row.person, approve=row.approve, reason=row.reason, at=row.at)
        )
    left = _delegations(connection, [row.id for row in rows])
    return [
        Approval.model_validate({**row._asdict(), "votes": cast.get(row.id, ()), "delegations": left.get(row.id, ())})
        for row in rows
    ]


def _delegations(connection: Connection, refs: Sequence[str]) -> dict[str, list[Delegation]]:
    query = select(delegations).where(delegations.c.approval.in_(refs)).order_by(delegations.c.at, delegations.c.person)
    found: dict[str, list[Delegation]] = {}
    for row in connection.execute(query):
        found.setdefault(row.approval, []).append(Delegation(person=row.person, to=row.to, at=row.at))
    return found
