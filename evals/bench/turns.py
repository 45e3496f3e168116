"""What a durable turn costs, beside the same stages of a graph that keeps nothing, and beside LangGraph's own saver."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from evals.bench.measuring import Figure, Sample, alternate, timed
from evals.bench.world import NOTHING, Scripted, World, opened
from evals.servers import postgresql
from tools.registry import Registry

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

__all__ = ["measure_thread", "measure_turns"]

TURNS_A_RUN = 10
NONE, LIBRARY = "the same stages, nothing kept", "the same stages, LangGraph's saver"
_REQUESTS = ("what are you doing?", "which competitors do we watch?", "list the grants")


class _State(TypedDict, total=False):
    turn: str
    plan: dict[str, Any]
    wave: list[str]
    statuses: dict[str, str]


async def _plan(state: _State) -> dict[str, Any]:
    return {"plan": {"steps": [{"id": "s1", "tool": "nothing", "args": {}}]}, "wave": ["s1"]}


async def _execute(state: _State) -> dict[str, Any]:
    return {"wave": [], "statuses": {"s1": "succeeded"}}


def _bare(saver: BaseCheckpointSaver[Any] | None) -> Callable[[], Awaitable[None]]:
    """The stages that a turn of ours checkpoints between, without anything in them."""
    from langgraph.graph import END, START, StateGraph

    graph = StateGraph(_State)
    graph.add_node("plan", _plan)
    graph.add_node("execute", _execute)
    graph.add_edge(START, "plan")
    graph.add_edge("plan", "execute")
    graph.add_edge("execute", END)
    compiled = graph.compile(checkpointer=saver)
    numbers = itertools.count()

    async def one() -> None:
        thread = f"t{next(numbers)}"
        config: Any = {"configurable": {"thread_id": thread}}
        await compiled.ainvoke({"turn": thread}, config, durability="sync" if saver else None)
        if saver is not None:
            await saver.adelete_thread(thread)

    return one


def _asking(world: World) -> Callable[[], Awaitable[object]]:
    numbers = itertools.count()
    return lambda: world.ask("do nothing", f"c_{next(numbers)}")


async def measure_turns(runs: int) -> list[Figure]:
    """Milliseconds from a request's words to its stored report, with a planner and a tool that take no time."""
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async with AsyncExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="sophia-bench-")))
        saver = await parts.enter_async_context(AsyncSqliteSaver.from_conn_string(str(folder / "bare.db")))
        await saver.conn.execute("PRAGMA synchronous=NORMAL")
        ways = {NONE: timed(_bare(None), TURNS_A_RUN), LIBRARY: timed(_bare(saver), TURNS_A_RUN)}
        urls = {"sqlite": "", "postgresql": await parts.enter_async_context(postgresql(folder / "server"))}
        for name, url in urls.items():
            if url is not None:
                (folder / name).mkdir()
                world = await parts.enter_async_context(
                    opened(
                        folder / name,
                        environ={"SOPHIA_DATABASE_URL": url} if url else {},
                        planner=Scripted(),
                        tools=Registry([NOTHING]),
                    )
                )
                ways[name] = timed(_asking(world), TURNS_A_RUN)
        found = await alternate(runs, ways)
    return _figures(found)


def _figures(found: Mapping[str, Sample]) -> list[Figure]:
    beside = {name: round(found[name].wall * 1000, 3) for name in (NONE, LIBRARY)}
    figures = []
    for name, at_most in (("sqlite", 6.0), ("postgresql", 15.0)):
        if name in found:
            cpu = {"processor": round(found[name].cpu * 1000, 3)}
            figures += [
                Figure(f"turn.{name}_ms", found[name].wall * 1000, "ms", at_most=at_most, beside={**cpu, **beside}),
                Figure(f"turn.{name}_ratio", found[name].over(found[NONE]), "× the same stages, nothing kept"),
            ]
    return figures


async def measure_thread(runs: int) -> list[Figure]:
    """What a conversation of 100 turns leaves on disk. Bytes don't vary, so it is measured once."""
    with tempfile.TemporaryDirectory(prefix="sophia-bench-") as folder:
        sizes = [await _after(Path(folder), turns) for turns in (1, 50, 50)]
    first, second = sizes[1] - sizes[0], sizes[2] - sizes[1]
    return [
        Figure("thread.bytes", float(first + second), "bytes for 100 turns", at_most=1e6, beside={"empty": sizes[0]}),
        Figure("thread.growth", second / first, "× the first 50 turns for the next 50", at_most=1.25),
    ]


async def _after(folder: Path, turns: int) -> int:
    async with opened(folder) as world:
        for number in range(turns):
            await world.ask(_REQUESTS[number % len(_REQUESTS)], "c_long")
    return sum(file.stat().st_size for file in (folder / "home").rglob("*") if file.is_file())
