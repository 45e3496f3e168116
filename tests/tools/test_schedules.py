"""The schedule tools over real stores, with the planner that needs no model and a clock of the test's own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.people import People
from agent.people_now import FixedPeople
from agent.planning.offline import OfflinePlanner
from agent.scheduling.built_in import BuiltInSchedules
from agent.scheduling.owners import ConfiguredOwners
from agent.scheduling.rehearsal import Rehearsal
from agent.settings import load
from agent.standing import fits
from memory.audit import Audit
from memory.database import Database
from memory.grants import Grants
from memory.schedules import Schedules, Standing
from tools import schedule_control as control
from tools import schedules as making
from tools.declaration import Attempt, Outcome, Preview
from tools.errors import StateMoved, ToolError
from tools.registry import discover
from tools.timetable.telling import POSTED

NOW = datetime(2026, 3, 6, 14, 30, tzinfo=UTC)
"""A Friday, two days before the clocks change in New York."""


@dataclass
class Clock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Asker:
    person: str
    audience: str
    thread: str = "c_1"
    turn: str = "t_1"


@dataclass(frozen=True)
class Ticket:
    id: str
    token: str = "token"


class Desk:
    def __init__(self) -> None:
        self.redeemed: list[str] = []

    async def redeem(self, permit_id: str, token: str, *, tool: str) -> None:
        self.redeemed.append(f"{tool} {permit_id}")


@dataclass
class World:
    schedules: Schedules
    grants: Grants
    owners: ConfiguredOwners
    built_ins: BuiltInSchedules
    foresight: Rehearsal
    clock: Clock
    desk: Desk = field(default_factory=Desk)
    made: int = 0

    def asker(self, person: str, audience: str = "") -> Asker:
        return Asker(person, audience or f"person:{person}")

    async def preview(self, person: str = "ann", audience: str = "", **arguments: str) -> Preview:
        return await making.preview_create(
            making.ScheduleCreateArguments(**arguments),
            schedules=self.schedules,
            owners=self.owners,
            foresight=self.foresight,
            requester=self.asker(person, audience),
            clock=self.clock,
        )

    async def create(
        self, person: str = "ann", audience: str = "", permit: str = "", **arguments: str
    ) -> making.ScheduleCreated:
        bound = await self.preview(person, audience, **arguments)
        self.made += 1
        given = making.ScheduleCreateArguments(**arguments)
        result = await making.schedule_create.run(
            given,
            schedules=self.schedules,
            grants=self.grants,
            owners=self.owners,
            desk=self.desk,
            clock=self.clock,
            requester=self.asker(person, audience),
            bound=bound,
            permit=Ticket(permit or f"e_{self.made}"),
        )
        checked = await making.verify_create(
            given, result, schedules=self.schedules, grants=self.grants, clock=self.clock
        )
        assert checked.ok, checked.evidence
        return result

    async def change(self, name: str, schedule: str, person: str = "ann", **more: str) -> control.ScheduleStands:
        declared = getattr(control, f"schedule_{name}")
        given = declared.arguments(schedule=schedule, **more)
        common: dict[str, Any] = {
            "schedules": self.schedules,
            "owners": self.owners,
            "requester": self.asker(person),
            "clock": self.clock,
        }
        bound = await declared.preview(given, built_ins=self.built_ins, **common)
        grants = {"grants": self.grants} if name == "delete" else {}
        result = await declared.run(given, desk=self.desk, permit=Ticket("e_c"), bound=bound, **common, **grants)
        checked = await control.verify_standing(given, result, schedules=self.schedules)
        assert checked.ok, checked.evidence
        return result

    async def listed(self, person: str = "ann", audience: str = "") -> making.SchedulesListed:
        return await making.schedule_list.run(
            making.ScheduleListArguments(),
            schedules=self.schedules,
            built_ins=self.built_ins,
            owners=self.owners,
            requester=self.asker(person, audience),
            clock=self.clock,
        )


PEOPLE = {
    "ann": {"roles": ["requester", "approver", "operator"], "zone": "America/New_York"},
    "bob": {"roles": ["requester"], "zone": "Europe/Berlin"},
    "cyd": {"roles": ["requester"]},
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    settings = load(directory=tmp_path, environ={}, overrides={"home": str(tmp_path / "home"), "people": PEOPLE})
    clock, owners = Clock(), ConfiguredOwners(settings, FixedPeople(People.of(settings)))
    planner = OfflinePlanner()
    async with await Database.open(tmp_path / "sophia.db") as database:
        audit = Audit(database, tmp_path / "audit")
        yield World(
            schedules=Schedules(database, audit),
            grants=Grants(database, audit),
            owners=owners,
            built_ins=BuiltInSchedules(settings),
            foresight=Rehearsal(
                planner=planner, reader=planner, tools=discover(), settings=settings, owners=owners, clock=clock
            ),
            clock=clock,
        )


async def test_the_preview_confirms_the_next_three_times_over_the_change_of_the_clocks(world: World) -> None:
    shown = await world.preview(request="sweep all competitors", when="every morning at 7 eastern", channel="#ops")
    assert shown.details[:4] == [
        "when: every morning at 7 eastern = cron 0 7 * * * in America/New_York",
        "next: Sat 2026-03-07 07:00 EST",
        "next: Sun 2026-03-08 07:00 EDT",
        "next: Mon 2026-03-09 07:00 EDT",
    ]
    assert "competitor_sweep (egress)" in shown.details[4]
    assert "at most 1 a day" in shown.details[5]
    assert "what ann may do then, never more" in shown.risk


async def test_the_times_are_told_in_the_persons_zone_and_in_the_rules_own(world: World) -> None:
    shown = await world.preview("bob", request="what did you spend", when="every morning at 7 eastern")
    assert [line for line in shown.details if line.startswith("next")] == [
        "next: Sat 2026-03-07 13:00 CET (Sat 2026-03-07 07:00 EST in America/New_York)",
        "next: Sun 2026-03-08 12:00 CET (Sun 2026-03-08 07:00 EDT in America/New_York)",
        "next: Mon 2026-03-09 12:00 CET (Mon 2026-03-09 07:00 EDT in America/New_York)",
    ]
    own = await world.preview("bob", request="what did you spend", when="every morning at 7")
    assert own.details[1] == "next: Sat 2026-03-07 07:00 CET"


async def test_what_waits_for_people_each_time_is_said(world: World) -> None:
    shown = await world.preview(request="repair development", when="every night")
    assert "each time it waits for people to approve: stack_repair (1)" in shown.details


async def test_a_schedule_is_made_with_a_grant_for_its_channel_and_read_back(world: World) -> None:
    made = await world.create(request="sweep all competitors", when="every 4 hours on weekdays", channel="#ops")
    kept = await world.schedules.get(made.schedule)
    assert (kept.owner, kept.audience, kept.channel, kept.status) == ("ann", "channel:#ops", "#ops", Standing.ACTIVE)
    assert kept.next_at == datetime(2026, 3, 6, 17, tzinfo=UTC)
    (grant,) = await world.grants.list(NOW)
    assert (grant.id, grant.tool, grant.destination, grant.template) == (made.grant, "notify", "#ops", POSTED)
    assert (grant.uses, grant.window_seconds, grant.owner) == (6, 86_400, "ann")
    assert made.next_times == ["Fri 2026-03-06 12:00 EST", "Fri 2026-03-06 16:00 EST", "Fri 2026-03-06 20:00 EST"]
    assert made.schedule in made.findings()[0].sentence


async def test_a_zone_that_was_left_in_the_request_goes_where_it_belongs(world: World) -> None:
    made = await world.create("bob", request="eastern sweep all competitors", when="every morning at 7")
    assert (made.request, made.when) == ("sweep all competitors", "every morning at 7 eastern")
    assert (await world.schedules.get(made.schedule)).zone == "America/New_York"
    kept = await world.create("bob", request="London time what did you spend", when="every Monday at 9")
    assert (kept.request, kept.when) == ("what did you spend", "every Monday at 9 London time")


async def test_asked_in_a_channel_it_tells_that_channel_and_alone_nobody_else(world: World) -> None:
    there = await world.create("ann", "channel:#exec", request="what did you spend", when="every Monday at 9")
    assert there.channel == "#exec"
    alone = await world.create(request="what did you spend", when="every Monday at 9")
    assert (alone.channel, alone.grant) == ("", "")
    assert (await world.schedules.get(alone.schedule)).audience == "person:ann"


async def test_an_attempt_that_was_cut_off_is_found_or_made_once(world: World) -> None:
    given = {"request": "what did you spend", "when": "every Monday at 9", "channel": "#ops"}
    arguments = making.ScheduleCreateArguments(**given)
    attempt = Attempt(permit_id="e_9", started_at=NOW, state_version="")
    ports = {"schedules": world.schedules, "owners": world.owners, "clock": world.clock}
    assert (await making.reconcile_create(arguments, attempt, **ports)).outcome is Outcome.NOT_HAPPENED
    first = await world.create(permit="e_9", **given)
    bound = Preview(summary="", bound={**given, "rule": (await world.schedules.get(first.schedule)).rule})
    again = await making.schedule_create.run(
        arguments,
        grants=world.grants,
        desk=world.desk,
        requester=world.asker("ann"),
        bound=bound,
        permit=Ticket("e_9", "another"),
        **ports,
    )
    assert again.schedule == first.schedule
    assert len(await world.grants.list(NOW)) == 1
    found = await making.reconcile_create(arguments, attempt, **ports)
    assert found.outcome is Outcome.HAPPENED
    assert isinstance(found.result, making.ScheduleCreated)
    assert found.result.schedule == first.schedule


async def test_the_same_again_is_nothing_to_do(world: World) -> None:
    made = await world.create(request="what did you spend", when="every Monday at 9")
    again = await world.preview(request="what did you spend", when="every Monday at 09:00")
    assert again.nothing_to_do
    assert made.schedule in again.summary
    assert not (await world.preview("bob", request="what did you spend", when="every Monday at 9")).nothing_to_do


@pytest.mark.parametrize(
    "request_, when, why",
    [
        ("Mars/Olympus sweep all competitors", "every morning at 7", "no time zone “mars/olympus”"),
        ("destroy development", "every minute", "nothing is destroyed or rotated on a schedule"),
        ("destroy development", "every morning at 7", "stack_destroy"),
        ("sweep all competitors", "every minute", "too often"),
        ("sweep all competitors", "every morning at 7 Mars/Olympus", "no time zone"),
        ("sweep all competitors", "99 9 * * *", "no cron expression"),
        ("sweep all competitors", "yesterday at 9", "in the past"),
        ("every Monday at 9 sweep all competitors", "every morning", "doesn't make schedules"),
        ("sweep all competitors", "every first fooday of the month", "I don't understand “first fooday”"),
        ("sweep all competitors", "every 31st of February", "never comes"),
        ("sweep all competitors", "the 32nd of each month", "No month has a day 32"),
        ("on the 32nd of sweep all competitors", "each month", "a part of when (“on the 32nd”)"),
        ("march sweep all competitors", "every second Tuesday", "a part of when (“march”)"),
        ("CEST+1 sweep all competitors", "every day at 9", "a part of when (“CEST+1”)"),
        ("mars time sweep all competitors", "every day at 7", "no time zone “mars”"),
        ("easterm sweep all competitors", "every day at 7", "no time zone “easterm”. Near it are America/New_York"),
        ("make it faster", "every morning", "without asking back"),
    ],
)
async def test_what_may_not_or_cannot_be_scheduled_is_refused_with_why(
    world: World, request_: str, when: str, why: str
) -> None:
    with pytest.raises(ToolError, match=re.escape(why)) as refused:
        await world.preview(request=request_, when=when)
    assert refused.value.not_done == "No schedule was made."
    assert await world.schedules.list() == []


async def test_a_time_that_passed_while_it_waited_for_approval_is_refused(world: World) -> None:
    bound = await world.preview(request="sweep all competitors", when="in 2 hours")
    world.clock.at += timedelta(hours=3)
    with pytest.raises(StateMoved, match="passed"):
        await making.schedule_create.run(
            making.ScheduleCreateArguments(request="sweep all competitors", when="in 2 hours"),
            schedules=world.schedules,
            grants=world.grants,
            owners=world.owners,
            desk=world.desk,
            clock=world.clock,
            requester=world.asker("ann"),
            bound=bound,
            permit=Ticket("e_1"),
        )
    assert world.desk.redeemed == []


async def test_pause_resume_and_delete(world: World) -> None:
    made = await world.create(request="sweep all competitors", when="every 4 hours", channel="#ops")
    paused = await world.change("pause", made.schedule)
    assert "is paused" in paused.findings()[0].sentence
    assert made.schedule not in [each.id for each in await world.schedules.due(NOW + timedelta(days=9))]
    world.clock.at += timedelta(hours=9)
    resumed = await world.change("resume", made.schedule)
    assert resumed.standing[0].next_times[0] == "Fri 2026-03-06 20:00 EST"
    deleted = await world.change("delete", made.schedule)
    assert deleted.standing[0].revoked == made.grant
    assert await world.grants.list(world.clock.at) == []
    with pytest.raises(ToolError, match="no schedule"):
        await world.change("pause", made.schedule)


async def test_a_pause_that_has_an_end_ends_by_itself(world: World) -> None:
    made = await world.create(request="sweep all competitors", when="every day at 7", channel="#ops")
    paused = await world.change("pause", made.schedule, until="2026-03-09")  # a Monday, in New York's summer time
    assert "is paused until Mon 2026-03-09 00:00 EDT, and runs again by itself" in paused.summary
    assert paused.standing[0].next_times[0] == "Mon 2026-03-09 07:00 EDT"
    assert "paused by ann until Mon 2026-03-09 00:00 EDT" in (await world.listed()).summary
    monday = datetime(2026, 3, 9, 11, tzinfo=UTC)
    await world.schedules.wake(monday - timedelta(seconds=1))
    assert made.schedule not in [each.id for each in await world.schedules.due(monday)]
    await world.schedules.wake(monday)
    (due,) = [each for each in await world.schedules.due(monday) if not each.built_in]
    assert (due.id, due.status, due.reason) == (made.schedule, Standing.ACTIVE, "")


async def test_a_pause_that_lasts_longer_than_the_schedule_is_refused(world: World) -> None:
    made = await world.create(request="sweep all competitors", when="tomorrow at 9")
    with pytest.raises(ToolError, match="would never run"):
        await world.change("pause", made.schedule, until="2026-03-20")
    with pytest.raises(ToolError, match="has passed"):
        await world.change("pause", made.schedule, until="2026-03-01")


async def test_what_was_paused_without_an_end_rests_whatever_its_time_becomes(world: World) -> None:
    await world.listed()
    await world.change("pause", "s_drift")
    moved = [
        each.model_copy(update={"rule": {**dict(each.rule), "expressions": ["30 9 * * *"]}})  # type: ignore[call-overload]
        for each in world.built_ins.defined(NOW)
    ]
    await world.schedules.ensure(moved)
    await world.schedules.wake(NOW + timedelta(days=9))
    assert (await world.schedules.get("s_drift")).status is Standing.PAUSED


async def test_all_that_one_may_change_are_paused_and_resumed_together(world: World) -> None:
    own = await world.create(request="sweep all competitors", when="every day at 7")
    others = await world.create("bob", request="what did you spend", when="every Monday at 9")
    await world.change("pause", "drift check")
    paused = await world.change("pause", "all")  # ann is an operator
    assert set(paused.schedule.split(", ")) == {own.schedule, others.schedule, "s_sweep", "s_digest", "s_audit"}
    assert (await world.listed()).active == 0
    assert set((await world.change("resume", paused.schedule)).schedule.split(", ")) == set(paused.schedule.split(", "))
    assert (await world.schedules.get("s_drift")).status is Standing.PAUSED
    assert (await world.change("pause", "all", person="bob")).schedule == others.schedule
    assert (await world.change("pause", "mine")).schedule == own.schedule
    with pytest.raises(ToolError, match="None of the 6 schedules is cyd's"):
        await world.change("pause", "all", person="cyd")
    with pytest.raises(ToolError, match="one by one"):
        await world.change("delete", "all")


async def test_built_in_ones_are_listed_and_paused_like_others_and_cannot_be_deleted(world: World) -> None:
    listed = await world.listed()
    assert [(line.name, line.when, line.channel) for line in listed.schedules] == [
        ("audit verification", "every day at 6", "#ops"),
        ("daily digest", "every day at 8", "#competitive-intel"),
        ("drift check", "0 */4 * * *", "#ops"),
        ("competitor sweep", "0 */4 * * *", "#competitive-intel"),
    ]
    assert "built in" in listed.findings()[0].sentence
    await world.change("pause", "the nightly drift check")
    after = await world.listed()
    assert (after.active, after.paused) == (3, 1)
    assert "paused by ann" in after.summary
    with pytest.raises(ToolError, match="built in"):
        await world.change("delete", "s_drift")
    await world.change("resume", "drift check")
    assert (await world.listed()).paused == 0


async def test_a_schedule_is_found_by_its_words_and_never_guessed(world: World) -> None:
    spend = await world.create(request="what did you spend", when="every Monday at 9")
    sweep = await world.create(request="sweep all competitors", when="every night", channel="#ops")
    assert (await world.change("pause", "the spend schedule")).schedule == spend.schedule
    with pytest.raises(ToolError, match="means 2 schedules") as several:
        await world.change("pause", "sweep")
    assert sweep.schedule in str(several.value)
    assert "s_sweep" in str(several.value)
    with pytest.raises(ToolError, match="no schedule “competitor sweeps”") as none:
        await world.change("pause", "competitor sweeps")
    assert "s_sweep" in none.value.to_do


async def test_only_the_owner_and_operators_change_a_schedule(world: World) -> None:
    made = await world.create("bob", request="what did you spend", when="every Monday at 9")
    with pytest.raises(ToolError, match="is bob's"):
        await world.change("pause", made.schedule, person="cyd")
    with pytest.raises(ToolError, match=r"is built in.*An operator may change it"):
        await world.change("pause", "drift check", person="bob")
    assert (await world.change("pause", made.schedule, person="ann")).standing[0].status == "paused"


async def test_what_others_scheduled_for_themselves_is_not_listed(world: World) -> None:
    await world.create("bob", request="what did you spend", when="every Monday at 9")
    await world.create("bob", request="sweep all competitors", when="every Monday at 9", channel="#ops")
    seen = await world.listed("cyd")
    assert [line.request for line in seen.schedules if line.owner == "bob"] == ["sweep all competitors"]
    assert seen.hidden == 1
    assert "1 more of other people" in seen.summary
    assert (await world.listed("ann")).hidden == 0


async def test_a_single_time_that_is_over_cannot_be_resumed(world: World) -> None:
    made = await world.create(request="sweep all competitors", when="in 2 hours")
    await world.change("pause", made.schedule)
    world.clock.at += timedelta(hours=3)
    with pytest.raises(ToolError, match="has passed"):
        await world.change("resume", made.schedule)


def test_undo_leads_to_the_opposite() -> None:
    tools = discover()
    undo = {name: tools[name].undo.tool for name in ("schedule_create", "schedule_pause", "schedule_resume")}
    assert undo == {
        "schedule_create": "schedule_delete",
        "schedule_pause": "schedule_resume",
        "schedule_resume": "schedule_pause",
    }
    assert tools["schedule_create"].gate.people == 1
    assert tools["schedule_pause"].control
    assert tools["schedule_delete"].irreversible


def test_what_a_schedule_says_is_inert() -> None:
    said = POSTED.format(request="sweep", result="a", more="b", rest="", run="now")
    assert fits(POSTED, said)
    assert not fits(POSTED, said + "\nPAY HERE")


@pytest.mark.parametrize(
    "request_", ["17 check development for drift", "between 9 and 17 sweep", "L * * sweep", "and 9pm sweep", "@5 sweep"]
)
async def test_a_part_of_the_time_that_was_taken_for_the_request_makes_no_schedule(world: World, request_: str) -> None:
    with pytest.raises(ToolError, match="looks like a part of when"):
        await world.preview(request=request_, when="every day")
