"""The effects ledger: what was meant to happen in the world, whether it did, and permits without which nothing does.

An effect is keyed by turn, step and argument digest. `mint` consumes the approval or grant, writes the row `intended`
and returns the only copy of the token, in one transaction; the database keeps a hash. An effect client redeems
the token before it acts, which works once and turns `intended` into `started`: so after a crash `intended` means
that it didn't happen, and `started` that only the world knows. It works only by the ledger that minted it, which keeps
in mind what it minted: a row that somebody wrote, or set back, in the database itself is no permit.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any, Protocol

from pydantic import JsonValue
from sqlalchemy import Connection, Select, bindparam, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from memory.approval_rows import approvals
from memory.approvals import consume_approval
from memory.audit import Audit, NewEntry
from memory.database import Database
from memory.effects import (
    CURRENT_EPOCH,
    EPOCH,
    GET,
    PENDING,
    SET,
    Effect,
    EffectStatus,
    PermitRow,
    effect_of,
    effects,
    locked_effect,
    optional_effect,
)
from memory.errors import AlreadyDone, ApprovalUnusable, InFlight, NotFound, PermitRefused, Refused, WrongEpoch
from memory.grants import use_grant
from memory.labels import Envelope
from memory.leases import leases
from memory.prepared import Prepared
from memory.processes import this_process
from memory.results import put_in
from memory.schema import new_id

__all__ = ["Clock", "Effect", "EffectStatus", "Ledger", "PermitRow"]

_BY_KEY = select(effects).where(
    effects.c.turn == bindparam("turn"), effects.c.step == bindparam("step"), effects.c.digest == bindparam("digest")
)
_FIND, _FIND_LOCKED = Prepared(_BY_KEY), Prepared(_BY_KEY.with_for_update())
_INTEND = Prepared(insert(effects).values(epoch=CURRENT_EPOCH))
_INTEND_AGAIN = Prepared(update(effects).where(effects.c.id == bindparam("this")).values(epoch=CURRENT_EPOCH))
_TAKEN_OVER = exists().where(
    leases.c.name == "turn:" + effects.c.turn, leases.c.holder != "", leases.c.process != bindparam("by_process")
)
"""Somebody else drives the turn: whoever wants to begin the effect slept while its lease ran out."""
_REDEEM = Prepared(
    update(effects).where(
        effects.c.id == bindparam("this"),
        effects.c.token_hash == bindparam("hash"),
        effects.c.tool == bindparam("for_tool"),
        effects.c.status == EffectStatus.INTENDED,
        effects.c.epoch == CURRENT_EPOCH,
        ~_TAKEN_OVER,
    )
)


class Clock(Protocol):
    """Time, handed in."""

    def now(self) -> datetime:
        """The current time, aware."""
        ...


class Ledger:
    """The store of effects. Every change of one is logged in the same transaction."""

    def __init__(self, database: Database, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._minted: dict[str, str] = {}
        """The hashes of tokens that were minted here and not redeemed, by effect."""

    async def mint(
        self,
        turn: str,
        step: str,
        tool: str,
        arguments: dict[str, JsonValue],
        digest: str,
        state_version: str,
        bound: JsonValue,
        *,
        now: datetime,
        approval: str | None = None,
        approval_digest: str | None = None,
        grant: str | None = None,
        undo_of: str | None = None,
    ) -> PermitRow:
        """A permit for one effect; consumes the approval or a use of the grant.

        It isn't durable by itself: the redemption is, and everything before it. A power cut between the two loses a
        permit that nobody used, and the approval isn't consumed.

        `digest` is over the tool and its arguments; `approval_digest` over all that the approval binds.
        `undo_of` names the effect whose approval covers this one, its undo: that approval's binding must list the tool
        under `covers`. Raises ApprovalUnusable, GrantUnusable, AlreadyDone (with the row), and InFlight (with the row)
        when an earlier attempt hasn't been reconciled. One that is known to have failed is attempted again.
        """
        effect = Effect(
            id=new_id("e"),
            turn=turn,
            step=step,
            tool=tool,
            arguments=arguments,
            digest=digest,
            state_version=state_version,
            bound=bound,
            approval=approval,
            grant=grant,
            undo_of=undo_of,
            status=EffectStatus.INTENDED,
            attempt=1,
            epoch=0,
            created_at=now,
        )
        return await self._minted_for(effect, approval_digest or "", now)

    async def _minted_for(self, effect: Effect, approval_digest: str, now: datetime) -> PermitRow:
        token = secrets.token_urlsafe(24)
        try:
            permit = await self._database.write(
                lambda c: self._mint(c, effect, approval_digest, token, now), brief=True
            )
        except IntegrityError:  # PostgreSQL: somebody else minted it at the same time
            _refuse_if_known(await self.find(effect.turn, effect.step, effect.digest))
            raise
        except Refused as error:
            await self.refused(effect.turn, effect.step, effect.tool, str(error), now)
            raise
        self._minted[permit.id] = _hash(permit.token)
        return permit

    def _mint(
        self, connection: Connection, effect: Effect, approval_digest: str, token: str, now: datetime
    ) -> PermitRow:
        key = {"turn": effect.turn, "step": effect.step, "digest": effect.digest}
        earlier = optional_effect(_FIND_LOCKED.first(connection, key))
        _refuse_if_known(earlier)
        if earlier is not None:
            effect = effect.model_copy(update={"id": earlier.id, "attempt": earlier.attempt + 1})
        if effect.undo_of is not None:
            _covered(connection, effect)
        if effect.approval is not None:
            consume_approval(connection, effect.approval, effect.turn, effect.step, effect.tool, approval_digest, now)
        if effect.grant is not None:
            use_grant(connection, effect.grant, effect.tool, effect.arguments, _kinds(effect.bound), effect.id, now)
        row = {**dict(effect), "token_hash": _hash(token)}
        del row["epoch"]  # the current one, which the statement looks up
        if earlier is None:
            _INTEND.change(connection, row)
        else:
            _INTEND_AGAIN.change(connection, {"this": row.pop("id"), **row})
        self._log(connection, "intended", effect, now)
        return PermitRow(id=effect.id, token=token, attempt=effect.attempt)

    async def redeem(self, permit_id: str, token: str, *, tool: str) -> None:
        """Use the permit, durably, before acting; once. Raises PermitRefused (a PermissionError), which says why."""
        now, process = self._clock.now(), this_process().model_dump_json()
        given = {"this": permit_id, "hash": _hash(token), "for_tool": tool}
        started_now = {"status": EffectStatus.STARTED, "started_at": now, "process": process}
        known = self._minted.get(permit_id) == given["hash"]

        def work(connection: Connection) -> None:
            if not _REDEEM.change(connection, {**given, **started_now, "by_process": process}):
                raise _why_refused(connection, permit_id, given["hash"], tool, process)
            if not known:
                raise PermitRefused(f"Permit {permit_id} isn't one that was minted here; nothing was done.")

        try:
            await self._database.write(work, durable=True)
        except PermitRefused as error:
            await self._audit.append(
                "permit.refused", {"permit": permit_id, "tool": tool, "why": str(error)}, "sophia", now
            )
            raise
        self._minted.pop(permit_id, None)

    async def refused(self, turn: str, step: str, tool: str, why: str, now: datetime) -> None:
        """Log that an effect was not made, and why."""
        payload: dict[str, JsonValue] = {"turn": turn, "step": step, "tool": tool, "why": why}
        await self._audit.append("effect.refused", payload, "sophia", now)

    async def finish(self, effect_id: str, envelope: Envelope, now: datetime, *, verification: JsonValue = None) -> str:
        """It happened: store the result, what its check found, and `done` together; the result's reference.

        Of an effect that is done already the first result stays. Raises NotFound, and ValueError when it is known to
        have failed or to be undone.
        """

        def work(connection: Connection) -> str:
            effect = locked_effect(connection, effect_id)
            if effect.status is EffectStatus.DONE and effect.result:
                return effect.result
            _must_be_pending(effect, "finished")
            ref = put_in(connection, effect.turn, effect.step, envelope, now)
            done: dict[str, Any] = {"status": EffectStatus.DONE, "result": ref, "verification": verification}
            done |= {"problem": None, "ended_at": now}
            self._move(connection, effect, done, now, {"result": ref})
            return ref

        return await self._database.write(work, durable=True)

    async def fail(self, effect_id: str, problem: str, now: datetime) -> None:
        """It is known not to have happened. Raises NotFound, and ValueError when it isn't pending."""

        def work(connection: Connection) -> None:
            effect = locked_effect(connection, effect_id)
            _must_be_pending(effect, "failed")
            failed = {"status": EffectStatus.FAILED, "problem": problem, "ended_at": now}
            self._move(connection, effect, failed, now, {"problem": problem})

        await self._database.write(work, durable=True)

    async def unknown(self, effect_id: str, question: str, now: datetime) -> None:
        """Nobody can tell whether it happened; `question` is what a person must decide. Raises as `fail` does."""

        def work(connection: Connection) -> None:
            effect = locked_effect(connection, effect_id)
            _must_be_pending(effect, "asked about")
            asked = {"status": EffectStatus.UNKNOWN, "problem": question}
            self._move(connection, effect, asked, now, {"question": question})

        await self._database.write(work, durable=True)

    async def mint_again(self, effect_id: str, now: datetime) -> PermitRow:
        """A new token for an attempt that didn't happen, or must be run to its end, by what the world says.

        The old token is worthless from then on. Raises NotFound, and ValueError when it isn't pending.
        """
        token = secrets.token_urlsafe(24)

        def work(connection: Connection) -> PermitRow:
            effect = locked_effect(connection, effect_id)
            _must_be_pending(effect, "attempted again")
            anew: dict[str, Any] = {
                "status": EffectStatus.INTENDED,
                "attempt": effect.attempt + 1,
                "epoch": EPOCH.scalar(connection),
                "token_hash": _hash(token),
                "problem": None,
            }
            self._move(connection, effect, anew, now, {"attempt": effect.attempt + 1}, what="again")
            return PermitRow(id=effect_id, token=token, attempt=effect.attempt + 1)

        permit = await self._database.write(work, durable=True)
        self._minted[permit.id] = _hash(permit.token)
        return permit

    async def undone(self, effect_id: str, now: datetime, by: str | None = None) -> None:
        """It was taken back, by the effect `by`. Raises NotFound, and ValueError when it wasn't done."""

        def work(connection: Connection) -> None:
            effect = locked_effect(connection, effect_id)
            if effect.status is EffectStatus.UNDONE:
                return
            if effect.status is not EffectStatus.DONE and not effect.status.pending:
                raise ValueError(f"effect {effect_id} is {effect.status}: there is nothing to undo")
            self._move(connection, effect, {"status": EffectStatus.UNDONE, "ended_at": now}, now, {"by": by})

        await self._database.write(work, durable=True)

    async def pending(self, turn: str | None = None) -> list[Effect]:
        """Effects that must be reconciled, of one turn or of all, oldest first."""
        query = select(effects).where(effects.c.status.in_(PENDING))
        return await self._select(query if turn is None else query.where(effects.c.turn == turn))

    async def of_turn(self, turn: str) -> list[Effect]:
        """All effects of the turn, oldest first."""
        return await self._select(select(effects).where(effects.c.turn == turn))

    async def find(self, turn: str, step: str, digest: str) -> Effect | None:
        """The effect with this key."""
        key = {"turn": turn, "step": step, "digest": digest}
        return optional_effect(await self._database.read(lambda c: _FIND.first(c, key)))

    async def get(self, effect_id: str) -> Effect:
        """The effect with this id. Raises NotFound."""
        effect = optional_effect(await self._database.read(lambda c: GET.first(c, {"id": effect_id})))
        if effect is None:
            raise NotFound("effect", effect_id)
        return effect

    async def epoch(self) -> int:
        """The current epoch. Permits of an earlier one can't be redeemed."""
        return await self._database.read(lambda c: EPOCH.scalar(c) or 1)

    async def _select(self, query: Select[Any]) -> list[Effect]:
        ordered = query.order_by(effects.c.created_at, effects.c.id)
        return [effect_of(row) for row in await self._database.read(lambda c: c.execute(ordered).all())]

    def _move(
        self,
        connection: Connection,
        effect: Effect,
        values: dict[str, Any],
        now: datetime,
        more: dict[str, JsonValue],
        what: str = "",
    ) -> None:
        SET.change(connection, {"this": effect.id, **values})
        self._log(connection, what or str(values["status"]), effect, now, more)

    def _log(
        self, connection: Connection, what: str, effect: Effect, now: datetime, more: dict[str, JsonValue] | None = None
    ) -> None:
        payload: dict[str, JsonValue] = {
            "effect": effect.id,
            "turn": effect.turn,
            "step": effect.step,
            "tool": effect.tool,
            "digest": effect.digest,
        }
        if what == "intended":
            payload |= {"arguments": effect.arguments, "approval": effect.approval, "grant": effect.grant}
        stack = effect.arguments.get("stack")
        self._audit.append_in(
            connection,
            NewEntry(
                kind=f"effect.{what}",
                payload=payload | (more or {}),
                actor="sophia",
                at=now,
                stack=stack if isinstance(stack, str) else None,
            ),
        )


