"""What was being done by the clock when a backup was made: after a restore it is over, and is not told again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from memory.audit import Audit
from memory.backup import backup, restore
from memory.database import Database
from memory.schedules import Outcome, Schedule, Schedules
from memory.turns import NewTurn


async def test_an_open_run_ends_with_a_restore(migrated: str, tmp_path: Path, now: datetime) -> None:
    home = tmp_path / "home"
    home.mkdir()
    made = Schedule(
        id="s_sweep",
        request="sweep",
        words="every day at 7",
        rule={},
        zone="UTC",
        owner="sophia",
        audience="person:ann",
        built_in=True,
        next_at=now,
        created_at=now,
    )
    turn = NewTurn(thread="s_sweep.1", request="sweep", person="sophia", audience="person:ann", surface="schedule")
    async with await Database.open(migrated) as database:
        schedules = Schedules(database, Audit(database, home / "audit"))
        await schedules.ensure([made])
        (schedule,) = await schedules.list()
        assert await schedules.claim(schedule, None, now, turn=turn, outcome=Outcome.RUNNING, note="", seen=None)
        assert len(await schedules.open_runs()) == 1
    await backup(tmp_path / "kept.sophia", location=migrated, home=home)
    await restore(tmp_path / "kept.sophia", location=migrated, home=home, force=True)
    async with await Database.open(migrated) as database:
        schedules = Schedules(database, Audit(database, home / "audit"))
        assert await schedules.open_runs() == []
        (run,) = await schedules.runs("s_sweep", 1)
        assert (run.outcome, "not told again" in run.note) == (Outcome.CANCELLED, True)
