"""Whoever slept while its lease ran out makes no effect, and nobody makes one that a sleeper may still make."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import memory
from memory.audit import Audit
from memory.database import Database
from memory.effects import EffectStatus
from memory.errors import PermitRefused
from memory.leases import Leases
from memory.ledger import Ledger

ROOT = Path(memory.__file__).parent.parent
TTL = timedelta(seconds=15)
OTHER = textwrap.dedent("""
    import asyncio, datetime, pathlib, sys, tempfile
    from memory.audit import Audit
    from memory.database import Database
    from memory.leases import Leases
    from memory.ledger import Ledger
    now = datetime.datetime.fromisoformat(sys.argv[2])
    class Clock:
        def now(self): return now
    async def main():
        async with await Database.open(sys.argv[1]) as database:
            if sys.argv[3] == "takes over":
                lease = await Leases(database).acquire("turn:t_1", "other", datetime.timedelta(hours=1), now)
                print(lease is not None, flush=True)
            else:
                ledger = Ledger(database, Audit(database, pathlib.Path(sys.argv[4])), Clock())
                permit = await ledger.mint("t_1", "s1", "notify", {}, "d", "", None, now=now)
                await ledger.redeem(permit.id, permit.token, tool="notify")
                print(permit.id, flush=True)
            sys.stdin.read()
    asyncio.run(main())
""")


def other(migrated: str, now: datetime, what: str, tmp_path: Path) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-c", OTHER, migrated, now.isoformat(), what, str(tmp_path / "others")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


async def test_whoever_was_taken_over_from_redeems_nothing(
    migrated: str, database: Database, ledger: Ledger, audit: Audit, now: datetime, tmp_path: Path
) -> None:
    assert await Leases(database).acquire("turn:t_1", "we", TTL, now)
    first = await ledger.mint("t_1", "s1", "notify", {}, "d1", "", None, now=now)
    await ledger.redeem(first.id, first.token, tool="notify")
    second = await ledger.mint("t_1", "s2", "notify", {}, "d2", "", None, now=now)
    process, said = await asyncio.to_thread(other, migrated, now + TTL, "takes over", tmp_path)
    with process:
        assert said == "True"
        with pytest.raises(PermitRefused, match="taken over"):
            await ledger.redeem(second.id, second.token, tool="notify")
        process.kill()
    assert (await ledger.get(second.id)).status is EffectStatus.INTENDED
    assert [entry.kind for entry in await audit.entries(kinds=["permit.refused"])] == ["permit.refused"]


async def test_what_another_living_process_began_may_be_going_on(
    migrated: str, ledger: Ledger, now: datetime, tmp_path: Path
) -> None:
    process, effect = await asyncio.to_thread(other, migrated, now, "begins", tmp_path)
    with process:
        began = await ledger.get(effect)
        assert began.may_be_going_on
        assert began.process_id == process.pid
        process.kill()
        process.wait()
        assert not began.may_be_going_on
    again = await ledger.mint_again(effect, now)
    await ledger.redeem(again.id, again.token, tool="notify")
    assert not (await ledger.get(effect)).may_be_going_on  # it is our own
