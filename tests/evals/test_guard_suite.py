"""The suite `guard` turns red when the guard is wrong. That it is right is its own run, in the quick profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import guard
from agent.guard import Answer
from evals.guard import mutating, scorer
from evals.suite import CaseResult, SuiteError


async def scored(folder: Path, cases: str) -> list[CaseResult]:
    place = folder / "cases.yaml"
    place.write_text(cases, encoding="utf-8")
    return (await scorer.score(place)).results


@pytest.fixture
def lax(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guard that lets what was read steer what a grant was exceeded for."""
    rule = guard.RULES["R4"]
    exceeded = guard.Standing.EXCEEDED
    monkeypatch.setitem(guard.RULES, "R4", lambda facts: None if facts.standing is exceeded else rule(facts))


@pytest.mark.usefixtures("lax")
async def test_a_guard_that_is_wrong_somewhere_is_found_out_by_the_sweep_and_by_a_call(tmp_path: Path) -> None:
    cases = (
        "- {sweep: statement}\n- {sweep: standing}\n- {sweep: halted}\n"
        "- {q: beyond a grant, answer: ask_one, rules: [R4],\n"
        "   facts: {effect: change, influence: untrusted, standing: exceeded}}\n"
    )
    statement, standing, halted, call = await scored(tmp_path, cases)
    assert not statement.passed
    wrong = (statement.model_extra or {})["wrong"]
    assert wrong[0]["answers"] == ["allow", "ask_one"]
    assert {case["facts"]["standing"] for case in wrong} == {"exceeded"}
    assert not standing.passed, "beyond a grant more is allowed on a protected stack than within it"
    assert halted.passed
    assert (call.passed, call.actual) == (False, {"answer": Answer.ALLOW, "rules": []})


@pytest.mark.usefixtures("lax")
async def test_no_wrong_guard_can_be_told_from_a_wrong_one(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="isn't what is stated"):
        await scored(tmp_path, "- {mutants: weakened}\n")


async def test_a_mutant_that_nobody_notices_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blind = mutating.Mutant("R3", "nothing at all", guard.decide)
    monkeypatch.setitem(scorer._MUTANTS, "weakened", lambda: iter([blind]))
    found = (await scored(tmp_path, "- {mutants: weakened}\n"))[0]
    assert (found.passed, (found.model_extra or {})["reason"]) == (False, "nobody notices ['nothing at all']")


async def test_cases_that_say_nothing_sensible_are_refused(tmp_path: Path) -> None:
    for wrong in ("- {sweep: weather}", "- {mutants: all}", "- {q: x, facts: {colour: red}, answer: allow}", "7"):
        with pytest.raises(SuiteError):
            await scored(tmp_path, wrong)
