"""Conditions in every form that people give them: an effect under a condition is planned with it, or asked about."""

from __future__ import annotations

from itertools import product

import pytest

from tests.agent.test_offline_requests import planned, steps

LOOKS = {
    "preview dev": "stack_preview",
    "check dev for drift": "stack_drift",
    "check the health of dev": "stack_health",
}
CONDITIONS = (
    "if that's clean", "if clean", "if all good", "if so", "if good", "if ok", "if everything checks out",
    "if nothing's off", "if there's nothing wrong", "if no problems", "if not",
)  # fmt: skip
ACTIONS = {"tear it down": "stack_destroy", "tell #ops": "notify"}
FORMS = (
    "{look} and {condition} then {action}",
    "{look}, and {condition} {action}",
    "{look}; {condition} then {action}",
    "{look} and {action} {condition}",
)


def test_no_effect_loses_its_condition_and_no_step_is_dropped() -> None:
    wrong: list[str] = []
    for look, condition, action, form in product(LOOKS, CONDITIONS, ACTIONS, FORMS):
        text = form.format(look=look, condition=condition, action=action)
        planning = planned(text)
        if planning.plan is None:
            assert planning.kind == "clarify", text
            if condition != "if not":  # after the action it is no condition that anybody could look up
                wrong.append(f"{text}: {planning.question}")
        elif [(step.tool, step.when is not None) for step in planning.plan.steps][-1] != (ACTIONS[action], True):
            wrong.append(f"{text}: {[(step.tool, step.when) for step in planning.plan.steps]}")
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        "deploy production after checkpointing it", "deploy production once you've checkpointed it",
        "deploy production, after you have checkpointed it", "after checkpointing production deploy it",
        "after checkpointing production, deploy it",
    ],
)  # fmt: skip
def test_what_comes_first_is_done_first_wherever_it_was_said(text: str) -> None:
    assert [(tool, needs) for tool, _, needs, _ in steps(text)] == [("stack_checkpoint", []), ("stack_up", ["s1"])]


@pytest.mark.parametrize(
    "text", ["checkpoint dev, then after it's done deploy it", "checkpoint dev, then deploy dev after dev is done"]
)
def test_what_is_to_be_over_first_says_only_the_order(text: str) -> None:
    assert [(tool, when) for tool, _, _, when in steps(text)] == [("stack_checkpoint", None), ("stack_up", None)]


@pytest.mark.parametrize(
    "text,found",
    [
        ("if there's drift on dev fix it", ("stack_drift", "stack_repair", "s1.drifted = true")),
        ("repair dev if needed", ("stack_drift", "stack_repair", "s1.drifted = true")),
        ("deploy dev if necessary", ("stack_preview", "stack_up", "s1.changes > 0")),
        ("if dev is clean deploy it", ("stack_drift", "stack_up", "s1.drifted = false")),
        ("deploy production once dev is up", ("stack_health", "stack_up", "s1.healthy = true")),
        ("deploy production only after the health check passes", ("stack_health", "stack_up", "s1.healthy = true")),
        ("after the health check passes deploy production", ("stack_health", "stack_up", "s1.healthy = true")),
        ("deploy prod, but only after drift is clean", ("stack_drift", "stack_up", "s1.drifted = false")),
        ("deploy production after dev has been healthy for an hour", ("stack_health", "stack_up", "s1.healthy = true")),
        ("deploy dev, if that goes well then deploy production", ("stack_up", "stack_up", "s1.healthy = true")),
    ],
)
def test_the_look_that_a_condition_takes_for_granted_is_planned(text: str, found: tuple[str, str, str]) -> None:
    (first, _, _, _), (second, _, _, when) = steps(text)
    assert (first, second, when) == found


