"""What is measured runs on: a Sophia of its own, a tool that does nothing, and a plan for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict

from agent.clock import SystemClock
from agent.composition import open_sophia
from agent.people import Person
from agent.plan import Plan, Problem, Step
from agent.planning.planner import Planner, Planning, PlanningRequest
from agent.settings import Settings, load
from agent.sophia import Sophia
from memory.labels import Provenance
from memory.turns import Status, Turn
from tools.declaration import Effect, Role, Slot, Tool, tool
from tools.registry import Registry
from tools.result import Finding, Result, Weight

__all__ = ["NOTHING", "TOOLS", "Scripted", "World", "follow_link", "opened", "settings_in"]


class NothingArguments(BaseModel):
    """It takes none."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Result):
    """Nothing was found."""

    def findings(self) -> list[Finding]:
        """There are none."""
        return []


@tool(effect=Effect.READ, phrases=("do nothing",))
async def nothing(arguments: NothingArguments) -> Nothing:
    """Do nothing."""
    return Nothing()


class LinkArguments(BaseModel):
    """Where to look."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Slot(Role.OPTION, "text")]


class Link(Result):
    """Where to look next."""

    next: str

    def findings(self) -> list[Finding]:
        """What the place names."""
        seen = Provenance.observed("links", SystemClock().now(), "looked up")
        return [Finding(weight=Weight.OBSERVED, sentence=f"It names {self.next}.", provenance=seen)]


def follow_link(key: str) -> str:
    """The place that a place names: k1 → k2."""
    return f"k{int(key.removeprefix('k')) + 1}"


@tool(effect=Effect.READ, phrases=("look up {key}",))
async def look_up(arguments: LinkArguments) -> Link:
    """Look a key up; the answer names the next one."""
    return Link(next=follow_link(arguments.key))


NOTHING: Tool = nothing
TOOLS = Registry([nothing, look_up])


class Scripted:
    """Plans one step that does nothing, at once."""

    name = "scripted"

    async def plan(
        self, request: PlanningRequest, catalogue: Mapping[str, Tool], problems: Sequence[Problem] = ()
    ) -> Planning:
        """The same plan for every request."""
        plan = Plan(steps=[Step(id="s1", tool=NOTHING.name, args={})])
        return Planning(kind="plan", plan=plan, planner=self.name)


class World:
    """An open Sophia and somebody who asks her."""

    def __init__(self, sophia: Sophia, person: Person) -> None:
        self.sophia = sophia
        self._person = person

    async def ask(self, text: str, thread: str) -> Turn:
        """One request from its words to its report. Raises RuntimeError when it isn't done."""
        audience = f"person:{self._person.name}"
        turn = await self.sophia.receive(text, self._person, thread=thread, surface="terminal", audience=audience)
        turn = await self.sophia.drive(turn.id)
        if turn.status is not Status.DONE:
            report = await self.sophia.report(turn.id)
            raise RuntimeError(f"{text!r} came to {turn.status}: {report.as_text()}")
        return turn


def settings_in(folder: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """The built-in settings with a data folder of their own and one person."""
    people = {"ann": {"roles": ["requester"], "system_users": ["ann"]}}
    return load(directory=folder, environ=environ or {}, overrides={"home": str(folder / "home"), "people": people})


@asynccontextmanager
async def opened(
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    planner: Planner | None = None,
    tools: Mapping[str, Tool] | None = None,
    ports: Mapping[type, Callable[[], Any]] | None = None,
) -> AsyncIterator[World]:
    """A Sophia in the folder; without a planner, tools and ports of its own, the one that people use."""
    settings = settings_in(folder, environ)
    async with open_sophia(settings, planner=planner, reader=planner, tools=tools, ports=ports) as sophia:
        person = sophia.people.get("ann")
        assert person is not None, "she is in the settings"
        yield World(sophia, person)
