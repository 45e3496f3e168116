"""What is compared, what turns red, what is written down, and cases that are proposed from what was recorded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from agent.planning.offline import OfflinePlanner
from agent.terminal.app import app
from evals import harness
from evals.comparing import as_baseline, certain, compared
from evals.harness import Options, evaluate
from evals.model_runs import Row, digest_of, keep, kept, measured, table
from evals.requests import scorer
from evals.suite import CaseResult, Outcome

RIGHT = '- {q: "list stacks", kind: read, family: stack_list, note: plain}\n'
WRONG = '- {q: "list stacks", kind: write, family: stack_up, args: {stack: development}, note: plain}\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def a_run(*results: tuple[str, bool, str | None], **metrics: float) -> dict[str, object]:
    cases = [{"case": case, "passed": passed, "error": error} for case, passed, error in results]
    return {"suite": "requests", "metrics": metrics, "results": cases}


def test_what_failed_and_what_broke_are_told_apart() -> None:
    before = as_baseline(a_run(("a", True, None), ("b", False, None), ("c", True, None), right=0.6, wrong=1))
    now = a_run(("a", False, None), ("b", True, None), ("c", False, "no network"), right=0.7, wrong=2)
    found = compared(now, before, frozenset({"wrong"}))
    assert found.better == ["right is 0.7, and was 0.6"]
    assert found.worse == ["wrong is 2, and was 1"]
    assert (found.newly_failed, found.newly_passed, found.errors) == (["a"], ["b"], ["c: no network"])
    assert [line.split(":")[0].strip() for line in found.lines()] == [
        "better",
        "worse",
        "passes now",
        "fails now",
        "could not be scored",
    ]


def test_a_part_of_the_cases_is_held_to_what_the_whole_says_of_any_part() -> None:
    """What never happens in all of them, and what always does; not a count, nor a share between."""
    metrics = {"right": 1.0, "wrong": 0.0, "wrong.a": 0.0, "half": 0.5, "cases": 9.0, "lost": 2.0}
    lower = frozenset({"wrong", "lost"})
    assert certain({"suite": "x", "metrics": metrics}, lower)["metrics"] == {"right": 1.0, "wrong": 0.0, "wrong.a": 0.0}


async def test_a_quick_run_is_held_to_figures_of_its_own_or_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "requests"
    folder.mkdir()
    (folder / "scorer.py").touch()
    (folder / "held_out.yaml").write_text(RIGHT + WRONG)
    monkeypatch.setattr(harness, "_HERE", tmp_path)
    quick = Options(quick=True)
    assert await evaluate(["requests"], options=quick) == 1, "nothing says how good it was"
    assert "no figure" in capsys.readouterr().err
    (folder / "baseline.json").write_text('{"suite": "requests", "metrics": {"wrong_effects": 0, "right": 0.9}}')
    assert await evaluate(["requests"], options=quick) == 0
    (folder / "baseline.json").write_text('{"suite": "requests", "metrics": {"wrong_effects": 0, "right": 1}}')
    assert await evaluate(["requests"], options=quick) == 1
    assert "right is 0.5, and was 1" in capsys.readouterr().err
    assert await evaluate(["requests"], options=Options(quick=True, write_baseline=True)) == 0
    assert json.loads((folder / "quick_baseline.json").read_text())["metrics"]["right"] == 0.5
    assert await evaluate(["requests"], options=quick) == 0
    (folder / "held_out.yaml").write_text(WRONG)
    assert await evaluate(["requests"], options=quick) == 1


def test_a_metric_must_be_on_both_sides() -> None:
    before, now = {"metrics": {"right": 1.0, "gone": 0.0}}, a_run(right=1, new=3, milliseconds=7)
    assert compared(now, before, frozenset(), complete=True).worse == [
        "gone was 0 and isn't measured any more",
        "new is 3, and the baseline doesn't have it",
    ]
    assert compared(now, before, frozenset()).worse == ["gone was 0 and isn't measured any more"]


def test_times_of_a_machine_are_no_baseline() -> None:
    assert as_baseline(a_run(right=1, milliseconds=7, turn_ms=3))["metrics"] == {"right": 1}


async def test_a_suite_that_breaks_is_red_and_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(cases: Path | None) -> Outcome:
        raise ZeroDivisionError("the scorer has a bug")

    monkeypatch.setattr(scorer, "score", broken)
    assert await evaluate(["requests"], options=Options(as_json=True)) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["errors"] == 1
    assert "the scorer has a bug" in json.loads(printed.out)["results"][0]["error"]


async def test_without_a_committed_baseline_a_run_is_red_until_one_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def one(cases: Path | None) -> Outcome:
        return Outcome(results=[CaseResult(case="a", passed=True)], metrics={"right": right})

    right = 1.0
    monkeypatch.setattr(scorer, "score", one)
    monkeypatch.setattr(harness, "_committed", lambda suite, **_: tmp_path / f"{suite}.json")
    assert await evaluate(["requests"]) == 1
    assert "--write-baseline" in capsys.readouterr().err
    assert await evaluate(["requests"], options=Options(write_baseline=True)) == 0
    assert await evaluate(["requests"]) == 0
    right = 0.5
    assert await evaluate(["requests"]) == 1
    assert "right is 0.5, and was 1" in capsys.readouterr().err
    file = tmp_path / "requests.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"right": 1.0', '"right": 0.5'), encoding="utf-8")
    assert await evaluate(["requests"]) == 1, "a figure that no run measured"
    assert "aren't those that were measured" in capsys.readouterr().err


def test_every_suite_has_a_baseline_that_speaks_of_it() -> None:
    for suite in harness.suites():
        baseline = json.loads(harness._committed(suite).read_text(encoding="utf-8"))
        assert baseline["suite"] == suite
        assert baseline["metrics"]


async def test_the_report_has_a_page_a_case_with_its_plan(tmp_path: Path) -> None:
    hostile = '- {q: "<script>alert(1)</script> p\\u0430y\\u202e", kind: clarify, note: plain}\n'
    options = Options(cases=written(tmp_path, RIGHT + WRONG + hostile), results=tmp_path / "report")
    assert await evaluate(["requests"], options=options) == 0
    index = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "<svg" in index
    third = (tmp_path / "report" / "requests" / "0003.html").read_text(encoding="utf-8")
    for text in (index, third):
        assert "<script>" not in text
        assert "\u202e" not in text
        assert "U+202E" in text
        assert "U+0430" in text, "a letter that is taken for another"
    worst = index[index.index("Worst cases") : index.index("All 3 cases")]
    assert "requests/0002.html" in worst
    assert "requests/0001.html" not in worst
    page = (tmp_path / "report" / "requests" / "0002.html").read_text(encoding="utf-8")
    for part in ("<h2>plan</h2>", "<h2>labels</h2>", "<h2>verdicts</h2>", "<h2>timings</h2>"):
        assert part in page
    assert "<td>s1</td><td>stack_list</td><td>allow</td>" in page
    assert "trusted, internal" in page
    assert "milliseconds" in page
    lines = (tmp_path / "report" / "requests.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["passed"] for line in lines][:2] == [True, False]


async def test_the_report_draws_the_baseline_beside_what_is_found(tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    before.write_text('{"suite": "requests", "metrics": {"right": 0.25}}', encoding="utf-8")
    options = Options(cases=written(tmp_path, RIGHT + WRONG), baseline=before, results=tmp_path / "report")
    assert await evaluate(["requests"], options=options) == 0
    index = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "was 0.25" in index
    assert "better: right is 0.5, and was 0.25" in index


def test_a_case_is_proposed_from_a_recorded_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOPHIA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    assert runner.invoke(app, ["ask", "list the stacks", "--thread", "c_odd"]).exit_code == 0
    runner.invoke(app, ["ask", "deploy it", "--thread", "c_odd", "--plan-only"])
    proposed = runner.invoke(app, ["eval", "add", "c_odd"])
    assert proposed.exit_code == 0, proposed.output
    (case,) = yaml.safe_load(proposed.stdout)
    assert (case["q"], case["kind"], case["family"]) == ("list the stacks", "read", "stack_list")
    cases = written(tmp_path, proposed.stdout)
    assert runner.invoke(app, ["eval", "requests", "--cases", str(cases)]).exit_code == 0
    assert runner.invoke(app, ["eval", "add", "c_nobody"]).exit_code == 2


async def test_a_model_s_row_is_kept_by_what_it_was_told(tmp_path: Path) -> None:
    cases = written(tmp_path, RIGHT + WRONG)
    row = await measured(OfflinePlanner(), digest_of("m"), 5, cases)
    assert (row.times, row.cases, row.right, row.always, row.wrong_effects) == (5, 2, 0.5, 0.5, 0)
    low, high = row.always_between
    assert 0 < low < 0.5 < high < 1
    file = tmp_path / "models.json"
    keep(row.model_copy(update={"planner": "m"}), file)
    keep(row.model_copy(update={"planner": "m", "tokens": 7}), file)
    (back,) = kept(file)
    assert back.tokens == 7
    assert "stale" not in table(row, [back], {"m": digest_of("m")})
    assert "| m (stale) |" in table(row, [back], {"m": digest_of("m", "http://127.0.0.1:1/v1")})
    assert "not run" in table(row, [], {})
    assert isinstance(back, Row)


def test_a_model_s_row_is_stale_when_what_it_is_asked_changes(tmp_path: Path) -> None:
    """Cases, and what says which plans are right; not what was measured of others."""
    suite = Path(shutil.copytree(Path(scorer.__file__).parent, tmp_path / "requests"))
    before = digest_of("m", "", suite)
    assert before == digest_of("m")
    (suite / "baseline.json").write_text("{}")
    assert digest_of("m", "", suite) == before
    for name in ("held_out.yaml", "judging.py"):
        (suite / name).write_text((suite / name).read_text() + "\n# changed\n")
        assert digest_of("m", "", suite) != before
        before = digest_of("m", "", suite)
