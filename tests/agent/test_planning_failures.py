"""A model that can't be asked ends the turn with a sentence; nothing is left half begun."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.composition import open_sophia
from agent.settings import load
from agent.turn.events import TurnEvent
from tests.agent.model_server import ModelServer, says, status


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as running:
        yield running


async def _ask(server: ModelServer, folder: Path, heard: list[TurnEvent]) -> dict[str, object]:
    settings = load(
        directory=folder,
        environ={"SOPHIA_MODEL": "m", "SOPHIA_API_KEY": "sk-test", "SOPHIA_BASE_URL": server.url},
        overrides={
            "home": str(folder / "home"),
            "people": {"ann": {"roles": ["requester"]}},
            "model": {"retries": 0, "timeout_seconds": 5},
        },
    )
    async with open_sophia(settings) as sophia:
        sophia.events.listen(heard.append)
        ann = sophia.people.get("ann")
        assert ann is not None
        turn = await sophia.receive("list stacks", ann, thread="c_1", surface="terminal", audience="person:ann")
        turn = await sophia.drive(turn.id)
        assert turn.status.ended
        return (await sophia.report(turn.id)).as_json()


async def test_a_refused_key_ends_the_turn_and_says_what_to_do(server: ModelServer, tmp_path: Path) -> None:
    server.answers(status(401))
    report = await _ask(server, tmp_path, [])
    assert report["status"] == "failed"
    assert report["exit_status"] == 1
    assert "key" in str(report["question"])


async def test_no_connection_ends_the_turn(server: ModelServer, tmp_path: Path) -> None:
    server.url = "http://127.0.0.1:9/v1"
    report = await _ask(server, tmp_path, [])
    assert report["status"] == "failed"


async def test_a_model_plans_is_named_and_heard_while_it_answers(server: ModelServer, tmp_path: Path) -> None:
    plan = (
        '{"kind": "plan", "question": null, "on_failure": "stop", "steps": '
        '[{"id": "s1", "tool": "stack_list", "args": {}, "needs": [], "when": null, "why": ""}]}'
    )
    server.answers(says(plan))
    heard: list[TurnEvent] = []
    report = await _ask(server, tmp_path, heard)
    assert report["status"] == "done"
    assert report["planner"] == "m"
    assert "stack_list" in "".join(event.text for event in heard if event.kind == "planning")
