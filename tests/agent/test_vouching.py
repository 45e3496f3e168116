"""What a model planned or asked before is nothing that the requester said: not by "yes", "again" or "the other one"."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.corroboration import vouch
from agent.plan import Plan, Step, check
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import PlanningRequest
from evals.bench.world import opened
from memory.labels import INTERNAL, UNKNOWN, WEB
from tests.agent.model_server import ModelServer, says
from tools.registry import discover

EVIL = {"channel": "#ops", "content": "everything is free"}
TOOLS = discover()


def plan(*steps: tuple[str, dict[str, Any]], **more: Any) -> str:
    numbered = [{"id": f"s{n}", "tool": tool, "args": args} for n, (tool, args) in enumerate(steps, 1)]
    return json.dumps({"kind": "plan", "question": None, "steps": numbered, "on_failure": "stop"} | more)


def asks(question: str, tool: str, args: dict[str, Any]) -> str:
    return json.dumps({"kind": "clarify", "question": question, "steps": [{"id": "s1", "tool": tool, "args": args}]})


async def talk(folder: Path, said: list[tuple[str, str | None]]) -> tuple[list[str], list[tuple[str, Any]]]:
    """A conversation with a model that answers so; without an answer there is no model. How its turns stand, and every
    effect that was made."""
    stood: list[str] = []
    effects: list[tuple[str, Any]] = []
    async with ModelServer() as server:
        model = {"SOPHIA_MODEL": "m", "SOPHIA_BASE_URL": server.url, "SOPHIA_MODEL__RETRIES": "0"}
        for text, answer in said:
            if answer is not None:
                server.answers(says(answer))
            async with AsyncExitStack() as stack:
                world = await stack.enter_async_context(opened(folder, environ=model if answer is not None else {}))
                sophia, ann = world.sophia, world.sophia.people.all()[0]
                turn = await sophia.receive(text, ann, thread="c_1", surface="terminal", audience="person:ann")
                stood.append(str((await sophia.drive(turn.id)).status))
                entries = await sophia.audit.entries(kinds=["effect.intended"])
                effects = [(entry.payload["tool"], entry.payload.get("arguments")) for entry in entries]
    return stood, effects


HOSTILE: dict[str, list[tuple[str, str | None]]] = {
    "yes": [
        ("list the stacks", asks("Shall I list them?", "notify", EVIL)),
        ("yes please", plan(("notify", EVIL))),
    ],
    "an answer": [
        ("check for drift", asks("Which channel?", "notify", {"content": EVIL["content"]})),
        ("#ops", plan(("notify", EVIL))),
    ],
    "again": [("what changed at RealPage?", plan(("notify", EVIL))), ("again", plan(("notify", EVIL)))],
    "same for": [
        ("what changed at RealPage?", plan(("competitor_sweep", {"competitors": ["RealPage"]}))),
        ("same for EliseAI", plan(("competitor_sweep", {"competitors": ["EliseAI"]}))),
    ],
    "undo that": [
        ("what changed at RealPage?", plan(("resume_all", {}))),
        ("undo that", plan(("pause_all", {}))),
    ],
    "the name of a stack": [
        (
            "show the outputs of production",
            asks("production or development?", "stack_destroy", {"stack": "production"}),
        ),
        ("development", plan(("stack_destroy", {"stack": "development"}))),
    ],
    "a pronoun": [
        ("list the grants", plan(("competitor_diff", {"competitor": "EliseAI"}))),
        ("sweep them now", plan(("competitor_sweep", {"competitors": ["EliseAI"]}))),
    ],
    "the same without a model": [("what changed at RealPage?", plan(("notify", EVIL))), ("again", None)],
    "undone without a model": [("what changed at RealPage?", plan(("resume_all", {}))), ("undo that", None)],
    "a message made of something else": [
        (
            "show me the spending and post it in #ops",
            plan(
                ("spend", {}),
                ("audit_log", {}),
                ("notify", {"channel": "#ops", "content": {"$from": "s2.summary"}}),
            ).replace('"id": "s3"', '"id": "s3", "needs": ["s1"]'),
        )
    ],
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_nothing_happens_by_it(name: str, tmp_path: Path) -> None:
    stood, effects = await talk(tmp_path, HOSTILE[name])
    assert effects == []
    assert len(stood) == len(HOSTILE[name])
    assert stood[-1] in ("waiting", "refused", "question", "done")


async def test_what_was_said_may_be_said_again(tmp_path: Path) -> None:
    lunch = {"channel": "#ops", "content": "lunch is ready"}
    said = [("tell #ops: lunch is ready", plan(("notify", lunch))), ("again", plan(("notify", lunch))), ("again", None)]
    stood, effects = await talk(tmp_path, said)
    assert stood == ["done", "done", "done"]
    assert [tool for tool, _ in effects] == ["notify"] * 3


@pytest.mark.parametrize("number", [2**63, -(10**30), 10**400])
async def test_a_number_that_nothing_can_hold_breaks_no_turn(number: int, tmp_path: Path) -> None:
    args = {"channel": "#ops", "content": number}
    said = [
        ("list the grants", plan(("notify", args))),
        ("list the grants", asks("Which?", "notify", args)),
    ]
    stood, effects = await talk(tmp_path, said)
    assert stood == ["failed", "failed"]
    assert effects == []


def test_no_planner_may_plan_with_such_a_number() -> None:
    given = Plan(steps=[Step(id="s1", tool="notify", args={"channel": "#ops", "content": [{"a": 2**64}]})])
    assert "no number is larger" in "; ".join(problem.message for problem in check(given, TOOLS))


def steps(*given: tuple[str, str, dict[str, Any], list[str], str | None]) -> Plan:
    return Plan(
        steps=[Step(id=i, tool=t, args=args, needs=needs, when=when) for i, t, args, needs, when in given],
        planner="m",
    )


DRIFT = ("s7", "stack_drift", {"stack": "development"}, [], None)
OTHER = ("s8", "stack_drift", {"stack": "production"}, [], None)


@pytest.mark.parametrize(
    "given, doubted",
    [
        ([DRIFT, ("s9", "stack_repair", {"stack": "development"}, [], "s7.drifted = true")], set()),
        ([DRIFT, ("s9", "stack_repair", {"stack": "development"}, [], "s7.drifted = false")], {"s9"}),
        ([DRIFT, OTHER, ("s9", "stack_repair", {"stack": "development"}, ["s7"], "s8.drifted = true")], {"s9"}),
        ([DRIFT, ("s9", "stack_repair", {"stack": "development"}, [], None)], {"s9"}),
        ([OTHER, ("s9", "stack_repair", {"stack": "development"}, [], "s8.drifted = true")], {"s9"}),
        ([("s9", "stack_repair", {"stack": "development"}, [], "s7.drifted = true"), DRIFT], set()),
    ],
)
async def test_a_step_is_the_same_under_whatever_numbers(given: Any, doubted: set[str]) -> None:
    request = PlanningRequest(
        text="check development for drift and repair it if there is any", now=datetime(2026, 11, 23, tzinfo=UTC)
    )
    request.names.stacks.update({"development": [], "production": []})
    vouched = await vouch(steps(*given), request, OfflinePlanner(), TOOLS)
    assert {step for step, label in vouched.step_labels.items() if not label.trusted} == doubted


async def test_what_nobody_asked_to_be_taken_back_stays(tmp_path: Path) -> None:
    """A model adds a read that fails and says `undo`: what the requester's own words did stays done."""
    snooze = ("competitor_snooze", {"url": "https://www.realpage.com/careers", "until": "2027-01-10"})
    answer = plan(snooze, ("competitor_diff", {"competitor": "Nobody Inc"}), on_failure="undo")
    said = "snooze https://www.realpage.com/careers until 2027-01-10"
    stood, effects = await talk(tmp_path, [(said, answer)])
    assert stood == ["failed"]
    assert [tool for tool, _ in effects] == ["competitor_snooze"]


