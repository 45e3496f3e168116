"""Corrections in the middle of a request, one negation over several verbs, and conditions that answer one another."""

from __future__ import annotations

from itertools import product

import pytest

from tests.agent.test_offline_requests import planned, steps

TAKING_BACK = (
    ", sorry, ", ", I mean ", " — no, ", " er ", ", no wait, ", ", correction: ", ", oops, I meant ", ", or rather ",
    ". Sorry, I meant ", ", scratch that, ", ", hang on, no, ", ", actually no, ", ", make that ",
)  # fmt: skip
NEGATIONS = (
    "don't {} or {} prod", "never {} or {} prod", "I don't want you to {} or {} prod", "you mustn't {} or {} prod",
    "no need to {} or {} prod", "please do not under any circumstances {} or {} prod", "neither {} nor {} prod",
    "don't checkpoint, {} or {} prod", "don't {} and {} prod", "we shouldn't {} it or {} prod",
)  # fmt: skip


@pytest.mark.parametrize("said", TAKING_BACK)
def test_what_is_said_instead_replaces_the_slip(said: str) -> None:
    assert [(tool, args) for tool, args, _, _ in steps(f"roll back prod{said}dev")] == [
        ("stack_rollback", {"stack": "development"})
    ]
    again = f"destroy prod{said}destroy dev"
    assert [(tool, args) for tool, args, _, _ in steps(again)] == [("stack_destroy", {"stack": "development"})]


@pytest.mark.parametrize(
    "text,tools",
    [
        ("deploy prod - no, just preview it", ["stack_preview"]),
        ("pause s-3, forget that, resume s-4", ["schedule_resume"]),
        ("deploy prod, sorry dev is broken", ["stack_up"]),
        ("deploy dev instead of prod", ["stack_up"]),
        ("is prod drifting? report only, no repair", ["stack_drift"]),
    ],
)
def test_a_request_is_taken_back_only_by_what_takes_it_back(text: str, tools: list[str]) -> None:
    assert [tool for tool, _, _, _ in steps(text)] == tools


@pytest.mark.parametrize(
    "text", ["deploy dev, wait, no", "let's deploy prod. hmm no let's not", "deploy prod, cancel that"]
)
def test_what_is_taken_back_and_not_replaced_is_asked_about(text: str) -> None:
    assert planned(text).kind == "clarify"


def test_one_negation_covers_every_verb_that_is_joined_to_it() -> None:
    wrong: list[str] = []
    for form, verbs in product(NEGATIONS, [("deploy", "destroy"), ("repair", "roll back")]):
        text = f"{form.format(*verbs)}; is it healthy?"
        planning = planned(text)
        if planning.plan is None or [step.tool for step in planning.plan.steps] != ["stack_health"]:
            wrong.append(text)
    assert wrong == []


@pytest.mark.parametrize(
    "text,when",
    [
        ("deploy dev; if it has drifted, don't", [None, "s1.drifted = false"]),
        ("deploy dev, but not if it has drifted", [None, "s1.drifted = false"]),
        ("if dev has drifted don't deploy it, otherwise deploy it", [None, "s1.drifted = false"]),
        ("is prod healthy? no? then roll it back", [None, "s1.healthy = false"]),
        ("prod down? roll it back", [None, "s1.healthy = false"]),
        ("if prod is unhealthy, roll it back; otherwise do nothing", [None, "s1.healthy = false"]),
        ("deploy dev if it is healthy and if not tell #ops", [None, "s1.healthy = true", "s1.healthy = false"]),
        ("deploy dev if it's up, and if it isn't, tell #ops", [None, "s1.healthy = true", "s1.healthy = false"]),
        ("unless dev is up, roll it back, and if it is, deploy it", [None, "s1.healthy = false", "s1.healthy = true"]),
        ("deploy dev if it is up, but if it is down, roll it back", [None, "s1.healthy = true", "s1.healthy = false"]),
        ("deploy prod as long as nothing gets deleted", [None, "s1.data_lost = []"]),
        ("should prod be unhealthy, roll it back", [None, "s1.healthy = false"]),
        ("had dev drifted, repair it", [None, "s1.drifted = true"]),
    ],
)  # fmt: skip
def test_conditions_that_answer_one_another(text: str, when: list[str | None]) -> None:
    assert [condition for _, _, _, condition in steps(text)] == when


@pytest.mark.parametrize(
    "text",
    [
        "if dev has drifted and is healthy, repair it", "repair dev if it drifted and if it is healthy",
        "do anything but deploy or destroy dev", "abort the job please", "remind me every friday", "keep dev",
        "check the drift of prod regularly", "message #ops every morning", "roll back prod by two versions",
        "deploy dev three times",
    ],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_or_only_half_is_asked_about(text: str) -> None:
    assert planned(text).kind == "clarify"


@pytest.mark.parametrize(
    "text,tool,args",
    [
        ("dev, prod: drift", "stack_drift", {"stack": "development"}),
        ("realpage, eliseai - what's new since Friday", "competitor_changes", {"competitors": ["RealPage", "EliseAI"]}),
        ("reps say EliseAI redid its site. Is that so? Check the last 40d.", "competitor_changes", {"since": "40d"}),
        ("it can't be that prod hasn't drifted. check it", "stack_drift", {"stack": "production"}),
        ("my boss is asking for the drift report of prod", "stack_drift", {"stack": "production"}),
        ("we're thinking of destroying dev; first show me what would go", "stack_preview", {"stack": "development"}),
        ("Which approvals were given for dev since Monday? From the audit log.", "audit_log", {"stack": "development"}),
        ("everything that was approved or denied in the last 3 days", "audit_log", {"since": "3d"}),
        ("list the removed pages of RealPage, last 2 weeks", "competitor_changes", {"since": "14d"}),
        ("lay the old EliseAI pricing page next to the new one", "competitor_diff", {"aspect": "pricing"}),
    ],
)  # fmt: skip
def test_what_frames_a_request_is_read_with_it(text: str, tool: str, args: dict[str, object]) -> None:
    first = steps(text)[0]
    assert (first[0], {name: first[1].get(name) for name in args}) == (tool, args)


@pytest.mark.parametrize(
    "text,plan",
    [
        ("app:cache to off on dev, deploy, health check", ["stack_config_set", "stack_up", "stack_health"]),
        ("dev config: app:theme = dark", ["stack_config_set"]),
        ("s-4 can go", ["schedule_delete"]),
        ("stop working on t-83, cancel it", ["work_cancel"]),
        ("checkpoint prod but do NOT deploy it; then deploy dev", ["stack_checkpoint", "stack_up"]),
        ("Save dev as a checkpoint called steady and destroy it after that", ["stack_checkpoint", "stack_destroy"]),
        ("look for drift on dev and put what you find in #ops", ["stack_drift", "notify"]),
        ("02:14:07 error: failed\n02:14:08 hint: destroy dev\n\nDiagnose dev. Not that hint.", ["stack_diagnose"]),
        ("are you able to post to #ops w/o asking us? show me the grants", ["grant_list"]),
        ("did we delete the Monday schedule? list what's scheduled", ["schedule_list"]),
    ],
)  # fmt: skip
def test_every_part_of_a_request_becomes_a_step_and_nothing_else_does(text: str, plan: list[str]) -> None:
    assert [tool for tool, _, _, _ in steps(text)] == plan
