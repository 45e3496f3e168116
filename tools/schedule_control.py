"""Pausing, resuming and deleting schedules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from memory.grants import Grants
from memory.labels import Provenance
from memory.schedules import Schedule, Schedules, Standing
from tools.declaration import Clock, Effect, Permit, Preview, Requester, Role, Slot, Undo, Verification, tool
from tools.errors import ToolError
from tools.permits import PermitDesk
from tools.repeatable import repeatable
from tools.result import Finding, Result, Weight
from tools.since import ending
from tools.timetable.finding import ALL, MINE, described, found_schedule, found_schedules
from tools.timetable.foresight import BuiltIns, Owners
from tools.timetable.rules import rule_of
from tools.timetable.telling import moment, next_times

__all__ = ["schedule_delete", "schedule_pause", "schedule_resume"]


class ScheduleArguments(BaseModel):
    """A schedule's id, its name, or words of its request; where several can be meant, also `all` or `mine`."""

    model_config = ConfigDict(extra="forbid")

    schedule: Annotated[str, Slot(Role.TARGET, "schedule")] = Field(min_length=1, max_length=4000)


class SchedulePauseArguments(ScheduleArguments):
    """The same, and when it runs again by itself; without that it rests until it is resumed."""

    until: Annotated[str | None, Slot(Role.OPTION, "until")] = Field(None, min_length=1, max_length=80)


class ScheduleStanding(BaseModel):
    """Whether one schedule runs from now on."""

    schedule: str
    what: str
    status: str
    until: str
    """When its pause ends by itself, for a person; empty where somebody has to resume it."""
    next_times: list[str]
    revoked: str
    """The grant that ended with it."""

    @property
    def sentence(self) -> str:
        """For a person."""
        following = f"Next: {'; '.join(self.next_times)}."
        match self.status:
            case "active":
                return f"{self.schedule} ({self.what}) runs again. {following}"
            case "paused" if self.until:
                return (
                    f"{self.schedule} ({self.what}) is paused until {self.until}, and runs again by itself. {following}"
                )
            case "paused":
                return f"{self.schedule} ({self.what}) is paused; nothing of it runs until it is resumed."
        ended = f", and grant {self.revoked} with it." if self.revoked else "."
        return f"{self.schedule} ({self.what}) is deleted{ended}"


class ScheduleStands(Result):
    """What holds of one or more schedules from now on."""

    schedule: str
    """The ids, with commas between them."""
    standing: list[ScheduleStanding]
    at: datetime

    def findings(self) -> list[Finding]:
        """A sentence for each."""
        return [
            Finding(
                weight=Weight.DONE,
                sentence=each.sentence,
                facts={"schedule": each.schedule, "status": each.status},
                provenance=Provenance.observed("sophia", self.at, "the schedule was read back"),
            )
            for each in self.standing
        ]


async def _bound(bound: Preview, schedules: Schedules) -> list[Schedule]:
    """Those that were found for the preview: what the words meant then."""
    named = bound.bound["schedules"]
    assert isinstance(named, list), "a preview binds the schedules that it found"
    return [await schedules.get(str(each)) for each in named]


def _passed(schedule: Schedule) -> ToolError:
    return ToolError(
        f"The time of {schedule.id} has passed.", not_done="It was not resumed.", to_do="Schedule it anew for later."
    )


def _standing(schedule: Schedule, owners: Owners, person: str, now: datetime, revoked: str = "") -> ScheduleStanding:
    zone, rule = owners.zone(person), rule_of(schedule.rule)
    rests = schedule.status is Standing.PAUSED and schedule.next_at is not None
    begins = schedule.next_at - _INSTANT if rests and schedule.next_at else now
    return ScheduleStanding(
        schedule=schedule.id,
        what=described(schedule),
        status=schedule.status,
        until=schedule.reason.partition(" until ")[2] if rests else "",
        next_times=next_times(rule, begins, zone) if rests or schedule.status is Standing.ACTIVE else [],
        revoked=revoked,
    )


def _stands(standing: Sequence[ScheduleStanding], now: datetime) -> ScheduleStands:
    ids = ", ".join(each.schedule for each in standing)
    return ScheduleStands(schedule=ids, standing=list(standing), at=now)


