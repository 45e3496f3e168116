"""What one process does in a world that crashes: begin a workflow, or go on with what an earlier process left.

It goes the way that surfaces go: requests are received, turns driven, approvals decided by people, schedules run by the
runner. What differs is that it may die at a moment that was chosen.
"""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import signal
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from agent.composition import database_location, open_sophia
from agent.errors import ApproverMustAct
from agent.plan import Plan, Problem, Step
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Planning, PlanningRequest
from agent.scheduling.runner import Early, ScheduleRunner
from agent.serving.process import serving
from agent.settings import Settings, load, own_environment
from agent.sophia import Sophia
from evals.crash.boundaries import Boundaries
from evals.crash.cases import Act
from evals.crash.failing import fail_from_now
from evals.crash.power import keep, keep_all
from evals.crash.records import away, kill_server_processes
from evals.crash.workspace import ANN, BOB, SECRET, TEAM, TOKEN
from memory import migrations
from memory.backup import backup, restore
from memory.database import Database
from memory.schedules import Schedules
from memory.turns import Turn
from tools.declaration import Tool
from tools.timetable.foresight import BuiltIns

__all__ = ["PEOPLE", "Carried", "Job", "Strike", "WorldClock", "carry", "run_schedule", "settings_of"]

BEGINNING = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PEOPLE = {
    "ann": {
        "roles": ["requester", "approver", "operator"],
        "system_users": ["ann"],
        "slack": [{"workspace": TEAM, "user": ANN}],
    },
    "bob": {"roles": ["approver"], "system_users": ["bob"], "slack": [{"workspace": TEAM, "user": BOB}]},
}
_CHANNELS = ("#ops", "#competitive-intel")
_ROUNDS = 8
_OTHERS = ("SOPHIA_", "OPENAI_", "SLACK_")
"""Variables of the person's own Sophia."""

Strike = Literal["kill", "power", "full", "read-only", "sync", "gone", "server", "asleep"]


class Job(BaseModel):
    """What a process is to do."""

    folder: Path
    database_url: str | None = None
    site: str
    """The origin of the watched pages."""
    config: str = ""
    """TOML that is added to the configuration."""
    act: Act | None = None
    """None: nothing but open everything, and close it again."""
    number: str = "0"
    """Which of several times: part of the request's words."""
    seconds: float = 0.0
    """How late it is in this world, counted from its beginning."""
    slack: str = ""
    """Where Slack's Web API is, in a world that is told things there."""
    port: int = 0
    """Serve there until it is told to stop, instead of carrying anything out."""
    at_moment: str | None = None
    """How the name of the moment begins at which it is struck."""
    nth: int = 0
    """How many moments of such a name come before."""
    strike: Strike = "kill"
    verifies: bool = False
    """In the end, see whether the audit log is whole."""
    joins: bool = False
    """Somebody else asks again, should nobody have been heard before the crash."""
    nothing_new: bool = False
    """Only go on with what is unfinished; nobody asks again, and nobody approves."""
    backup: Path | None = None
    """Write one there, instead of anything else."""
    restore: Path | None = None
    """Bring this one back, instead of anything else."""
    log: Path
    """Where the moments are written, one a line, as they are reached."""


class Carried(BaseModel):
    """How far a process came."""

    turn: str = ""
    status: str = ""
    report: str = ""
    moments: list[str] = []
    log: list[str] = []
    """What is wrong with the audit log."""


class WorldClock:
    """The world's own time: begins at a fixed moment, and runs."""

    def __init__(self, ahead: float) -> None:
        self._ahead = BEGINNING + timedelta(seconds=ahead) - datetime.now(UTC)

    def now(self) -> datetime:
        """The time there."""
        return datetime.now(UTC) + self._ahead


class _Given:
    """Plans the call that the workflow names for its request; everything else is read as it is."""

    name = "given"

    def __init__(self, act: Act | None) -> None:
        self._act = act

    async def plan(
        self, request: PlanningRequest, catalogue: Mapping[str, Tool], problems: Sequence[Problem] = ()
    ) -> Planning:
        if self._act is None or self._act.tool is None or not request.text.startswith("carry out"):
            return await OfflinePlanner().plan(request, catalogue, problems)
        step = Step(id="s1", tool=self._act.tool, args=self._act.arguments)
        return Planning(kind="plan", plan=Plan(steps=[step]), planner=self.name)


