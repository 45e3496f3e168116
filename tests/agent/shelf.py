"""A small world for the machine to act on: a folder of files, and tools that put things there and take them away.

Run as a program, it carries a request to its end in a process of its own, which a test can kill at a chosen moment.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from agent.plan import Plan, Problem, Step
from agent.planning.planner import Planning, PlanningRequest
from agent.settings import Settings, load
from memory.labels import WEB, Provenance
from tools.declaration import (
    Attempt,
    Effect,
    Gate,
    Outcome,
    Permit,
    Preview,
    Reconciliation,
    Role,
    Slot,
    Tool,
    Undo,
    Verification,
    tool,
)
from tools.errors import StateMoved, ToolError
from tools.permits import PermitDesk
from tools.registry import Registry
from tools.result import Finding, Result, Weight


class Shelf:
    """The folder, and a line in its book for every time that something was put there."""

    def __init__(self, folder: Path, kill_at: str = "") -> None:
        self.folder = folder
        self.kill_at = kill_at
        self.readers = self.most_readers = 0
        folder.mkdir(parents=True, exist_ok=True)

    def moment(self, name: str) -> None:
        if self.kill_at == name:
            os.kill(os.getpid(), signal.SIGKILL)

    def put(self, name: str, mark: str) -> None:
        self.moment("before")
        with (self.folder / "book").open("a") as book:
            book.write(f"{name}\n")
        (self.folder / f"{name}.part").write_text(mark)
        (self.folder / f"{name}.part").rename(self.folder / name)
        self.moment("after")

    def times_put(self, name: str) -> int:
        book = self.folder / "book"
        return book.read_text().splitlines().count(name) if book.exists() else 0

    def mark(self, name: str) -> str | None:
        return (self.folder / name).read_text() if (self.folder / name).exists() else None

    def version(self) -> str:
        return ",".join(sorted(path.name for path in self.folder.iterdir() if path.name != "book"))


class ThingArguments(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Slot(Role.TARGET, "name")]


class SayArguments(BaseModel):
    model_config = ConfigDict(extra="forbid")
    channel: Annotated[str, Slot(Role.DESTINATION, "channel")]
    content: Annotated[str, Slot(Role.PAYLOAD, "content")]


class Thing(Result):
    name: str
    there: bool

    def findings(self) -> list[Finding]:
        from agent.clock import SystemClock

        return [
            Finding(
                weight=Weight.DONE,
                sentence=f"{self.name} is {'there' if self.there else 'gone'}.",
                provenance=Provenance.observed("shelf", SystemClock().now(), "looked"),
            )
        ]


async def preview_put(arguments: ThingArguments, *, shelf: Shelf) -> Preview:
    """What is there now."""
    there = shelf.mark(arguments.name) is not None
    return Preview(
        summary=f"put {arguments.name}", undo="take it away", nothing_to_do=there, state_version=shelf.version()
    )


async def verify_put(arguments: ThingArguments, result: Thing, *, shelf: Shelf) -> Verification:
    """Look whether it is there."""
    ok = shelf.mark(arguments.name) is not None and not arguments.name.startswith("bad")
    return Verification(ok=ok, evidence=[f"{arguments.name} was looked for."])


async def reconcile_put(arguments: ThingArguments, attempt: Attempt, *, shelf: Shelf) -> Reconciliation:
    """Look for the effect's mark on the thing."""
    found = shelf.mark(arguments.name)
    if found == attempt.permit_id:
        return Reconciliation(
            outcome=Outcome.HAPPENED, result=Thing(name=arguments.name, there=True), evidence="its mark is on it"
        )
    if arguments.name.startswith("murky"):
        return Reconciliation(outcome=Outcome.UNKNOWN, evidence="Look at the shelf yourself.")
    return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence="no mark")


@tool(
    effect=Effect.CHANGE,
    gate=Gate.ONE,
    phrases=("put {name}",),
    preview=preview_put,
    verify=verify_put,
    reconcile=reconcile_put,
    undo=Undo("take", {"name": "arguments.name"}, automatic=True),
)
async def put(arguments: ThingArguments, *, shelf: Shelf, permit: Permit, desk: PermitDesk, bound: Preview) -> Thing:
    """Put a thing on the shelf."""
    if arguments.name.startswith("stuck"):
        raise ToolError(f"{arguments.name} does not fit.", not_done="Nothing was put there.", to_do="Choose another.")
    if bound.state_version != shelf.version():
        raise StateMoved("The shelf changed since the preview.", not_done="Nothing was put there.")
    await desk.redeem(permit.id, permit.token, tool="put")
    shelf.put(arguments.name, permit.id)
    return Thing(name=arguments.name, there=True)


async def preview_take(arguments: ThingArguments) -> Preview:
    """That it would be gone."""
    return Preview(summary=f"take {arguments.name} away")


async def verify_take(arguments: ThingArguments, result: Thing, *, shelf: Shelf) -> Verification:
    """Look whether it is gone."""
    return Verification(ok=shelf.mark(arguments.name) is None, evidence=["looked"])


