"""Another time for a schedule, asked for in words, shown, approved, and kept."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.composition import open_sophia
from agent.names import names_of
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import PlanningRequest
from agent.settings import load
from agent.sophia import Sophia
from memory.grants import Grants
from memory.schedules import Schedules
from tools.registry import discover

NOW = datetime(2026, 3, 6, 14, 30, tzinfo=UTC)
"""A Friday."""


class Clock:
    def now(self) -> datetime:
        return NOW


@asynccontextmanager
async def sophia_in(folder: Path) -> AsyncIterator[Sophia]:
    people = {
        "ann": {"roles": ["requester", "approver", "operator"], "system_users": ["ann"], "zone": "America/New_York"}
    }
    given = {"home": str(folder / "home"), "people": people, "business": {"zone": "America/New_York"}}
    async with open_sophia(load(directory=folder, environ={}, overrides=given), clock=Clock()) as sophia:
        yield sophia


async def asked(sophia: Sophia, request: str):
    """A whole turn, approved."""
    ann = sophia.people.get("ann")
    assert ann is not None
    turn = await sophia.receive(request, ann, thread="c_1", surface="terminal", audience="person:ann")
    await sophia.drive(turn.id)
    for approval in await sophia.approvals.of_turn(turn.id):
        await sophia.decide(approval.id, ann, approve=True)
    await sophia.drive(turn.id)
    return await sophia.report(turn.id)


async def kept(sophia: Sophia):
    return next(each for each in await sophia.ports.get(Schedules).list() if not each.built_in)


@pytest.mark.parametrize(
    "when, moved, words, expressions, due",
    [
        ("every weekday at 7", "8", "every weekday at 8", ["0 8 * * 1-5"], "2026-03-09T12:00"),
        ("every weekday at 7", "6:30 pm", "every weekday at 6:30 pm", ["30 18 * * 1-5"], "2026-03-06T23:30"),
        ("every weekday at 7", "7 London", "every weekday at 7 London", ["0 7 * * 1-5"], "2026-03-09T07:00"),
        ("every Monday at 9", "Thursdays", "every Thursday at 09:00", ["0 9 * * 4"], "2026-03-12T13:00"),
        ("every Monday at 9", "every day at noon", "every day at noon", ["0 12 * * *"], "2026-03-06T17:00"),
        ("every 4 hours", "every 2 hours", "every 2 hours", ["0 */2 * * *"], "2026-03-06T15:00"),
    ],
)  # fmt: skip
async def test_what_is_not_said_stays_as_it_was(tmp_path, when, moved, words, expressions, due):
    async with sophia_in(tmp_path) as sophia:
        await asked(sophia, f"{when} check development for drift")
        report = await asked(sophia, f"move schedule {(await kept(sophia)).id} to {moved}")
        assert report.status == "done", report.not_done()
        schedule = await kept(sophia)
        assert (schedule.words, list(schedule.rule["expressions"])) == (words, expressions)
        assert schedule.next_at == datetime.fromisoformat(due).replace(tzinfo=UTC)
        assert report.verified


async def test_it_tells_its_channel_as_often_as_it_runs_and_goes_back_to_its_time(tmp_path):
    async with sophia_in(tmp_path) as sophia:
        await asked(sophia, "every day at 7 check development for drift and post it in #ops")
        first = await kept(sophia)
        report = await asked(sophia, f"change {first.id} to every 6 hours")
        assert report.status == "done", report.not_done()
        grants: Grants = sophia.ports.get(Grants)
        (grant,) = await grants.list(NOW)
        moved = await kept(sophia)
        assert (moved.grant, grant.id) == (grant.id, moved.grant)
        assert moved.grant != first.grant
        assert grant.uses == 4
        said = re.search(r"say “(.+)”", report.undo[0])
        assert said, report.undo
        assert (await asked(sophia, said[1])).status == "done"
        assert (await kept(sophia)).rule == first.rule


@pytest.mark.parametrize(
    "request_, why",
    [
        ("move the competitor sweep to 8", "stands in sophia.toml"),
        ("move {id} to tomorrow at 9", "comes again and again"),
        ("move {id} to 25:00", "no time of day"),
        ("move {id} to every minute", "too often"),
        ("move s_nothing to 8", "There is no schedule"),
    ],
)
async def test_what_makes_no_sense_is_said_and_changes_nothing(tmp_path, request_, why):
    async with sophia_in(tmp_path) as sophia:
        await asked(sophia, "every day at 7 check development for drift")
        before = await kept(sophia)
        report = await asked(sophia, request_.format(id=before.id))
        assert report.status != "done"
        assert why in f"{report.not_done()} {report.question} {report.steps}"
        assert await kept(sophia) == before


@pytest.mark.parametrize(
    "text, args",
    [
        ("move the morning sweep to 8", {"schedule": "morning sweep", "when": "8"}),
        ("could you reschedule s_4 to every weekday at 9 instead?", {"schedule": "s_4", "when": "every weekday at 9"}),
        ("change the time of the drift check from 2 to 3 am", {"schedule": "drift check", "when": "3 am"}),
        ("did you move the sweep to 8?", None),
        ("don't move the sweep to 8", None),
        ("change the sweep to every 2 hours and deploy development", None),
        ("move the sweep to production", None),
    ],
)
async def test_it_is_asked_for_in_words(tmp_path, text, args):
    names = names_of(load(directory=tmp_path, environ={"HOME": str(tmp_path)}))
    planning = await OfflinePlanner().plan(PlanningRequest(text=text, now=NOW, names=names), discover())
    steps = planning.plan.steps if planning.plan else []
    assert [step.args for step in steps if step.tool == "schedule_retime"] == ([args] if args else [])
    assert args or not any(discover()[step.tool].effect.writes for step in steps)