def settings_of(job: Job) -> Settings:
    """The world's configuration: two people and a competitor."""
    given: dict[str, Any] = {
        "home": str(job.folder / "home"),
        "people": PEOPLE,
        "competitors": {"RealPage": {"pages": []}},
        "network": {"allowed_private_origins": [job.site]},
        "limits": {"approval_minutes": 24 * 60},
    }
    if job.slack:
        given |= {"slack": {"api_url": job.slack}, "channels": {name: {"delivery": ["slack"]} for name in _CHANNELS}}
    for name, part in tomllib.loads(job.config).items():
        given[name] = {**given.get(name, {}), **part} if isinstance(part, dict) else part
    environ = {name: value for name, value in own_environment().items() if not name.startswith(_OTHERS)}
    if job.database_url:
        environ["SOPHIA_DATABASE_URL"] = job.database_url
    if job.slack:
        environ |= {"SOPHIA_SLACK_BOT_TOKEN": TOKEN, "SOPHIA_SLACK_SIGNING_SECRET": SECRET}
    return load(directory=job.folder, environ=environ, overrides=given)


async def carry(job: Job) -> Carried:
    """Do it, or die on the way."""
    settings = settings_of(job)
    settings.prepare_home()
    if job.backup or job.restore:
        return await _preserve(job, settings)
    if job.act and job.act.older:
        return await _older(job, settings)
    boundaries = Boundaries(
        job.folder / "home",
        job.at_moment,
        lambda moment: _strike(job, moment),
        nth=job.nth,
        outside=job.strike == "asleep",
    )
    if job.strike == "power":
        boundaries.kept = lambda path: keep(job.folder, path)
        keep_all(job.folder)
    boundaries.watch()
    if job.slack:
        boundaries.watch_words()
    if job.port:
        return await _serve(job, settings, boundaries)
    if job.act and (job.act.keeps or job.act.restores):
        await _preserve(named(job, job.act), settings)
        if job.act.keeps and job.verifies:
            tried = job.folder / "tried"
            await restore(job.folder / job.act.keeps, location=tried / "sophia.db", home=tried)
    planner = _Given(job.act)
    clock = WorldClock(job.seconds)
    async with open_sophia(settings, clock=clock, planner=planner, reader=planner) as sophia:
        turn = await _act(sophia, job)
        report = (await sophia.report(turn.id)).as_text() if turn and turn.outcome else ""
        wrong = (await sophia.audit.verify()).problems if job.verifies else ()
    boundaries.reach("end")
    return Carried(
        turn=turn.id if turn else "",
        status=turn.status if turn else "",
        report=report,
        moments=boundaries.seen,
        log=[f"{problem.damage}: {problem.message}" for problem in wrong],
    )


