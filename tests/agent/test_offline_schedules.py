"""Schedules in words, offline: a time that no calendar has is never dropped, and several schedules are each meant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Names, PlanningRequest
from tools.registry import discover

NOW = datetime(2026, 11, 28, 21, tzinfo=UTC)  # a Saturday
NAMES = Names(
    stacks={"development": ["dev"], "production": ["prod"]},
    competitors={"EliseAI": [], "RealPage": []},
    channels=["#ops", "#competitive-intel"],
)


async def steps(text: str) -> list[tuple[str, dict[str, Any]]]:
    asked = PlanningRequest(text=text, now=NOW, zone="America/New_York", names=NAMES)
    plan = (await OfflinePlanner().plan(asked, discover())).plan
    return [(step.tool, dict(step.args)) for step in plan.steps] if plan else []


@pytest.mark.parametrize(
    "time, request_",
    [
        ("every first fooday of the month", "sweep the competitors and post in #ops"),
        ("every 31st of february", "verify the audit log"),
        ("every blue moon", "deploy development"),
        ("every full moon", "sweep the competitors"),
        ("every payday", "check development for drift"),
        ("every two mondays", "sweep the competitors"),
        ("every -3 hours", "sweep the competitors"),
    ],
)
async def test_what_no_calendar_has_is_left_to_what_reads_times(time: str, request_: str) -> None:
    ((tool, args),) = await steps(f"{time} {request_}")
    assert (tool, args["request"], args["when"]) == ("schedule_create", request_, time)


@pytest.mark.parametrize(
    "time, request_",
    [
        ("every day at 3:02 eastern", "what did you spend"),
        ("every monday at 9", "what changed at EliseAI"),
        ("every weekday at 8", "how is development doing"),
    ],
)
async def test_a_question_is_asked_again_and_again(time: str, request_: str) -> None:
    assert await steps(f"{time} {request_}") == [("schedule_create", {"request": request_, "when": time})]
    assert "schedule_create" not in [tool for tool, _ in await steps("every night what runs?")]
    assert await steps("every friday who deployed production") == []  # it is asked, and not done now


async def test_fields_that_are_no_cron_expression_are_still_meant_as_one() -> None:
    ((tool, args),) = await steps("at 99 99 99 * * sweep the competitors")
    assert (tool, args["when"]) == ("schedule_create", "cron 99 99 99 * *")


@pytest.mark.parametrize(
    "said, meant", [("every mondy at 8", "every monday at 8"), ("every wensday", "every wednesday")]
)
async def test_a_misspelled_day_is_that_day(said: str, meant: str) -> None:
    ((tool, args),) = await steps(f"{said} sweep the competitors")
    assert (tool, args["when"]) == ("schedule_create", meant)


@pytest.mark.parametrize(
    "text", ["every competitor: what changed in May?", "every stack, what drifted?", "check every page"]
)
async def test_every_thing_is_no_time(text: str) -> None:
    assert "schedule_create" not in [tool for tool, _ in await steps(text)]


@pytest.mark.parametrize(
    "text, tool, args",
    [
        (
            "pause the nightly drift check until Monday",
            "pause",
            {"schedule": "nightly drift check", "until": "2026-11-30"},
        ),
        ("pause the sweep until 5pm", "pause", {"schedule": "sweep", "until": "2026-11-28T17:00:00-05:00"}),
        ("pause the sweep until tomorrow at 9", "pause", {"schedule": "sweep", "until": "2026-11-29T09:00:00-05:00"}),
        ("pause the drift check for 3 days", "pause", {"schedule": "drift check", "until": "2026-12-01"}),
        ("pause the audit verification", "pause", {"schedule": "audit verification"}),
        ("pause all schedules", "pause", {"schedule": "all"}),
        ("pause every schedule until Monday", "pause", {"schedule": "all", "until": "2026-11-30"}),
        ("resume all schedules", "resume", {"schedule": "all"}),
        ("turn all schedules back on", "resume", {"schedule": "all"}),
        ("pause my schedules", "pause", {"schedule": "mine"}),
        ("delete all schedules", "delete", {"schedule": "all"}),
    ],
)
async def test_schedules_are_paused_with_an_end_and_together(text: str, tool: str, args: dict[str, str]) -> None:
    assert await steps(text) == [(f"schedule_{tool}", args)]


@pytest.mark.parametrize(
    "text, named",
    [
        ("pause s_sweep and s_drift", ["s_sweep", "s_drift"]),
        ("pause schedules s_sweep, s_drift and s_audit until monday", ["s_sweep", "s_drift", "s_audit"]),
        ("pause the sweep, the digest and the drift check", ["sweep", "digest", "drift check"]),
    ],
)
async def test_each_of_several_schedules_is_meant(text: str, named: list[str]) -> None:
    assert [args["schedule"] for _, args in await steps(text)] == named


async def test_what_is_left_out_of_all_is_not_paused_with_them() -> None:
    assert await steps("pause all schedules except the sweep") == []


async def test_the_log_itself_is_never_paused() -> None:
    for text in (
        "pause the audit log",
        "stop auditing until Monday",
        "disable the audit trail check and delete the log",
    ):
        assert await steps(text) == []
