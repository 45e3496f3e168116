"""Conversations as they are written down: a YAML file, or a folder of them, with one journey an entry."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from evals.suite import SuiteError

__all__ = ["Journey", "Step", "load"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Step(_Part):
    """Something that somebody does, or that happens, and what must come of it."""

    ask: str | None = None
    """A request, or whatever else somebody types."""
    approve: str | None = None
    """This person approves everything that waits."""
    deny: str | None = None
    """This person refuses everything that waits."""
    resume: bool = False
    """Sophia starts again and goes on with what is unfinished."""
    schedule: str | None = None
    """A run of built-in work, before it is due."""
    page: str | None = None
    """The watched page says this from now on."""
    later: float | None = None
    """So many hours pass."""

    by: str = "ann"
    """Who asks."""
    thread: str = "c_0"
    crash: str | None = None
    """Sophia is killed just before this, the first time that it comes up; the beginning of a moment's name."""
    reason: str = "not now"

    ends: str | None = None
    """The status of the turn afterwards; `not allowed` where the door itself says no."""
    says: list[str] = []
    """In the report, the question or the refusal."""
    never: list[str] = []
    card: list[str] = []
    """On the card of what waits now."""

    @model_validator(mode="after")
    def _one(self) -> Step:
        given = (self.ask, self.approve, self.deny, self.schedule, self.page, self.later)
        if sum(each is not None for each in given) + self.resume != 1:
            raise ValueError("one of ask, approve, deny, resume, schedule, page and later")
        return self


class Journey(_Part):
    """A conversation, and what is true when it is over."""

    journey: str
    why: str = ""
    """What it shows."""
    steps: list[Step] = Field(min_length=1)
    questions: int = Field(ge=0)
    """The most that people may be asked: approvals and open questions together."""
    effects: dict[str, int] = {}
    """Every effect that was made, by tool, and how often; what isn't here wasn't made."""
    outbox: dict[str, list[str]] = {}
    """Every message in every channel, in order; `*` at the end of a text stands for the rest."""
    services: dict[str, list[str]] = {}
    """Stack → its running services, counted by their processes."""
    pages: list[str] | None = None
    """The addresses that are watched, below the site's own."""
    config: str = ""
    """More of `sophia.toml`, where the journey needs it."""


_JOURNEYS = TypeAdapter(list[Journey])


def load(cases: Path | None) -> list[Journey]:
    """The suite's own, or those of a YAML file or a folder of them. Raises SuiteError."""
    place = cases or Path(__file__).with_name("conversations")
    found: list[Journey] = []
    for path in sorted(place.glob("*.yaml")) if place.is_dir() else [place]:
        try:
            found += _JOURNEYS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or [])
        except (OSError, ValueError, yaml.YAMLError, ValidationError) as error:
            raise SuiteError(f"{path} can't be read: {error}") from error
    return found
