"""Stacks through a whole Sophia: what is asked, what isn't, and who is told of what."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from agent.composition import open_sophia
from agent.plan import Plan, Problem, Step
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Planning, PlanningRequest
from agent.report import Report
from agent.settings import load
from agent.sophia import Sophia
from infra.lab import Lab
from infra.stacks import Stacks
from memory.approvals import Approval
from tools.declaration import Tool

SMALL = "sophia-ai-modernized"
PEOPLE = {"ann": {"roles": ["requester"]}, "bob": {"roles": ["requester", "approver"]}}


class Told:
    """A planner that is told what to plan for the tool that is asked for, and reads everything else."""

    name = "told"

    def __init__(self) -> None:
        self.step: tuple[str, dict[str, object]] = ("help", {})

    async def plan(
        self, request: PlanningRequest, catalogue: Mapping[str, Tool], problems: Sequence[Problem] = ()
    ) -> Planning:
        tool, args = self.step
        if request.text != tool:
            return await OfflinePlanner().plan(request, catalogue)
        return Planning(kind="plan", plan=Plan(steps=[Step(id="s1", tool=tool, args=args)]), planner=self.name)


@dataclass
class Office:
    sophia: Sophia
    planner: Told
    lab: Lab

    async def ask(self, tool: str, **args: object) -> Approval | Report:
        """What waits for bob when ann has asked, or what it came to without him."""
        self.planner.step = (tool, args)
        ann = self.sophia.people.get("ann")
        turn = await self.sophia.receive(tool, ann, thread="c_1", surface="terminal", audience="person:ann")
        await self.sophia.drive(turn.id)
        waiting = [item for item in await self.sophia.approvals.of_turn(turn.id) if item.status == "waiting"]
        return waiting[0] if waiting else await self.sophia.report(turn.id)

    def told(self, channel: str) -> list[str]:
        """What was delivered there, read from the channel's own file."""
        file = self.sophia.settings.home / "outbox" / f"{channel}.jsonl"
        return [json.loads(line)["content"] for line in file.read_text().splitlines()] if file.exists() else []

    async def approved(self, tool: str, **args: object) -> Report:
        asked = await self.ask(tool, **args)
        assert isinstance(asked, Approval)
        report = await self.decide(asked, approve=True)
        assert report.status == "done", report.not_done()
        return report

    async def decide(self, asked: Approval, *, approve: bool) -> Report:
        await self.sophia.decide(asked.id, self.sophia.people.get("bob"), approve=approve)
        await self.sophia.drive(asked.turn)
        return await self.sophia.report(asked.turn)

    async def denied(self, tool: str, **args: object) -> str:
        """What bob is shown, and denies."""
        asked = await self.ask(tool, **args)
        assert isinstance(asked, Approval), asked.not_done()
        await self.decide(asked, approve=False)
        return "\n".join([*asked.card["details"], asked.card["risk"]])

    def versions(self) -> set[str]:
        return {service.version for service in self.lab.inventory().of(SMALL).services}


@pytest.fixture
async def office(tmp_path) -> AsyncIterator[Office]:
    settings = load(directory=tmp_path, environ={}, overrides={"home": str(tmp_path), "people": PEOPLE})
    planner = Told()
    async with open_sophia(settings, planner=planner, reader=planner) as sophia:
        office = Office(sophia, planner, Lab(tmp_path))
        yield office
    office.lab.stop_all()


@pytest.mark.timeout(300)
async def test_chosen_kinds_of_drift_are_repaired_under_a_grant_and_all_else_asks(office):
    deployed = await office.approved("stack_up", stack=SMALL)
    checkpoint = deployed.steps[0].result["checkpoint"]
    assert deployed.undo == [f"stack_up can be taken back by stack_rollback: say “go back to {checkpoint} on {SMALL}”"]
    assert deployed.verified == [deployed.verified[0]]
    assert deployed.verified[0].startswith(f"stack_up: The state of {SMALL} has 4 resources; Health check")
    for stack, kinds, why in [
        (SMALL, ["runing"], r"Nothing on this stack can drift in 'runing'"),
        ("production", ["running"], r"production is protected, and no standing grant covers a protected stack"),
    ]:
        report = await office.ask("grant_repair", stack=stack, kinds=kinds)
        assert isinstance(report, Report), report.card
        assert re.search(why, " ".join(report.not_done())), report.not_done()

    granted = await office.approved("grant_repair", stack=SMALL, kinds=["Version"], uses=20)
    office.lab.edit_version(SMALL, "gateway", "0.9.0")
    repaired = await office.ask("stack_repair", stack=SMALL)
    assert isinstance(repaired, Report), repaired.card
    assert repaired.status == "done", repaired.not_done()
    assert office.versions() == {"1.4.2"}

    office.lab.edit_version(SMALL, "gateway", "0.9.0")
    office.lab.kill_service(SMALL, "agents")
    (office.lab.root / SMALL / "databases" / "threads.sqlite3").unlink()
    shown = await office.denied("stack_repair", stack=SMALL)
    grant = granted.steps[0].result["grant"]
    assert f"it isn't within grant {grant}: Service.running, threads (Database) is gone with its data" in shown
    assert office.versions() == {"0.9.0"}


@pytest.mark.timeout(300)
async def test_a_release_that_fails_is_taken_back_and_the_team_told_under_its_own_approval(office):
    place = office.sophia.ports.get(Stacks).place(SMALL)
    place.config_path.parent.mkdir(parents=True, exist_ok=True)
    place.config_path.write_text("config:\n  sophia-lab:version: 2.0.0-broken\n")
    asked = await office.ask("stack_up", stack=SMALL)
    assert isinstance(asked, Approval)
    assert "and telling #ops" in asked.card["undo"]
    assert office.told("ops") == []
    report = await office.decide(asked, approve=True)
    assert report.status == "failed"
    failed = report.steps[0].result["failed_checks"]
    assert [report.as_text().count(line) for line in failed] == [1] * len(failed)
    assert [step.tool for step in report.steps] == ["stack_up", "stack_rollback", "notify"]
    (said,) = office.told("ops")
    assert "self-test of release 2.0.0-broken failed" in said
    assert "stack_up was taken back by itself, and that was verified." in said
    assert report.turn in said
    assert office.lab.inventory().of(SMALL).services == ()
