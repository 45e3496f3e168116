"""A restore that is killed on its way leaves a mark, at which Sophia stops and says what to do."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import textwrap
from datetime import datetime
from pathlib import Path

import pytest

import memory
from memory import restoring
from memory.audit import Audit
from memory.backup import backup, restore
from memory.database import Database
from memory.errors import BackupUnusable
from memory.switches import Switch, Switches

ROOT = Path(memory.__file__).parent.parent
KILLED = textwrap.dedent("""
    import asyncio, os, pathlib, signal, sys
    from memory import backup
    file, home = map(pathlib.Path, sys.argv[1:3])
    left = [int(sys.argv[3])]
    def heard(event, arguments):
        if event == "os.rename" and str(arguments[0]).startswith(str(home)):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(heard)
    asyncio.run(backup.restore(file, location=home / "sophia.db", home=home, force=True))
""")


@pytest.mark.parametrize("renames", [0, 2, 5])
async def test_a_restore_that_was_killed_is_run_again(
    tmp_path: Path, now: datetime, renames: int, migrated_file: Path
) -> None:
    home, file = tmp_path / "home", tmp_path / "kept.sophia"
    (home / "infra").mkdir(parents=True)
    shutil.copy(migrated_file, home / "sophia.db")
    for name in "abc":
        (home / "infra" / name).write_text("then")
    await backup(file, location=home / "sophia.db", home=home, now=now)
    async with await Database.open(home / "sophia.db") as database:
        await Switches(database, Audit(database, home / "audit")).set(Switch.PAUSED, True, "ann", "", now)
    for name in "abc":
        (home / "infra" / name).write_text("now")
    command = [sys.executable, "-c", KILLED, str(file), str(home), str(renames)]
    killed = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False, cwd=ROOT)
    assert killed.returncode == -9, killed.stderr
    with pytest.raises(BackupUnusable, match="cut off"):
        restoring.check(home)
    await restore(file, location=home / "sophia.db", home=home, force=True)
    restoring.check(home)
    assert {(home / "infra" / name).read_text() for name in "abc"} == {"then"}
    async with await Database.open(home / "sophia.db") as database:
        assert not (await Switches(database, Audit(database, home / "audit")).state()).paused
