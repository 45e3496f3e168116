"""A request is the same request in whatever frame of politeness it comes; a frame that only talks plans nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.names import names_of
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Planning, PlanningRequest
from agent.settings import load
from tools.registry import discover

PLAIN = (
    "need you to {b}",
    "gonna need you to {b}",
    "may I ask you to {b}",
    "mind if I ask you to {b}?",
    "I'd ask you to {b}",
    "would it be possible to {b}?",
    "can we please {b}",
    "please proceed to {b}",
    "when you have a sec, {b}",
    "@sophia {b}",
    "I'd be grateful if you {p}",
    "it would be great if you {p}",
    "I'd love it if you {p}",
    "please take care of {i}",
    "would you be up for {i}?",
    "any chance of {i}?",
    "go ahead with {i}",
)
DONE = (
    "could {o} be {d} please",
    "please see that {o} gets {d}",
    "need {o} {d}",
    "would like {o} {d}",
    "see to it that {o} is {d}",
    "I would appreciate having {o} {d}",
    "{o} to be {d} please",
)
ACTIONS = (
    ("stack_up", "deploy dev", "deployed dev", "deploying dev", "dev", "deployed"),
    ("stack_destroy", "tear down dev", "tore down dev", "tearing down dev", "dev", "torn down"),
    ("stack_rollback", "roll back prod", "rolled back prod", "rolling back prod", "prod", "rolled back"),
    ("competitor_sweep", "sweep RealPage", "swept RealPage", "sweeping RealPage", "RealPage", "swept"),
    ("schedule_pause", "pause schedule s-4", "paused schedule s-4", "pausing schedule s-4", "schedule s-4", "paused"),
    ("stack_config_set", "set replicas to 3 on dev", "set replicas to 3 on dev", "setting replicas to 3 on dev",
     "replicas on dev", "set to 3"),
)  # fmt: skip
NAMED = (
    ("prod rollback please", "stack_rollback"),
    ("requesting a deploy of dev", "stack_up"),
    ("need a dev snapshot asap", "stack_checkpoint"),
    ("could we have a deploy of dev", "stack_up"),
)
TALK = (
    "it would be great if you didn't deploy dev",
    "I'd be grateful if you told me why you deployed dev",
    "it would have been nice if you had deployed dev",
    "thanks for deploying dev",
    "do we need dev deployed?",
    "is it time to deploy prod?",
    "does dev need to be deployed?",
    "I asked you to deploy dev",
    "you need to deploy dev to see that",
    "make sure dev is deployed",
    "please make sure dev stays deployed",
    "any rollback of dev lately please?",
    "the rollback of dev please",
    "great deploy of dev!",
    "dev rollback status please",
    "can you get Bob to deploy dev",
    "could dev have been deployed?",
    "dev deploy",
)


async def _planned(text: str, place: Path) -> Planning:
    names = names_of(load(directory=place, environ={"HOME": str(place)}))
    request = PlanningRequest(text=text, now=datetime(2026, 11, 23, 12, tzinfo=UTC), names=names)
    return await OfflinePlanner().plan(request, discover())


@pytest.mark.parametrize("tool, base, past, doing, thing, done", ACTIONS)
async def test_a_frame_of_politeness_changes_nothing(
    tool: str, base: str, past: str, doing: str, thing: str, done: str, tmp_path: Path
) -> None:
    wrong: list[str] = []
    for frame in (*PLAIN, *DONE):
        text = frame.format(b=base, p=past, i=doing, o=thing, d=done)
        planning = await _planned(text, tmp_path)
        steps = [step.tool for step in planning.plan.steps] if planning.plan else []
        if steps != [tool]:
            wrong.append(f"{text} -> {steps or planning.question}")
    assert wrong == []


@pytest.mark.parametrize("text, tool", NAMED)
async def test_an_action_is_asked_for_by_its_noun(text: str, tool: str, tmp_path: Path) -> None:
    planning = await _planned(text, tmp_path)
    assert planning.plan is not None, planning.question
    assert [step.tool for step in planning.plan.steps] == [tool]


@pytest.mark.parametrize("text", TALK)
async def test_what_only_looks_like_such_a_frame_plans_no_effect(text: str, tmp_path: Path) -> None:
    planning = await _planned(text, tmp_path)
    tools = discover()
    assert not any(tools[step.tool].effect.writes for step in (planning.plan.steps if planning.plan else []))
