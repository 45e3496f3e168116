"""Schedules: requests that are made again and again, or once at a later time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from memory.grants import Grants
from memory.labels import Provenance
from memory.schedules import Run, Schedule, Schedules, Standing
from tools.declaration import (
    Attempt,
    Clock,
    Effect,
    Gate,
    Outcome,
    Permit,
    Preview,
    Reconciliation,
    Requester,
    Role,
    Slot,
    Undo,
    Verification,
    tool,
)
from tools.errors import Forbidden, StateMoved, ToolError
from tools.permits import PermitDesk
from tools.result import Finding, Result, Weight
from tools.timetable.foresight import BuiltIns, Foreseen, Foresight, Owners
from tools.timetable.posting import leave_to_post
from tools.timetable.reading import parted, read_when, refuse_remnant
from tools.timetable.rules import rule_of
from tools.timetable.telling import moment, next_times, posts_a_day

__all__ = ["schedule_create", "schedule_list"]


class ScheduleCreateArguments(BaseModel):
    """What is to be done, when, and where its results are told."""

    model_config = ConfigDict(extra="forbid")

    request: Annotated[str, Slot(Role.PAYLOAD, "request")] = Field(min_length=1, max_length=4000)
    when: Annotated[str, Slot(Role.OPTION, "when")] = Field(max_length=400)
    channel: Annotated[str | None, Slot(Role.DESTINATION, "channel")] = Field(
        None, pattern=r"^#?[\w\-.]+$", max_length=80
    )


class ScheduleCreated(Result):
    """A schedule that is kept from now on."""

    schedule: str
    request: str
    when: str
    next_at: datetime
    next_times: list[str]
    channel: str
    grant: str
    at: datetime

    def findings(self) -> list[Finding]:
        """What was scheduled, and when it runs next."""
        told = f", and tells {self.channel}" if self.channel else ""
        return [
            Finding(
                weight=Weight.DONE,
                sentence=f"“{self.request}” is scheduled as {self.schedule} ({self.when}){told}. "
                f"Next: {'; '.join(self.next_times)}.",
                facts={"schedule": self.schedule, "channel": self.channel, "next": "; ".join(self.next_times)},
                provenance=Provenance.observed("sophia", self.at, "the schedule was read back"),
            )
        ]


def _channel(arguments: ScheduleCreateArguments, requester: Requester) -> str:
    """The channel that was named, or the one in which it was asked."""
    if arguments.channel:
        return arguments.channel
    kind, _, name = requester.audience.partition(":")
    return name if kind == "channel" else ""


def _refuse_ruin(request: str, foreseen: Foreseen) -> None:
    """Nobody may schedule destruction, rotation, or more schedules."""
    ruin = [step.tool for step in foreseen.steps if step.effect is Effect.DESTROY or step.rotates]
    if ruin:
        raise Forbidden(
            f"“{request}” would call {', '.join(ruin)}, and nothing is destroyed or rotated on a schedule: that takes "
            "two people who look at it each time.",
            not_done="No schedule was made.",
            to_do="Ask for it when it is wanted.",
        )
    if any(step.tool == "schedule_create" for step in foreseen.steps):
        raise Forbidden(
            "A schedule doesn't make schedules.", not_done="No schedule was made.", to_do="Ask for each of them."
        )


def _refuse_unclear(request: str, foreseen: Foreseen) -> None:
    """What would only ever ask back isn't worth a schedule."""
    if not foreseen.steps:
        raise ToolError(
            f"“{request}” can't be done without asking back: {foreseen.question}",
            not_done="No schedule was made.",
            to_do="Say the request so that it is clear by itself, with the names that it is about.",
        )


