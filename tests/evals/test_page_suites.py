from __future__ import annotations

import json

import pytest

from evals.harness import evaluate
from evals.pages.cases import load as load_pairs
from evals.stream.cases import load as load_streams
from evals.suite import SuiteError


def test_cases_from_elsewhere_are_read_as_the_contract_says(tmp_path):
    (tmp_path / "a.html").write_text("<p>one</p>")
    (tmp_path / "b.html").write_text("<p>two</p>")
    pair = {
        "id": 3,
        "document": "X/Y",
        "label": "change",
        "kind": "text",
        "unlabelled": False,
        "before": "a.html",
        "after": "b.html",
        "captured_before": "2024-01-01T00:00:00+00:00",
        "captured_after": "2024-01-02T00:00:00+00:00",
    }
    skipped = pair | {"id": 4, "unlabelled": True}
    noise = pair | {"id": 5, "label": "noise", "kind": "noise"}
    (tmp_path / "index.jsonl").write_text("\n".join(map(json.dumps, (pair, skipped, noise))))
    assert [(found.name, found.kind) for found in load_pairs(tmp_path)] == [("3 X/Y", "text"), ("5 X/Y", "noise")]
    moments = [
        {
            "document": "X/Y",
            "captured": f"2024-01-0{day}T00:00:00+00:00",
            "file": "a.html",
            "change": day == 2,
            "unlabelled": day == 3,
        }
        for day in (1, 2, 3)
    ]
    (tmp_path / "index.jsonl").write_text("\n".join(map(json.dumps, moments)))
    (stream,) = load_streams(tmp_path)
    assert [moment.change for moment in stream.moments] == [False, True, None]


@pytest.mark.parametrize("index", [None, "{", '{"id": 1}', '{"document": "x", "captured": "soon", "file": "a"}'])
def test_cases_that_cannot_be_read_are_said_to_be_so(tmp_path, index):
    if index is not None:
        (tmp_path / "index.jsonl").write_text(index)
    for load in (load_pairs, load_streams):
        with pytest.raises(SuiteError):
            load(tmp_path)


async def test_an_error_is_told_with_its_reason(tmp_path, capsys):
    (tmp_path / "a.html").write_text(f"<html><title>Plans</title><p>{'Our plans have voice and chat. ' * 9}</p></html>")
    (tmp_path / "b.html").write_text(f"<html><title>Plans</title><p>{'Our plans have voice and text. ' * 9}</p></html>")
    row = {
        "id": 1,
        "document": "X/Y",
        "label": "noise",
        "before": "a.html",
        "after": "b.html",
        "captured_before": "2024-01-01T00:00:00+00:00",
        "captured_after": "2024-01-02T00:00:00+00:00",
    }
    missed = row | {"id": 2, "label": "change", "kind": "text", "after": "a.html"}
    (tmp_path / "index.jsonl").write_text("\n".join(map(json.dumps, (row, missed))))
    assert await evaluate(["pages"], cases=tmp_path) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if "✗" in line]
    assert [line.partition(": ")[2].partition(" (")[0].partition(":")[0] for line in told] == ["missed", "false alarm"]
