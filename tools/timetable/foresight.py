"""What the schedule tools must know from above: people, what a request would do, which schedules are built in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from memory.schedules import Schedule
from tools.declaration import Effect

__all__ = ["BuiltIns", "Foreseen", "ForeseenStep", "Foresight", "Owners"]


class ForeseenStep(BaseModel):
    """A call that a request would lead to."""

    model_config = ConfigDict(frozen=True)

    tool: str
    effect: Effect
    rotates: bool
    people: int
    """How many have to approve it each time."""


class Foreseen(BaseModel):
    """What a request would do, if it were made now and alone."""

    model_config = ConfigDict(frozen=True)

    steps: tuple[ForeseenStep, ...] = ()
    question: str = ""
    """What would be asked back, or why it would be refused; then there are no steps."""


class Foresight(Protocol):
    """Plans a request without making it."""

    async def foresee(self, request: str, person: str, turn: str) -> Foreseen:
        """What the request would do for this person. `turn` is whose budget pays for planning."""
        ...


class Owners(Protocol):
    """The people, as far as tools need to know them."""

    def zone(self, person: str) -> str:
        """The IANA name of the person's time zone."""
        ...

    def may_change(self, person: str, owner: str) -> bool:
        """Whether the person may pause, resume and delete what the owner scheduled. Operators may."""
        ...


class BuiltIns(Protocol):
    """The schedules that come with Sophia, as they are configured."""

    def defined(self, now: datetime) -> Sequence[Schedule]:
        """Each with the time at which it would be due next, counted from now."""
        ...
