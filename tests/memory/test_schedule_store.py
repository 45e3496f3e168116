from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from memory.audit import Audit
from memory.database import Database
from memory.errors import NotFound
from memory.schedules import Outcome, Schedule, Schedules, Standing
from memory.turns import NewTurn, Turns

HOUR = timedelta(hours=1)


@pytest.fixture
def schedules(database: Database, audit: Audit) -> Schedules:
    return Schedules(database, audit)


def schedule(now: datetime, ref: str = "s_one", **more) -> Schedule:
    given = {
        "request": "sweep all competitors",
        "words": "every hour",
        "rule": {"kind": "cron", "expressions": ["0 * * * *"], "zone": "UTC"},
        "zone": "UTC",
        "owner": "ann",
        "audience": "person:ann",
        "next_at": now,
        "created_at": now,
    }
    return Schedule(id=ref, **{**given, **more})


def turn(name: str = "s_one") -> NewTurn:
    return NewTurn(
        thread=f"{name}.1",
        request="sweep all competitors",
        person="ann",
        audience="person:ann",
        surface="schedule",
        plan={"steps": []},
    )


async def test_a_schedule_is_kept_listed_changed_and_logged(schedules: Schedules, audit: Audit, now: datetime) -> None:
    made = await schedules.add(schedule(now, effect="e_1", channel="#ops"))
    assert await schedules.get("s_one") == made
    assert await schedules.made_by("e_1") == made
    assert await schedules.add(schedule(now, "s_two", effect="e_1")) == made
    paused = await schedules.stand("s_one", Standing.PAUSED, "bob", now, reason="holidays")
    assert (paused.status, paused.reason, paused.next_at) == (Standing.PAUSED, "holidays", None)
    resumed = await schedules.stand("s_one", Standing.ACTIVE, "bob", now, next_at=now + HOUR)
    assert resumed.next_at == now + HOUR
    await schedules.stand("s_one", Standing.DELETED, "ann", now)
    assert await schedules.list() == []
    assert [found.id for found in await schedules.list(deleted=True)] == ["s_one"]
    with pytest.raises(NotFound):
        await schedules.stand("s_none", Standing.PAUSED, "ann", now)
    logged = [(entry.kind, entry.actor) for entry in await audit.entries()]
    assert logged == [
        ("schedule.created", "ann"),
        ("schedule.changed", "bob"),
        ("schedule.changed", "bob"),
        ("schedule.changed", "ann"),
    ]


async def test_a_due_run_is_taken_by_one_and_its_turn_is_queued_with_it(
    database: Database, schedules: Schedules, now: datetime
) -> None:
    await schedules.add(schedule(now))
    await schedules.add(schedule(now, "s_later", next_at=now + HOUR))
    (due,) = await schedules.due(now)
    taken = await asyncio.gather(*(schedules.claim(due, now + HOUR, now, turn=turn()) for _ in range(6)))
    (run,) = [found for found in taken if found is not None]
    (queued,) = await Turns(database).unfinished()
    assert (run.turn, run.due_at, run.outcome) == (queued.id, now, Outcome.RUNNING)
    assert (queued.surface, queued.plan, queued.status) == ("schedule", {"steps": []}, "queued")
    assert (await schedules.get("s_one")).next_at == now + HOUR
    assert await schedules.due(now) == []
    assert await schedules.open_runs("s_one") == [run]
    assert await schedules.next_time() == now + HOUR


async def test_a_run_that_does_not_begin_is_kept_with_why(schedules: Schedules, now: datetime) -> None:
    made = await schedules.add(schedule(now))
    run = await schedules.claim(made, now + HOUR, now, turn=None, outcome=Outcome.JOINED, note="still going on")
    assert run is not None
    assert (run.outcome, run.turn, run.ended_at) == (Outcome.JOINED, None, now)
    assert await schedules.open_runs() == []


