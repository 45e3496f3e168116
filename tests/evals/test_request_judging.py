"""When a plan is right for a request, and when it would do what nobody asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.plan import Plan, Step
from agent.planning.planner import Planning
from evals.requests.cases import Case, load
from evals.requests.judging import Verdict, judge, kind_of, same
from tools.registry import discover


def plan(*steps: tuple[str, dict[str, Any]]) -> Planning:
    made = [Step(id=f"s{at}", tool=tool, args=args) for at, (tool, args) in enumerate(steps, 1)]
    return Planning(kind="plan", plan=Plan(steps=made), planner="offline")


def judged(expected: dict[str, Any], planning: Planning) -> Verdict:
    return judge(Case.model_validate({"q": "…", **expected}), planning, discover())


CLARIFY = Planning(kind="clarify", question="?", planner="offline")
UP = ("stack_up", {"stack": "development"})
HEALTH = ("stack_health", {"stack": "development"})
TELL = ("notify", {"channel": "#ops", "content": {"$from": "s1.summary"}})


def test_the_kind_is_what_the_worst_step_does() -> None:
    tools = discover()
    assert kind_of(plan(HEALTH), tools) == "read"
    assert kind_of(plan(HEALTH, TELL), tools) == "write"
    assert kind_of(CLARIFY, tools) == "clarify"


def test_arguments_are_a_subset_found_in_any_step() -> None:
    assert judged({"kind": "write", "family": "stack_up", "args": {"stack": "development"}}, plan(HEALTH, UP)).right
    assert not judged({"kind": "write", "family": "stack_up", "args": {"stack": "production"}}, plan(UP)).right
    assert not judged({"kind": "write", "args": {"content": "x"}}, plan(HEALTH, TELL)).right


def test_the_family_is_the_first_step_that_writes_or_else_the_first() -> None:
    assert judged({"kind": "write", "family": "notify"}, plan(HEALTH, TELL)).right
    assert judged({"kind": "read", "family": ["stack_drift", "stack_health"]}, plan(HEALTH)).right
    assert not judged({"kind": "read", "family": "stack_drift"}, plan(HEALTH)).right


def test_steps_are_these_in_this_order() -> None:
    steps = {"kind": "write", "steps": ["stack_up", "stack_health", ["notify", "stack_outputs"]]}
    assert judged(steps, plan(UP, HEALTH, TELL)).right
    assert not judged(steps, plan(UP, HEALTH)).right
    assert not judged(steps, plan(HEALTH, UP, TELL)).right


def test_a_write_that_was_not_asked_for_is_a_wrong_effect() -> None:
    for expected in ({"kind": "read"}, {"kind": "clarify"}, {"kind": "refuse"}):
        assert judged(expected, plan(UP)).wrong_effects
        assert not judged(expected, plan(HEALTH)).wrong_effects
        assert not judged(expected, CLARIFY).wrong_effects
    assert judged({"kind": "write", "family": "stack_repair"}, plan(UP)).wrong_effects
    assert judged({"kind": "write", "steps": ["stack_up"]}, plan(UP, TELL)).wrong_effects


def test_a_write_on_another_target_is_a_wrong_effect() -> None:
    expected = {"kind": "write", "family": "stack_up", "args": {"stack": "production"}}
    assert judged(expected, plan(UP)).wrong_effects == ["stack_up is aimed elsewhere"]
    elsewhere = {"kind": "write", "family": "notify", "args": {"channel": "#exec"}}
    assert judged(elsewhere, plan(TELL)).wrong_effects
    another_value = {"kind": "write", "family": "stack_up", "args": {"stack": "development", "name": "x"}}
    assert not judged(another_value, plan(UP)).wrong_effects


@pytest.mark.parametrize(
    "name,found,expected,equal",
    [
        ("since", "14d", "2w", True),
        ("since", "36h", "1d", False),
        ("since", "24h", "1d", True),
        ("value", "4", 4, True),
        ("competitors", ["RealPage"], "realpage", True),
        ("competitors", ["RealPage", "EliseAI"], ["EliseAI", "RealPage"], True),
        ("competitors", ["RealPage"], ["EliseAI", "RealPage"], False),
        ("url", "https://www.realpage.com/a/", "realpage.com/a", True),
        ("url", "https://www.realpage.com/a", "https://www.realpage.com/b", False),
        ("channel", "#ops", "ops", True),
        ("key", "log_level", "log level", True),
        ("content", {"$from": "s1.summary"}, "s1.summary", False),
    ],
)
def test_which_values_say_the_same(name: str, found: Any, expected: Any, equal: bool) -> None:
    assert same(name, found, expected) is equal


def test_a_day_alone_is_its_noon_and_words_stay_words(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(
        '- {q: yes, kind: clarify, now: 2026-11-23}\n- {q: 4, kind: clarify, now: "2026-11-23T08:30:00"}\n'
        '- {q: x, kind: clarify, now: "2026-11-23", note: "typo: bad"}\n',
        encoding="utf-8",
    )
    first, second, third = load(path)
    assert (first.q, first.moment) == ("yes", datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert (second.q, second.moment) == ("4", datetime(2026, 11, 23, 8, 30, tzinfo=UTC))
    assert third.moment == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert third.group == "typo"
