"""The runner of due schedules: claims what is due, one process each, and works on it until it ends or waits."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from agent.scheduling.alerts import Alerts
from agent.scheduling.built_in import DIGEST
from agent.scheduling.owners import able
from agent.scheduling.rehearsal import Rehearsal
from agent.scheduling.runs import Ran, Runs
from agent.sophia import Sophia
from memory.competitors import Competitors
from memory.errors import StoreError
from memory.faults import disk_faults
from memory.grants import Grants
from memory.leases import Leases
from memory.schedules import Outcome, Run, Schedule, Schedules
from memory.switches import Switches
from tools.timetable.foresight import BuiltIns

__all__ = ["Early", "Ran", "ScheduleRunner"]

_log = logging.getLogger(__name__)
AT_ONCE = 4
"""Runs that one process works on side by side."""
LATE = timedelta(minutes=5)
"""What is begun later than this was missed: nothing was there to run it."""
LOOK_EVERY = timedelta(seconds=15)
"""How long at most until it is seen that a schedule was made, or that somebody approved."""


@dataclass(frozen=True)
class Early:
    """A schedule to run before it is due."""

    schedule: Schedule
    seen: int
    """Its last run, 0 for none: when there is a later one, somebody has done it meanwhile."""


class ScheduleRunner:
    """Runs what is due, with the powers that its owner has now."""

    def __init__(self, sophia: Sophia) -> None:
        ports = sophia.ports
        self._sophia = sophia
        self._schedules: Schedules = ports.get(Schedules)
        self._switches: Switches = ports.get(Switches)
        self._built_ins: BuiltIns = ports.get(BuiltIns)
        self._room = asyncio.Semaphore(AT_ONCE)
        self.runs = Runs(
            sophia=sophia,
            schedules=self._schedules,
            rehearsal=ports.get(Rehearsal),
            leases=ports.get(Leases),
            alerts=Alerts(sophia.settings, ports.get(Competitors), ports.get(Grants)),
            deployed=self._deployed,
        )

    def _deployed(self) -> Sequence[str]:
        from infra.stacks import Stacks

        stacks: Stacks = self._sophia.ports.get(Stacks)
        return [status.name for status in stacks.list() if status.deployed]

    async def run_due(self, *, also: Sequence[Early] = ()) -> list[Ran]:
        """Do what is due now, once, and go on with what was begun; missed runs are run whatever the setting says.

        `also` is to be run though it isn't due. The digest comes last: it tells what the sweep beside it has found.
        """
        due = await self._due()
        if due is None:
            return []
        early = [each for each in also if each.schedule.id not in {other.id for other in due}]
        unfinished = await self._schedules.open_runs()
        went_on = await self._all([self.work(run) for run in unfinished])
        begun = [await self.begin(each, catch_up=True) for each in due]
        begun += [await self.begin(each.schedule, catch_up=True, seen=each.seen) for each in early]
        runs = [run for run in begun if isinstance(run, Run)]
        worked = await self._all([self.work(run) for run in runs if run.schedule != DIGEST])
        worked += await self._all([self.work(run) for run in runs if run.schedule == DIGEST])
        return went_on + [each for each in begun if isinstance(each, Ran)] + worked

    async def _due(self) -> list[Schedule] | None:
        """Schedules whose time has come, those among them whose pause ends with it; None while everything is paused."""
        now = self._sophia.clock.now()
        await self._schedules.ensure(self._built_ins.defined(now))
        if (await self._switches.state()).paused:
            return None
        await self._schedules.wake(now)
        return await self._schedules.due(now)

    @staticmethod
    async def _all(work: Sequence[Coroutine[Any, Any, Ran]]) -> list[Ran]:
        """Everything to its end, then the first error, if there was one."""
        done = await asyncio.gather(*work, return_exceptions=True)
        for each in done:
            if isinstance(each, BaseException):
                raise each
        return [each for each in done if isinstance(each, Ran)]

    async def begin(self, schedule: Schedule, *, catch_up: bool, seen: int | None = None) -> Run | Ran:
        """Claim the occurrence that is due. What can't be begun is said, and the schedule goes on to its next time.

        With `seen`, the last run that was known, it is run before it is due, unless there is a later one.
        """
        now = self._sophia.clock.now()
        following = self.runs.following(schedule)
        if not schedule.built_in and able(schedule.owner, self._sophia.people) is None:
            why = f"{schedule.owner}, who made it, isn't there any more or may not ask for anything"
            await self.runs.pause(schedule, why)
            return Ran(schedule, "paused", note=why)
        assert schedule.next_at is not None, "an active schedule has a next time"
        due_at = min(schedule.next_at, now)
        outcome, note = Outcome.RUNNING, ""
        if await self._schedules.open_runs(schedule.id):
            outcome, note = Outcome.JOINED, "the run before it was still going on"
        elif not catch_up and now - due_at > LATE and self._sophia.settings.schedules.missed == "skip":
            outcome, note = Outcome.MISSED, "nothing was there to run it in time"
        turn = self.runs.begin(schedule, due_at) if outcome is Outcome.RUNNING else None
        run = await self._schedules.claim(schedule, following, now, turn=turn, outcome=outcome, note=note, seen=seen)
        if run is None:
            return Ran(schedule, "elsewhere", note="another process took it, or it was changed meanwhile")
        return run if run.turn else Ran(schedule, run.outcome, note=run.note)

    async def work(self, run: Run) -> Ran:
        """Work on a run as soon as there is room. Only what a store, or the disk of the data folder, refuses leaves it
        open, to be gone on with later.
        """
        async with self._room:
            try:
                with disk_faults(Path(self._sophia.settings.home)):
                    return await self.runs.work(run)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - the outermost edge of this surface
                _log.exception("run %s of %s", run.id, run.schedule)
                return await self.runs.give_up(run, error)

    async def serve(self, stop: asyncio.Event) -> None:
        """Run what becomes due until `stop` is set; what is worked on then stops between steps and can be resumed."""
        working: dict[int, asyncio.Task[Ran]] = {}
        try:
            while not stop.is_set():
                await self._round(working)
                await self._rest(stop)
        finally:
            self._sophia.driver.stop()
            await asyncio.gather(*working.values(), return_exceptions=True)

    async def _round(self, working: dict[int, asyncio.Task[Ran]]) -> None:
        """One look at the clock. When the database is away, the next look comes all the same."""
        try:
            for run in [*await self._schedules.open_runs(), *await self._begun()]:
                if run.id not in working:
                    working[run.id] = asyncio.create_task(self.work(run))
            for done in [run for run, task in working.items() if task.done()]:
                working.pop(done).result()
        except StoreError as error:
            _log.warning("the schedules rest until the database answers: %s", error)

    async def _begun(self) -> list[Run]:
        begun = [await self.begin(each, catch_up=False) for each in await self._due() or ()]
        return [run for run in begun if isinstance(run, Run)]

    async def _rest(self, stop: asyncio.Event) -> None:
        """Until the next schedule is due, but no longer than a new one, or an approval, may stay unseen."""
        wait = LOOK_EVERY
        with contextlib.suppress(StoreError):
            following = await self._schedules.next_time()
            if following is not None:
                wait = min(wait, max(following - self._sophia.clock.now(), timedelta(seconds=0.2)))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), wait.total_seconds())
