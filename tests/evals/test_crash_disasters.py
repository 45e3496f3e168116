"""What the suite `crash` makes happen really happens: disks that fail, processes that sleep, power cuts."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from evals.crash import power
from evals.crash.cases import Act, Look, Workflow
from evals.crash.crashing import Row
from evals.crash.disasters import ASLEEP
from evals.crash.nursery import Nursery
from evals.crash.records import SqliteWorlds
from evals.crash.site import Site
from evals.crash.workspace import Slack

ROOT = Path(power.__file__).parents[2]
FAILING = textwrap.dedent("""
    import errno, os, sqlite3, sys
    from evals.crash.failing import fail_from_now
    how, folder = sys.argv[1:]
    database = sqlite3.connect(folder + "/a.db")
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE t (a)"):
        database.execute(statement)
    file = open(folder + "/kept", "w")
    fail_from_now(how, errno.EROFS if how == "read-only" else errno.EIO)
    def tried(what):
        try:
            what()
        except (OSError, sqlite3.Error) as error:
            return getattr(error, "strerror", None) or str(error)
    print(tried(lambda: open(folder + "/new", "w")))
    print(tried(lambda: os.fsync(file.fileno())))
    print(tried(lambda: database.executescript("INSERT INTO t VALUES (1)")))
    print(tried(lambda: open(folder + "/kept").read()))
""")


@pytest.mark.parametrize(
    "how, expected",
    [
        ("read-only", ["Read-only file system", "None", "disk I/O error", "None"]),
        ("sync", ["None", "Input/output error", "disk I/O error", "None"]),
    ],
)
def test_a_disk_fails_as_it_should(tmp_path: Path, how: str, expected: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING, how, str(tmp_path)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stdout.splitlines() == expected, done.stderr


@pytest.mark.parametrize("files_kept", [False, True])
def test_a_power_cut_takes_what_was_not_synced(tmp_path: Path, files_kept: bool) -> None:
    home = tmp_path / "home"
    (home / "outbox").mkdir(parents=True)
    for name in ("sophia.db", "sophia.db-wal", "outbox/ops.jsonl"):
        (home / name).write_text("synced")
    power.keep_all(tmp_path)
    for name in ("sophia.db-wal", "outbox/ops.jsonl", "new"):
        (home / name).write_text("not synced")
    power.keep(tmp_path, home / "outbox" / "ops.jsonl")
    power.cut_back(tmp_path, files_kept=files_kept)
    assert (home / "sophia.db-wal").read_text() == "synced"
    assert (home / "outbox" / "ops.jsonl").read_text() == "not synced"
    assert (home / "new").exists() == files_kept


@pytest.mark.timeout(300)
async def test_whoever_sleeps_in_the_middle_of_an_effect_makes_it_once(tmp_path: Path) -> None:
    look = Look(outbox="#ops", expect=["lunch"])
    act = Act(tool="notify", arguments={"channel": "#ops", "content": "lunch"})
    workflow = Workflow(workflow="tell a channel", act=act, looks=[look])
    async with Nursery() as nursery:
        with Site() as site, Slack() as slack:
            row = Row(workflow, SqliteWorlds(), nursery, site, slack, tmp_path / "row")
            await row.prepare()
            at = row.moments.index("commit memory.ledger.Ledger.redeem")
            found = [crash async for crash in row.crashes(range(at - 1, at + 2), ASLEEP)]
    assert [crash.judged for crash in found if not crash.safe] == []
    assert any(crash.moment != "none" for crash in found)