async def preview_create(
    arguments: ScheduleCreateArguments,
    *,
    schedules: Schedules,
    owners: Owners,
    foresight: Foresight,
    requester: Requester,
    clock: Clock,
) -> Preview:
    """When it would run next, what it would do each time, and what it would say where."""
    now, zone = clock.now(), owners.zone(requester.person)
    request, when = parted(arguments.request, arguments.when)
    refuse_remnant(request)
    foreseen = await foresight.foresee(request, requester.person, requester.turn)
    _refuse_ruin(request, foreseen)
    rule = read_when(when, zone, now)
    _refuse_unclear(request, foreseen)
    channel, stored = _channel(arguments, requester), rule.model_dump(mode="json")
    same = [
        each.id
        for each in await schedules.list()
        if each.status is Standing.ACTIVE
        and (each.owner, each.request, each.rule, each.channel) == (requester.person, request, stored, channel)
    ]
    asking = [f"{step.tool} ({step.people})" for step in foreseen.steps if step.people]
    details = [f"when: {when} = {rule.said()}"]
    details += [f"next: {at}" for at in next_times(rule, now, zone)]
    details.append("each time: " + ", ".join(f"{step.tool} ({step.effect})" for step in foreseen.steps))
    details += [f"each time it waits for people to approve: {', '.join(asking)}"] if asking else []
    if channel:
        details.append(
            f"its results are told in {channel} without asking again: at most {posts_a_day(rule, now)} a day, "
            "for a year, until the grant is revoked"
        )
    return Preview(
        summary=f"it is scheduled already, as {same[0]}" if same else f"schedule “{request}”, {when}",
        details=details,
        risk=f"It runs with what {requester.person} may do then, never more, whether somebody watches or not.",
        undo="Pause or delete the schedule. What it has done by then stays done.",
        nothing_to_do=bool(same),
        bound={"request": request, "when": when, "rule": stored, "channel": channel},
    )


async def verify_create(
    arguments: ScheduleCreateArguments, result: ScheduleCreated, *, schedules: Schedules, grants: Grants, clock: Clock
) -> Verification:
    """Read the schedule back, and its grant."""
    kept = await schedules.get(result.schedule)
    ok = (kept.request, kept.next_at, kept.status) == (result.request, result.next_at, Standing.ACTIVE)
    evidence = [
        f"{result.schedule} is {kept.status}, due {kept.next_at:%Y-%m-%d %H:%M} UTC." if kept.next_at else "gone"
    ]
    if result.grant:
        granted = any(grant.id == result.grant for grant in await grants.list(clock.now()))
        evidence.append(f"Grant {result.grant} {'is' if granted else 'is not'} active.")
        ok = ok and granted
    return Verification(ok=ok, evidence=evidence)


async def reconcile_create(
    arguments: ScheduleCreateArguments, attempt: Attempt, *, schedules: Schedules, owners: Owners, clock: Clock
) -> Reconciliation:
    """Look for the schedule that was made under this permit."""
    made = await schedules.made_by(attempt.permit_id)
    if made is None:
        return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence="No schedule was made under this permit.")
    return Reconciliation(
        outcome=Outcome.HAPPENED, result=_created(made, owners, clock.now()), evidence=f"{made.id} was made by it."
    )


def _created(made: Schedule, owners: Owners, now: datetime) -> ScheduleCreated:
    assert made.next_at is not None, "a schedule that was just made is due some time"
    return ScheduleCreated(
        schedule=made.id,
        request=made.request,
        when=made.words,
        next_at=made.next_at,
        next_times=next_times(rule_of(made.rule), made.next_at - timedelta(seconds=1), owners.zone(made.owner)),
        channel=made.channel,
        grant=made.grant,
        at=now,
    )


@tool(
    effect=Effect.CHANGE,
    gate=Gate.ONE,
    phrases=(
        "{when} {request}",
        "{when} {request} and post it in {channel}",
        "schedule {request} {when}",
        "every morning at 7 eastern sweep the competitors and post in {channel}",
    ),
    preview=preview_create,
    verify=verify_create,
    reconcile=reconcile_create,
    undo=Undo("schedule_delete", {"schedule": "result.schedule"}),
)
async def schedule_create(
    arguments: ScheduleCreateArguments,
    *,
    schedules: Schedules,
    grants: Grants,
    owners: Owners,
    desk: PermitDesk,
    clock: Clock,
    requester: Requester,
    bound: Preview,
    permit: Permit,
) -> ScheduleCreated:
    """Make a request again and again, or once at a later time."""
    now, rule = clock.now(), rule_of(bound.bound["rule"])
    request, when, channel = (str(bound.bound[name]) for name in ("request", "when", "channel"))
    next_at = rule.following(now)
    if next_at is None:
        raise StateMoved("The time has passed meanwhile.", not_done="No schedule was made.", to_do="Name another time.")
    await desk.redeem(permit.id, permit.token, tool="schedule_create")
    grant = await leave_to_post(grants, request, channel, rule, requester.person, permit.id, now)
    made = await schedules.add(
        Schedule(
            id="",
            request=request,
            words=when,
            rule=rule.model_dump(mode="json"),
            zone=rule.zone,
            channel=channel,
            owner=requester.person,
            audience=f"channel:{channel}" if channel else requester.audience,
            grant=grant,
            effect=permit.id,
            next_at=next_at,
            created_at=now,
        )
    )
    return _created(made, owners, now)


