"""Carries one call of one real tool to its end in a process of its own, or dies at a moment that a test chooses.

    python killed.py FOLDER TOOL ARGUMENTS MOMENT

Moments: `minted` (the permit is there, nothing was done), `redeemed` (it is used, nothing was done), `made` (the
world has changed, nobody wrote that down), `none`. What an earlier process left unfinished is gone on with.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.composition import open_sophia
from agent.plan import Plan, Problem, Step
from agent.planning.offline import OfflinePlanner
from agent.planning.planner import Planning, PlanningRequest
from agent.settings import Settings, load, own_environment
from agent.sophia import Sophia
from memory.ledger import Ledger
from memory.turns import Turn
from tools.declaration import Tool
from tools.registry import discover


class OneCall:
    """Plans the one call for the requests of these tests, and everything else as it is read."""

    name = "one call"

    def __init__(self, tool: str, arguments: dict[str, Any]) -> None:
        self._plan = Plan(steps=[Step(id="s1", tool=tool, args=arguments)])

    async def plan(
        self, request: PlanningRequest, catalogue: Mapping[str, Tool], problems: Sequence[Problem] = ()
    ) -> Planning:
        if not request.text.startswith(("do it", "prepare")):
            return await OfflinePlanner().plan(request, catalogue, problems)
        return Planning(kind="plan", plan=self._plan, planner=self.name)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(tool: Tool, moment: str) -> Tool:
    """The tool, with a run that dies at the moment."""

    @functools.wraps(tool.run)
    async def run(*args: Any, **ports: Any) -> Any:
        if moment == "minted":
            die()
        result = await tool.run(*args, **ports)
        if moment == "made":
            die()
        return result

    return dataclasses.replace(tool, run=run)


def dying_redemption() -> None:
    redeem = Ledger.redeem

    async def redeem_and_die(self: Ledger, permit_id: str, token: str, *, tool: str) -> None:
        await redeem(self, permit_id, token, tool=tool)
        die()

    Ledger.redeem = redeem_and_die  # type: ignore[method-assign]


async def _carry(sophia: Sophia, text: str) -> Turn:
    """Ask in ann's name, or go on with what was asked before; ann and bob approve whatever waits."""
    ann, bob = sophia.people.get("ann"), sophia.people.get("bob")
    assert ann is not None
    assert bob is not None
    unfinished = [turn for turn in await sophia.turns.unfinished() if turn.request == text]
    turn = (
        unfinished[0]
        if unfinished
        else await sophia.receive(text, ann, thread="c_1", surface="terminal", audience="person:ann")
    )
    turn = await sophia.drive(turn.id)
    while turn.status == "waiting":
        for approval in await sophia.approvals.of_turn(turn.id):
            for person in (ann, bob)[: approval.people]:
                await sophia.decide(approval.id, person, approve=True)
        turn = await sophia.drive(turn.id)
    return turn


def settings_in(folder: Path) -> Settings:
    people = {
        "ann": {"roles": ["requester", "approver", "operator"], "system_users": ["ann"]},
        "bob": {"roles": ["approver"], "system_users": ["bob"]},
    }
    return load(
        directory=folder, environ=dict(own_environment()), overrides={"home": str(folder / "home"), "people": people}
    )


async def carry(folder: Path, name: str, arguments: dict[str, Any], moment: str) -> str:
    tools = dict(discover())
    tools[name] = deadly(tools[name], moment)
    if moment == "redeemed":
        dying_redemption()
    planner = OneCall(name, arguments)
    async with open_sophia(settings_in(folder), planner=planner, reader=planner, tools=tools) as sophia:
        turn = await _carry(sophia, "do it")
        return (await sophia.report(turn.id)).model_dump_json()


async def leave_waiting(folder: Path, name: str, arguments: dict[str, Any]) -> str:
    """Ask for the call and leave it waiting for its approval; the turn's id."""
    planner = OneCall(name, arguments)
    async with open_sophia(settings_in(folder), planner=planner, reader=planner) as sophia:
        ann = sophia.people.get("ann")
        assert ann is not None
        turn = await sophia.receive("prepare", ann, thread="c_2", surface="terminal", audience="person:ann")
        assert (await sophia.drive(turn.id)).status == "waiting"
        return turn.id


async def prepare(folder: Path, calls: list[tuple[str, dict[str, Any]]]) -> None:
    """Make these calls, unharmed, before the one that is killed."""
    for number, (name, arguments) in enumerate(calls):
        planner = OneCall(name, arguments)
        async with open_sophia(settings_in(folder), planner=planner, reader=planner) as sophia:
            turn = await _carry(sophia, f"prepare {number}")
            assert turn.status == "done", (await sophia.report(turn.id)).as_text()


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(carry(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]), sys.argv[4])))
