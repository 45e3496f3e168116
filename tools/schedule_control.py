"""Pausing, resuming and deleting schedules."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from memory.grants import Grants
from memory.labels import Provenance
from memory.schedules import Schedule, Schedules, Standing
from tools.declaration import Clock, Effect, Permit, Preview, Requester, Role, Slot, Undo, Verification, tool
from tools.errors import ToolError
from tools.permits import PermitDesk
from tools.repeatable import repeatable
from tools.result import Finding, Result, Weight
from tools.timetable.finding import described, found_schedule
from tools.timetable.foresight import BuiltIns, Owners
from tools.timetable.rules import rule_of
from tools.timetable.telling import next_times

__all__ = ["schedule_delete", "schedule_pause", "schedule_resume"]


class ScheduleArguments(BaseModel):
    """A schedule's id, its name, or words of its request."""

    model_config = ConfigDict(extra="forbid")

    schedule: Annotated[str, Slot(Role.TARGET, "schedule")]


class ScheduleStands(Result):
    """Whether a schedule runs from now on."""

    schedule: str
    what: str
    status: str
    next_times: list[str]
    revoked: str
    """The grant that ended with it."""
    at: datetime

    def findings(self) -> list[Finding]:
        """What holds from now on."""
        sentence = {
            "active": f"{self.schedule} ({self.what}) runs again. Next: {'; '.join(self.next_times)}.",
            "paused": f"{self.schedule} ({self.what}) is paused; nothing of it runs until it is resumed.",
            "deleted": f"{self.schedule} ({self.what}) is deleted"
            + (f", and grant {self.revoked} with it." if self.revoked else "."),
        }[self.status]
        return [
            Finding(
                weight=Weight.DONE,
                sentence=sentence,
                facts={"schedule": self.schedule, "status": self.status},
                provenance=Provenance.observed("sophia", self.at, "the schedule was read back"),
            )
        ]


async def _bound(bound: Preview, schedules: Schedules) -> Schedule:
    """The one that was found for the preview: what the words meant then."""
    return await schedules.get(str(bound.bound["schedule"]))


def _passed(schedule: Schedule) -> ToolError:
    return ToolError(
        f"The time of {schedule.id} has passed.", not_done="It was not resumed.", to_do="Schedule it anew for later."
    )


def _stands(schedule: Schedule, owners: Owners, person: str, now: datetime, revoked: str = "") -> ScheduleStands:
    active = schedule.status is Standing.ACTIVE
    return ScheduleStands(
        schedule=schedule.id,
        what=described(schedule),
        status=schedule.status,
        next_times=next_times(rule_of(schedule.rule), now, owners.zone(person)) if active else [],
        revoked=revoked,
        at=now,
    )


async def preview_pause(
    arguments: ScheduleArguments,
    *,
    schedules: Schedules,
    built_ins: BuiltIns,
    owners: Owners,
    requester: Requester,
    clock: Clock,
) -> Preview:
    """Which one, and when it would have run next."""
    now = clock.now()
    found = await found_schedule(arguments.schedule, schedules, built_ins, owners, requester.person, now)
    return Preview(
        summary=f"pause {found.id} ({described(found)})",
        details=[f"not: {at}" for at in next_times(rule_of(found.rule), now, owners.zone(requester.person))],
        risk="A run that is going on is finished.",
        undo="Resume it. What it would have done meanwhile isn't caught up.",
        bound={"schedule": found.id},
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
    """Which one, and when it would run next."""
    now = clock.now()
    found = await found_schedule(arguments.schedule, schedules, built_ins, owners, requester.person, now)
    if rule_of(found.rule).following(now) is None:
        raise _passed(found)
    return Preview(
        summary=f"let {found.id} ({described(found)}) run again",
        details=[f"next: {at}" for at in next_times(rule_of(found.rule), now, owners.zone(requester.person))],
        risk="It runs with what its owner may do then.",
        undo="Pause it.",
        bound={"schedule": found.id},
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
        bound={"schedule": found.id},
    )


async def verify_standing(
    arguments: ScheduleArguments, result: ScheduleStands, *, schedules: Schedules
) -> Verification:
    """Read the schedule back."""
    kept = await schedules.get(result.schedule)
    ok = kept.status == result.status and (kept.next_at is not None) == (result.status == "active")
    return Verification(ok=ok, evidence=[f"{kept.id} is {kept.status}."])


@tool(
    effect=Effect.CHANGE,
    control=True,
    phrases=(
        "pause schedule {schedule}",
        "pause the nightly drift check",
        "suspend {schedule}",
        "hold the sweep schedule",
    ),
    preview=preview_pause,
    verify=verify_standing,
    reconcile=repeatable("pausing a schedule twice is the same as once"),
    undo=Undo("schedule_resume", {"schedule": "result.schedule"}),
)
async def schedule_pause(
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
    """Let a schedule rest until it is resumed."""
    now = clock.now()
    found = await _bound(bound, schedules)
    await desk.redeem(permit.id, permit.token, tool="schedule_pause")
    reason = f"paused by {requester.person}"
    kept = await schedules.stand(found.id, Standing.PAUSED, requester.person, now, reason=reason)
    return _stands(kept, owners, requester.person, now)


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
    """Let a paused schedule run again, from its next time on."""
    now = clock.now()
    found = await _bound(bound, schedules)
    next_at = rule_of(found.rule).following(now)
    if next_at is None:
        raise _passed(found)
    await desk.redeem(permit.id, permit.token, tool="schedule_resume")
    kept = await schedules.stand(found.id, Standing.ACTIVE, requester.person, now, next_at=next_at)
    return _stands(kept, owners, requester.person, now)


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
    found = await _bound(bound, schedules)
    await desk.redeem(permit.id, permit.token, tool="schedule_delete")
    kept = await schedules.stand(found.id, Standing.DELETED, requester.person, now)
    if found.grant:
        await grants.revoke(found.grant, requester.person, now)
    return _stands(kept, owners, requester.person, now, revoked=found.grant)
