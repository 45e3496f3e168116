"""Several settings after one verb, and all the words that say when: nothing that was said is dropped or swapped."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.names import names_of
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Planning, PlanningRequest
from agent.settings import load
from tools.registry import discover

NOW = datetime(2026, 11, 28, 15, tzinfo=UTC)
D, P = "development", "production"


async def planned(text: str, folder: Path) -> Planning:
    names = names_of(load(directory=folder, environ={"HOME": str(folder)}))
    return await OfflinePlanner().plan(PlanningRequest(text=text, now=NOW, names=names), discover())


@pytest.mark.parametrize(
    "text, settings",
    [
        ("set replicas=3 and region=us-west on dev", [(D, "replicas", "3"), (D, "region", "us-west")]),
        ("set replicas=3 region=us-west on dev", [(D, "replicas", "3"), (D, "region", "us-west")]),
        ("set replicas to 3 on dev and timeout to 30 on prod", [(D, "replicas", "3"), (P, "timeout", "30")]),
        ("set dev's replicas to 3 and prod's to 5", [(D, "replicas", "3"), (P, "replicas", "5")]),
        ("set replicas to 3 on dev and 5 on prod", [(D, "replicas", "3"), (P, "replicas", "5")]),
        ("change replicas on dev to 3 and on prod to 5", [(D, "replicas", "3"), (P, "replicas", "5")]),
        ("on dev set replicas to 3, timeout to 30", [(D, "replicas", "3"), (D, "timeout", "30")]),
        ("set replicas 3 and timeout 30 on dev", [(D, "replicas", "3"), (D, "timeout", "30")]),
        ("set replicas to 3 on dev and prod", [(D, "replicas", "3"), (P, "replicas", "3")]),
        ("set replicas to 5, make that 4, on development", [(D, "replicas", "4")]),
        ("set motd to “a to 1 and b to 2” on dev", [(D, "motd", "a to 1 and b to 2")]),
    ],
)
async def test_each_value_goes_under_its_own_key_on_its_own_stack(text, settings, tmp_path):
    plan = (await planned(text, tmp_path)).plan
    assert plan is not None
    assert [(step.args["stack"], step.args["key"], step.args["value"]) for step in plan.steps] == settings


@pytest.mark.parametrize(
    "text",
    [
        "set region to us west and zone to a on dev",
        "set replicas and timeout to 3 on dev",
        "set replicas to 3 or 4 on dev",
        "increase instance_count on dev by 2",
    ],
)
async def test_what_is_set_loosely_is_asked_about(text, tmp_path):
    planning = await planned(text, tmp_path)
    assert (planning.plan, planning.kind) == (None, "clarify")


async def test_a_message_is_said_as_it_was_written(tmp_path):
    plan = (await planned("tell #ops: set replicas to 3 on dev and 5 on prod", tmp_path)).plan
    assert plan is not None
    assert [step.args["content"] for step in plan.steps] == ["set replicas to 3 on dev and 5 on prod"]


@pytest.mark.parametrize(
    "text, request_, when",
    [
        (
            "at 2:30 on 8 March 2027 check development for drift",
            "check development for drift",
            "at 2:30 on 8 March 2027",
        ),
        ("every year on 29 february sweep RealPage", "sweep RealPage", "every year on 29 february"),
        ("at 2:30am new york time every day sweep RealPage", "sweep RealPage", "at 2:30am new york time every day"),
        ("at 9 and 17 every day check dev for drift", "check dev for drift", "at 9 and 17 every day"),
        ("check dev for drift every day at 9 and 17", "check dev for drift", "every day at 9 and 17"),
        ("at 9 check dev for drift every day", "check dev for drift", "every day at 9"),
        ("every day at 9 in production check drift", "in production check drift", "every day at 9"),
    ],
)
async def test_all_that_says_when_is_the_time_of_a_schedule(text, request_, when, tmp_path):
    plan = (await planned(text, tmp_path)).plan
    assert plan is not None
    assert [(step.tool, step.args) for step in plan.steps] == [("schedule_create", {"request": request_, "when": when})]


@pytest.mark.parametrize(
    "text, calls",
    [
        (
            "deploy dev at 6 and prod at 7",
            [{"request": "deploy dev", "when": "at 6"}, {"request": "deploy prod", "when": "at 7"}],
        ),
        (
            "sweep RealPage at 9 on Monday and check dev for drift at 10",
            [
                {"request": "sweep RealPage", "when": "at 9 on Monday"},
                {"request": "check dev for drift", "when": "at 10"},
            ],
        ),
        (
            "roll back dev to v-1 and prod to v-2",
            [{"stack": D, "checkpoint": "v-1"}, {"stack": P, "checkpoint": "v-2"}],
        ),
        ("checkpoint dev as good and prod as better", [{"stack": D, "name": "good"}, {"stack": P, "name": "better"}]),
    ],
)
async def test_what_is_said_of_one_thing_stays_with_it(text, calls, tmp_path):
    plan = (await planned(text, tmp_path)).plan
    assert plan is not None
    assert [step.args for step in plan.steps] == calls


@pytest.mark.parametrize(
    "text",
    [
        "deploy dev at 6 and roll it back at 7",
        "every morning deploy dev and every evening destroy it",
        "deploy dev in the morning",
        "deploy dev in the morning and prod in the evening",
    ],
)
async def test_times_that_can_not_be_told_apart_or_told_at_all_are_asked_about(text, tmp_path):
    planning = await planned(text, tmp_path)
    assert (planning.plan, planning.kind) == (None, "clarify")


@pytest.mark.parametrize(
    "text",
    [
        "set version to 9.9.9 on development, deploy it and roll back if the health check fails",
        "set replicas to 5 on development, then deploy it and revert it if it is unhealthy",
    ],
)
async def test_a_value_that_was_set_is_nothing_to_go_back_to(text, tmp_path):
    plan = (await planned(text, tmp_path)).plan
    assert plan is not None
    assert [step.args for step in plan.steps if step.tool == "stack_rollback"] == [{"stack": D}]


@pytest.mark.parametrize(
    "text, tools",
    [
        ("check prod", ["stack_health"]),
        ("check prod and deploy dev", ["stack_health", "stack_up"]),
        ("deploy dev, but first check prod", ["stack_health", "stack_up"]),
        ("check prod for changes", ["stack_history"]),
    ],
)
async def test_a_look_at_a_stack_is_its_health_and_never_dropped(text, tools, tmp_path):
    plan = (await planned(text, tmp_path)).plan
    assert plan is not None
    assert [step.tool for step in plan.steps] == tools
