"""The suite `drift`: found as it is built, and wrong when what it judges is."""

from __future__ import annotations

import json
from pathlib import Path

from evals import harness


async def test_cases_from_elsewhere_are_scored(tmp_path: Path) -> None:
    opened = {"resource": "gate", "path": "open", "value": True, "check": 0}
    gate = {"name": "gate", "type": "x:Gate", "properties": [{"name": "open", "declared": False}]}
    cases = [
        {"case": "opened", "kind": "drift", "resources": [gate], "edits": [opened]},
        {"case": "not seen", "kind": "drift", "resources": [gate], "edits": [{**opened, "path": "", "check": 3}]},
        {"case": "said wrongly", "kind": "drift", "resources": [gate], "edits": [{**opened, "path": "x.y"}]},
    ]
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(cases))
    found = await harness.run("drift", path)
    assert [result["passed"] for result in found["results"]] == [True, True, False]
    assert found["metrics"]["recall"] == 0.5
