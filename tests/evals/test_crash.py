"""The suite `crash`: it finds its moments by itself, kills at them, and sees what is lost, doubled or left open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals import harness
from evals.crash import scorer
from evals.crash.cases import Look, load
from evals.crash.crashing import spread
from evals.crash.judging import Place, judge
from evals.suite import SuiteError


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_kills_lose_double_and_leave_open_nothing() -> None:
    found = await harness.run("crash", harness.quick_cases("crash"))
    assert found["errors"] == 0, found["results"]
    kills = found["metrics"].pop("kills")
    assert 8 <= kills <= 13, found["results"]  # a moment that doesn't come again the next time kills nobody
    assert set(found["metrics"].values()) == {0}, found["results"]
    moments = {moment.partition(" ")[0] for result in found["results"] for moment in result["moments"]}
    assert moments >= {"commit", "position", "open", "sync", "rename", "connect", "end"}
    assert "commit memory.ledger.Ledger._minted_for" in found["results"][0]["moments"]
    assert [line.split()[:3] for line in found["told"].splitlines()[1:3]] == [["tell", "a", "channel"]] * 2


def test_every_writer_and_all_built_in_work_has_its_rows() -> None:
    assert list(scorer.uncovered(load(None))) == []
    named = dict(scorer.uncovered([each for each in load(None) if each.act.tool != "stack_up"]))
    assert "stack_up" in named
    assert "s_sweep" in dict(scorer.uncovered([]))


def test_moments_are_spread_over_the_whole() -> None:
    assert spread([""] * 3, 10) == [0, 1, 2]
    assert spread([""] * 101, 3) == [0, 50, 100]


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


@pytest.mark.parametrize("text", ["- 7", "- {workflow: x, act: {}, looks: []}", "{", "- {workflow: x}"])
def test_cases_of_nonsense_are_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "cases.yaml").write_text(text)
    with pytest.raises(SuiteError, match=r"cases\.yaml"):
        load(tmp_path / "cases.yaml")
