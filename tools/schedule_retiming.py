"""Another time for a schedule that is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from memory.grants import Grants
from memory.labels import Provenance
from memory.schedules import Schedule, Schedules, Standing
from tools.declaration import Clock, Effect, Gate, Permit, Preview, Requester, Role, Slot, Undo, Verification, tool
from tools.errors import StateMoved, ToolError
from tools.permits import PermitDesk
from tools.repeatable import repeatable
from tools.result import Finding, Result, Weight
from tools.timetable.finding import described, found_schedule
from tools.timetable.foresight import BuiltIns, Owners
from tools.timetable.posting import leave_to_post
from tools.timetable.retiming import retimed
from tools.timetable.rules import Rule, rule_of
from tools.timetable.telling import next_times, posts_a_day

__all__ = ["schedule_retime"]


class ScheduleRetimeArguments(BaseModel):
    """Which schedule, and when it runs from now on; a time of day alone keeps its days."""

    model_config = ConfigDict(extra="forbid")

    schedule: Annotated[str, Slot(Role.TARGET, "schedule")]
    when: Annotated[str, Slot(Role.OPTION, "when")] = Field(max_length=400)


class ScheduleRetimed(Result):
    """A schedule with another time."""

    schedule: str
    what: str
    before: str
    when: str
    next_times: list[str]
    at: datetime

    def findings(self) -> list[Finding]:
        """What it was, what it is, and when it runs next."""
        due = f"Next: {'; '.join(self.next_times)}." if self.next_times else "It is paused until it is resumed."
        return [
            Finding(
                weight=Weight.DONE,
                sentence=f"{self.schedule} ({self.what}) runs {self.when} from now on; it was {self.before}. {due}",
                facts={"schedule": self.schedule, "when": self.when, "before": self.before},
                provenance=Provenance.observed("sophia", self.at, "the schedule was read back"),
            )
        ]


async def preview_retime(
    arguments: ScheduleRetimeArguments,
    *,
    schedules: Schedules,
    built_ins: BuiltIns,
    owners: Owners,
    requester: Requester,
    clock: Clock,
) -> Preview:
    """Which one, its time until now, and when it would run next."""
    now = clock.now()
    found = await found_schedule(arguments.schedule, schedules, built_ins, owners, requester.person, now)
    if found.built_in:
        raise ToolError(
            f"{found.id} ({found.name}) is built in: its time stands in sophia.toml, under [schedules].",
            not_done="It was not changed.",
            to_do="Change it there; or pause it, and schedule the request that you want.",
        )
    words, rule = retimed(found, arguments.when, now)
    details = [f"until now: {found.words}", f"from now on: {words} = {rule.said()}"]
    details += [f"next: {at}" for at in next_times(rule, now, owners.zone(requester.person))]
    if found.channel and posts_a_day(rule, now) > posts_a_day(rule_of(found.rule), now):
        details.append(f"it tells {found.channel} up to {posts_a_day(rule, now)} times a day then, without asking")
    return Preview(
        summary=f"run {found.id} ({described(found)}) {words} from now on",
        details=details,
        risk=f"It runs with what {found.owner} may do then, never more.",
        undo="Give it back its time.",
        nothing_to_do=rule.model_dump(mode="json") == found.rule,
        bound={"schedule": found.id, "words": words, "rule": rule.model_dump(mode="json"), "before": found.words},
    )


async def verify_retime(
    arguments: ScheduleRetimeArguments, result: ScheduleRetimed, *, schedules: Schedules
) -> Verification:
    """Read the schedule back."""
    kept = await schedules.get(result.schedule)
    ok = kept.words == result.when and (kept.next_at is not None) == bool(result.next_times)
    return Verification(ok=ok, evidence=[f"{kept.id} runs {kept.words} and is {kept.status}."])


@tool(
    effect=Effect.CHANGE,
    gate=Gate.ONE,
    phrases=(
        "move {schedule} to {when}",
        "reschedule {schedule} to {when}",
        "change the time of {schedule} to {when}",
        "let {schedule} run {when} instead",
    ),
    preview=preview_retime,
    verify=verify_retime,
    reconcile=repeatable("giving a schedule the same time twice is the same as once"),
    undo=Undo("schedule_retime", {"schedule": "result.schedule", "when": "result.before"}),
)
async def schedule_retime(
    arguments: ScheduleRetimeArguments,
    *,
    schedules: Schedules,
    grants: Grants,
    owners: Owners,
    desk: PermitDesk,
    clock: Clock,
    requester: Requester,
    bound: Preview,
    permit: Permit,
) -> ScheduleRetimed:
    """Let a schedule run at another time from now on."""
    now, rule = clock.now(), rule_of(bound.bound["rule"])
    found, words = await schedules.get(str(bound.bound["schedule"])), str(bound.bound["words"])
    rests = found.status is Standing.PAUSED and found.next_at is not None
    begins = max(now, found.next_at - timedelta(seconds=1)) if rests and found.next_at else now
    due = rule.following(begins)
    if due is None:
        raise StateMoved("The time has passed meanwhile.", not_done="It was not changed.", to_do="Name another time.")
    await desk.redeem(permit.id, permit.token, tool="schedule_retime")
    grant = await _grant(found, rule, permit.id, requester.person, grants, now)
    changed = {"words": words, "rule": rule.model_dump(mode="json"), "zone": rule.zone, "grant": grant}
    kept = await schedules.retime(found.model_copy(update=changed), due, requester.person, now)
    return ScheduleRetimed(
        schedule=kept.id,
        what=kept.name or f"“{kept.request}”",
        before=str(bound.bound["before"]),
        when=kept.words,
        next_times=next_times(rule, begins, owners.zone(requester.person)) if kept.next_at is not None else [],
        at=now,
    )


async def _grant(found: Schedule, rule: Rule, permit: str, person: str, grants: Grants, now: datetime) -> str:
    """The grant to tell its results; another one in place of it where it runs more often than that one allows.

    The old one ends before the schedule changes hands, so that an attempt that was cut off finds it again.
    """
    if not found.grant or posts_a_day(rule, now) <= posts_a_day(rule_of(found.rule), now):
        return found.grant
    made = await leave_to_post(grants, found.request, found.channel, rule, found.owner, permit, now)
    await grants.revoke(found.grant, person, now)
    return made
