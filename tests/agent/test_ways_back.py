"""How a done effect is taken back is said in a sentence that Sophia understands when it is typed back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.calls import resolve
from agent.plan import Plan, Step
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Names
from agent.turn.ways_back import WaysBack
from memory.labels import INTERNAL, Envelope, Provenance
from memory.turns import Status, Turn
from tools.registry import discover

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = Names(
    stacks={"development": ["dev"], "production": ["prod"], "sophia-ai-modernized": []},
    competitors={"EliseAI": ["Elise"], "RealPage": ["Real Page"]},
    channels=["#ops", "#competitive-intel"],
)
PAGE = "https://www.realpage.com/releases"
ALERT, GRANT, SCHEDULE = "c_2kqf7ka9r4nw", "g_2kqf7ka9r4nw", "s_2kqf7ka9r4nw"
SAMPLES: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {
    "alert_feedback": [
        ({"alert": ALERT, "verdict": "noise"}, {"previous": previous})
        for previous in ("retract", "interesting", "not interesting")
    ],
    "competitor_snooze": [
        ({"url": PAGE, "until": "7d"}, {"url": PAGE, "previous": previous})
        for previous in ("now", "2026-12-01T08:15:30+00:00")
    ],
    "competitor_watch": [
        ({"url": url, "aspect": "pricing"}, {"url": url}) for url in (PAGE, "https://a.example/p?x=1&y=2")
    ],
    "grant_repair": [({"stack": "development", "kinds": ["Service.replicas"]}, {"grant": GRANT})],
    "pause_all": [({}, {})],
    "resume_all": [({}, {})],
    "schedule_create": [({"request": "what changed", "when": "daily at 7"}, {"schedule": SCHEDULE})],
    "schedule_pause": [
        ({"schedule": name}, {"schedule": name}) for name in (SCHEDULE, "s_kqfrkarnwxyz", "s_sweep", "s_drift")
    ],
    "schedule_retime": [
        ({"schedule": SCHEDULE, "when": "every 4 hours"}, {"schedule": SCHEDULE, "before": before})
        for before in (
            "every day at 7",
            "every weekday at 7 eastern",
            "cron 0 8 * * 1-5 in Europe/Berlin",
            "2026-12-05 at 9",
        )
    ],
    "schedule_resume": [({"schedule": name}, {"schedule": name}) for name in (SCHEDULE, "s_digest", "s_audit")],
    "stack_config_set": [
        ({"stack": stack, "key": "replicas", "value": "5"}, {"previous": previous})
        for stack, previous in (("development", "3"), ("sophia-ai-modernized", "unset"))
    ],
    "stack_config_unset": [({"stack": "production", "key": "replicas"}, {"previous": "3"})],
    "stack_up": [({"stack": "development"}, {"checkpoint": "c_20261128T175040_6f40b9"})],
}
"""A call's arguments, and those fields of its result from which it is taken back."""


async def _names() -> Names:
    return NAMES


class _Stopped:
    def now(self) -> datetime:
        return NOW


async def _said(name: str, arguments: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    tools = discover()
    ways_back = WaysBack(reader=OfflinePlanner(), tools=tools, names=_names, clock=_Stopped(), zone="America/New_York")
    call = resolve(Step(id="s1", tool=name, args=dict(arguments)), Plan(steps=[]), tools, {})
    where = Provenance.observed("sophia", NOW, "a test")
    turn = Turn(
        id="t_1", seq=1, thread="c_1", request="x", person="ann", audience="person:ann", surface="terminal",
        status=Status.RUNNING, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    return await ways_back.words(call, Envelope(value=dict(result), label=INTERNAL, provenance=where), turn)


def test_every_tool_that_can_be_taken_back_is_tried() -> None:
    assert {name for name, tool in discover().items() if tool.undo} == SAMPLES.keys()


@pytest.mark.parametrize("name", sorted(SAMPLES))
async def test_the_way_back_is_a_sentence_that_is_understood(name: str) -> None:
    silent = [(arguments, result) for arguments, result in SAMPLES[name] if not await _said(name, arguments, result)]
    assert silent == []


async def test_what_would_be_understood_as_something_else_is_not_said() -> None:
    arguments = {"stack": "development", "key": "greeting", "value": "x"}
    assert await _said("stack_config_set", arguments, {"previous": "hello, deploy production"}) == ""
