"""A run, from its queued turn to what was told of it. Anybody may go on with it after a crash."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.errors import NotAllowed, SophiaError
from agent.plan import Plan
from agent.report import Report
from agent.scheduling.alerts import Alerts
from agent.scheduling.built_in import SWEEP, built_in_plan
from agent.scheduling.posting import eventful, note_plan, post_plan, post_text, says_it_itself, without_posts
from agent.scheduling.rehearsal import Rehearsal
from agent.sophia import Sophia
from memory.labels import Label, join
from memory.leases import Leases
from memory.schedules import Outcome, Run, Schedule, Schedules, Standing
from memory.turns import NewTurn, Status, Turn
from tools.declaration import Effect
from tools.errors import ToolError
from tools.monitoring.lines import ASKED, TOLD
from tools.timetable.rules import rule_of

__all__ = ["SURFACE", "Ran", "Runs"]

SURFACE = "schedule"
"""Turns of this surface run without anybody being there: the guard counts them as unattended."""
PLANNING = timedelta(minutes=5)
"""For how long a process may plan a run before another one does."""
_OUTCOMES = {
    Status.DONE: Outcome.DONE,
    Status.FAILED: Outcome.FAILED,
    Status.REFUSED: Outcome.REFUSED,
    Status.QUESTION: Outcome.QUESTION,
    Status.CANCELLED: Outcome.CANCELLED,
}


@dataclass(frozen=True)
class Ran:
    """What became of a run, or of a schedule that wasn't run."""

    schedule: Schedule
    outcome: str
    """One of `memory.schedules.Outcome`, or `waiting` for a person, `elsewhere`, `paused`."""
    turn: str = ""
    note: str = ""
    report: Report | None = None
    approvals: tuple[str, ...] = ()