async def _serve(job: Job, settings: Settings, boundaries: Boundaries) -> Carried:
    """Be `sophia serve` until it is told to stop. Its clock is the real one, as signatures count by it."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    planner = _Given(job.act)
    async with open_sophia(settings, planner=planner, reader=planner) as sophia:
        served = serving(sophia, host="127.0.0.1", port=job.port, by_the_clock=False)
        async with served as process:
            process.stop = stop
            await stop.wait()
        wrong = (await sophia.audit.verify()).problems if job.verifies else ()
    boundaries.reach("end")
    return Carried(moments=boundaries.seen, log=[f"{problem.damage}: {problem.message}" for problem in wrong])


def named(job: Job, act: Act) -> Job:
    """The job with the files that the act names; a backup that is there already was made before the crash."""
    kept = job.folder / act.keeps if act.keeps else None
    restored = job.folder / act.restores if act.restores else None
    return job.model_copy(update={"backup": None if kept and kept.exists() else kept, "restore": restored})


async def _older(job: Job, settings: Settings) -> Carried:
    """An empty database with an older schema."""
    assert job.act is not None, "it says which"
    revision = job.act.older
    async with Database(database_location(settings)) as database:
        await database.write(lambda c: migrations.upgrade(c, str(revision)), durable=True)
    return Carried(status="done")


async def _preserve(job: Job, settings: Settings) -> Carried:
    location = database_location(settings)
    if job.backup:
        await backup(job.backup, location=location, home=settings.home)
    if job.restore:
        await restore(job.restore, location=location, home=settings.home, force=True)
    return Carried()


async def _act(sophia: Sophia, job: Job) -> Turn | None:
    if job.nothing_new:
        for turn in await sophia.turns.unfinished():
            await _to_its_end(sophia, turn, leave=True)
        await ScheduleRunner(sophia).run_due()
    if job.act is None or job.nothing_new or job.act.keeps or job.act.restores:
        return None
    if job.act.schedule is not None:
        return await run_schedule(sophia, job.act.schedule)
    return await _run_turn(sophia, job, job.act)


async def _run_turn(sophia: Sophia, job: Job, act: Act) -> Turn | None:
    """The request's turn to its end: the one that is there already, or a new one."""
    ann = sophia.people.get("ann")
    assert ann is not None, "she is in the settings"
    words = act.request or f"carry out {act.tool} {job.number}"
    thread, audience = f"c_{job.number}", "person:ann"
    there = [found for found in await sophia.turns.latest(thread) if found.request == words]
    if there:
        turn = there[-1]
    elif job.joins:
        return None
    else:
        turn = await sophia.receive(words, ann, thread=thread, surface="terminal", audience=audience)
    return await _to_its_end(sophia, turn, leave=act.waiting)


async def _to_its_end(sophia: Sophia, turn: Turn, *, leave: bool = False) -> Turn:
    turn = await sophia.drive(turn.id)
    for _ in range(_ROUNDS):
        if turn.status != "waiting" or leave:
            break
        await _approve(sophia, turn.id)
        turn = await sophia.drive(turn.id)
    return turn


async def _approve(sophia: Sophia, turn: str) -> None:
    """Ann, and Bob where two are needed, approve whatever waits."""
    for approval in await sophia.approvals.of_turn(turn):
        for name in ("bob", "ann"):
            person = sophia.people.get(name)
            found = await sophia.approvals.get(approval.id)
            voted = {vote.person for vote in found.votes if vote.approve}
            if person is not None and found.status == "waiting" and name not in voted:
                with suppress(ApproverMustAct):  # another process, started beside this one, was quicker
                    await sophia.decide(approval.id, person, approve=True)


async def run_schedule(sophia: Sophia, schedule: str) -> Turn | None:
    """One run of built-in work, to its end with what is told of it: the one that was begun, or a new one."""
    schedules: Schedules = sophia.ports.get(Schedules)
    built_ins: BuiltIns = sophia.ports.get(BuiltIns)
    await schedules.ensure(built_ins.defined(sophia.clock.now()))
    await _run_due(sophia, [Early(each, 0) for each in await schedules.list() if each.id == schedule])
    (run, *_) = await schedules.runs(schedule, 1)
    return await sophia.turns.get(run.turn) if run.turn else None


async def _run_due(sophia: Sophia, also: Sequence[Early]) -> None:
    """What is due and what was begun, to its end; whatever waits is approved."""
    schedules: Schedules = sophia.ports.get(Schedules)
    runner = ScheduleRunner(sophia)
    for _ in range(_ROUNDS):
        ran = await runner.run_due(also=also)
        for run in await schedules.open_runs():
            for turn in filter(None, (run.turn, run.post)):
                await _approve(sophia, turn)
        if not any(each.outcome == "waiting" for each in ran) and not await schedules.open_runs():
            return


def _strike(job: Job, moment: str) -> None:
    """What happens at the moment that was chosen."""
    job.log.write_text(moment)
    if job.strike == "full":
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    elif job.strike == "read-only":
        fail_from_now("read-only", errno.EROFS)
    elif job.strike == "sync":
        fail_from_now("sync", errno.EIO)
    elif job.strike == "gone":
        away(_server(job), True)
    elif job.strike == "server":
        kill_server_processes(_server(job))
    elif job.strike == "asleep":
        os.kill(os.getpid(), signal.SIGSTOP)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def _server(job: Job) -> str:
    assert job.database_url is not None, "only a server can be away"
    return job.database_url