class ScheduleListArguments(BaseModel):
    """Nothing: all that may be seen."""

    model_config = ConfigDict(extra="forbid")


class ScheduleLine(BaseModel):
    """One schedule in a list."""

    id: str
    name: str
    request: str
    when: str
    rule: str
    owner: str
    channel: str
    status: str
    reason: str
    built_in: bool
    next: str
    last: str

    @property
    def sentence(self) -> str:
        """For a person."""
        what = f"{self.id}: {self.name or f'“{self.request}”'}, {self.when}"
        whose = "built in" if self.built_in else f"of {self.owner}"
        where = f", told in {self.channel}" if self.channel else ""
        paused = self.status + (f" ({self.reason})" if self.reason else "") if self.status != Standing.ACTIVE else ""
        state = ", ".join(filter(None, [paused, f"next {self.next}" if self.next else ""]))
        return f"{what} ({whose}{where}); {state}" + (f"; last {self.last}." if self.last else "; never run yet.")


class SchedulesListed(Result):
    """What runs again and again."""

    schedules: list[ScheduleLine]
    active: int
    paused: int
    hidden: int
    """Schedules of other people whose results this person doesn't see."""
    at: datetime

    def findings(self) -> list[Finding]:
        """A sentence for each."""
        provenance = Provenance.observed("sophia", self.at, "its own records of schedules")
        sentences = [line.sentence for line in self.schedules] or ["Nothing is scheduled."]
        if self.hidden:
            sentences.append(f"{self.hidden} more of other people aren't shown here.")
        return [
            Finding(weight=Weight.OBSERVED, sentence=sentence, facts={}, provenance=provenance)
            for sentence in sentences
        ]


def _line(schedule: Schedule, runs: list[Run], zone: str) -> ScheduleLine:
    last = runs[0] if runs else None
    return ScheduleLine(
        id=schedule.id,
        name=schedule.name,
        request=schedule.request,
        when=schedule.words,
        rule=rule_of(schedule.rule).said(),
        owner=schedule.owner,
        channel=schedule.channel,
        status=schedule.status,
        reason=schedule.reason,
        built_in=schedule.built_in,
        next=moment(schedule.next_at, zone) if schedule.next_at else "",
        last=f"{moment(last.due_at, zone)}: {last.outcome}" + (f" ({last.note})" if last.note else "") if last else "",
    )


@tool(
    effect=Effect.READ,
    phrases=("what is scheduled", "list the schedules", "which schedules are there", "when is the next sweep"),
)
async def schedule_list(
    arguments: ScheduleListArguments,
    *,
    schedules: Schedules,
    built_ins: BuiltIns,
    owners: Owners,
    requester: Requester,
    clock: Clock,
) -> SchedulesListed:
    """List what runs again and again: when next, how the last run went, what is paused and why."""
    now, zone = clock.now(), owners.zone(requester.person)
    await schedules.ensure(built_ins.defined(now))
    kept = [each for each in await schedules.list() if each.status is not Standing.ENDED]
    seen = [
        each
        for each in kept
        if each.built_in
        or each.audience in (requester.audience, f"person:{requester.person}")
        or each.audience.startswith("channel:")
        or owners.may_change(requester.person, each.owner)
    ]
    return SchedulesListed(
        schedules=[_line(each, await schedules.runs(each.id, 1), zone) for each in seen],
        active=sum(each.status is Standing.ACTIVE for each in seen),
        paused=sum(each.status is Standing.PAUSED for each in seen),
        hidden=len(kept) - len(seen),
        at=now,
    )
