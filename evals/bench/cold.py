"""Cold starts: a command's processor time from nothing, beside what it can't do without."""

from __future__ import annotations

import asyncio
import compileall
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import agent
from agent.settings import process_environment
from evals.bench.measuring import Figure, Sample, Way, alternate

__all__ = ["HEAVY", "loaded", "measure_cold"]

PACKAGES = ("agent", "tools", "prompts", "memory", "infra", "evals")
SOPHIA = "from agent.__main__ import main; main()"
READ = ("ask", "what are you doing?")
EMPTY = """
import typer
app = typer.Typer()
@app.command()
def one(text: str) -> None: ...
@app.command()
def two(text: str) -> None: ...
app()
"""
BARE = """
import asyncio, sqlite3
import typer, rich.console, rich.tree, rich.panel
import pydantic, rapidfuzz, platformdirs, tomllib
import langgraph.graph, langgraph.checkpoint.sqlite
import sqlalchemy, sqlalchemy.dialects.sqlite
import cryptography.hazmat.primitives.asymmetric.ed25519
"""
HEAVY = (
    "aiohttp", "alembic", "chromadb", "croniter", "dateparser", "dbos", "jinja2",
    "langchain_openai", "numpy", "onnxruntime", "openai", "prompt_toolkit", "psycopg", "pulumi", "slack_bolt",
    "slack_sdk", "tiktoken", "trafilatura", "wordllama",
)  # fmt: skip
"""What a read of Sophia's own records has no use for."""
_NAMES = f"""
import json, sys
{SOPHIA.replace("main()", "")}
try:
    main()
except SystemExit:
    pass
sys.stderr.write(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


class _Room:
    """An empty folder to start in, with a data folder that was used once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._environment = process_environment() | {"SOPHIA_HOME": str(folder / "home"), "SOPHIA_MODEL": ""}

    async def run(self, program: str, *arguments: str) -> str:
        """Run a Python program in a process of its own; what it wrote to standard error. Raises RuntimeError."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, *arguments,
            cwd=self.folder, env=self._environment,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, said = await process.communicate()
        if process.returncode:
            raise RuntimeError(f"{' '.join(arguments) or program} failed: {said.decode()}")
        return said.decode()

    def way(self, program: str, *arguments: str) -> Way:
        """To measure it."""

        async def once() -> Sample:
            before, started = _children(), time.perf_counter()
            await self.run(program, *arguments)
            return Sample(time.perf_counter() - started, _children() - before)

        return once


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _compile() -> None:
    """As installing does. What can't be written was installed by somebody who did."""
    for package in PACKAGES:
        compileall.compile_dir(Path(agent.__file__).parents[1] / package, quiet=2)


async def loaded(names: Sequence[str] = HEAVY) -> list[str]:
    """Which of these top-level modules an offline read loads."""
    _compile()
    with tempfile.TemporaryDirectory(prefix="sophia-bench-") as folder:
        room = _Room(Path(folder))
        await room.run(SOPHIA, *READ)  # makes the database, which takes more than using it
        everything = json.loads(await room.run(_NAMES, *READ))
    return sorted(set(names) & set(everything))


async def measure_cold(runs: int) -> list[Figure]:
    """`sophia --help` beside an empty typer application, an offline read beside bare imports of what it needs."""
    _compile()
    with tempfile.TemporaryDirectory(prefix="sophia-bench-") as folder:
        room = _Room(Path(folder))
        found = await alternate(
            runs,
            {
                "help": room.way(SOPHIA, "--help"),
                "empty": room.way(EMPTY, "--help"),
                "ask": room.way(SOPHIA, *READ),
                "bare": room.way(BARE),
            },
        )
    return [
        _figure("cold.help_ratio", "an empty typer application", found["help"], found["empty"], 1.5),
        _figure("cold.ask_ratio", "bare imports of what it needs", found["ask"], found["bare"], 1.3),
        Figure("cold.heavy", float(len(await loaded())), "modules that it has no use for", at_most=0.0),
    ]


def _figure(name: str, than: str, ours: Sample, theirs: Sample, at_most: float) -> Figure:
    beside = {"seconds": round(ours.wall, 3), f"{than}, seconds": round(theirs.wall, 3)}
    return Figure(name, ours.over(theirs), f"× {than}", at_most=at_most, beside=dict(beside))
