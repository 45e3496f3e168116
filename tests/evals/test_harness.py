"""Running suites: what makes a run fail, what a baseline holds, what is printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.comparing import worse
from evals.harness import compare, evaluate, run, suites
from evals.suite import SuiteError

RIGHT = '- {q: "list stacks", kind: read, family: stack_list, note: plain}\n'
WRONG = '- {q: "list stacks", kind: write, family: stack_up, args: {stack: development}, note: plain}\n'


def cases(folder: Path, text: str) -> Path:
    path = folder / "cases.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_suite_is_registered_by_being_there() -> None:
    assert "requests" in suites()


async def test_a_run_is_one_document(tmp_path: Path) -> None:
    found = await run("requests", cases(tmp_path, RIGHT + WRONG))
    assert (found["suite"], found["cases"], found["passed"], found["failed"], found["errors"]) == (
        "requests",
        2,
        1,
        1,
        0,
    )
    assert isinstance(found["metrics"], dict)
    assert found["metrics"]["right"] == 0.5
    assert found["metrics"]["wrong_effects"] == 0
    results = found["results"]
    assert isinstance(results, list)
    first = results[0]
    assert isinstance(first, dict)
    assert first["case"] == "list stacks"
    assert first["passed"] is True
    assert first["actual"] == {
        "kind": "plan",
        "effect": "read",
        "steps": [
            {"id": "s1", "tool": "stack_list", "args": {}, "needs": [], "when": None, "why": "asked: “list stacks”"}
        ],
        "question": None,
    }


async def test_a_case_that_is_wrong_does_not_fail_the_run(tmp_path: Path) -> None:
    assert await evaluate(["requests"], cases=cases(tmp_path, RIGHT + WRONG)) == 0


async def test_a_run_without_cases_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await evaluate(["requests"], cases=cases(tmp_path, "")) == 1
    assert "no case" in capsys.readouterr().err


async def test_json_is_one_document_and_the_rest_goes_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await evaluate(["requests"], cases=cases(tmp_path, RIGHT), as_json=True) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["passed"] == 1
    assert "requests: 1 of 1 passed" in printed.err


async def test_a_metric_that_is_worse_than_the_baseline_fails_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tmp_path / "baseline.json"
    before.write_text(json.dumps(await run("requests", cases(tmp_path, RIGHT))), encoding="utf-8")
    assert await evaluate(["requests"], cases=cases(tmp_path, RIGHT), baseline=before) == 0
    assert await evaluate(["requests"], cases=cases(tmp_path, RIGHT + WRONG), baseline=before) == 1
    assert "right is 0.5, and was 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "- just a word\n",
        "a: mapping\n",
        "- {q: 1, kind: read, unknown: 2}\n",
        "- {kind: read}\n",
        "- {q: x, kind: read, context: {nonsense: 1}}\n",
        "- [\n",
        "\x00",
    ],
)
async def test_cases_that_can_not_be_read_are_wrong_usage(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await evaluate(["requests"], cases=cases(tmp_path, text)) == 2
    assert "cases.yaml" in capsys.readouterr().err


async def test_an_unknown_suite_and_a_broken_baseline_are_wrong_usage(tmp_path: Path) -> None:
    assert await evaluate(["nothing"]) == 2
    assert await evaluate(["requests"], cases=tmp_path / "nowhere.yaml") == 2
    broken = tmp_path / "baseline.json"
    broken.write_text("[]", encoding="utf-8")
    assert await evaluate(["requests"], cases=cases(tmp_path, RIGHT), baseline=broken) == 2


async def test_a_baseline_may_hold_several_suites(tmp_path: Path) -> None:
    found = await run("requests", cases(tmp_path, RIGHT))
    assert compare(found, {"requests": found, "other": {"metrics": {"right": 2.0}}}) == []
    with pytest.raises(SuiteError):
        compare(found, {"metrics": None})


def test_what_is_worse_depends_on_the_metric() -> None:
    lower = frozenset({"wrong_effects"})
    before = {"right": 0.9, "wrong_effects": 1.0, "right.typo": 0.5, "wrong_effects.typo": 0.0}
    assert worse(before, before, lower) == []
    better = {"right": 1.0, "wrong_effects": 0.0, "right.typo": 0.6, "wrong_effects.typo": 0.0}
    assert worse(better, before, lower) == []
    assert len(worse({"right": 0.8, "wrong_effects": 2.0, "wrong_effects.typo": 1.0}, before, lower)) == 4
