"""What a step returned, a secret or words that were read, comes neither to a model nor into a request, by no reference.

A server in an attacker's hand plans a read and a step that takes what it found, as whatever that step takes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.plan import Plan, Step, check
from evals.bench.world import NothingArguments, opened
from memory.labels import WEB, Confidentiality, Label
from tests.agent.model_server import ModelServer, says
from tools.declaration import Effect, tool
from tools.registry import Registry, discover
from tools.result import Finding, Result

CANARY = "canary-result-7f"
SECRET = WEB.model_copy(update={"confidentiality": Confidentiality.SECRET})


class Kept(Result):
    text: str

    def findings(self) -> list[Finding]:
        return []


def reading(label: Label) -> Registry:
    """Sophia's tools, and one that returns a text of this label."""

    @tool(effect=Effect.READ, phrases=("read what is kept",), label=label)
    async def read_kept(arguments: NothingArguments) -> Kept:
        """Read what is kept."""
        return Kept(text=f"{CANARY} {'x' * 40}")

    return Registry([*discover().values(), read_kept])


def plan(tool: str, args: dict[str, Any]) -> str:
    steps = [
        {"id": "s1", "tool": "read_kept", "args": {}, "needs": [], "when": None, "why": ""},
        {"id": "s2", "tool": tool, "args": args, "needs": ["s1"], "when": None, "why": ""},
    ]
    return json.dumps({"kind": "plan", "question": None, "steps": steps, "on_failure": "stop"})


FOUND = {"$from": "s1.text"}
TAKES: dict[str, tuple[str, dict[str, Any]]] = {
    "a channel": ("notify", {"channel": FOUND, "content": "x"}),
    "words": ("notify", {"channel": "#ops", "content": FOUND}),
    "an address": ("competitor_dry_run", {"url": FOUND}),
    "a domain": ("competitor_discover", {"domain": FOUND}),
    "a value": ("stack_config_set", {"stack": "development", "key": "note", "value": FOUND}),
    "a name": ("stack_checkpoint", {"stack": "development", "name": FOUND}),
    "a competitor": ("competitor_diff", {"competitor": FOUND}),
    "a time": ("audit_log", {"since": FOUND}),
    "a request": ("schedule_create", {"request": FOUND, "when": "every day at 7"}),
    "a time of a schedule": ("schedule_create", {"request": "list the stacks", "when": FOUND}),
    "a grant": ("grant_revoke", {"grant": FOUND}),
    "an alert": ("alert_feedback", {"alert": FOUND, "verdict": "interesting"}),
    "one of three words": ("alert_feedback", {"alert": "c_000000000000", "verdict": FOUND}),
}


async def shown(folder: Path, answer: str, tools: Registry) -> tuple[str, str, list[str]]:
    """What the model was told, what people and the log were, and the effects that were made."""
    async with ModelServer() as server:
        server.answers(says(answer))
        model = {"SOPHIA_MODEL": "m", "SOPHIA_BASE_URL": server.url, "SOPHIA_MODEL__RETRIES": "0"}
        async with opened(folder, environ=model, tools=tools) as world:
            sophia, ann = world.sophia, world.sophia.people.all()[0]
            turn = await sophia.receive("have a look", ann, thread="c_1", surface="terminal", audience="person:ann")
            turn = await sophia.drive(turn.id)
            entries = await sophia.audit.entries()
            told = [entry.model_dump_json() for entry in entries]
            told += [json.dumps(each.card) for each in await sophia.approvals.of_turn(turn.id)]
            if turn.status != "waiting":
                told.append((await sophia.report(turn.id)).model_dump_json())
        prompts = "".join(request.body.decode() for request in server.received)
    return prompts, "\n".join(told), [entry.kind for entry in entries if entry.kind.startswith("effect.")]


@pytest.mark.parametrize("takes", TAKES)
async def test_a_secret_goes_nowhere(takes: str, tmp_path: Path) -> None:
    prompts, told, effects = await shown(tmp_path, plan(*TAKES[takes]), reading(SECRET))
    assert CANARY not in prompts
    assert CANARY not in told
    assert effects == []


@pytest.mark.parametrize("takes", ["a request", "a time", "a competitor", "one of three words", "an address"])
async def test_what_was_read_reaches_no_model_by_way_of_an_error(takes: str, tmp_path: Path) -> None:
    prompts, _, effects = await shown(tmp_path, plan(*TAKES[takes]), reading(WEB))
    assert CANARY not in prompts
    assert effects == []


def test_what_is_scheduled_is_said_and_never_read() -> None:
    read = Step(id="s1", tool="competitor_changes", args={})
    for request in ({"$from": "s1.summary"}, ["tell #ops:", {"$from": "s1.summary"}]):
        scheduled = Step(id="s2", tool="schedule_create", args={"request": request, "when": "every day at 7"})
        problems = check(Plan(steps=[read, scheduled]), discover())
        assert any("said, not taken" in problem.message for problem in problems)
