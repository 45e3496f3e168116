"""Standing grants: what may happen again and again without a person, within a fixed tool, destination, rate and time.

A use is counted in the transaction that mints the permit (see `memory.ledger`), so that the rate holds whatever runs
side by side.
"""

from __future__ import annotations

import builtins
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
    update,
)

from memory.audit import Audit, NewEntry
from memory.database import Database
from memory.errors import GrantUnusable, NotFound
from memory.schema import COUNTER, Document, Instant, Words, id_of, insert_or_not, metadata, new_id

__all__ = ["Grant", "Grants", "beyond", "grant_in", "grant_of", "revoke_in", "use_grant"]

grants = Table(
    "grants",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tool", Text, nullable=False),
    Column("destination", Words, nullable=False),
    Column("arguments", Document),
    Column("template", Words, nullable=False),
    Column("about", Words, nullable=False),
    Column("kinds", Document),
    Column("owner", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("window_seconds", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("revoked_by", Text),
    Index("ix_grants_tool", "tool", "destination"),
)
grant_uses = Table(
    "grant_uses",
    metadata,
    Column("id", COUNTER, primary_key=True),
    Column("grant", Text, ForeignKey("grants.id"), nullable=False),
    Column("effect", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_grant_uses_grant", "grant", "at"),
)
_GET = select(grants).where(grants.c.id == bindparam("id"))
_USED = (
    select(func.count())
    .select_from(grant_uses)
    .where(grant_uses.c.grant == bindparam("grant"), grant_uses.c.at > bindparam("after"))
)


class Grant(BaseModel):
    """What is allowed, to whom it belongs, and within which bounds."""

    model_config = ConfigDict(frozen=True)

    id: str
    tool: str
    destination: str
    """Exactly where it goes: a channel, an origin, a stack."""
    arguments: JsonValue = None
    """An object with the arguments that are fixed; a call with others isn't covered."""
    template: str
    """What may be sent: inert text whose slots are escaped values; empty when the tool sends none."""
    about: str = ""
    kinds: list[str] | None = None
    """The kinds of change that it is limited to, in the words of the tool's previews; None: the tool's changes have no
    kinds.
    """
    owner: str
    approved_by: str = ""
    uses: int
    """How often within a window."""
    window_seconds: int
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None

    def active(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and now < self.expires_at


class Grants:
    """The store of grants. Making and revoking one is logged in the same transaction."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    async def create(  # noqa: PLR0913 - a grant has this many bounds
        self,
        tool: str,
        destination: str,
        template: str,
        owner: str,
        uses: int,
        window: timedelta,
        expires_at: datetime,
        now: datetime,
        *,
        arguments: JsonValue = None,
        approved_by: str = "",
        about: str = "",
        kinds: builtins.list[str] | None = None,
        effect: str = "",
    ) -> Grant:
        """Make a grant. That a person approved it is the caller's to know (`approved_by` names the approval).

        The grant of an `effect` is made once, however often and by however many processes that effect is gone on with.
        """
        made = Grant(
            id=grant_of(effect) if effect else new_id("g"),
            tool=tool,
            destination=destination,
            arguments=arguments,
            template=template,
            about=about,
            kinds=kinds,
            owner=owner,
            approved_by=approved_by,
            uses=uses,
            window_seconds=int(window.total_seconds()),
            created_at=now,
            expires_at=expires_at,
        )

        return await self._database.write(lambda c: grant_in(c, self._audit, made), durable=True)

    async def get(self, grant_id: str) -> Grant:
        """The grant with this id. Raises NotFound."""
        row = await self._database.read(lambda c: c.execute(_GET, {"id": grant_id}).first())
        if row is None:
            raise NotFound("grant", grant_id)
        return _grant(row)

    async def list(self, now: datetime, active: bool = True) -> builtins.list[Grant]:
        """Those that are active, or all, oldest first."""
        query = select(grants).order_by(grants.c.created_at, grants.c.id)
        found = [_grant(row) for row in await self._database.read(lambda c: c.execute(query).all())]
        return [grant for grant in found if grant.active(now) or not active]

    async def revoke(self, grant_id: str, person: str, now: datetime) -> bool:
        """End a grant at once. False when it had been revoked before. Raises NotFound."""
        await self.get(grant_id)
        return await self._database.write(lambda c: revoke_in(c, self._audit, grant_id, person, now), durable=True)

    async def covering(self, tool: str, destination: str, now: datetime) -> builtins.list[Grant]:
        """Active grants for exactly this tool and destination whose rate isn't used up, oldest first."""
        query = (
            select(grants)
            .where(grants.c.tool == tool, grants.c.destination == destination)
            .order_by(grants.c.created_at, grants.c.id)
        )

        def work(connection: Connection) -> builtins.list[Grant]:
            found = [_grant(row) for row in connection.execute(query)]
            return [grant for grant in found if grant.active(now) and _left(connection, grant, now) > 0]

        return await self._database.read(work)


def beyond(granted: Iterable[str] | None, kinds: Iterable[str]) -> list[str]:
    """The kinds of change that a grant doesn't cover.

    A kind is `Type.property`, and a grant names it so, or by its type or its property alone. What has no dot isn't to
    be granted: the tool says so of what a person must see each time. A grant without kinds covers none.
    """
    names = set(granted or ())
    return [kind for kind in kinds if "." not in kind or not names.intersection((kind, *kind.split(".", 1)))]


def grant_of(effect: str) -> str:
    """The id of the one grant that an effect makes."""
    bits = int.from_bytes(hashlib.sha256(effect.encode()).digest()[:8], "big")
    return id_of("g", bits)


def grant_in(connection: Connection, audit: Audit, grant: Grant) -> Grant:
    """Store a grant within a transaction, and log it; one with this id that is there already stays as it is."""
    new = insert_or_not(connection, grants).returning(grants.c.id)
    if connection.execute(new, dict(grant)).first() is not None:
        payload = grant.model_dump(mode="json")
        audit.append_in(
            connection, NewEntry(kind="grant.created", payload=payload, actor=grant.owner, at=grant.created_at)
        )
        return grant
    return _grant(connection.execute(_GET, {"id": grant.id}).one())


def revoke_in(connection: Connection, audit: Audit, grant_id: str, person: str, now: datetime, why: str = "") -> bool:
    """End a grant within a transaction, and log it. False when there is none, or it was revoked before."""
    statement = update(grants).where(grants.c.id == grant_id, grants.c.revoked_at.is_(None))
    if not connection.execute(statement, {"revoked_at": now, "revoked_by": person}).rowcount:
        return False
    payload: dict[str, JsonValue] = {"grant": grant_id}
    if why:
        payload["why"] = why
    audit.append_in(connection, NewEntry(kind="grant.revoked", payload=payload, actor=person, at=now))
    return True


def use_grant(
    connection: Connection,
    grant_id: str,
    tool: str,
    arguments: Mapping[str, JsonValue],
    kinds: Iterable[str],
    effect: str,
    now: datetime,
) -> Grant:
    """Count one use, within the transaction that mints the permit. Raises GrantUnusable, which says why.

    `kinds` are those of the change as it was previewed.
    """
    row = connection.execute(_GET.with_for_update(), {"id": grant_id}).first()
    if row is None:
        raise GrantUnusable(f"There is no grant {grant_id}.")
    grant = _grant(row)
    fixed = grant.arguments if isinstance(grant.arguments, dict) else {}
    uncovered = beyond(grant.kinds, kinds)
    reasons = {
        "it was revoked": grant.revoked_at is not None,
        "it has expired": now >= grant.expires_at,
        f"it is for {grant.tool}": grant.tool != tool,
        f"it is for {grant.destination}": grant.destination not in arguments.values(),
        "its arguments are others": any(arguments.get(name) != value for name, value in fixed.items()),
        f"it isn't for {', '.join(uncovered)}": bool(uncovered),
        f"its {grant.uses} uses in {timedelta(seconds=grant.window_seconds)} are used up": _left(connection, grant, now)
        <= 0,
    }
    why = [reason for reason, holds in reasons.items() if holds]
    if why:
        raise GrantUnusable(f"Grant {grant_id} doesn't cover this: {'; '.join(why)}.")
    connection.execute(insert(grant_uses), {"grant": grant_id, "effect": effect, "at": now})
    return grant


def _left(connection: Connection, grant: Grant, now: datetime) -> int:
    after = now - timedelta(seconds=grant.window_seconds)
    return grant.uses - (connection.execute(_USED, {"grant": grant.id, "after": after}).scalar() or 0)


def _grant(row: Row[Any]) -> Grant:
    return Grant.model_validate(row._asdict())
