"""`sophia serve` as a process of its own, beside the workspace that it is connected to."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil

from agent.settings import process_environment
from evals.bench.serving.workspace import ANN, SECRET, TEAM, TOKEN, Line, Workspace

__all__ = ["Served", "served"]

_CONFIGURATION = """
[people.ann]
roles = ["requester", "approver"]
slack = [{{ workspace = "{team}", user = "{ann}" }}]
[schedules]
sweep = "off"
drift = "off"
digest = "off"
audit = "off"
[slack]
api_url = "{url}/api/"
"""
_UP_SECONDS = 120.0


class Served:
    """The process, and the line to it."""

    def __init__(self, pid: int, line: Line, home: Path) -> None:
        self.line = line
        self.home = home
        self._process = psutil.Process(pid)

    @property
    def seconds(self) -> float:
        """Processor time that it has used, with its children."""
        return sum(
            each.user + each.system for each in [own.cpu_times() for own in [self._process, *self._process.children()]]
        )

    @property
    def megabytes(self) -> float:
        """What it holds in memory, with its children."""
        return sum(own.memory_info().rss for own in [self._process, *self._process.children(recursive=True)]) / 1e6


@asynccontextmanager
async def served(folder: Path, workspace: Workspace) -> AsyncIterator[Served]:
    """Serve, in the folder, until the block is left. Raises RuntimeError when it doesn't come up."""
    _configure(folder, workspace)
    environ = {**process_environment(), "SOPHIA_HOME": str(folder / "home")}
    environ |= {"SOPHIA_SLACK_BOT_TOKEN": TOKEN, "SOPHIA_SLACK_SIGNING_SECRET": SECRET}
    port = _free_port()
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "agent", "serve", "--port", str(port),
            cwd=folder, env=environ, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
                if not await _up(session, f"http://127.0.0.1:{port}/ready", process):
                    raise RuntimeError(f"sophia serve didn't come up: {_said(folder / 'log')}")
                line = Line(session, f"http://127.0.0.1:{port}/slack/events")
                yield Served(process.pid, line, folder / "home")
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _configure(folder: Path, workspace: Workspace) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    configuration = _CONFIGURATION.format(team=TEAM, ann=ANN, url=workspace.url)
    (folder / "sophia.toml").write_text(configuration, encoding="utf-8")


def _said(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-500:]


async def _up(session: aiohttp.ClientSession, url: str, process: asyncio.subprocess.Process) -> bool:
    """Wait until it is ready; False when it ended, or isn't ready in time."""
    give_up = time.monotonic() + _UP_SECONDS
    while process.returncode is None and time.monotonic() < give_up:
        try:
            async with session.get(url) as answer:
                if answer.status == 200:
                    return True
        except aiohttp.ClientError:
            await asyncio.sleep(0.1)
    return False