def test_a_condition_on_how_a_deploy_went_is_looked_up_after_it() -> None:
    found = steps("deploy dev, if it's healthy, then deploy production")
    assert [(tool, args["stack"], when) for tool, args, _, when in found] == [
        ("stack_up", "development", None),
        ("stack_health", "development", None),
        ("stack_up", "production", "s2.healthy = true"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "if dev is healthy deploy prod else roll dev back",
        "if dev is healthy, deploy prod, else, roll dev back",
        "if dev is healthy deploy prod; else roll back dev",
    ],
)
def test_else_is_otherwise(text: str) -> None:
    assert [(tool, when) for tool, _, _, when in steps(text)] == [
        ("stack_health", None),
        ("stack_up", "s1.healthy = true"),
        ("stack_rollback", "s1.healthy = false"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "deploy dev and then, once healthy, prod",
        "deploy dev, once healthy deploy prod",
        "deploy dev, and when it's healthy, prod too",
    ],
)
def test_what_stands_behind_a_condition_depends_on_it_and_not_what_stands_before(text: str) -> None:
    assert [(tool, args["stack"], when) for tool, args, _, when in steps(text)] == [
        ("stack_up", "development", None),
        ("stack_health", "development", None),
        ("stack_up", "production", "s2.healthy = true"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "deploy dev if healthy, prod too", "promote dev to prod", "sync dev with prod", "deploy dev to prod",
        "if users touch it repair dev", "if they destroy it tell #ops", "roll back prod if needed",
        "roll back dev only after someone approves", "deploy dev after I have merged the branch",
        "deploy production after dev is deployed", "once dev is deployed, deploy production",
    ],
)  # fmt: skip
def test_a_condition_that_nothing_tells_is_asked_about(text: str) -> None:
    assert planned(text).kind == "clarify"


@pytest.mark.parametrize(
    "text, acted",
    [
        (
            "check dev and prod for drift; if dev has drifted repair it",
            [("stack_repair", "development", "s1.drifted = true")],
        ),
        (
            "check dev and prod for drift and if either has drifted repair it",
            [
                ("stack_repair", "development", "s1.drifted = true"),
                ("stack_repair", "production", "s2.drifted = true"),
            ],
        ),
        (
            "check dev and prod for drift and repair the ones that drifted",
            [
                ("stack_repair", "development", "s1.drifted = true"),
                ("stack_repair", "production", "s2.drifted = true"),
            ],
        ),
        (
            "check the health of dev and prod, then roll back whichever is down",
            [
                ("stack_rollback", "development", "s1.healthy = false"),
                ("stack_rollback", "production", "s2.healthy = false"),
            ],
        ),
        (
            "check the health of dev and prod and deploy the healthy one",
            [("stack_up", "development", "s1.healthy = true"), ("stack_up", "production", "s2.healthy = true")],
        ),
        (
            "check the health of dev and prod; if they are healthy deploy sophia-production",
            [("stack_up", "sophia-production", "s1.healthy = true and s2.healthy = true")],
        ),
        (
            "check dev and prod for drift, and if there is any pause everything",
            [("pause_all", None, "s1.drifted = true or s2.drifted = true")],
        ),
    ],
)
def test_a_condition_on_several_stacks_is_held_for_each(text: str, acted: list[tuple[str, str | None, str]]) -> None:
    assert [(tool, args.get("stack"), when) for tool, args, _, when in steps(text)[2:]] == acted


def test_what_several_steps_find_is_all_told() -> None:
    told = [args["content"] for tool, args, _, _ in steps("check dev and prod for drift and tell #ops the result")[2:]]
    assert told == [{"$from": "s1.summary"}, {"$from": "s2.summary"}]


def test_all_of_many_stacks_are_meant_by_a_pronoun() -> None:
    repaired = [args["stack"] for tool, args, _, _ in steps("check all stacks for drift and repair them")[4:]]
    assert repaired == ["development", "production", "sophia-production", "sophia-ai-modernized"]


@pytest.mark.parametrize("text", ["deploy prod after dev", "deploy prod following dev", "deploy dev before prod"])
def test_two_stacks_are_acted_on_in_the_order_that_is_said(text: str) -> None:
    assert [args["stack"] for _, args, _, _ in steps(text)] == ["development", "production"]


def test_in_that_case_is_when_what_the_condition_says_is_so() -> None:
    assert [
        (tool, when) for tool, _, _, when in steps("deploy dev unless prod has drifted, in that case tell #ops")
    ] == [
        ("stack_drift", None),
        ("stack_up", "s1.drifted = false"),
        ("notify", "s1.drifted = true"),
    ]