async def reconcile_take(arguments: ThingArguments, attempt: Attempt) -> Reconciliation:
    """Taking twice is the same as once."""
    return Reconciliation(outcome=Outcome.PARTIAL, evidence="taking twice is the same as once")


@tool(
    effect=Effect.CHANGE,
    phrases=("take {name}",),
    preview=preview_take,
    verify=verify_take,
    reconcile=reconcile_take,
    irreversible="it is gone",
)
async def take(arguments: ThingArguments, *, shelf: Shelf, permit: Permit, desk: PermitDesk) -> Thing:
    """Take a thing away."""
    await desk.redeem(permit.id, permit.token, tool="take")
    (shelf.folder / arguments.name).unlink(missing_ok=True)
    return Thing(name=arguments.name, there=False)


@tool(
    effect=Effect.DESTROY,
    gate=Gate.TWO,
    phrases=("burn {name}",),
    preview=preview_take,
    verify=verify_take,
    reconcile=reconcile_take,
    irreversible="ashes",
)
async def burn(arguments: ThingArguments, *, shelf: Shelf, permit: Permit, desk: PermitDesk) -> Thing:
    """Burn a thing."""
    await desk.redeem(permit.id, permit.token, tool="burn")
    (shelf.folder / arguments.name).unlink(missing_ok=True)
    return Thing(name=arguments.name, there=False)


class Words(Result):
    text: str
    count: int

    def findings(self) -> list[Finding]:
        from agent.clock import SystemClock

        return [
            Finding(
                weight=Weight.OBSERVED,
                sentence=f"The page says: {self.text}",
                provenance=Provenance.observed("https://example.com", SystemClock().now(), "GET 200"),
            )
        ]


class NothingArguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


@tool(effect=Effect.READ, phrases=("read the page",), label=WEB)
async def read_page(arguments: NothingArguments, *, shelf: Shelf) -> Words:
    """Read what somebody else wrote."""
    shelf.readers += 1
    shelf.most_readers = max(shelf.readers, shelf.most_readers)
    await asyncio.sleep(0.1)
    shelf.readers -= 1
    page = shelf.folder.parent / "page.txt"
    return Words(text=page.read_text() if page.exists() else "nothing", count=3)


def registry() -> Registry:
    from tools.notify import notify
    from tools.switches import pause_all, resume_all
    from tools.work import work_cancel, work_status

    found: list[Tool] = [put, take, burn, read_page, notify, pause_all, resume_all, work_cancel, work_status]
    return Registry(found)


class Scripted:
    """A planner that answers each request with the plan that a test wrote for it."""

    name = "scripted"

    def __init__(self, plans: Mapping[str, Plan]) -> None:
        self._plans = plans

    async def plan(
        self, request: PlanningRequest, catalogue: Mapping[str, Tool], problems: Sequence[Problem] = ()
    ) -> Planning:
        found = self._plans.get(request.text)
        if found is None:
            return Planning(kind="clarify", question="What?", planner=self.name)
        return Planning(kind="plan", plan=found, planner=self.name)


def steps(*given: tuple[str, dict[str, object]] | Step) -> list[Step]:
    made = []
    for number, step in enumerate(given, 1):
        made.append(step if isinstance(step, Step) else Step(id=f"s{number}", tool=step[0], args=step[1]))
    return made


def settings_in(folder: Path, database_url: str = "") -> Settings:
    people = {
        "ann": {"roles": ["requester", "approver", "operator"], "system_users": ["root", "ann"]},
        "bob": {"roles": ["requester", "approver"], "system_users": ["bob"]},
        "cyd": {"roles": ["requester"], "system_users": ["cyd"]},
    }
    environ = {"SOPHIA_DATABASE_URL": database_url} if database_url else {}
    return load(
        directory=folder, environ=environ, overrides={"home": str(folder / "home"), "people": people, "competitors": {}}
    )


async def carry(folder: Path, kill_at: str, approve: bool) -> None:
    """Ask to put a thing, approve it as bob, and go on; with `kill_at`, die at that moment of the effect."""
    from agent.composition import open_sophia

    shelf = Shelf(folder / "shelf", kill_at)
    planner = Scripted({"put cup": Plan(steps=steps(("put", {"name": "cup"})))})
    async with open_sophia(
        settings_in(folder), planner=planner, reader=planner, tools=registry(), ports={Shelf: lambda: shelf}
    ) as sophia:
        unfinished = await sophia.turns.unfinished()
        if unfinished:
            turn = unfinished[0]
        else:
            ann = sophia.people.get("ann")
            assert ann is not None
            turn = await sophia.receive("put cup", ann, thread="c_1", surface="terminal", audience="person:ann")
        turn = await sophia.drive(turn.id)
        if turn.status == "waiting" and approve:
            bob = sophia.people.get("bob")
            assert bob is not None
            for approval in await sophia.approvals.of_turn(turn.id):
                await sophia.decide(approval.id, bob, approve=True)
            turn = await sophia.drive(turn.id)
        sys.stdout.write(turn.status)


if __name__ == "__main__":
    asyncio.run(carry(Path(sys.argv[1]), sys.argv[2], approve=True))
