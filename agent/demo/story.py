"""The story: five beats in one terminal, each checked by facts."""

from __future__ import annotations

import asyncio
import shlex
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.rule import Rule
from rich.text import Text

from agent.composition import open_sophia
from agent.demo.clock import DemoClock
from agent.demo.deploying import deploy_and_refuse
from agent.demo.folder import DemoFolder, opened_folder
from agent.demo.injection import read_and_deny
from agent.demo.killing import kill_and_resume
from agent.demo.mending import break_and_mend
from agent.demo.sources import Sources, sources
from agent.demo.stage import Stage
from agent.demo.stopping import stop_services
from agent.demo.watching import Watching
from agent.people import People
from agent.settings import terminal_identity
from agent.terminal.console import PlainConsole
from agent.terminal.edge import show
from agent.terminal.session import Session

__all__ = ["WIDTH", "Options", "demo"]

WIDTH = 100
FOLDER = Path(".sophia/demo")


@dataclass(frozen=True)
class Options:
    """What a person may choose."""

    keep: bool = False
    pages: Path | None = None
    live: str | None = None
    folder: Path = FOLDER
    only: int | None = None
    """A single beat, in a folder made anew."""

    def command(self, beat: int) -> str:
        """What a person types to have one beat again."""
        words = ["sophia", "demo", "--only", str(beat)]
        words += ["--pages", str(self.pages)] if self.pages else []
        words += ["--live", self.live] if self.live else []
        words += ["--folder", str(self.folder)] if self.folder != FOLDER else []
        return shlex.join(words)


@dataclass(frozen=True)
class Beat:
    """One part of the story."""

    number: int
    title: str
    look: str
    play: Callable[[Stage], Awaitable[None]]
    deploys: bool = False


def beats(watching: Watching) -> tuple[Beat, ...]:
    """All of them, in order."""
    return (
        Beat(
            1,
            "Many captures, few alerts",
            "Look at how little is left, why the rest was ignored, and at the quotes behind answers.",
            watching.play,
        ),
        Beat(
            2,
            "A page that gives orders",
            "Look at the quote, an order to every AI agent, and at the card: rule R4, and the source.",
            lambda stage: read_and_deny(stage, watching),
        ),
        Beat(
            3,
            "Preview, approval, deploy; and an approval that came too late",
            "Look at the count of processes; then at what an approval is worth once the stack changed.",
            deploy_and_refuse,
            deploys=True,
        ),
        Beat(
            4,
            "Killed in the middle of a deploy",
            "Look at the three counts, made without Pulumi: before, after the kill, after going on.",
            kill_and_resume,
            deploys=True,
        ),
        Beat(
            5,
            "Drift, a bad release, and the log",
            "Look at what was set back, at the rollback that nobody asked for, and at the audit log.",
            break_and_mend,
            deploys=True,
        ),
    )


async def demo(options: Options) -> int:
    """Tell it. The exit status is 0 when every check holds, and 1 when one doesn't or somebody stopped it."""
    console = _console()
    with _ending_on_signals(), opened_folder(options.folder) as folder:
        stopped = 0
        try:
            stage = await _told(options, folder, console)
        except asyncio.CancelledError:
            stage = None
            console.print(Text("Stopped. Cleaning up …", "yellow"))
        finally:
            running = [service.pid for service in folder.lab.inventory().services]
            if not options.keep:
                stopped = await stop_services(folder)
        _closing(console, folder, stopped=stopped, running=[] if stopped else running)
    return 1 if stage is None or stage.failed else 0


async def _told(options: Options, folder: DemoFolder, console: PlainConsole) -> Stage:
    async with _stage(options, folder, console) as (stage, watching):
        chosen = [beat for beat in beats(watching) if options.only in (None, beat.number)]
        if any(beat.deploys for beat in chosen):
            await _command_line(console)
        begun = time.monotonic()
        for beat in chosen:
            await _played(stage, beat, options)
        _summed_up(stage, time.monotonic() - begun)
    return stage


