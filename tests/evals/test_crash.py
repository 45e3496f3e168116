"""The suite `crash`: it finds its moments by itself, kills at them, and sees what is lost, doubled or left open."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from evals import harness
from evals.crash import scorer
from evals.crash.boundaries import Boundaries
from evals.crash.cases import Look, load
from evals.crash.crashing import spread
from evals.crash.judging import Place, judge
from evals.crash.nursery import Nursery
from evals.suite import SuiteError


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_kills_lose_double_and_leave_open_nothing() -> None:
    found = await harness.run("crash", harness.quick_cases("crash"))
    assert found["errors"] == 0, found["results"]
    kills = found["metrics"].pop("kills")
    assert 10 <= kills <= 15, found["results"]  # a moment that doesn't come again the next time kills nobody
    assert found["metrics"].pop("disasters") == 18
    assert found["metrics"] == {"lost": 0, "doubled": 0, "unreconciled": 0, "asked": 0}, found["results"]
    moments = {moment.partition(" ")[0] for result in found["results"] for moment in result["moments"]}
    assert moments >= {"commit", "position", "open", "sync", "rename", "connect", "end"}
    assert "commit memory.ledger.Ledger._minted_for" in found["results"][0]["moments"]
    assert "slack chat.postMessage delivery" in found["results"][2]["moments"]
    *written, read = found["results"]
    assert all(result[part] for result in written for part in ("plan", "labels", "verdicts", "timings"))
    assert all(read[part] for part in ("plan", "labels", "timings")), "what is only read is in no audit log"
    assert [line.split()[:3] for line in found["told"].splitlines()[1:3]] == [["tell", "a", "channel"]] * 2


def test_every_writer_and_all_built_in_work_has_its_rows() -> None:
    assert list(scorer.uncovered(load(None))) == []
    named = dict(scorer.uncovered([each for each in load(None) if each.act.tool != "stack_up"]))
    assert "stack_up" in named
    assert "s_sweep" in dict(scorer.uncovered([]))


def test_every_part_that_posts_in_slack_has_its_moments() -> None:
    posting = {"asking", "delivery", "desk", "notices", "presenting"}
    assert {name for name, _ in scorer.unspoken([])} == posting
    reached = [f"slack chat.postMessage {name}" for name in posting - {"desk"}]
    assert [name for name, _ in scorer.unspoken([*reached, "commit desk"])] == ["desk"]


def test_a_moment_is_known_by_its_name_and_how_often_it_came(tmp_path: Path) -> None:
    struck: list[int] = []
    found = Boundaries(tmp_path, "commit a", lambda _: struck.append(len(found.seen)), nth=1)
    for moment in ("commit a", "open b", "commit a", "commit a"):
        found.reach(moment)
    assert struck == [3]


async def test_a_child_is_not_taken_for_one_that_had_its_pid_before() -> None:
    nursery, said = Nursery(), asyncio.StreamReader()
    first, second = (asyncio.get_running_loop().create_future() for _ in range(2))
    nursery._begun += [first, second]
    ended = b'{"pid": 7, "ended": {"status": 3}}\n'
    said.feed_data(b'{"pid": 7}\n' + ended + b'{"pid": 7}\n')
    listening = asyncio.create_task(nursery._listen(said))
    assert (await (await first).ended()).status == 3
    still = asyncio.ensure_future((await second).ended())
    await asyncio.sleep(0)
    assert not still.done()
    said.feed_data(ended.replace(b"3", b"4"))
    assert (await still).status == 4
    said.feed_eof()
    await listening


async def test_who_gave_up_waiting_for_a_child_leaves_the_others_theirs() -> None:
    nursery, said = Nursery(), asyncio.StreamReader()
    first, second = (asyncio.get_running_loop().create_future() for _ in range(2))
    nursery._begun += [first, second]
    listening = asyncio.create_task(nursery._listen(said))
    said.feed_data(b'{"pid": 7}\n{"pid": 8}\n')
    ending = asyncio.ensure_future((await first).ended())
    await asyncio.sleep(0)
    ending.cancel()
    said.feed_data(b'{"pid": 7, "ended": {"status": 3}}\n{"pid": 8, "ended": {"status": 4}}\n')
    assert (await (await second).ended()).status == 4
    said.feed_eof()
    await listening


def test_moments_are_spread_over_the_whole() -> None:
    assert spread([""] * 3, 10) == [0, 1, 2]
    assert spread([""] * 101, 3) == [0, 50, 100]
    assert spread([""] * 101, 1) == [50]
    rare = (
        ["commit a"] * 40
        + ["slack chat.postMessage delivery", "sync x", "slack chat.update asking"]
        + ["commit b"] * 58
    )
    assert spread(rare, 5) == [0, 25, 40, 41, 42, 50, 75, 100]
    assert spread(rare, 3) == [0, 50, 100]


def said(home: Path, *messages: str) -> None:
    (home / "outbox").mkdir(parents=True)
    lines = [json.dumps({"content": message}) for message in messages]
    (home / "outbox" / "ops.jsonl").write_text("\n".join([*lines, '{"content": "torn']) + "\n")


@pytest.mark.parametrize(
    "messages, verdict", [((), "lost"), (("lunch",), "once"), (("lunch", "lunch"), "doubled"), (("no",), "doubled")]
)
def test_what_is_missing_and_what_is_there_twice_is_seen(
    tmp_path: Path, messages: tuple[str, ...], verdict: str, migrated_file: Path
) -> None:
    home = tmp_path / "home"
    said(home, *messages)
    (home / "sophia.db").write_bytes(migrated_file.read_bytes())
    assert judge(Place(tmp_path), [Look(outbox="#ops", expect=["lunch"])], "").verdict == verdict


@pytest.mark.parametrize(
    "seen, failed, verdict",
    [
        (["old"], True, "told"),
        (["old"], False, "lost"),
        (["new"], False, "once"),
        (["new"], True, "once"),
        ([], True, "lost"),
        (["old", "third"], True, "doubled"),
        (["old", "old"], True, "doubled"),
    ],
)
def test_who_is_refused_is_told_and_finds_all_as_it_was(
    tmp_path: Path, seen: list[str], failed: bool, verdict: str, migrated_file: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copyfile(migrated_file, home / "sophia.db")
    with sqlite3.connect(home / "sophia.db") as database:
        database.execute("CREATE TABLE world (says TEXT)")
        database.executemany("INSERT INTO world VALUES (?)", [(each,) for each in seen])
        if failed:
            _failed(database)
    looks = [Look(sql="SELECT says FROM world", expect=[["new"]])]
    assert judge(Place(tmp_path), looks, "no room", before=[[["old"]]], refuses=True, thread="c_1").verdict == verdict


def _failed(database: sqlite3.Connection) -> None:
    """A turn that failed with its effect; columns of no concern are filled with whatever fits."""
    for table, known in (
        ("turns", {"id": "t1", "thread": "c_1", "status": "failed"}),
        ("effects", {"id": "e1", "turn": "t1", "status": "failed"}),
    ):
        columns = database.execute(f"PRAGMA table_info({table})").fetchall()
        row = {name: known.get(name, 0) for _, name, _, required, _, key in columns if required or key or name in known}
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        database.execute("PRAGMA foreign_keys=OFF")
        database.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", [*row.values()])


@pytest.mark.parametrize("text", ["- 7", "- {workflow: x, act: {}, looks: []}", "{", "- {workflow: x}"])
def test_cases_of_nonsense_are_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "cases.yaml").write_text(text)
    with pytest.raises(SuiteError, match=r"cases\.yaml"):
        load(tmp_path / "cases.yaml")
