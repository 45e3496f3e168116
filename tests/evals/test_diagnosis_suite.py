"""The suite `diagnosis`, on a known cause, on one in the program, and on one that no pattern knows."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from evals import harness
from evals.diagnosis.cases import load
from infra.patterns import PATTERNS

pytestmark = pytest.mark.slow
CHOSEN = ("quota",)


async def test_causes_are_said_with_their_lines_and_none_is_made_up(tmp_path: Path) -> None:
    cases = [case.model_dump(mode="json") for case in load(None) if case.case in CHOSEN]
    path = tmp_path / "cases.yaml"
    wrong = {**cases[-1], "case": "expected wrongly", "expect": "lock held"}
    path.write_text(yaml.safe_dump([*cases, wrong]))
    found = await harness.run("diagnosis", path)
    assert {result["case"]: result["passed"] for result in found["results"]} == {
        **dict.fromkeys(CHOSEN, True),
        "expected wrongly": False,
    }
    assert (found["metrics"]["unsupported"], found["metrics"]["invented"]) == (0, 0)


def test_the_suite_is_wide_and_its_held_out_classes_are_no_pattern_s() -> None:
    cases = load(None)
    held_out = [case for case in cases if case.expect is None]
    assert len(cases) >= 40
    assert len(held_out) >= 10
    known = {case.expect for case in cases} - {None}
    assert known <= {pattern.kind for pattern in PATTERNS}
    assert len(known) >= 25
