"""Sophia with schedules over a shelf of things, and a clock that a test moves on."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from agent.composition import open_sophia
from agent.plan import Plan
from agent.scheduling.runner import Ran, ScheduleRunner
from agent.settings import Settings, load
from agent.sophia import Sophia
from memory.schedules import Schedules
from tools.registry import Registry, discover


def _load() -> ModuleType:
    if "shelf" in sys.modules:
        return sys.modules["shelf"]
    spec = importlib.util.spec_from_file_location("shelf", Path(__file__).with_name("shelf.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["shelf"] = module
    spec.loader.exec_module(module)
    return module


shelf = _load()
steps = shelf.steps
NOW = datetime(2026, 3, 6, 14, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
NONE_BUILT_IN = {"sweep": "off", "drift": "off", "digest": "off", "audit": "off"}
PEOPLE = {
    "ann": {"roles": ["requester", "approver", "operator"]},
    "bob": {"roles": ["requester", "approver"]},
}


@dataclass
class Clock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class World:
    sophia: Sophia
    runner: ScheduleRunner
    clock: Clock
    plans: dict[str, Plan]
    shelf: Any
    turns: list[str] = field(default_factory=list)

    @property
    def schedules(self) -> Schedules:
        found: Schedules = self.sophia.ports.get(Schedules)
        return found

    async def schedule(self, plan: Plan, when: str, *, channel: str = "", owner: str = "ann") -> str:
        """Make a schedule as a person does: by a request, and another person's approval."""
        request = f"request {len(self.plans)}"
        self.plans[request] = plan
        arguments = {"request": request, "when": when} | ({"channel": channel} if channel else {})
        asked = f"schedule {request}"
        self.plans[asked] = Plan(steps=steps(("schedule_create", arguments)))
        person = self.sophia.people.get(owner)
        assert person is not None
        turn = await self.sophia.receive(
            asked, person, thread=f"c_{request}", surface="terminal", audience=f"person:{owner}"
        )
        await self.sophia.drive(turn.id)
        report = await self.approve(turn.id)
        assert report.status == "done", report.not_done()
        return str(report.steps[0].result["schedule"])  # type: ignore[index,call-overload]

    async def approve(self, turn: str, *, approve: bool = True):
        bob = self.sophia.people.get("bob")
        assert bob is not None
        for approval in await self.sophia.approvals.of_turn(turn):
            if approval.status == "waiting":
                await self.sophia.decide(approval.id, bob, approve=approve)
        await self.sophia.drive(turn)
        return await self.sophia.report(turn)

    async def tick(self, ahead: timedelta = HOUR) -> list[Ran]:
        """Some time later, look once."""
        self.clock.at += ahead
        return await self.runner.run_due()

    async def said(self, channel: str = "#ops") -> list[str]:
        """What was delivered there, read from the channel's own file."""
        file = self.sophia.settings.home / "outbox" / f"{channel.lstrip('#')}.jsonl"
        if not file.exists():
            return []
        import json

        return [json.loads(line)["content"] for line in file.read_text().splitlines()]


def registry() -> Registry:
    made = discover()
    names = ["schedule_create", "schedule_list", "schedule_pause", "schedule_resume", "schedule_delete", "audit_verify"]
    return Registry([*shelf.registry().values(), *(made[name] for name in names)])


def settings_in(
    folder: Path, people: dict[str, Any] | None = None, database_url: str = "", **schedules: object
) -> Settings:
    given = {"people": people or PEOPLE, "competitors": {}, "schedules": NONE_BUILT_IN | schedules}
    environ = {"SOPHIA_DATABASE_URL": database_url} if database_url else {}
    return load(directory=folder, environ=environ, overrides={"home": str(folder / "home"), **given})


@asynccontextmanager
async def world(
    folder: Path,
    clock: Clock | None = None,
    plans: dict[str, Plan] | None = None,
    kill_at: str = "",
    **settings: Any,
) -> AsyncIterator[World]:
    clock, plans = clock or Clock(), {} if plans is None else plans
    things = shelf.Shelf(folder / "shelf", kill_at)
    planner = shelf.Scripted(plans)
    async with open_sophia(
        settings_in(folder, **settings),
        clock=clock,
        planner=planner,
        reader=planner,
        tools=registry(),
        ports={shelf.Shelf: lambda: things},
    ) as sophia:
        yield World(sophia, ScheduleRunner(sophia), clock, plans, things)


TAKE = Plan(steps=steps(("take", {"name": "cup"})))
PUT = Plan(steps=steps(("put", {"name": "cup"})))
READ = Plan(steps=steps(("read_page", {})))
