"""All pages that the demo serves: the captures of the first beat, and the page that gives orders for the second."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.demo.captures import captured_pages
from agent.demo.invented import InventedSites
from agent.demo.serving import PageServer, serving
from agent.demo.watched import Source, WatchedCompetitor

__all__ = ["ORDERS", "Sources", "sources"]

ORDERS = "/harrow/services"
"""The page whose text gives orders to whoever reads it by machine."""


@dataclass(frozen=True)
class Sources:
    """What is served, and where."""

    captures: Source
    invented: InventedSites
    server: PageServer

    @property
    def kind(self) -> str:
        """What the pages are."""
        return "invented" if self.captures is self.invented else "real captures, and one invented page"

    def competitors(self) -> Sequence[WatchedCompetitor]:
        """Everybody whose pages are watched."""
        if self.captures is self.invented:
            return self.invented.competitors()
        return [*self.captures.competitors(), *self.invented.competitors()]


@contextmanager
def sources(pages: Path | None) -> Iterator[Sources]:
    """The invented sites, or the captures of a folder beside the one page that gives orders."""
    if pages is None:
        invented = InventedSites()
        with serving(invented.answer) as server:
            yield Sources(invented, invented, server)
        return
    with captured_pages(pages) as captures:
        invented = InventedSites(only={ORDERS})
        with serving(lambda path: captures.answer(path) or invented.answer(path)) as server:
            yield Sources(captures, invented, server)