def _kinds(bound: JsonValue) -> list[str]:
    """The kinds of change that the preview named, to which execution is bound."""
    kinds = bound.get("kinds") if isinstance(bound, dict) else None
    return [str(kind) for kind in kinds] if isinstance(kinds, list) else []


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _must_be_pending(effect: Effect, what: str) -> None:
    if not effect.status.pending:
        raise ValueError(f"effect {effect.id} is {effect.status} and can't be {what}")


def _refuse_if_known(earlier: Effect | None) -> None:
    if earlier is None:
        return
    if earlier.status in (EffectStatus.DONE, EffectStatus.UNDONE):
        raise AlreadyDone(f"Effect {earlier.id} is {earlier.status} already; it isn't made twice.", earlier)
    if earlier.status.pending:
        raise InFlight(f"Effect {earlier.id} is {earlier.status}; it must be reconciled first.", earlier)


def _covered(connection: Connection, effect: Effect) -> None:
    """Raises ApprovalUnusable unless the approval of what is undone covers its undo by this tool, once."""
    original = locked_effect(connection, effect.undo_of or "")
    if original.turn != effect.turn or original.status in (EffectStatus.FAILED, EffectStatus.UNDONE):
        raise ApprovalUnusable(f"Effect {original.id} is {original.status}; its approval covers no undo any more.")
    if original.approval is None:
        return
    binding = connection.execute(select(approvals.c.binding).where(approvals.c.id == original.approval)).scalar()
    covers = binding.get("covers", []) if isinstance(binding, dict) else []
    if effect.tool not in covers:
        raise ApprovalUnusable(f"Approval {original.approval} doesn't cover {effect.tool}.")


def _why_refused(connection: Connection, effect_id: str, hashed: str, tool: str, process: str) -> PermitRefused:
    row = GET.first(connection, {"id": effect_id})
    if row is None or row.token_hash != hashed:
        return PermitRefused(f"No permit {effect_id} with this token exists; nothing was done.")
    if row.tool != tool:
        return PermitRefused(f"Permit {effect_id} is for {row.tool}, not for {tool}; nothing was done.")
    if row.status != EffectStatus.INTENDED:
        return PermitRefused(f"Permit {effect_id} was redeemed before (it is {row.status}); nothing was done.")
    taken_over = select(effects.c.id).where(effects.c.id == effect_id, _TAKEN_OVER)
    if connection.execute(taken_over, {"by_process": process}).first():
        return PermitRefused(f"Another process has taken over what permit {effect_id} is for; nothing was done.")
    return WrongEpoch(f"Permit {effect_id} is from before a restore from backup; nothing was done.")