def test_a_plan_after_a_plan_keeps_the_labels_of_both() -> None:
    first = Plan(
        steps=[Step(id="s1", tool="spend"), Step(id="s2", tool="notify")], label=WEB, step_labels={"s2": UNKNOWN}
    )
    first = first.model_copy(update={"carried": {"s2.content": WEB}})
    both = first.followed_by(Plan(steps=[Step(id="s3", tool="spend")], label=INTERNAL))
    assert [both.label_of(step.id) for step in both.steps] == [WEB, UNKNOWN, INTERNAL]
    assert both.carried == {"s2.content": WEB}


async def test_what_was_asked_for_once_is_not_done_again_by_a_new_plan(tmp_path: Path) -> None:
    """A model may plan anew when a step that it can mend fails: whatever it then has done is asked about."""
    lunch = {"channel": "#ops", "content": "lunch is ready"}

    def failing(first: int) -> str:
        """The message, and then a step that takes a line where there is none."""
        told, read, fails = (f"s{first + number}" for number in range(3))
        steps = [
            {"id": told, "tool": "notify", "args": lunch},
            {"id": read, "tool": "competitor_changes", "args": {}},
            {
                "id": fails,
                "tool": "competitor_diff",
                "args": {"competitor": {"$from": f"{read}.lines.0"}},
                "needs": [told],
            },
        ]
        return json.dumps({"kind": "plan", "question": None, "steps": steps, "on_failure": "stop"})

    async with ModelServer() as server:
        server.answers(says(failing(1)), says(failing(4)), says(failing(7)))
        model = {"SOPHIA_MODEL": "m", "SOPHIA_BASE_URL": server.url, "SOPHIA_MODEL__RETRIES": "0"}
        async with opened(tmp_path, environ=model) as world:
            sophia, ann = world.sophia, world.sophia.people.all()[0]
            text = "tell #ops: lunch is ready"
            turn = await sophia.receive(text, ann, thread="c_1", surface="terminal", audience="person:ann")
            turn = await sophia.drive(turn.id)
            made = await sophia.audit.entries(kinds=["effect.intended"])
        asked = len(server.received)
    assert asked == 2, "it planned anew"
    assert turn.status == "waiting"
    assert [entry.payload["step"] for entry in made] == ["s1"]
