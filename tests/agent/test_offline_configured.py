"""What only the configuration settles is said to be so: nothing is promised that isn't done."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.names import names_of
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Planning, PlanningRequest
from agent.settings import load
from tools.registry import discover


async def planned(text: str, folder: Path) -> Planning:
    names = names_of(load(directory=folder, environ={"HOME": str(folder)}))
    now = datetime(2026, 11, 28, 15, tzinfo=UTC)
    return await OfflinePlanner().plan(PlanningRequest(text=text, now=now, names=names), discover())


@pytest.mark.parametrize(
    "text",
    [
        "don't let anyone deploy production until monday",
        "nobody deploys to prod tonight",
        "make sure no one rolls production back before Friday",
        "keep the team from deploying to prod this weekend",
        "block releases to production over the holidays",
        "no more deployments on prod until the 2nd",
        "put a change freeze on production",
        "is prod frozen?",
    ],
)
async def test_a_freeze_is_left_to_the_configuration(text: str, tmp_path: Path) -> None:
    planning = await planned(text, tmp_path)
    assert planning.plan is None
    assert "sophia.toml" in str(planning.question)
    assert planning.pending is not None
    assert planning.pending.tool == "pause_all"


@pytest.mark.parametrize(
    "text",
    [
        "give carla approval rights",
        "make Bob an approver",
        "take dana off the list of approvers",
        "let maria deploy production",
        "revoke tom's access",
    ],
)
async def test_roles_are_left_to_the_configuration(text: str, tmp_path: Path) -> None:
    planning = await planned(text, tmp_path)
    assert planning.kind == "refuse"
    assert "[people.NAME]" in str(planning.question)


@pytest.mark.parametrize(
    "text, tools",
    [
        ("freeze everything", ["pause_all"]),
        ("the freeze is over, start your work again", ["resume_all"]),
        ("tell #ops that nobody deploys before Monday", ["notify"]),
        ("has nobody deployed prod this week?", ["stack_history"]),
        ("let #ops know that prod is frozen", ["notify"]),
    ],
)
async def test_what_only_sounds_like_it_is_still_done(text: str, tools: list[str], tmp_path: Path) -> None:
    plan = (await planned(text, tmp_path)).plan
    assert plan is not None
    assert [step.tool for step in plan.steps] == tools
