"""`sophia serve`: a process that stays until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

from rich.console import Console

__all__ = ["print_manifest", "serve"]


async def print_manifest(url: str | None) -> int:
    """Print what is to be pasted at api.slack.com/apps."""
    from agent.slack.manifest import manifest_text

    sys.stdout.write(manifest_text("http" if url else "socket", url or "") + "\n")
    return 0


async def serve(host: str, port: int) -> int:
    """Serve until SIGTERM or Ctrl-C; what is worked on then stops between steps and can be gone on with."""
    from agent.composition import open_sophia
    from agent.serving.people_now import PeopleNow
    from agent.serving.process import serving
    from agent.settings import load

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = load()
    console = Console(stderr=True)
    async with (
        open_sophia(settings) as sophia,
        serving(sophia, people=PeopleNow(settings), host=host, port=port) as served,
    ):
        way = {"socket": "Slack by Socket Mode", "http": "Slack's signed requests", None: "no Slack (sophia doctor)"}
        console.print(f"Serving on http://{host}:{served.port}: {way[settings.slack.mode]}, schedules.", soft_wrap=True)
        await _told_to_stop()
        console.print("Stopping between steps; what is unfinished is gone on with at the next start.", soft_wrap=True)
    return 0


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
