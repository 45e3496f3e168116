"""A request of five steps with a model that takes a second a call, beside LangChain's ready-made agent.

Each step needs what the one before it found. Both have the same tool and the same server.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from evals.bench.measuring import Figure, alternate, timed
from evals.bench.model_server import LINKS, SlowModel, slow_model
from evals.bench.world import TOOLS, World, follow_link, opened

__all__ = ["measure_model"]

SECONDS_A_CALL = 1.0
_REQUEST = f"look up k1, then each key that is found, {LINKS} times"
_ROUNDS = 2
"""A round takes eight seconds."""

Run = Callable[[], Awaitable[None]]


async def measure_model(runs: int, seconds: float = SECONDS_A_CALL) -> list[Figure]:
    """How many calls of the model, and how much faster than the agent that calls it for each step."""
    with tempfile.TemporaryDirectory(prefix="sophia-bench-") as folder:
        async with slow_model(seconds) as model:
            environ = {
                "SOPHIA_MODEL": "slow",
                "SOPHIA_API_KEY": "none",
                "SOPHIA_BASE_URL": model.url,
                "SOPHIA_MODEL__WORDS_REPORTS": "true",  # so that everything that a model is asked for is counted
            }
            async with opened(Path(folder), environ=environ, tools=TOOLS) as world:
                calls: dict[str, int] = {}
                ours = _counting("ours", model, calls, lambda: _ask(world))
                theirs = _counting("theirs", model, calls, _ready_made(model))
                found = await alternate(min(runs, _ROUNDS), {"ours": timed(ours), "theirs": timed(theirs)})
    beside: dict[str, Any] = {
        "seconds": round(found["ours"].wall, 2),
        "ready-made agent's seconds": round(found["theirs"].wall, 2),
        "ready-made agent's calls": calls["theirs"],
    }
    speedup = found["theirs"].wall / found["ours"].wall
    return [
        Figure("model.calls", float(calls["ours"]), "calls", at_most=2.0, beside=beside),
        Figure("model.speedup", speedup, "× as fast as the ready-made agent", at_least=2.0, beside=beside),
    ]


async def _ask(world: World) -> None:
    turn = await world.ask(_REQUEST, f"c_{time.monotonic_ns()}")
    results = await world.sophia.driver.results(turn.id)
    last = results[f"s{LINKS}"].value
    assert isinstance(last, dict) and last["next"] == f"k{LINKS + 1}", "the last link was followed"  # noqa: PT018


def _ready_made(model: SlowModel) -> Run:
    from langchain.agents import create_agent
    from langchain.chat_models import init_chat_model
    from langchain_core.tools import tool

    @tool
    async def look_up(key: str) -> str:
        """Look a key up; the answer names the next one."""
        return follow_link(key)

    chat = init_chat_model("slow", model_provider="openai", base_url=model.url, api_key="none")
    agent = create_agent(chat, [look_up])

    async def run() -> None:
        answer = await agent.ainvoke({"messages": [{"role": "user", "content": _REQUEST}]})
        assert f"k{LINKS + 1}" in answer["messages"][-1].content, "the last link was followed"

    return run


def _counting(name: str, model: SlowModel, calls: dict[str, int], run: Run) -> Run:
    """The same, with the most calls of the model that it ever took written down."""

    async def counted() -> None:
        before = model.calls
        await run()
        calls[name] = max(calls.get(name, 0), model.calls - before)

    return counted
