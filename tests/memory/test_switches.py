from __future__ import annotations

import asyncio
from datetime import datetime

from memory.audit import Audit
from memory.database import Database
from memory.switches import Switch, Switches


async def test_switches_hold_for_everybody_at_once(
    migrated: str, database: Database, audit: Audit, now: datetime
) -> None:
    async with await Database.open(migrated) as theirs:
        mine, other = Switches(database, audit), Switches(theirs, audit)
        state = await other.state()
        assert (state.paused, state.read_only) == (False, False)
        await mine.set(Switch.PAUSED, True, "ann", "something is odd", now)
        state = await other.state()
        assert (state.paused, state.read_only) == (True, False)
        assert state.settings[Switch.PAUSED].reason == "something is odd"
        await other.set(Switch.PAUSED, False, "bob", "", now)
        await other.set(Switch.READ_ONLY, True, "bob", "", now)
        state = await mine.state()
        assert (state.paused, state.read_only) == (False, True)
    logged = [(entry.kind, entry.actor, entry.payload["on"]) for entry in await audit.entries()]
    assert logged == [("switch.set", "ann", True), ("switch.set", "bob", False), ("switch.set", "bob", True)]


async def test_who_pauses_first_and_who_pauses_at_the_same_moment_both_do(
    migrated: str, database: Database, audit: Audit, now: datetime
) -> None:
    async with await Database.open(migrated, migrate=False) as theirs:
        both = (Switches(database, audit), Switches(theirs, audit))
        for switch in Switch:
            await asyncio.gather(*(each.set(switch, True, "ann", "stop", now) for each in both * 3))
    assert len(await audit.entries(kinds=["switch.set"])) == 6 * len(Switch)
