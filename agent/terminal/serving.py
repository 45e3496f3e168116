"""`sophia serve`: a process that stays until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from typing import TYPE_CHECKING

from agent.terminal.console import PlainConsole

if TYPE_CHECKING:
    from agent.settings import Settings

__all__ = ["list_put_aside", "print_manifest", "serve", "try_again", "work"]


async def print_manifest(url: str | None) -> int:
    """Print what is to be pasted at api.slack.com/apps."""
    from agent.slack.manifest import manifest_text

    sys.stdout.write(manifest_text("http" if url else "socket", url or "") + "\n")
    return 0


async def serve(host: str, port: int) -> int:
    """Serve until SIGTERM or Ctrl-C; what is worked on then stops between steps and can be gone on with."""
    from agent.errors import OperatorMustAct
    from agent.serving.logs import log_lines
    from agent.serving.tracing import tracing
    from agent.settings import load, own_environment
    from infra.engine.masking import Masks

    masks = Masks(own_environment())
    log_lines(masks)
    settings = load()
    masks.learn(_passphrases(settings))
    slack = settings.slack
    if not slack.connected and (slack.bot_token or slack.app_token or slack.signing_secret):
        raise OperatorMustAct(
            "Some of Slack's tokens are missing.",
            not_done="Nothing was started.",
            to_do="SOPHIA_SLACK_BOT_TOKEN, and SOPHIA_SLACK_APP_TOKEN for Socket Mode or "
            "SOPHIA_SLACK_SIGNING_SECRET for signed requests; or none of them.",
        )
    with tracing(own_environment()):
        return await _serve(settings, host, port)


async def _serve(settings: Settings, host: str, port: int) -> int:
    from agent.composition import open_sophia
    from agent.people_now import PeopleNow
    from agent.serving.process import serving

    console = PlainConsole(stderr=True)
    async with (
        open_sophia(settings, people=PeopleNow(settings)) as sophia,
        serving(sophia, host=host, port=port) as served,
    ):
        way = {"socket": "Slack by Socket Mode", "http": "Slack's signed requests", None: "no Slack (sophia doctor)"}
        _settle_down()
        console.print(f"Serving on http://{host}:{served.port}: {way[settings.slack.mode]}, schedules.", soft_wrap=True)
        await _told_to_stop(served.stop)
        console.print("Stopping between steps; what is unfinished is gone on with at the next start.", soft_wrap=True)
    return 1 if served.broken else 0


async def work(host: str, port: int) -> int:
    """Drive what is queued until SIGTERM or Ctrl-C."""
    from agent.errors import OperatorMustAct
    from agent.serving.logs import log_lines
    from agent.serving.tracing import tracing
    from agent.settings import load, own_environment
    from infra.engine.masking import Masks

    settings = load()
    if settings.storage.database_url is None:
        raise OperatorMustAct(
            "A worker shares a PostgreSQL with sophia serve, and none is set.",
            not_done="Nothing was started.",
            to_do="Set SOPHIA_DATABASE_URL; with SQLite, sophia serve does everything in one process.",
        )
    masks = Masks(own_environment())
    masks.learn(_passphrases(settings))
    log_lines(masks)
    with tracing(own_environment()):
        return await _work(settings, host, port)


async def _work(settings: Settings, host: str, port: int) -> int:
    from agent.composition import open_sophia
    from agent.people_now import PeopleNow
    from agent.serving.process import working

    async with (
        open_sophia(settings, people=PeopleNow(settings)) as sophia,
        working(sophia, host=host, port=port) as served,
    ):
        _settle_down()
        PlainConsole(stderr=True).print(f"Working; http://{host}:{served.port}/ready says whether.", soft_wrap=True)
        await _told_to_stop(served.stop)
    return 1 if served.broken else 0


def _passphrases(settings: Settings) -> list[str]:
    """Of the stacks, whatever their variables are called."""
    known = filter(None, map(settings.passphrase, settings.stacks))
    return [passphrase.get_secret_value() for passphrase in known]


def _settle_down() -> None:
    """What is loaded by now stays: later collections leave it out, which would stand still for up to 0.7 s with it."""
    gc.collect()
    gc.freeze()


async def list_put_aside() -> int:
    """What was tried as often as makes sense; 1 when there is something."""
    from agent.serving.dead_letters import dead_letters
    from agent.terminal.session import opened
    from memory.arrivals import Arrivals

    async with opened(None, None) as session:
        found = await dead_letters(session.sophia.settings, session.sophia.ports.get(Arrivals))
    for letter in found:
        sys.stdout.write(f"{letter.id}  {letter.why}\n")
    if not found:
        sys.stdout.write("Nothing was put aside.\n")
    return 1 if found else 0


async def try_again(letter: str) -> int:
    """Have it worked on again by whoever serves. An operator's to say."""
    from agent.errors import NotAllowed
    from agent.people import Role
    from agent.serving.dead_letters import retry
    from agent.terminal.session import opened
    from memory.arrivals import Arrivals

    async with opened(None, None) as session:
        if not session.person.can(Role.OPERATOR):
            raise NotAllowed(f"{session.person.name} has no operator role.", not_done="Nothing was tried again.")
        await retry(session.sophia.settings, session.sophia.ports.get(Arrivals), letter)
    sys.stdout.write(f"{letter} is queued again.\n")
    return 0


async def _told_to_stop(stop: asyncio.Event) -> None:
    """Wait for a signal, or until something that is served broke."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