def _console() -> PlainConsole:
    console = PlainConsole(highlight=False, soft_wrap=False)
    return PlainConsole(highlight=False, width=min(WIDTH, console.width) if console.is_terminal else WIDTH)


@contextmanager
def _ending_on_signals() -> Iterator[None]:
    """A polite end from outside, and a terminal that goes away, clean up as Ctrl-C does."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    heard = [each for each in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) is not signal.SIG_IGN]
    for number in heard:
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in heard:
            loop.remove_signal_handler(number)


@asynccontextmanager
async def _stage(options: Options, folder: DemoFolder, console: PlainConsole) -> AsyncIterator[tuple[Stage, Watching]]:
    """Sophia, open over the demo's folder, with the pages served that she watches."""
    clock = DemoClock()
    identity = terminal_identity({})
    async with AsyncExitStack() as parts:
        offered: Sources = parts.enter_context(sources(options.pages))
        settings = folder.configure(
            offered.competitors(),
            origin=offered.server.origin,
            person=identity.user,
            kind=offered.kind,
            live=options.live,
        )
        _opening(console, folder, options)
        sophia = await parts.enter_async_context(open_sophia(settings, clock=clock))
        person = People.of(settings).at_terminal(identity)
        stage = Stage(console, folder, Session(sophia, person))
        yield stage, Watching(offered, clock, options.live)


async def _command_line(console: PlainConsole) -> None:
    """Pulumi's command line: there already, or installed once a machine, which isn't part of the minute.

    Without it the beats that deploy say so themselves.
    """
    from infra.cli import CliUnavailableError, ensure_cli

    def tell(sentence: str) -> None:
        console.print(Text(f"setting up Pulumi: {sentence}", "dim"))

    try:
        await asyncio.to_thread(ensure_cli, tell)
    except CliUnavailableError as error:
        console.print(Text(f"Pulumi can't be installed: {'; '.join(error.attempts)}. {error.remedy}", "red"))


async def _played(stage: Stage, beat: Beat, options: Options) -> None:
    with stage.telling(beat.number, beat.title, beat.look, options.command(beat.number)):
        try:
            await beat.play(stage)
        except Exception as error:  # noqa: BLE001 - the outermost edge of this surface: the other beats go on
            show(error)
            stage.check(False, "This beat ended early.")


def _opening(console: PlainConsole, folder: DemoFolder, options: Options) -> None:
    console.print(Rule(Text("sophia demo", "bold"), align="left"))
    lines = [
        "Every request below takes the way of your own requests, planned without a model or a network.",
        f"It has a folder of its own, {folder.shown}"
        + (", where an earlier demo was deleted." if folder.replaced else "."),
        "One person asks and approves here, and the cards say so. To run a command by hand:",
    ]
    for line in lines:
        console.print(Text(line))
    console.print(Text(f"  export SOPHIA_CONFIG={folder.shown_config}", "bold"))
    if options.keep:
        console.print(Text("The services that are deployed will be left running."))


def _summed_up(stage: Stage, seconds: float) -> None:
    stage.console.print()
    stage.console.print(Rule(align="left"))
    held = len(stage.checks) - len(stage.failed)
    each = ", ".join(f"{beat}: {spent:.1f} s" for beat, spent in stage.durations.items())
    stage.say(f"{held} of {len(stage.checks)} facts are as they should be; {seconds:.1f} s ({each}).", "bold")
    for check in stage.failed:
        stage.say(f"✗ beat {check.beat}: {check.sentence}", "red")


def _closing(console: PlainConsole, folder: DemoFolder, *, stopped: int, running: list[int]) -> None:
    if stopped:
        console.print(
            Text(f"The {stopped} services that were started are stopped; deploying or repairing starts them.")
        )
    if running:
        console.print(Text(f"{len(running)} services go on running. To stop them: kill {' '.join(map(str, running))}"))
    console.print(Text(f"What was learned is kept in {folder.shown}. Go on from there:"))
    console.print(Text(f"  SOPHIA_CONFIG={folder.shown_config} sophia chat", "bold"))
