"""What is scheduled runs when its time comes: once, over clock changes, crashes and pauses."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.plan import Plan
from agent.scheduling.built_in import built_in_plan
from agent.settings import SettingsError
from memory.errors import StoreError
from memory.schedules import Outcome, Run, Standing
from memory.switches import Switch, Switches
from tests.agent.scheduled import HOUR, NOW, PUT, READ, TAKE, Clock, World, settings_in, steps, world


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


async def test_what_is_due_runs_once_as_its_owner_with_nobody_there(at: World) -> None:
    ref = await at.schedule(TAKE, "every hour")
    assert await at.tick(timedelta(minutes=29)) == []
    (ran,) = await at.tick(timedelta(minutes=1))
    assert (ran.schedule.id, ran.outcome) == (ref, "done")
    turn = await at.sophia.turns.get(ran.turn)
    assert (turn.person, turn.surface, turn.audience, turn.seq) == ("ann", "schedule", "person:ann", 1)
    assert await at.tick(timedelta(0)) == []
    assert (await at.schedules.get(ref)).next_at == NOW + timedelta(minutes=90)
    (run,) = await at.schedules.runs(ref)
    assert (run.outcome, run.due_at, run.turn) == (Outcome.DONE, NOW + timedelta(minutes=30), ran.turn)


@pytest.mark.parametrize(
    "zone, night",
    [
        ("America/New_York", datetime(2026, 3, 7, 12, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 31, 12, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 0, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 0, tzinfo=UTC)),
    ],
)
async def test_over_a_change_of_the_clocks_it_runs_once_a_day(tmp_path: Path, zone: str, night: datetime) -> None:
    """Looked at every half hour for two days, at a time that one of the nights skips or repeats."""
    async with world(tmp_path, Clock(night)) as at:
        when = {"America/New_York": "1:30" if night.month == 10 else "2:30", "Europe/Berlin": "2:30"}.get(zone, "1:45")
        ref = await at.schedule(READ, f"every day at {when} {zone}")
        days = []
        for _ in range(96):
            for ran in await at.tick(timedelta(minutes=30)):
                run = (await at.schedules.runs(ran.schedule.id, 1))[0]
                days.append(run.due_at.astimezone(ZoneInfo(zone)).date())
        assert len(days) == len(set(days)) == 2
        assert [run.outcome for run in await at.schedules.runs(ref)] == ["done", "done"]


async def test_two_runners_never_run_the_same_occurrence(tmp_path: Path, migrated: str) -> None:
    clock, plans, url = Clock(), {}, migrated if "://" in migrated else ""
    async with (
        world(tmp_path, clock, plans, database_url=url) as one,
        world(tmp_path, clock, plans, database_url=url) as other,
    ):
        for number in range(4):
            await one.schedule(Plan(steps=steps(("take", {"name": f"cup {number}"}))), "every hour")
        clock.at += HOUR
        found = await asyncio.gather(*(each.runner.run_due() for each in (one, other, one, other)))
        done = [ran for part in found for ran in part if ran.outcome == "done"]
        assert len({ran.turn for ran in done}) == 4
        runs = [run for each in await one.schedules.list() for run in await one.schedules.runs(each.id)]
        assert sorted(run.outcome for run in runs) == ["done"] * 4


async def test_what_a_crash_left_queued_is_taken_up_by_the_next(tmp_path: Path) -> None:
    clock, plans = Clock(), {}
    async with world(tmp_path, clock, plans) as at:
        ref = await at.schedule(TAKE, "every hour")
        clock.at += HOUR
        begun = await at.runner.begin((await at.schedules.due(clock.at))[0], catch_up=True)
        assert isinstance(begun, Run)
    async with world(tmp_path, clock, plans) as at:
        (ran,) = await at.tick(timedelta(minutes=1))
        assert (ran.schedule.id, ran.turn, ran.outcome) == (ref, begun.turn, "done")


async def die_in_a_run(folder: Path) -> None:
    """Schedule putting a cup, let it run and be approved, and die when the cup is there and nobody has noted it."""
    async with world(folder, kill_at="after") as at:
        await at.schedule(PUT, "every hour")
        (waits,) = await at.tick()
        await at.approve(waits.turn)


async def test_a_run_that_was_killed_at_its_effect_goes_on_and_does_it_once(tmp_path: Path) -> None:
    command = [sys.executable, __file__, tmp_path]
    environ = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    killed = await asyncio.to_thread(subprocess.run, command, env=environ, capture_output=True, text=True, check=False)
    assert killed.returncode == -9, killed.stderr
    async with world(tmp_path, Clock(NOW + HOUR), {"request 0": PUT}) as at:
        assert at.shelf.times_put("cup") == 1
        (ran,) = await at.tick(timedelta(minutes=1))
        assert ran.outcome == "done"
        assert at.shelf.times_put("cup") == 1
        assert [run.outcome for run in await at.schedules.runs(ran.schedule.id)] == ["done"]


async def ended(at: World, ref: str) -> None:
    """Look again and again until the newest run has ended."""
    while not (runs := await at.schedules.runs(ref)) or runs[0].ended_at is None:  # noqa: ASYNC110 - another task runs
        await asyncio.sleep(0.02)


async def test_missed_runs_are_run_once_or_skipped_as_it_is_set(tmp_path: Path) -> None:
    for name, outcomes in (("once", ["done"]), ("skip", ["missed"])):
        async with world(tmp_path / name, missed=name) as at:
            ref = await at.schedule(TAKE, "every hour")
            at.clock.at += 7 * HOUR
            stop = asyncio.Event()
            serving = asyncio.create_task(at.runner.serve(stop))
            await asyncio.wait_for(ended(at, ref), 10)
            stop.set()
            await serving
            assert [run.outcome for run in await at.schedules.runs(ref)] == outcomes
            assert (await at.schedules.get(ref)).next_at == NOW + timedelta(hours=7, minutes=30)


async def test_a_single_time_runs_once_and_is_over(at: World) -> None:
    ref = await at.schedule(TAKE, "in 2 hours")
    assert [ran.outcome for ran in await at.tick(3 * HOUR)] == ["done"]
    assert (await at.schedules.get(ref)).status is Standing.ENDED
    assert await at.tick(timedelta(days=400)) == []


async def test_nothing_begins_while_everything_is_paused_and_it_is_caught_up_once(at: World) -> None:
    ref = await at.schedule(TAKE, "every hour")
    switches: Switches = at.sophia.ports.get(Switches)
    await switches.set(Switch.PAUSED, True, "ann", "holidays", at.clock.at)
    assert await at.tick(5 * HOUR) == []
    await switches.set(Switch.PAUSED, False, "ann", "back", at.clock.at)
    assert [ran.outcome for ran in await at.tick(timedelta(0))] == ["done"]
    assert len(await at.schedules.runs(ref)) == 1


async def test_a_pause_that_has_an_end_is_over_when_it_comes(at: World) -> None:
    ref = await at.schedule(TAKE, "every hour")
    until = at.clock.at + timedelta(hours=3)
    await at.schedules.stand(ref, Standing.PAUSED, "ann", at.clock.at, reason="paused by ann", next_at=until)
    assert [ran.outcome for _ in range(2) for ran in await at.tick()] == []
    assert [ran.outcome for ran in await at.tick()] == ["done"]
    assert (await at.schedules.get(ref)).status is Standing.ACTIVE


async def test_what_would_destroy_now_is_refused_in_its_run_too(at: World) -> None:
    ref = await at.schedule(TAKE, "every hour")
    request = (await at.schedules.get(ref)).request
    at.plans[request] = Plan(steps=steps(("burn", {"name": "cup"})))
    (ran,) = await at.tick()
    assert ran.outcome == "refused"
    assert "burn" in ran.note
    assert await at.sophia.approvals.of_turn(ran.turn) == []


async def test_a_request_that_became_unclear_ends_with_its_question(at: World) -> None:
    ref = await at.schedule(TAKE, "every hour", channel="#ops")
    del at.plans[(await at.schedules.get(ref)).request]
    (ran,) = await at.tick()
    assert (ran.outcome, ran.note) == ("question", "What?")
    assert "What?" in (await at.said())[0]


async def test_a_failed_run_says_why_and_the_next_one_runs(at: World) -> None:
    ref = await at.schedule(Plan(steps=steps(("take", {"name": "cup"}), ("put", {"name": "stuck"}))), "every hour")
    (waits,) = await at.tick()
    await at.approve(waits.turn)
    (failed,) = await at.tick(timedelta(minutes=1))
    assert failed.outcome == "failed"
    assert "stuck does not fit" in failed.note
    assert (await at.schedules.get(ref)).status is Standing.ACTIVE


async def test_a_run_that_cannot_be_worked_on_ends_with_its_reason_and_is_not_tried_for_ever(
    at: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = await at.schedule(TAKE, "every hour")

    async def poisoned(turn: str) -> None:
        raise TypeError(f"{turn} is poisoned")

    with monkeypatch.context() as patched:
        patched.setattr(at.sophia.driver, "drive", poisoned)
        (ran,) = await at.tick()
    assert ran.outcome == "failed"
    assert "is poisoned" in ran.note
    assert await at.schedules.open_runs(ref) == []
    assert [again.outcome for again in await at.tick()] == ["done"]


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EROFS, errno.ESTALE], ids=errno.errorcode.get)
async def test_a_run_that_the_disk_refused_is_left_open_and_gone_on_with(
    at: World, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    ref = await at.schedule(TAKE, "every hour")

    async def refused(turn: str) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(at.sophia.driver, "drive", refused)
        with pytest.raises(StoreError, match=r"disk|written"):
            await at.tick()
    assert len(await at.schedules.open_runs(ref)) == 1
    assert [again.outcome for again in await at.tick(timedelta(minutes=1))] == ["done"]


async def test_built_in_work_runs_by_the_clock_and_only_says_what_matters(tmp_path: Path) -> None:
    async with world(tmp_path, audit="every day at 6") as at:
        assert await at.tick(timedelta(0)) == []
        (ran,) = await at.tick(timedelta(hours=24))
        assert (ran.schedule.id, ran.outcome) == ("s_audit", "done")
        assert await at.said() == []
    async with world(tmp_path) as at:
        assert await at.tick() == []
        assert await at.schedules.list() == [await at.schedules.get("s_audit")]
        assert (await at.schedules.get("s_audit")).status is Standing.ENDED


async def test_a_request_leaves_no_context_for_the_next_run(at: World) -> None:
    await at.schedule(TAKE, "every hour")
    first, second = (await at.tick())[0], (await at.tick())[0]
    threads = {(await at.sophia.turns.get(ran.turn)).thread for ran in (first, second)}
    assert len(threads) == 2


def test_times_of_built_in_work_are_checked_with_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as wrong:
        settings_in(tmp_path, drift="every blue moon", operations_channel="#nowhere")
    assert "blue moon" in str(wrong.value)
    assert "#nowhere" in str(wrong.value)


if __name__ == "__main__":
    asyncio.run(die_in_a_run(Path(sys.argv[1])))


def test_only_the_check_for_drift_asks_which_stacks_there_are() -> None:
    def unreadable() -> list[str]:
        raise OSError("read-only")

    for schedule in ("s_sweep", "s_digest", "s_audit"):
        assert built_in_plan(schedule, unreadable).steps
    with pytest.raises(OSError, match="read-only"):
        built_in_plan("s_drift", unreadable)
