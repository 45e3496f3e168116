"""The suite `journeys`: conversations on real parts, and that it sees what isn't as it should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals import harness
from evals.journeys.cases import load
from evals.suite import SuiteError

WRONG = """
- journey: everything about it is wrong
  steps:
    - {ask: "tell #ops: lunch is ready", ends: waiting, says: ["supper"], never: ["Told #ops"], card: ["#ops"]}
    - {ask: "tell #ops: lunch is ready", crash: "commit something that never happens"}
  questions: 0
  effects: {pause_all: 1}
  outbox: {"#ops": ["supper is ready"]}
  pages: [/nowhere]
- journey: somebody is asked too often
  steps:
    - {ask: "check for drift", ends: question}
  questions: 0
"""


@pytest.mark.timeout(600)
async def test_what_is_wrong_with_a_conversation_is_said(tmp_path: Path) -> None:
    (tmp_path / "cases.yaml").write_text(WRONG)
    found = await harness.run("journeys", tmp_path / "cases.yaml")
    everything, often = (result["reason"] for result in found["results"])
    for sentence in (
        "step 1: it is done, not waiting",
        "it doesn't say 'supper'",
        "it says 'Told #ops'",
        "the card doesn't say '#ops'",
        "step 2: it was not killed",
        "made: {'notify': 1}, not {'pause_all': 1}",
        "not {'#ops': ['supper is ready']}",
        "not ['/nowhere']",
    ):
        assert sentence in everything
    assert "people were asked 1 times, and 0 is the most" in often
    assert found["metrics"]["right"] == 0.0


def test_there_are_enough_of_them_and_each_shows_something_else() -> None:
    journeys = load(None)
    assert len(journeys) >= 25
    assert len({journey.journey for journey in journeys}) == len(journeys)
    steps = [step for journey in journeys for step in journey.steps]
    for kind in ("approve", "deny", "crash", "later", "schedule", "page"):
        assert any(getattr(step, kind) is not None for step in steps), kind


@pytest.mark.parametrize("text", ["- 7", "- {journey: x, steps: []}", "- {journey: x, steps: [{}], questions: 0}", "{"])
def test_conversations_of_nonsense_are_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "cases.yaml").write_text(text)
    with pytest.raises(SuiteError, match=r"cases\.yaml"):
        load(tmp_path / "cases.yaml")
