"""Turns: the whole way of a request that needs no model and no outside tool, beside the bare graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TypedDict

from agent.composition import open_sophia
from agent.plan import Plan, Problem, Step
from agent.planning.planner import Planning, PlanningRequest
from agent.settings import load
from agent.sophia import Sophia
from tools.declaration import Tool

__all__ = ["turn_costs"]

TURNS = 100


class _Fixed:
    """Plans the same read for everything, so that only the machine is measured."""

    name = "fixed"

    async def plan(
        self, request: PlanningRequest, catalogue: Mapping[str, Tool], problems: Sequence[Problem] = ()
    ) -> Planning:
        return Planning(kind="plan", plan=Plan(steps=[Step(id="s1", tool="grant_list")]), planner=self.name)


async def _turn(sophia: Sophia, thread: str) -> None:
    person = sophia.people.all()[0]
    turn = await sophia.receive("x", person, thread=thread, surface="terminal", audience=f"person:{person.name}")
    await sophia.drive(turn.id)


def _bytes(home: Path) -> int:
    return sum(file.stat().st_size for file in home.rglob("*") if file.is_file())


async def turn_costs() -> dict[str, float]:
    """Milliseconds a turn on SQLite, and what a thread of so many turns takes on disk."""
    planner = _Fixed()
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        settings = load(directory=Path(folder), environ={}, overrides={"home": str(home)})
        async with open_sophia(settings, planner=planner, reader=planner) as sophia:
            for _ in range(5):
                await _turn(sophia, "c_warm")
            started = perf_counter()
            for number in range(TURNS):
                await _turn(sophia, f"c_{number}")
            milliseconds = (perf_counter() - started) * 1000 / TURNS
            before = _bytes(home)
            for _ in range(TURNS // 2):
                await _turn(sophia, "c_long")
            half = _bytes(home)
            for _ in range(TURNS // 2):
                await _turn(sophia, "c_long")
            whole = _bytes(home)
    return {
        "milliseconds": milliseconds,
        "baseline_milliseconds": await _bare_graph(),
        "thread_bytes": whole - before,
        "growth": (whole - half) / max(1, half - before),
    }


class _State(TypedDict, total=False):
    text: str


async def _bare_graph() -> float:
    """A graph of as many stages that do nothing and keep nothing, milliseconds a run."""
    from langgraph.graph import END, START, StateGraph

    async def stage(state: _State) -> _State:
        return {"text": "x"}

    graph = StateGraph(_State)
    names = ["plan", "prepare", "execute", "report"]
    for name in names:
        graph.add_node(name, stage)
    for one, next_one in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(one, next_one)
    compiled = graph.compile()
    for _ in range(5):
        await compiled.ainvoke({"text": "x"})
    started = perf_counter()
    for _ in range(TURNS):
        await compiled.ainvoke({"text": "x"})
    return (perf_counter() - started) * 1000 / TURNS
