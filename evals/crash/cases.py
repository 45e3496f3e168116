"""The rows of the matrix: a workflow, what is done before it, and how it is seen from outside that it happened once."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError, model_validator

from evals.suite import SuiteError

__all__ = ["Act", "Look", "Workflow", "load"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Act(_Part):
    """One thing that is done: exactly one of these."""

    tool: str | None = None
    """One call of this tool, asked for and approved; with `arguments`."""
    arguments: dict[str, JsonValue] = {}
    request: str | None = None
    """A request in plain words."""
    schedule: str | None = None
    """A run of built-in work."""
    waiting: bool = False
    """The call is asked for, and left waiting for its approval."""
    page: str | None = None
    """The watched page says this from now on."""
    handed: dict[str, str] | None = None
    """Lists that somebody hands in, by their names."""
    breaks: dict[str, str] | None = None
    """Somebody runs another version of a service behind Pulumi's back: `{stack, service, version}`."""
    older: str | None = None
    """The database as a version of Sophia made it that knew revisions up to this one."""
    keeps: str | None = None
    """A backup in this file; only in the data folder, `home/…`, it has moments of its own."""
    restores: str | None = None
    """The backup in this file is restored."""
    locks: str | None = None
    """A process that is dead by now has locked this stack."""

    @model_validator(mode="after")
    def _one(self) -> Act:
        kinds = self.model_dump(exclude={"arguments", "waiting"}, exclude_none=True)
        if len(kinds) != 1:
            raise ValueError("exactly one of the things that can be done")
        return self


class Look(_Part):
    """Where an effect is seen, by a way that the tool itself doesn't go."""

    sql: str | None = None
    outbox: str | None = None
    """A channel's file: the messages in it, each as often as it is there."""
    slack: str | None = None
    """A channel of Slack, or `@bob`: the messages there and in its threads; `[open]` before a card with buttons."""
    lab: str | None = None
    """A stack: its running services as `NAME VERSION`, counted by their processes."""
    file: str | None = None
    """Files in the data folder, as a pattern: how many of them hold the text of `holds`."""
    holds: str = ""
    expect: list[JsonValue]
    """Rows (lists of columns), messages, services, or one number; in any order. A text may end in `*` for the rest."""


class Workflow(_Part):
    """One row of the matrix."""

    workflow: str
    act: Act
    before: list[Act] = []
    each_time: list[Act] = []
    """Done again before each kill, in a lab that is set up once; `{n}` is the number of the kill."""
    names: dict[str, str] = {}
    """Name → a query for its value, which stands where `$name` is written."""
    looks: list[Look] = Field(min_length=1)
    fresh: bool = False
    """It begins where Sophia was never started before; otherwise she was, once."""
    slack: bool = False
    """Channels are told in Slack."""
    served: Literal["mention", "command", "stranger"] | None = None
    """It is asked for in #general of Slack, like this, of `sophia serve`; what waits is approved there by a button."""
    lab: bool = False
    """It runs a real lab stack, which stays where it is."""
    at_most: int = Field(default=1000, ge=1)
    """Kills, evenly spread over the moments, where all of them would take hours."""
    random: int = Field(default=0, ge=0, le=1000)
    """Kills at random moments, in a lab."""
    disasters: int = Field(default=0, ge=0, le=1000)
    """Everything else that can happen is tried here too, each at so many moments."""
    databases: list[Literal["sqlite", "postgresql"]] = ["sqlite", "postgresql"]


_CASES = TypeAdapter(list[Workflow])


def load(cases: Path | None) -> list[Workflow]:
    """The suite's own, or those of a YAML file or a folder of them. Raises SuiteError."""
    place = cases or Path(__file__).with_name("workflows")
    paths = sorted(place.glob("*.yaml")) if place.is_dir() else [place]
    found: list[Workflow] = []
    for path in paths:
        try:
            found += _CASES.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or [])
        except (OSError, ValueError, yaml.YAMLError, ValidationError) as error:
            raise SuiteError(f"{path} can't be read: {error}") from error
    return found