def _named(found: Sequence[Schedule]) -> str:
    if len(found) == 1:
        return f"{found[0].id} ({described(found[0])})"
    return f"{len(found)} schedules: " + ", ".join(f"{each.id} ({each.name or each.request})" for each in found)


_INSTANT = timedelta(seconds=1)
"""What is due at the very end of a pause isn't left out."""


def _rest_of(schedule: Schedule, until: datetime, zone: str) -> datetime:
    """When it is due first once its pause is over. Raises ToolError where that is never."""
    due = rule_of(schedule.rule).following(until - _INSTANT)
    if due is None:
        raise ToolError(
            f"Paused until {moment(until, zone)}, {schedule.id} ({described(schedule)}) would never run: its time is "
            "before that.",
            not_done="Nothing was changed.",
            to_do=f"Delete it, or give it another time: “move {schedule.id} to …”.",
        )
    return due


async def preview_pause(
    arguments: SchedulePauseArguments,
    *,
    schedules: Schedules,
    built_ins: BuiltIns,
    owners: Owners,
    requester: Requester,
    clock: Clock,
) -> Preview:
    """Which ones, and when they would have run next."""
    now, zone = clock.now(), owners.zone(requester.person)
    asked = await found_schedules(arguments.schedule, schedules, built_ins, owners, requester.person, now)
    found = [each for each in asked if each.status is Standing.ACTIVE] or asked
    until = ending(arguments.until, now, zone) if arguments.until else None
    details = []
    for each in found:
        missed = next_times(rule_of(each.rule), now, zone, 3 if len(found) == 1 else 1)
        details += [f"not: {at}" + (f", {each.id}" if len(found) > 1 else "") for at in missed]
        if until:
            details.append(f"again: {moment(_rest_of(each, until, zone), zone)}")
    return Preview(
        summary=f"pause {_named(found)}" + (f" until {moment(until, zone)}" if until else ""),
        details=details,
        risk="A run that is going on is finished.",
        undo="Resume it. What it would have done meanwhile isn't caught up.",
        bound={"schedules": [each.id for each in found], "until": until.isoformat() if until else None},
    )


async def preview_resume(
    arguments: ScheduleArguments,
    *,
    schedules: Schedules,
    built_ins: BuiltIns,
    owners: Owners,
    requester: Requester,
    clock: Clock,
) -> Preview:
    """Which ones, and when they would run next."""
    now, zone = clock.now(), owners.zone(requester.person)
    asked = await found_schedules(arguments.schedule, schedules, built_ins, owners, requester.person, now)
    found = [each for each in asked if each.status is Standing.PAUSED] or asked
    for each in found:
        if rule_of(each.rule).following(now) is None:
            raise _passed(each)
    details = [
        f"next: {at}" + (f", {each.id}" if len(found) > 1 else "")
        for each in found
        for at in next_times(rule_of(each.rule), now, zone, 3 if len(found) == 1 else 1)
    ]
    return Preview(
        summary=f"let {_named(found)} run again",
        details=details,
        risk="It runs with what its owner may do then.",
        undo="Pause it.",
        bound={"schedules": [each.id for each in found]},
    )


async def preview_delete(
    arguments: ScheduleArguments,
    *,
    schedules: Schedules,
    built_ins: BuiltIns,
    owners: Owners,
    requester: Requester,
    clock: Clock,
) -> Preview:
    """Which one, and which grant would end with it."""
    if arguments.schedule.strip().casefold() in (ALL, MINE):
        raise ToolError(
            "Schedules are deleted one by one: a deleted one has to be made anew.",
            not_done="Nothing was deleted.",
            to_do="Name one by its id (“what is scheduled” lists them), or say “pause all schedules”.",
        )
    found = await found_schedule(arguments.schedule, schedules, built_ins, owners, requester.person, clock.now())
    if found.built_in:
        raise ToolError(
            f"{found.id} ({found.name}) is built in and can't be deleted.",
            not_done="It was not changed.",
            to_do=f"Pause it: say “pause schedule {found.id}”.",
        )
    return Preview(
        summary=f"delete {found.id} ({described(found)})",
        details=[f"grant {found.grant} ends with it"] if found.grant else [],
        risk="A run that is going on is finished.",
        undo="It has to be made anew.",
        bound={"schedules": [found.id]},
    )


