"""The suite `wrong_plans`: every kind of mistake is made, and one that is carried out unasked is seen."""

from __future__ import annotations

import pytest

from agent.guard import RULES
from evals import harness


async def test_what_is_carried_out_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    for rule in RULES:
        monkeypatch.setitem(RULES, rule, lambda _: None)
    found = await harness.run("wrong_plans", harness.quick_cases("wrong_plans"))
    assert found["metrics"]["executed"] > 30
    assert found["failed"] >= 3


async def test_each_kind_of_mistake_has_examples_for_its_page() -> None:
    found = await harness.run("wrong_plans", harness.quick_cases("wrong_plans"))
    assert found["metrics"]["executed"] == 0
    for result in found["results"]:
        assert all(result[part] for part in ("plan", "labels", "verdicts", "timings")), result["case"]
        examples = {row["example"].partition(" ")[0] for row in result["plan"]}
        assert examples == set(result["actual"]) == {row["fate"] for row in result["timings"]}
