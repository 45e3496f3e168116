"""The two global switches that stop effects at the guard: paused, and read-only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import Boolean, Column, Connection, Table, Text, bindparam, select, update

from memory.audit import Audit, NewEntry
from memory.database import Database
from memory.schema import Choice, Instant, Words, insert_or_not, metadata

__all__ = ["Setting", "Switch", "SwitchState", "Switches"]

switches = Table(
    "switches",
    metadata,
    Column("name", Choice, primary_key=True),
    Column("on", Boolean, nullable=False),
    Column("person", Text, nullable=False),
    Column("reason", Words, nullable=False),
    Column("at", Instant, nullable=False),
)
_ALL = select(switches)
_SET = update(switches).where(switches.c.name == bindparam("this"))


class Switch(StrEnum):
    """What can be switched."""

    PAUSED = "paused"
    READ_ONLY = "read_only"


class Setting(BaseModel):
    """How a switch was set last."""

    model_config = ConfigDict(frozen=True)

    on: bool
    person: str
    reason: str
    at: datetime


class SwitchState(BaseModel):
    """Both switches. A switch that was never set is off."""

    model_config = ConfigDict(frozen=True)

    paused: bool = False
    read_only: bool = False
    settings: dict[Switch, Setting] = {}


class Switches:
    """The store of the switches. Setting one is logged in the same transaction."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    async def state(self) -> SwitchState:
        """How the switches are now."""
        rows = await self._database.read(lambda c: c.execute(_ALL).all())
        settings = {
            Switch(row.name): Setting(on=row.on, person=row.person, reason=row.reason, at=row.at) for row in rows
        }
        on = {switch.value: setting.on for switch, setting in settings.items()}
        return SwitchState(**on, settings=settings)

    async def set(self, switch: Switch, on: bool, person: str, reason: str, now: datetime) -> None:
        """Set a switch, at once and for all processes."""
        values = {"on": on, "person": person, "reason": reason, "at": now}
        payload: dict[str, JsonValue] = {"switch": switch.value, "on": on, "reason": reason}

        def work(connection: Connection) -> None:
            connection.execute(insert_or_not(connection, switches), {"name": switch, **values})
            connection.execute(_SET, {"this": switch, **values})
            self._audit.append_in(connection, NewEntry(kind="switch.set", payload=payload, actor=person, at=now))

        await self._database.write(work, durable=True)