async def verify_standing(
    arguments: ScheduleArguments, result: ScheduleStands, *, schedules: Schedules
) -> Verification:
    """Read the schedules back."""
    ok, evidence = True, []
    for each in result.standing:
        kept = await schedules.get(each.schedule)
        due = each.status == "active" or bool(each.until)
        ok = ok and kept.status == each.status and (kept.next_at is not None) == due
        evidence.append(f"{kept.id} is {kept.status}.")
    return Verification(ok=ok, evidence=evidence)


@tool(
    effect=Effect.CHANGE,
    control=True,
    phrases=(
        "pause schedule {schedule}",
        "pause the nightly drift check until {until}",
        "suspend {schedule}",
        "hold the sweep schedule",
    ),
    preview=preview_pause,
    verify=verify_standing,
    reconcile=repeatable("pausing a schedule twice is the same as once"),
    undo=Undo("schedule_resume", {"schedule": "result.schedule"}),
)
async def schedule_pause(
    arguments: SchedulePauseArguments,
    *,
    schedules: Schedules,
    owners: Owners,
    desk: PermitDesk,
    clock: Clock,
    requester: Requester,
    bound: Preview,
    permit: Permit,
) -> ScheduleStands:
    """Let schedules rest until they are resumed, or until a time."""
    now, zone = clock.now(), owners.zone(requester.person)
    found = await _bound(bound, schedules)
    until = datetime.fromisoformat(str(bound.bound["until"])) if bound.bound.get("until") else None
    due = {each.id: _rest_of(each, until, zone) if until else None for each in found}
    await desk.redeem(permit.id, permit.token, tool="schedule_pause")
    reason = f"paused by {requester.person}" + (f" until {moment(until, zone)}" if until else "")
    kept = [
        await schedules.stand(each.id, Standing.PAUSED, requester.person, now, reason=reason, next_at=due[each.id])
        for each in found
    ]
    return _stands([_standing(each, owners, requester.person, now) for each in kept], now)


@tool(
    effect=Effect.CHANGE,
    phrases=(
        "resume schedule {schedule}",
        "let {schedule} run again",
        "turn the drift check back on",
        "unpause {schedule}",
    ),
    preview=preview_resume,
    verify=verify_standing,
    reconcile=repeatable("resuming a schedule twice is the same as once"),
    undo=Undo("schedule_pause", {"schedule": "result.schedule"}),
)
async def schedule_resume(
    arguments: ScheduleArguments,
    *,
    schedules: Schedules,
    owners: Owners,
    desk: PermitDesk,
    clock: Clock,
    requester: Requester,
    bound: Preview,
    permit: Permit,
) -> ScheduleStands:
    """Let paused schedules run again, from their next times on."""
    now = clock.now()
    found = await _bound(bound, schedules)
    following = {each.id: rule_of(each.rule).following(now) for each in found}
    for each in found:
        if following[each.id] is None:
            raise _passed(each)
    await desk.redeem(permit.id, permit.token, tool="schedule_resume")
    kept = [
        await schedules.stand(each.id, Standing.ACTIVE, requester.person, now, next_at=following[each.id])
        for each in found
    ]
    return _stands([_standing(each, owners, requester.person, now) for each in kept], now)


@tool(
    effect=Effect.CHANGE,
    control=True,
    phrases=("delete schedule {schedule}", "remove the schedule {schedule}", "get rid of schedule {schedule} for good"),
    preview=preview_delete,
    verify=verify_standing,
    reconcile=repeatable("deleting a schedule twice is the same as once"),
    irreversible="a deleted schedule has to be made anew",
)
async def schedule_delete(
    arguments: ScheduleArguments,
    *,
    schedules: Schedules,
    grants: Grants,
    owners: Owners,
    desk: PermitDesk,
    clock: Clock,
    requester: Requester,
    bound: Preview,
    permit: Permit,
) -> ScheduleStands:
    """Delete a schedule, and end its grant."""
    now = clock.now()
    (found,) = await _bound(bound, schedules)
    await desk.redeem(permit.id, permit.token, tool="schedule_delete")
    kept = await schedules.stand(found.id, Standing.DELETED, requester.person, now)
    if found.grant:
        await grants.revoke(found.grant, requester.person, now)
    return _stands([_standing(kept, owners, requester.person, now, revoked=found.grant)], now)
