"""At the end nothing of the demo runs any more."""

from __future__ import annotations

import asyncio
import time

from agent.demo.folder import DemoFolder
from infra.runs import Runs

__all__ = ["stop_services"]

_PATIENCE_SECONDS = 25.0


async def stop_services(folder: DemoFolder) -> int:
    """Stop the lab's services, once no engine is left that might start another; how many there were.

    Only processes whose command line names this folder's lab are touched.
    """
    return await asyncio.to_thread(_stop, folder)


def _stop(folder: DemoFolder) -> int:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while _engines(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    return folder.lab.stop_all()


def _engines(folder: DemoFolder) -> bool:
    """Whether an engine of an unfinished run is alive: one whose Sophia was stopped ends by itself, but not at once."""
    runs = Runs(folder.home / "infra")
    stacks = [path.name for path in (folder.home / "infra" / "runs").glob("*") if path.is_dir()]
    return any(run.engine and run.engine.alive() for stack in stacks for run in runs.unfinished(stack))
