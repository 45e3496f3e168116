"""One command's Sophia: settings, the person at the terminal, and the parts that work for them."""

from __future__ import annotations

import gc
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
async def opened(act_as: str | None, console: Console | None) -> AsyncIterator[Session]:
    """Load the settings, recognise the person, open Sophia; progress goes to the console."""
    from agent.composition import open_sophia
    from agent.people import People
    from agent.settings import load, terminal_identity

    settings = load()
    person = People.of(settings).at_terminal(terminal_identity(), act_as)
    async with open_sophia(settings) as sophia:
        _settle()
        if console is not None:
            from agent.terminal.rendering import ProgressLines

            sophia.events.listen(ProgressLines(console, sophia.tools))
        yield Session(sophia, person)
