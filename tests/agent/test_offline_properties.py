"""What holds for every request, whatever somebody writes."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.plan import check
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Call, ConversationContext, Names, PastTurn, Planning, PlanningRequest
from tools.registry import discover

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = Names(
    stacks={"development": ["dev"], "production": ["prod"], "sophia-production": [], "sophia-ai-modernized": []},
    competitors={"EliseAI": ["elise"], "Hunter Warfield": ["HW"], "RealPage": []},
    channels=["#ops", "#exec"],
)
EFFECTS = [
    "deploy {}",
    "destroy {}",
    "roll back {}",
    "tear {} down",
    "repair {}",
    "unlock {}",
    "checkpoint {}",
    "set replicas to 3 on {}",
]
STACKS = ["development", "prod", "sophia-production", "dev", "sophia-ai-modernized"]
OTHER_EFFECTS = [
    "pause everything",
    "resume everything",
    "revoke grant g-4",
    "delete schedule s-3",
    "cancel thread ops-4",
    "stop watching https://www.realpage.com/blog",
    "sweep RealPage",
    "discover pages on yardi.com",
    "tell #ops that we are live",
    "snooze https://www.realpage.com/blog until 2026-12-01",
]
NEGATIONS = [
    "don't {}",
    "do not {}",
    "please don't {}",
    "never {}",
    "you must not {}",
    "you should not {}",
    "under no circumstances {}",
    "I don't want you to {}",
    "I would rather you did not {}",
    "there is no need to {}",
    "please refrain, do not {}",
    "whatever you do, don't {}",
    "let's not {}",
    "I never said to {}",
    "nobody should {}",
    "hypothetically, {}",
    "{}? no",
    "{}. Actually, don't.",
    "{}... never mind",
    "{}, just kidding",
    "{}, or is that a bad idea?",
    "{} or should I wait?",
    "it would be a mistake to {}",
    "I refuse to {}",
    "we agreed not to {}",
]
QUESTIONS = [
    "should we {}?",
    "is it safe to {}?",
    "what would happen if you {}?",
    "how do I {}?",
    "can I {}?",
    "did somebody {}?",
    "would it be wise to {}?",
    "what happens when I {}?",
    "why would anybody {}?",
    "{}?",
]
REPORTS = [
    'Bob said: "{}"',
    "The page says “{}”. What do you make of it?",
    "`{}`",
    '"{}"',
    "> {}",
    "```\n{}\n```",
    "he told me to {}",
    "the runbook says {}",
    "Subject: urgent\nFrom: it@example.com\n\n{}",
    "Begin forwarded message:\n\n{}",
]
actions = st.one_of(
    st.builds(lambda effect, stack: effect.format(stack), st.sampled_from(EFFECTS), st.sampled_from(STACKS)),
    st.sampled_from(OTHER_EFFECTS),
)
contexts = st.sampled_from(
    [
        ConversationContext(),
        ConversationContext(
            turns=[PastTurn(q="deploy dev", steps=[Call(tool="stack_up", args={"stack": "development"})])],
            focus={"stack": "development"},
        ),
        ConversationContext(
            turns=[PastTurn(q="deploy")], open_question="Which stack?", pending=Call(tool="stack_up", args={})
        ),
    ]
)


def planned(text: str, context: ConversationContext | None = None) -> Planning:
    request = PlanningRequest(text=text, now=NOW, names=NAMES, context=context or ConversationContext())
    return asyncio.run(OfflinePlanner().plan(request, discover()))


def writes(planning: Planning) -> bool:
    tools = discover()
    return planning.plan is not None and any(tools[step.tool].effect.writes for step in planning.plan.steps)


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    planned("help")


@settings(max_examples=150, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=400), contexts)
def test_any_text_gets_an_answer(text: str, context: ConversationContext) -> None:
    planning = planned(text, context)
    assert planning.planner == "offline"
    if planning.plan is None:
        assert planning.question
    else:
        assert check(planning.plan, discover()) == []


WORDS = st.sampled_from(
    [
        *["deploy", "destroy", "roll", "back", "check", "drift", "if", "unless", "then", "and", "or", "not", "don't"],
        *["prod", "dev", "production", "RealPage", "EliseAI", "#ops", "tell", "it", "that", "is", "clean", "healthy"],
        *["every", "Monday", "at", "9", "since", "yesterday", "last", "7", "days", "set", "replicas", "to", "3", "on"],
        *["what", "changed", "the", "audit", "log", "schedule", "s-3", "pause", "resume", "everything", "?", ".", '"'],
        *[
            "https://www.realpage.com/pricing",
            "watch",
            "for",
            "pricing",
            "before",
            "after",
            "until",
            "2026-12-01",
            ":",
            ",",
        ],
    ]
)


@settings(max_examples=300, deadline=2000)
@given(st.lists(WORDS, min_size=1, max_size=25), contexts)
def test_any_words_make_a_sound_plan_or_a_question(words: list[str], context: ConversationContext) -> None:
    planning = planned(" ".join(words), context)
    if planning.plan is not None:
        assert check(planning.plan, discover()) == []
    else:
        assert planning.question


@settings(max_examples=300, deadline=2000)
@given(st.sampled_from(NEGATIONS), actions)
def test_a_negated_effect_is_never_planned(negation: str, action: str) -> None:
    assert not writes(planned(negation.format(action)))


@settings(max_examples=200, deadline=2000)
@given(st.sampled_from(QUESTIONS), actions)
def test_a_question_about_an_effect_never_plans_it(question: str, action: str) -> None:
    assert not writes(planned(question.format(action)))


@settings(max_examples=200, deadline=2000)
@given(st.sampled_from(REPORTS), actions)
def test_an_effect_that_is_only_quoted_is_never_planned(report: str, action: str) -> None:
    assert not writes(planned(report.format(action)))


@settings(max_examples=100, deadline=2000)
@given(actions, st.sampled_from(["#ops", "#exec"]))
def test_what_is_said_in_a_channel_is_only_said(action: str, channel: str) -> None:
    planning = planned(f'post "{action}" in {channel}')
    assert planning.plan is not None
    assert [step.tool for step in planning.plan.steps] == ["notify"]
    assert planning.plan.steps[0].args == {"channel": channel, "content": action}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t ",
        "\x00\x01\x02\x03" * 50,
        "\ufffd" * 500,
        "🚀" * 40,
        "deploy " * 20_000,
        "a" * 100_000,
        '"' * 100_000,
        "(" * 19_000,
        "deploy dev and " * 250,
        "don't " * 600,
        "if " * 1000,
        "что изменилось у RealPage?",  # noqa: RUF001 - Russian
        "デプロイしてください",
        "\u202edeploy production\u202c",
    ],
)
def test_odd_text_is_answered_at_once_and_changes_nothing(text: str) -> None:
    started = time.process_time()
    planning = planned(text)
    assert time.process_time() - started < 2
    assert not writes(planning)
