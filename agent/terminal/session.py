"""One command's Sophia: settings, the person at the terminal, and the parts that work for them."""

from __future__ import annotations

import gc
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.people import Person
from agent.sophia import Sophia

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Session", "new_thread", "opened"]

ONCE_STARTED = 10_000


@dataclass(frozen=True)
class Session:
    """Who is at the terminal, and Sophia."""

    sophia: Sophia
    person: Person

    @property
    def audience(self) -> str:
        """Answers at a terminal are for the person who sits there."""
        return f"person:{self.person.name}"


def new_thread() -> str:
    """A conversation that nobody has had yet."""
    return f"c_{secrets.token_hex(5)}"


def _settle() -> None:
    """What was loaded until now stays: the garbage collector, held back while starting, needn't look at it again."""
    gc.freeze()
    gc.set_threshold(ONCE_STARTED)


@asynccontextmanager
async def opened(act_as: str | None, console: Console | None, *, alone: bool = True) -> AsyncIterator[Session]:
    """Load the settings, recognise the person, open Sophia; progress goes to the console, which nothing else writes to
    when it is `alone`.
    """
    from agent.composition import open_sophia
    from agent.people import People
    from agent.settings import load, terminal_identity

    settings = load()
    person = People.of(settings).at_terminal(terminal_identity(), act_as)
    async with open_sophia(settings) as sophia:
        _settle()
        with _shown(sophia, console, alone) if console is not None else nullcontext():
            yield Session(sophia, person)


@contextmanager
def _shown(sophia: Sophia, console: Console, alone: bool) -> Iterator[None]:
    """Progress on a console: a living tree where the terminal can draw one, otherwise a line an event."""
    from agent.terminal.rendering import ProgressLines

    if not alone or not console.is_terminal or console.is_dumb_terminal:
        sophia.events.listen(ProgressLines(console, sophia.tools))
        yield
        return
    from agent.terminal.live import ProgressTree

    tree = ProgressTree(console, sophia.tools)
    sophia.events.listen(tree)
    try:
        yield
    finally:
        tree.close()
