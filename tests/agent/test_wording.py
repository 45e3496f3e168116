"""A model may word the report of a turn; what it says wrongly is reported in the finding's own words."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.composition import open_sophia
from agent.plan import Plan
from agent.settings import load
from tests.agent import shelf
from tests.agent.model_server import ModelServer, says


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as running:
        yield running


async def _asked(server: ModelServer, folder: Path, claim: str) -> tuple[list[str], str]:
    server.answers(says(json.dumps({"claims": [{"finding": "s1.0", "text": claim}]})))
    settings = load(
        directory=folder,
        environ={"SOPHIA_MODEL": "m", "SOPHIA_API_KEY": "sk-test", "SOPHIA_BASE_URL": server.url},
        overrides={
            "home": str(folder / "home"),
            "people": {"ann": {"roles": ["requester"]}},
            "model": {"words_reports": True, "retries": 0},
        },
    )
    planner = shelf.Scripted({"look": Plan(steps=shelf.steps(("work_status", {})))})
    async with open_sophia(
        settings,
        planner=planner,
        reader=planner,
        tools=shelf.registry(),
        ports={shelf.Shelf: lambda: shelf.Shelf(folder / "shelf")},
    ) as sophia:
        ann = sophia.people.get("ann")
        assert ann is not None
        turn = await sophia.receive("look", ann, thread="c_1", surface="terminal", audience="person:ann")
        await sophia.drive(turn.id)
        report = await sophia.report(turn.id)
        return [finding.sentence for finding in report.findings()], report.worded_by


@pytest.mark.parametrize(
    "claim, told",
    [
        ("Everything was deployed and all is well.", "Nothing is going on."),
        ("Nothing is going on.", "Nothing is going on."),
        ("Something is going on.", "Nothing is going on."),
    ],
)
async def test_only_what_the_finding_says_is_told(server: ModelServer, tmp_path: Path, claim: str, told: str) -> None:
    sentences, worded_by = await _asked(server, tmp_path, claim)
    assert sentences == [told]
    assert worded_by == "m"
    assert len(server.received) == 1


async def test_without_an_answer_the_report_is_as_it_was(server: ModelServer, tmp_path: Path) -> None:
    server.url = "http://127.0.0.1:9/v1"
    sentences, _ = await _asked(server, tmp_path, "x")
    assert sentences == ["Nothing is going on."]
