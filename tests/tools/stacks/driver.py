"""A whole Sophia's worth of one tool call in a process of its own, for tests that kill it.

`python driver.py HOME TOOL ARGUMENTS PERMIT PAUSE`: previews, keeps in the home what was bound, makes the call, and
says each thing that happens on standard output. PAUSE is where it waits for ever: `redeemed`, `probed` or nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from infra.declaration import StackDeclaration
from infra.lab import lab_declarations
from infra.stacks import Stacks
from tools.declaration import Clock, Permit, Preview, Progress, Requester, parameters
from tools.web.probe import HttpxProbe

MODULES = tuple(f"tools.stack_{name}" for name in ("changes", "checkpoints", "drift", "config", "lock"))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class Asker:
    person: str = "tom"
    thread: str = "c_1"
    turn: str = "t_1"


@dataclass(frozen=True)
class Ticket:
    id: str
    token: str


class PausingDesk:
    def __init__(self, pause: bool) -> None:
        self._pause = pause

    async def redeem(self, permit_id: str, token: str, *, tool: str) -> None:
        say(f"redeemed {permit_id} for {tool}")
        if self._pause:
            await asyncio.sleep(3600)


class PausingProbe(HttpxProbe):
    pause = False

    async def get(self, url: str, *, timeout: float):  # noqa: ASYNC109 - as the port has it
        if self.pause:
            say("probed")
            await asyncio.sleep(3600)
        return await super().get(url, timeout=timeout)


def declarations(home: Path) -> Sequence[StackDeclaration]:
    """What the test wrote there, or the lab's stacks."""
    try:
        written = json.loads((home / "declarations.json").read_text())
    except FileNotFoundError:
        return lab_declarations()
    return [StackDeclaration.model_validate(item) for item in written]


async def call(home: Path, name: str, arguments: dict[str, str], permit: str, pause: str) -> None:
    tool = next(vars(module)[name] for module in map(import_module, MODULES) if name in vars(module))
    probe = PausingProbe()
    probe.pause = pause == "probed"
    clock = SystemClock()
    stacks = Stacks(
        declarations=declarations(home),
        home=home,
        environ=dict(os.environ),
        clock=clock,
        permits=PausingDesk(pause == "redeemed"),
        probe=probe,
    )
    asked = tool.arguments.model_validate(arguments)
    preview = await tool.preview(
        asked, **{key: stacks for key, port in parameters(tool.preview).items() if port is Stacks}
    )
    (home / f"{permit}.json").write_text(preview.model_dump_json())
    say("previewed")
    ports = {
        Stacks: stacks,
        Clock: clock,
        Permit: Ticket(permit, "first"),
        Requester: Asker(),
        Preview: preview,
        Progress: lambda event: say(f"{event.kind} {event.text}"),
    }
    result = await tool.run(asked, **{key: ports[port] for key, port in parameters(tool.run).items()})
    say("done " + result.model_dump_json())


if __name__ == "__main__":
    asyncio.run(call(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]), sys.argv[4], sys.argv[5]))
