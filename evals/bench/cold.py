"""Cold starts: whole processes, ours and a baseline in turn, so that both see the same machine."""

from __future__ import annotations

import asyncio
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

__all__ = ["ask_ratio", "help_ratio"]

RUNS = 7
_EMPTY = "import typer\napp = typer.Typer()\n@app.command()\ndef hello() -> None: ...\napp()"
_IMPORTS = """
import asyncio, sqlite3
import typer, rich.console, rich.table, rich.tree, rich.panel
import pydantic, sqlalchemy, aiosqlite
import langgraph.graph, langgraph.types, langgraph.checkpoint.sqlite.aio
import rapidfuzz, yaml
from cryptography.hazmat.primitives.asymmetric import ed25519
"""


async def _seconds(home: Path, *arguments: str) -> float:
    started = perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=home,
    )
    await process.wait()
    return perf_counter() - started


async def _ratio(home: Path, ours: tuple[str, ...], baseline: tuple[str, ...]) -> dict[str, float]:
    """Medians of ours and of the baseline, in seconds, and the median of the ratios of each pair."""
    await _seconds(home, *ours)
    await _seconds(home, *baseline)
    pairs = [(await _seconds(home, *ours), await _seconds(home, *baseline)) for _ in range(RUNS)]
    return {
        "seconds": statistics.median(own for own, _ in pairs),
        "baseline_seconds": statistics.median(other for _, other in pairs),
        "ratio": statistics.median(own / other for own, other in pairs),
    }


async def help_ratio() -> dict[str, float]:
    """`sophia --help` beside an empty typer application's."""
    with TemporaryDirectory() as folder:
        return await _ratio(Path(folder), ("-m", "agent", "--help"), ("-c", _EMPTY, "--help"))


async def ask_ratio() -> dict[str, float]:
    """An offline `sophia ask` of a read beside the bare imports of what it must load."""
    with TemporaryDirectory() as folder:
        text = "what are you doing?"
        return await _ratio(Path(folder), ("-m", "agent", "ask", text), ("-c", _IMPORTS))
