"""One more worker, whose tool does nothing but wait: `python -m evals.bench.serving.worker FOLDER`."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from agent.composition import open_sophia
from agent.plan import Plan, Problem, Step
from agent.planning.planner import Planning, PlanningRequest
from agent.serving.process import working
from agent.settings import load
from agent.sophia import Sophia
from tools.declaration import Effect, Tool, tool
from tools.registry import Registry
from tools.result import Finding, Result

__all__ = ["open_waiting"]

WAIT_SECONDS = 6.0


class WaitArguments(BaseModel):
    """It takes none."""

    model_config = ConfigDict(extra="forbid")


class Waited(Result):
    """It is over."""

    def findings(self) -> list[Finding]:
        """There is nothing to say of it."""
        return []


@tool(effect=Effect.READ, phrases=("wait",))
async def wait_long(arguments: WaitArguments) -> Waited:
    """Wait, as for somebody else's server."""
    await asyncio.sleep(WAIT_SECONDS)
    return Waited()


class _Waiting:
    """Plans one step that waits."""

    name = "scripted"

    async def plan(
        self, request: PlanningRequest, catalogue: Mapping[str, Tool], problems: Sequence[Problem] = ()
    ) -> Planning:
        """The same plan for every request."""
        return Planning(kind="plan", plan=Plan(steps=[Step(id="s1", tool="wait_long", args={})]), planner=self.name)


def open_waiting(folder: Path, url: str) -> AbstractAsyncContextManager[Sophia]:
    """A Sophia that only waits, on a PostgreSQL that others share."""
    people = {"ann": {"roles": ["requester"], "system_users": ["ann"]}}
    given = {"home": str(folder / "home"), "people": people, "competitors": {}}
    settings = load(directory=folder, environ={"SOPHIA_DATABASE_URL": url}, overrides=given)
    planner = _Waiting()
    return open_sophia(settings, planner=planner, reader=planner, tools=Registry([wait_long]))


async def _work(folder: Path, url: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_waiting(folder, url) as sophia, working(sophia, host="127.0.0.1", port=0):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(_work(Path(sys.argv[1]), sys.stdin.readline().strip()))
