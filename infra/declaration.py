"""What a stack is declared to be: where its program and state are, who owns it, how its health is known."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field, SkipValidation

__all__ = [
    "CommandCheck",
    "Credentials",
    "Freeze",
    "HealthCheck",
    "HttpCheck",
    "ResourceCheck",
    "StackDeclaration",
    "TcpCheck",
]


@runtime_checkable
class Freeze(Protocol):
    """A window in which nothing is deployed."""

    def covers(self, now: datetime, zone: str) -> bool:
        """Whether it is in force."""
        ...


class HttpCheck(BaseModel):
    """GET a URL: the status must be as expected and the body's JSON fields must equal those named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["http"] = "http"
    name: str = ""
    url: str = ""
    """A literal URL; empty when `output` names it."""
    output: str = ""
    """A stack output: a URL, or a mapping of names to URLs of which each is checked."""
    status: int = 200
    fields: dict[str, str] = {}
    """Field of the JSON body → stack output that it must equal."""
    timeout_seconds: float = 5.0


class TcpCheck(BaseModel):
    """A connection to HOST:PORT must be accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["tcp"] = "tcp"
    name: str = ""
    address: str
    timeout_seconds: float = 5.0


class CommandCheck(BaseModel):
    """A command must exit with 0. It isn't run by a shell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["command"] = "command"
    name: str = ""
    command: tuple[str, ...]
    timeout_seconds: float = 30.0


class ResourceCheck(BaseModel):
    """Every resource of a type must have a property of the given value in the state."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["resource"] = "resource"
    name: str = ""
    type: str
    property: str
    equals: str
    timeout_seconds: float = 5.0


HealthCheck = Annotated[HttpCheck | TcpCheck | CommandCheck | ResourceCheck, Field(discriminator="kind")]


class Credentials(BaseModel):
    """Where a child's credentials come from; never the credentials themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    variables: dict[str, str] = {}
    """Variable that the child gets → variable of Sophia's environment that holds its value."""
    command: tuple[str, ...] = ()
    """Prints a JSON object of variables, or lines NAME=VALUE. It isn't run by a shell."""


class StackDeclaration(BaseModel):
    """One stack that Sophia knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    name: str
    environment: str = "development"
    program: str
    """`lab:NAME`, or the absolute path of a Pulumi project directory."""
    pulumi_stack: str = ""
    """The stack's name in Pulumi where it differs."""
    backend: str = ""
    """State backend URL; empty: a folder of Sophia's own for lab stacks, Pulumi's own choice for directories."""
    protected: bool = False
    """Never destroyed, and no standing grant covers it."""
    owners: tuple[str, ...] = ()
    channel: str = ""
    """Where its team is told of a deploy that failed and was taken back; empty: nowhere."""
    aliases: tuple[str, ...] = ()
    health: tuple[HealthCheck, ...] = ()
    watch_seconds: float = 10.0
    """How long after a change the health checks may take to become green, and then must stay so."""
    freeze: tuple[SkipValidation[Freeze], ...] = ()
    zone: str = "UTC"
    passphrase_env: str = ""
    """The environment variable that holds the passphrase of its secrets; the value itself is never stored."""
    secrets_provider: str = ""
    preview_credentials: Credentials | None = None
    """For everything that changes nothing; None: the environment as it is."""
    apply_credentials: Credentials | None = None
    """For what was approved; None: those for a preview."""
    logs: tuple[tuple[str, ...], ...] = ()
    """Commands that print logs of its services and providers for a diagnosis; `{since}` is when the failed run began.
    They aren't run by a shell.
    """
    data_types: tuple[str, ...] = ()
    """More resource types (substrings) that hold data, besides the well-known ones."""
    time_limit_seconds: float = 1800.0
    """How long one run of the engine may take."""

    @property
    def lab(self) -> str | None:
        """The lab program's name, or None for a project directory."""
        return self.program.removeprefix("lab:") if self.program.startswith("lab:") else None

    @property
    def directory(self) -> Path | None:
        """The project directory, or None for a lab stack."""
        return None if self.lab else Path(self.program)

    @property
    def pulumi_name(self) -> str:
        """The stack's name in Pulumi."""
        return self.pulumi_stack or self.name
