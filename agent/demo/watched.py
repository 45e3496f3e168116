"""What the demo watches: pages that its own server hands out, another version of each in every round of captures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from agent.demo.serving import Answer

__all__ = ["RealChange", "Source", "WatchedCompetitor", "WatchedPage"]


class WatchedPage(BaseModel):
    """A page of the demo's own server."""

    model_config = ConfigDict(frozen=True)

    path: str
    aspect: str


class WatchedCompetitor(BaseModel):
    """Somebody whose pages are watched."""

    model_config = ConfigDict(frozen=True)

    name: str
    aliases: tuple[str, ...] = ()
    alert: float | None = None
    """From which significance on a change is told at once, 0 for every change; nothing for what is built in."""
    pages: tuple[WatchedPage, ...]


class RealChange(BaseModel):
    """A change of a page that somebody who knows the page calls one."""

    model_config = ConfigDict(frozen=True)

    page: str
    round: int
    about: str = ""
    says: str = ""
    """Words that only the newer version has; empty when only the capture is known."""


class Source(Protocol):
    """Where the captures come from."""

    @property
    def described(self) -> str:
        """In a sentence: what they are and how many are used."""
        ...

    @property
    def rounds(self) -> int:
        """How many captures there are of a page, at most."""
        ...

    @property
    def interval(self) -> timedelta:
        """The time between two rounds."""
        ...

    @property
    def changes(self) -> Sequence[RealChange]:
        """What is known to have really changed. Only the demo's own check looks at it."""
        ...

    @property
    def labelled(self) -> bool:
        """Whether somebody has said which captures are changes."""
        ...

    @property
    def unscored(self) -> set[tuple[str, int]]:
        """Page and round of captures whose label says neither change nor noise."""
        ...

    def competitors(self) -> Sequence[WatchedCompetitor]:
        """Whom they belong to."""
        ...

    def set_round(self, number: int, at: datetime) -> None:
        """From now on the pages are those of this round, served at this time. The first is 1."""
        ...

    def answer(self, path: str) -> Answer | None:
        """A page as it is in this round."""
        ...