async def test_what_was_paused_meanwhile_is_not_taken(schedules: Schedules, now: datetime) -> None:
    made = await schedules.add(schedule(now))
    await schedules.stand("s_one", Standing.PAUSED, "ann", now)
    assert await schedules.claim(made, now + HOUR, now, turn=turn()) is None


async def test_the_last_run_ends_the_schedule(schedules: Schedules, now: datetime) -> None:
    made = await schedules.add(schedule(now))
    assert await schedules.claim(made, None, now, turn=turn())
    assert (await schedules.get("s_one")).status is Standing.ENDED


async def test_unanswered_runs_are_counted_until_one_is_answered(schedules: Schedules, now: datetime) -> None:
    counts = []
    for number, outcome in enumerate([Outcome.UNANSWERED, Outcome.UNANSWERED, Outcome.DONE, Outcome.UNANSWERED]):
        made = schedule(now + number * HOUR)
        made = await (schedules.get("s_one") if number else schedules.add(made))
        run = await schedules.claim(made, now + (number + 1) * HOUR, now + number * HOUR, turn=turn())
        assert run is not None
        counts.append(await schedules.end_run(run.id, outcome, "", now))
        assert await schedules.end_run(run.id, Outcome.UNANSWERED, "", now) == counts[-1]
    assert counts == [1, 2, 0, 1]
    assert [run.outcome for run in await schedules.runs("s_one")] == ["unanswered", "done", "unanswered", "unanswered"]


async def test_results_are_told_once(database: Database, schedules: Schedules, now: datetime) -> None:
    made = await schedules.add(schedule(now))
    run = await schedules.claim(made, now + HOUR, now, turn=turn())
    assert run is not None
    first = await schedules.post(run.id, turn(), now)
    assert first.post is not None
    assert await schedules.post(run.id, turn(), now) == first
    assert len(await Turns(database).unfinished()) == 2


async def test_built_in_ones_are_made_once_and_follow_their_definition(schedules: Schedules, now: datetime) -> None:
    defined = schedule(now, "s_sweep", built_in=True, name="competitor sweep")
    await asyncio.gather(*(schedules.ensure([defined]) for _ in range(4)))
    await schedules.stand("s_sweep", Standing.PAUSED, "ann", now, reason="quiet please")
    await schedules.add(schedule(now))
    later = defined.model_copy(update={"request": "sweep them", "next_at": now + HOUR})
    await schedules.ensure([later])
    listed = await schedules.list()
    assert [found.id for found in listed] == ["s_sweep", "s_one"]
    assert (listed[0].request, listed[0].status, listed[0].next_at) == ("sweep them", Standing.PAUSED, None)
    moved = later.model_copy(update={"rule": {"kind": "cron", "expressions": ["0 1 * * *"], "zone": "UTC"}})
    await schedules.ensure([moved])
    resting = await schedules.get("s_sweep")
    assert (resting.rule, resting.next_at) == (moved.rule, None)  # it rests until somebody lets it run again
    await schedules.stand("s_sweep", Standing.ACTIVE, "ann", now, next_at=now)
    await schedules.ensure([later])
    assert (await schedules.get("s_sweep")).next_at == now + HOUR
    await schedules.ensure([])
    assert (await schedules.get("s_sweep")).status is Standing.ENDED
    await schedules.ensure([moved])
    again = await schedules.get("s_sweep")
    assert (again.status, again.next_at) == (Standing.ACTIVE, now + HOUR)


async def test_what_is_run_before_its_time_is_taken_once(schedules: Schedules, now: datetime) -> None:
    made = await schedules.add(schedule(now, next_at=now + HOUR))
    first = await schedules.claim(made, now + HOUR, now, turn=turn(), seen=0)
    assert first is not None
    assert first.due_at == now
    later = now + timedelta(minutes=1)
    assert await schedules.claim(made, now + HOUR, later, turn=turn(), seen=0) is None
    assert await schedules.claim(made, now + HOUR, later, turn=turn(), seen=first.id)