class Runs:
    """Works on runs that were claimed."""

    def __init__(
        self,
        *,
        sophia: Sophia,
        schedules: Schedules,
        rehearsal: Rehearsal,
        leases: Leases,
        alerts: Alerts,
        deployed: Callable[[], Sequence[str]],
    ) -> None:
        """`deployed` gives the names of the stacks that are deployed now."""
        self._sophia = sophia
        self._schedules = schedules
        self._rehearsal = rehearsal
        self._leases = leases
        self._alerts = alerts
        self._deployed = deployed
        self._holder = f"{os.getpid()}-{secrets.token_hex(4)}"

    async def work(self, run: Run) -> Ran:
        """Take a run as far as it goes now. Raises the errors of stores; others end the run with their sentence."""
        schedule = await self._schedules.get(run.schedule)
        try:
            return await self._work(schedule, run)
        except (SophiaError, ToolError) as error:
            outcome = Outcome.REFUSED if isinstance(error, NotAllowed) else Outcome.FAILED
            return await self._broken(schedule, run, outcome, str(error))

    async def give_up(self, run: Run, error: Exception) -> Ran:
        """End a run that only a bug can explain, so that it isn't tried for ever."""
        schedule = await self._schedules.get(run.schedule)
        why = f"Sophia has a bug ({type(error).__name__}: {error}). What was done so far is kept."
        return await self._broken(schedule, run, Outcome.FAILED, why)

    async def _work(self, schedule: Schedule, run: Run) -> Ran:
        assert run.turn is not None, "a run that is open has a turn"
        turn = await self._driven(await self._planned(schedule, run.turn))
        if not turn.status.ended:
            return await self._unfinished(schedule, turn)
        report = await self._sophia.report(turn.id)
        muted = False
        if run.post is None:
            said, label = await self._said(schedule, run, turn, report)
            muted = await self._muted(schedule, said, label)
            if said and not muted:
                plan = post_plan(said, label)
                run = await self._schedules.post(run.id, self._new(schedule, turn.thread, plan), self._now())
        if run.post is not None:
            post = await self._driven(await self._sophia.turns.get(run.post))
            await self._told(turn, post)
            if not post.status.ended:
                return await self._unfinished(schedule, post, report)
        return await self._ended(schedule, run, turn, report, muted=muted)

    async def _planned(self, schedule: Schedule, ref: str) -> Turn:
        """The turn with its plan, made by one process. What can't be planned is left to the turn: it says why."""
        turn = await self._sophia.turns.get(ref)
        if turn.plan is not None or turn.status is not Status.QUEUED:
            return turn
        lease = await self._leases.acquire(f"plan:{ref}", self._holder, PLANNING, self._now())
        if lease is None:
            return turn
        try:
            turn = await self._sophia.turns.get(ref)
            if turn.plan is None and turn.status is Status.QUEUED and (plan := await self._plan(schedule, turn)):
                await self._sophia.turns.update(ref, self._now(), plan=plan.model_dump(mode="json", by_alias=True))
            return await self._sophia.turns.get(ref)
        finally:
            await self._leases.release(lease)

    async def _plan(self, schedule: Schedule, turn: Turn) -> Plan | None:
        if schedule.built_in:
            return built_in_plan(schedule.id, self._deployed, watched=await self._alerts.anything())
        plan = (await self._rehearsal.plan(turn.request, turn.person, turn.id)).plan
        if plan is None:
            return None
        self._harmless(plan)
        return without_posts(plan, schedule.channel) if schedule.channel else plan

    def _harmless(self, plan: Plan) -> None:
        """What the request means may have changed since it was scheduled; this holds for every run."""
        tools = [self._sophia.tools[step.tool] for step in plan.steps]
        ruin = [each.name for each in tools if each.effect is Effect.DESTROY or each.rotates]
        if ruin:
            raise NotAllowed(
                f"It would call {', '.join(ruin)} now, and nothing is destroyed or rotated on a schedule.",
                not_done="Nothing was done.",
                to_do="Ask for it when it is wanted, and delete the schedule.",
            )

    async def _driven(self, turn: Turn) -> Turn:
        """The turn, as far as it goes; as it is while somebody else works on it or it waits for a person."""
        if turn.status.ended or await self._elsewhere(turn) or await self._asks(turn):
            return turn
        return await self._sophia.drive(turn.id)

    async def _elsewhere(self, turn: Turn) -> bool:
        """Whether somebody else plans it or works on it now."""
        now = self._now()
        held = [await self._leases.holder(f"{what}:{turn.id}", now) for what in ("plan", "turn")]
        return any(lease is not None for lease in held)

    async def _asks(self, turn: Turn) -> list[str]:
        """The approvals that it waits for."""
        if turn.status is not Status.WAITING or await self._sophia.turns.cancel_requested(turn.id):
            return []
        await self._sophia.approvals.expire(self._now())
        return [found.id for found in await self._sophia.approvals.of_turn(turn.id) if found.status == "waiting"]

    async def _unfinished(self, schedule: Schedule, turn: Turn, report: Report | None = None) -> Ran:
        asked = await self._asks(turn)
        outcome = "waiting" if asked else "elsewhere"
        return Ran(schedule, outcome, turn=turn.id, report=report, approvals=tuple(asked))

    async def _said(
        self, schedule: Schedule, run: Run, turn: Turn, report: Report
    ) -> tuple[list[tuple[str, str]], Label]:
        """What is to be told of the run and where, and the label of all that it is made of."""
        results = await self._sophia.driver.results(turn.id)
        label = join([envelope.label for envelope in results.values()]) if results else Plan(steps=[]).label
        planned = Plan.model_validate(turn.plan).steps if turn.plan else []
        if schedule.id == SWEEP:
            swept = [results[step.id] for step in planned if step.tool == "competitor_sweep" and step.id in results]
            lines = [line for found in swept for line in self._alerts.of(found, self._sophia.tools)]
            return await self._alerts.messages(lines, schedule.channel, self._now()), label
        quiet = self._sophia.settings.schedules.quiet and not eventful(report)
        if not schedule.channel or quiet or says_it_itself(planned, schedule.channel):
            return [], label
        return [(schedule.channel, post_text(schedule, report, run.due_at, schedule.zone))], label

    async def _muted(self, schedule: Schedule, said: list[tuple[str, str]], label: Label) -> bool:
        """Whether telling it would ask again what nobody has answered so often."""
        if not said or schedule.unanswered < self._sophia.settings.schedules.unanswered or label.trusted:
            return False
        return not await self._alerts.covered(said, self._now())

    async def _told(self, turn: Turn, post: Turn) -> None:
        """Keep what became of the alerts of a sweep: told, or asked about, so that the digest doesn't ask again.

        What nobody answered in time, or what failed, is left to the digest.
        """
        asked = not post.status.ended or post.status is Status.REFUSED
        state = TOLD if post.status is Status.DONE else ASKED if asked else "digest"
        if state == ASKED and await self._expired(post.id):
            state = "digest"
        results = await self._sophia.driver.results(turn.id)
        plan = Plan.model_validate(turn.plan) if turn.plan else Plan(steps=[])
        for step in plan.steps:
            if step.tool == "competitor_sweep" and step.id in results:
                await self._alerts.keep(self._alerts.of(results[step.id], self._sophia.tools), state)

    async def _ended(self, schedule: Schedule, run: Run, turn: Turn, report: Report, *, muted: bool) -> Ran:
        """The run is over: what it came to, or, when that could not be told, that."""
        outcome, notes = _OUTCOMES[turn.status], [*([report.question] if report.question else []), *report.not_done()]
        if run.post is not None:
            post = await self._sophia.turns.get(run.post)
            if post.status is not Status.DONE:
                told = await self._sophia.report(post.id)
                outcome = _OUTCOMES[post.status] if outcome is Outcome.DONE else outcome
                notes += ["what it came to could not be told", *told.not_done()]
            if await self._expired(post.id):
                outcome = Outcome.UNANSWERED
        if muted:
            notes.append(f"it wasn't told: that asks first, and nobody answered {schedule.unanswered} times in a row")
        asked_in_vain = await self._expired(turn.id)
        outcome = Outcome.UNANSWERED if asked_in_vain else outcome
        ran = await self._close(schedule, run, outcome, "; ".join(notes)[:500], report, muted=muted)
        unanswered = (await self._schedules.get(schedule.id)).unanswered
        if asked_in_vain and unanswered >= self._sophia.settings.schedules.unanswered:
            await self.pause(schedule, f"{unanswered} times in a row nobody answered what it asked")
        return ran

    async def _expired(self, turn: str) -> bool:
        """Whether nobody decided in time what the turn asked."""
        return any(found.status == "expired" for found in await self._sophia.approvals.of_turn(turn))

    async def _broken(self, schedule: Schedule, run: Run, outcome: Outcome, why: str) -> Ran:
        """A run that could not be worked on: its turn ends so, and the sentence says why."""
        for turn in (run.turn, run.post):
            if turn is not None and not (await self._sophia.turns.get(turn)).status.ended:
                await self._sophia.turns.update(turn, self._now(), status=Status(outcome))
        return await self._close(schedule, run, outcome, why[:500], None)

    async def _close(
        self, schedule: Schedule, run: Run, outcome: Outcome, note: str, report: Report | None, *, muted: bool = False
    ) -> Ran:
        await self._schedules.end_run(run.id, outcome, note, self._now(), muted=muted)
        return Ran(schedule, outcome, turn=run.turn or "", note=note, report=report)

    async def pause(self, schedule: Schedule, why: str) -> None:
        """Pause a schedule, and say so where it tells its results."""
        await self._schedules.stand(schedule.id, Standing.PAUSED, "sophia", self._now(), reason=why)
        name = schedule.name or f"“{schedule.request}”"
        resuming = f"It is resumed by “resume schedule {schedule.id}”."
        sentence = f"The schedule {schedule.id} ({name}) is paused: {why}. {resuming}"
        if schedule.channel:
            new = self._new(schedule, f"{schedule.id}.paused", note_plan(schedule.channel, sentence))
            told = await self._sophia.turns.begin(new, self._now())
            await self._sophia.drive(told.id)

    def begin(self, schedule: Schedule, due_at: datetime) -> NewTurn:
        """The turn of a run, in a thread of its own: what was said in an earlier run is no context of this one."""
        return self._new(schedule, f"{schedule.id}.{due_at:%Y%m%dT%H%M%S}", None)

    def following(self, schedule: Schedule) -> datetime | None:
        """When it is due next, counted from now: what was missed is not caught up one by one."""
        return rule_of(schedule.rule).following(self._now())

    def _new(self, schedule: Schedule, thread: str, plan: Plan | None) -> NewTurn:
        return NewTurn(
            thread=thread,
            request=schedule.request,
            person=schedule.owner,
            audience=schedule.audience,
            surface=SURFACE,
            plan=plan.model_dump(mode="json", by_alias=True) if plan else None,
        )

    def _now(self) -> datetime:
        return self._sophia.clock.now()
