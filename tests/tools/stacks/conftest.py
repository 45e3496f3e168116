from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.declaration import StackDeclaration
from infra.lab import Inventory, Lab, lab_declarations
from infra.stacks import Stacks
from tools.declaration import (
    Attempt,
    Clock,
    Permit,
    Preview,
    Progress,
    ProgressEvent,
    Reconciliation,
    Requester,
    Tool,
    Verification,
    parameters,
)
from tools.registry import discover
from tools.result import Result
from tools.web.probe import HttpxProbe

DRIVER = Path(__file__).with_name("driver.py")
SMALL = "sophia-ai-modernized"
"""The smallest lab stack: two services, a database, a feed."""


class MovableClock:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Desk:
    """Accepts each token of each permit once."""

    def __init__(self) -> None:
        self.redeemed: list[tuple[str, str, str]] = []

    async def redeem(self, permit_id: str, token: str, *, tool: str) -> None:
        if (permit_id, token) in [entry[:2] for entry in self.redeemed]:
            raise PermissionError(f"{permit_id} was redeemed before")
        self.redeemed.append((permit_id, token, tool))


@dataclass(frozen=True)
class Ticket:
    id: str
    token: str


@dataclass(frozen=True)
class Asker:
    person: str = "tom"
    thread: str = "c_1"
    turn: str = "t_1"


def descendants(pid: int) -> list[psutil.Process]:
    """Everything that a process started and that hasn't detached itself, parents first."""
    return psutil.Process(pid).children(recursive=True)


@dataclass
class World:
    """A data folder with its lab, and the stack tools over it as the executor calls them."""

    home: Path
    stacks: Stacks
    lab: Lab
    desk: Desk
    clock: MovableClock
    heard: list[ProgressEvent] = field(default_factory=list)
    more: dict[type, Any] = field(default_factory=dict)
    minted: int = 0

    def tool(self, name: str) -> Tool:
        return discover()[name]

    def _ports(self, handler: Callable[..., Any], permit: Ticket | None, bound: Preview | None) -> dict[str, Any]:
        ports: dict[type, Any] = {
            Stacks: self.stacks,
            Clock: self.clock,
            Permit: permit,
            Requester: Asker(),
            Preview: bound,
            Progress: self.heard.append,
            **self.more,
        }
        return {name: ports[port] for name, port in parameters(handler).items()}

    def permit(self, identity: str = "") -> Ticket:
        self.minted += 1
        return Ticket(identity or f"e_{self.minted}", f"token-{self.minted}")

    async def preview(self, name: str, /, **arguments: str) -> Preview:
        tool = self.tool(name)
        return await tool.preview(tool.arguments.model_validate(arguments), **self._ports(tool.preview, None, None))

    async def run(
        self, name: str, bound: Preview | None = None, permit: Ticket | None = None, /, **arguments: str
    ) -> Any:
        tool = self.tool(name)
        return await tool.run(
            tool.arguments.model_validate(arguments), **self._ports(tool.run, permit or self.permit(), bound)
        )

    async def verify(self, name: str, result: Result, /, **arguments: str) -> Verification:
        tool = self.tool(name)
        return await tool.verify(
            tool.arguments.model_validate(arguments), result, **self._ports(tool.verify, None, None)
        )

    async def reconcile(self, name: str, permit: str, bound: Preview, /, **arguments: str) -> Reconciliation:
        tool = self.tool(name)
        attempt = Attempt(
            permit_id=permit, started_at=self.clock.now(), state_version=bound.state_version, bound=bound.bound
        )
        return await tool.reconcile(
            tool.arguments.model_validate(arguments), attempt, **self._ports(tool.reconcile, None, None)
        )

    async def do(self, name: str, /, **arguments: str) -> Any:
        """Preview, call and verify, as an approved step goes."""
        bound = await self.preview(name, **arguments)
        result = await self.run(name, bound, **arguments)
        verification = await self.verify(name, result, **arguments)
        assert verification.ok, verification.evidence
        return result

    def count(self, stack: str = SMALL) -> Inventory:
        return self.lab.inventory().of(stack)

    def config(self, stack: str, **values: object) -> None:
        """Write a stack's configuration, as somebody with an editor would."""
        path = self.stacks.place(stack).config_path
        kept = (
            [line for line in path.read_text().splitlines() if line.startswith("encryptionsalt")]
            if path.exists()
            else []
        )
        lines = [f'  sophia-lab:{name}: "{value}"' for name, value in values.items()]
        path.write_text("\n".join([*kept, "config:", *lines]) + "\n" if lines else "\n".join(kept) + "\n")

    async def killed(
        self, name: str, permit: str, at: str, pause: str = "", /, *, everything: bool = False, **arguments: str
    ) -> list[str]:
        """Make a call in another process and kill -9 that process when it says a line that starts so.

        Alone, so that its engine must end by itself, or with everything that it started.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(DRIVER),
            str(self.home),
            name,
            json.dumps(arguments),
            permit,
            pause,
            stdout=asyncio.subprocess.PIPE,
            limit=2**24,
        )
        said: list[str] = []
        while line := (await process.stdout.readline()).decode().rstrip():
            said.append(line)
            if line.startswith(at):
                break
        else:
            pytest.fail(f"it ended before it said {at!r}: {said}")
        for victim in [psutil.Process(process.pid), *(descendants(process.pid) if everything else [])]:
            with suppress(psutil.NoSuchProcess):
                victim.kill()
        await process.wait()
        process._transport.close()
        return said

    async def cut_off(self, name: str, permit: str, at: str, service: str, /, **arguments: str) -> list[str]:
        """As a power cut does it: end Sophia, engine, CLI and providers while that service is just being started."""
        with self.lab.held(arguments["stack"], service):
            return await self.killed(name, permit, at, everything=True, **arguments)

    def bound(self, permit: str) -> Preview:
        """What a killed call's preview had bound."""
        return Preview.model_validate_json((self.home / f"{permit}.json").read_text())

    async def go_on(self, name: str, permit: str, /, **arguments: str) -> tuple[Reconciliation, Any]:
        """What the executor does after a crash: reconcile, and call again where the world says so."""
        bound = self.bound(permit)
        found = await self.reconcile(name, permit, bound, **arguments)
        result = found.result
        if found.outcome in ("not_happened", "partial"):
            result = await self.run(name, bound, Ticket(permit, "second"), **arguments)
        assert result is not None, found
        verification = await self.verify(name, result, **arguments)
        assert verification.ok, (verification.evidence, found.outcome, found.evidence, result)
        return found, result


@pytest.fixture
async def new_world(tmp_path) -> AsyncIterator[Callable[..., World]]:
    made: list[World] = []

    def make(declarations: tuple[StackDeclaration, ...] = (), **environ: str) -> World:
        desk, clock = Desk(), MovableClock()
        stacks = Stacks(
            declarations=declarations or lab_declarations(),
            home=tmp_path,
            environ={**os.environ, **environ},
            clock=clock,
            permits=desk,
            probe=HttpxProbe(),
        )
        made.append(World(tmp_path, stacks, Lab(tmp_path), desk, clock))
        return made[-1]

    yield make
    for world in made:
        await world.stacks.aclose()
    Lab(tmp_path).stop_all()


@pytest.fixture
def world(new_world) -> World:
    return new_world()


@pytest.fixture
async def deployed(world) -> World:
    """A world in which the small stack is deployed."""
    await world.do("stack_up", stack=SMALL)
    return world


@pytest.fixture(autouse=True)
def _nothing_left(tmp_path) -> Iterator[None]:
    yield
    assert Lab(tmp_path).inventory().services == ()
