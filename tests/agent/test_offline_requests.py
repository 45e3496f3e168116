"""Requests of every kind that the offline planner reads right, and what its plans look like."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.condition import parse
from agent.plan import check
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Call, ConversationContext, Learned, Names, PastTurn, Planning, PlanningRequest
from evals.requests.cases import load
from evals.requests.judging import judge
from tools.registry import discover

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = Names(
    stacks={"development": ["dev"], "production": ["prod"], "sophia-production": [], "sophia-ai-modernized": []},
    competitors={"EliseAI": ["Elise", "Elise AI"], "Hunter Warfield": ["HW", "Hunter"], "RealPage": ["Real Page"]},
    channels=["#ops", "#exec", "#competitive-intel"],
)
CASES = load(Path(__file__).with_name("offline_requests.yaml"))


def planned(text: str, context: ConversationContext | None = None, **more: object) -> Planning:
    request = PlanningRequest.model_validate(
        {"text": text, "now": NOW, "names": NAMES, "context": context or ConversationContext(), **more}
    )
    return asyncio.run(OfflinePlanner().plan(request, discover()))


def steps(text: str) -> list[tuple[str, dict[str, object], list[str], str | None]]:
    planning = planned(text)
    assert planning.plan is not None, planning.question
    assert check(planning.plan, discover()) == []
    return [(step.tool, dict(step.args), step.needs, step.when) for step in planning.plan.steps]


def test_requests_that_are_read_right_stay_so() -> None:
    tools = discover()
    wrong = {
        case.q: verdict.reasons + verdict.wrong_effects
        for case in CASES
        if not (verdict := judge(case, planned(case.q, case.context), tools)).right
    }
    assert wrong == {}


def test_a_condition_on_drift_is_in_the_closed_grammar() -> None:
    assert steps("check dev for drift, fix it if there is any, then tell #ops") == [
        ("stack_drift", {"stack": "development"}, [], None),
        ("stack_repair", {"stack": "development"}, ["s1"], "s1.drifted = true"),
        ("notify", {"channel": "#ops", "content": {"$from": "s1.summary"}}, ["s1", "s2"], "s1 succeeded"),
    ]


def test_a_rollback_waits_for_the_health_check() -> None:
    found = steps("deploy dev and roll back if the health check fails")
    assert [(tool, when) for tool, _, _, when in found] == [
        ("stack_up", None),
        ("stack_health", None),
        ("stack_rollback", "s2.healthy = false"),
    ]


@pytest.mark.parametrize(
    "text,when",
    [
        ("preview prod and deploy it if it's clean", "s1.clean = true"),
        ("preview prod and deploy it if it looks fine", "s1.data_lost = []"),
        ("preview prod; only if nothing gets deleted deploy it", "s1.data_lost = []"),
        ("is prod healthy? if it isn't, diagnose it", "s1.healthy = false"),
        ("is prod healthy? if so, deploy it", "s1.healthy = true"),
        ("deploy dev unless it has drifted", "s1.drifted = false"),
        ("verify the audit log and pause everything if it was tampered with", "s1.ok = false"),
        ("sweep RealPage and tell #ops if anything changed", "s1.changes > 0"),
        ("look up replicas on prod and if it's below 3 set it to 3", "s1.value < 3"),
        ("check log_level on dev and if it isn't info set it to info", "s1.value != info"),
    ],
)
def test_conditions_in_plain_words(text: str, when: str) -> None:
    found = steps(text)
    assert found[-1][3] == when
    parse(when)


@pytest.mark.parametrize(
    "condition,drifted",
    [
        ("there is any", True), ("it has drifted", True), ("it hasn't drifted", False), ("there is no drift", False),
        ("it is in sync", False), ("it isn't in sync", True), ("it's out of sync", True), ("nothing drifted", False),
        ("it is clean", False), ("it isn't clean", True), ("you find any", True), ("you don't find any", False),
        ("needed", True), ("something drifted", True), ("so", True), ("all is well", False),
        ("nothing is wrong", False),
    ],
)  # fmt: skip
def test_which_way_a_condition_on_drift_points(condition: str, drifted: bool) -> None:
    found = steps(f"check dev for drift, and if {condition}, tell #ops")
    assert found[-1][3] == f"s1.drifted = {str(drifted).lower()}"


@pytest.mark.parametrize(
    "condition,healthy",
    [
        ("it's healthy", True), ("it is not healthy", False), ("it isn't unhealthy", True), ("it's unhealthy", False),
        ("it's down", False), ("it is up", True), ("it fails", False), ("it doesn't fail", True), ("it passes", True),
        ("it doesn't pass", False), ("something is wrong", False), ("nothing is wrong", True), ("so", True),
        ("not", False), ("there are any problems", False), ("there are no problems", True), ("all is well", True),
        ("the health check fails", False), ("it is fine", True), ("it's broken", False), ("it works", True),
    ],
)  # fmt: skip
def test_which_way_a_condition_on_health_points(condition: str, healthy: bool) -> None:
    found = steps(f"check the health of prod, and if {condition}, tell #ops")
    assert found[-1][3] == f"s1.healthy = {str(healthy).lower()}"


@pytest.mark.parametrize(
    "condition,ok",
    [
        ("it's intact", True), ("it isn't intact", False), ("it was tampered with", False), ("it is broken", False),
        ("nobody tampered with it", True), ("it fails", False), ("everything is fine", True), ("it's not ok", False),
        ("something is off", False), ("it has not been tampered with", True), ("it isn't valid", False),
    ],
)  # fmt: skip
def test_which_way_a_condition_on_the_audit_log_points(condition: str, ok: bool) -> None:
    found = steps(f"verify the audit log, and if {condition}, tell #ops")
    assert found[-1][3] == f"s1.ok = {str(ok).lower()}"


@pytest.mark.parametrize(
    "condition,when",
    [
        ("it is clean", "s1.clean = true"), ("it isn't clean", "s1.clean = false"),
        ("nothing changes", "s1.changes = 0"),
        ("there are changes", "s1.changes > 0"), ("there are no changes", "s1.changes = 0"),
        ("anything would change", "s1.changes > 0"), ("nothing gets deleted", "s1.data_lost = []"),
        ("data would be lost", "s1.data_lost != []"), ("it looks good", "s1.data_lost = []"),
        ("it looks wrong", "s1.data_lost != []"), ("nothing looks wrong", "s1.data_lost = []"),
    ],
)  # fmt: skip
def test_which_way_a_condition_on_a_preview_points(condition: str, when: str) -> None:
    found = steps(f"preview dev, and if {condition}, tell #ops")
    assert found[-1][3] == when


def test_what_isnt_understood_beside_a_look_is_said_first() -> None:
    for text, left_out in (
        ("check dev for drift and frobnicate the logs", "frobnicate the logs"),
        ("list the stacks and bamboozle the load balancer", "bamboozle the load balancer"),
        ("preview dev and then email the results to bob@example.com", "email the results to bob@example.com"),
    ):
        planning = planned(text)
        assert planning.plan is not None
        assert planning.question is not None
        assert left_out in planning.question
    assert planned("check dev for drift and show its outputs").question is None


def test_an_effect_beside_what_isnt_understood_is_asked_about() -> None:
    for text in (
        "deploy dev and frobnicate the logs",
        "frobnicate the logs and deploy dev",
        "deploy dev, water the plants",
    ):
        planning = planned(text)
        assert planning.kind == "clarify"
        assert planning.pending == Call(tool="stack_up", args={"stack": "development"})
        assert "I don't know how" in (planning.question or "")


@pytest.mark.parametrize(
    "words", ["what changed", "what it found", "what you found", "how it went", "whatever comes up", "what's new"]
)
def test_findings_are_told_and_not_the_words_for_them(words: str) -> None:
    for request in (f"sweep RealPage and tell #ops {words}", f"sweep RealPage and post {words} in #ops"):
        assert [args.get("content") for _, args, _, _ in steps(request)][1] == {"$from": "s1.summary"}, request
    assert planned(f"tell #ops {words}").kind == "clarify"


def test_otherwise_is_the_opposite_of_the_condition() -> None:
    found = steps("is production healthy? if so, deploy it, otherwise tell #ops")
    assert [when for _, _, _, when in found] == [None, "s1.healthy = true", "s1.healthy = false"]


def test_a_condition_that_nothing_can_look_up_is_asked_about() -> None:
    for text in (
        "deploy dev if Bob agrees",
        "if the weather is nice, preview dev and deploy it",
        "when I say go, deploy prod",
    ):
        planning = planned(text)
        assert planning.kind == "clarify"


def test_looks_that_nothing_orders_run_side_by_side() -> None:
    assert [needs for _, _, needs, _ in steps("which stacks do we have, and is production healthy?")] == [[], []]
    assert [needs for _, _, needs, _ in steps("preview dev and then check prod for drift")] == [[], ["s1"]]


def test_a_message_is_the_persons_own_words_letter_for_letter() -> None:
    assert steps("Tell #ops that Deploys are FROZEN until 5 — don't ask.")[0][1]["content"] == (
        "Deploys are FROZEN until 5 — don't ask"
    )


def test_a_missing_argument_is_asked_for_with_the_call_that_it_belongs_to() -> None:
    planning = planned("set replicas to 3")
    assert planning.kind == "clarify"
    assert planning.pending == Call(tool="stack_config_set", args={"key": "replicas", "value": "3"})
    assert planning.question is not None
    assert "development" in planning.question


def test_the_answer_to_a_question_completes_its_call() -> None:
    asked = planned("set replicas to 3")
    context = ConversationContext(
        turns=[PastTurn(q="set replicas to 3")], open_question=asked.question, pending=asked.pending
    )
    planning = planned("on dev please", context)
    assert planning.plan is not None
    assert planning.plan.steps[0].args == {"key": "replicas", "value": "3", "stack": "development"}


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    planning = planned("deploy prodlopment")
    assert planning.kind == "clarify"
    assert planning.question is not None
    assert "production" in planning.question
    assert "I know no competitor called “Zillow”" in (planned("what's new at Zillow?").question or "")


def test_a_word_between_two_readings_never_becomes_an_effect() -> None:
    planning = planned("deplay production")
    assert planning.kind == "clarify"


def test_a_tool_that_is_not_registered_is_refused_with_what_is_near() -> None:
    tools = {name: declared for name, declared in discover().items() if name != "stack_up"}
    request = PlanningRequest(text="deploy dev", now=NOW, names=NAMES)
    planning = asyncio.run(OfflinePlanner().plan(request, tools))
    assert planning.kind == "refuse"
    assert planning.question is not None
    assert "stack_" in planning.question


@pytest.mark.parametrize("text", ["yes", "approve", "ok, go ahead", "I approve it", "approve a_123"])
def test_typing_approves_nothing_and_says_how_to(text: str) -> None:
    planning = planned(text)
    assert planning.plan is None
    assert planning.question is not None
    assert "sophia approvals" in planning.question


def test_a_follow_up_that_is_a_question_asks_before_it_acts() -> None:
    context = ConversationContext(
        turns=[PastTurn(q="deploy dev", steps=[Call(tool="stack_up", args={"stack": "development"})])]
    )
    planning = planned("and production?", context)
    assert planning.kind == "clarify"
    assert planning.pending == Call(tool="stack_up", args={"stack": "production"})


@pytest.mark.parametrize("text", ["no, the other one", "the other one please", "no, the other"])
def test_the_other_one_is_the_one_that_was_spoken_of_before(text: str) -> None:
    def after(*calls: Call) -> Planning:
        return planned(text, ConversationContext(turns=[PastTurn(q="…", steps=[call]) for call in calls]))

    stacks = [Call(tool="stack_preview", args={"stack": name}) for name in ("development", "production")]
    plan = after(*stacks).plan
    assert plan is not None
    assert [(step.tool, step.args) for step in plan.steps] == [("stack_preview", {"stack": "development"})]
    rivals = [Call(tool="competitor_changes", args={"competitors": [name]}) for name in ("EliseAI", "RealPage")]
    plan = after(*rivals).plan
    assert plan is not None
    assert plan.steps[0].args == {"competitors": ["EliseAI"]}
    effect = after(stacks[0], Call(tool="stack_up", args={"stack": "production"}))
    assert effect.pending == Call(tool="stack_up", args={"stack": "development"})


def test_now_and_the_zone_decide_what_since_means() -> None:
    late = datetime(2026, 11, 24, 3, tzinfo=UTC)
    for zone, since in (("UTC", "21d"), ("America/New_York", "20d")):
        planning = planned("what changed at RealPage since the 3rd of November?", now=late, zone=zone)
        assert planning.plan is not None
        assert planning.plan.steps[0].args["since"] == since


def test_after_a_failed_step_it_asks_and_repeats_nothing() -> None:
    learned = [Learned(step="s1", tool="stack_up", status="failed", problem="the lock is held")]
    planning = planned("deploy dev", learned=learned)
    assert planning.kind == "clarify"
    assert "the lock is held" in (planning.question or "")


def test_an_ordinary_request_takes_a_tenth_of_a_second_at_most() -> None:
    planned("help")
    took = []
    for case in CASES[::10]:
        started = time.process_time()  # of this process, however busy the machine is with others
        planned(case.q, case.context)
        took.append(time.process_time() - started)
    assert sorted(took)[len(took) // 2] < 0.1


def test_it_loads_nothing_heavy() -> None:
    code = (
        "import sys; import agent.planning.offline; "
        "print([name for name in ('langchain_openai', 'langgraph', 'chromadb', 'pulumi', 'sqlalchemy', 'httpx') "
        "if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("text", ["thanks!", "cheers mate"])
def test_thanks_are_answered(text: str) -> None:
    assert (planned(text).question or "").startswith("You're welcome.")
