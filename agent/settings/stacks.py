"""Stacks, and the channels in which people hear of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from agent.settings.freeze import FreezeWindow
from agent.settings.part import Named, Part, Text, VariableName, WebAddress
from memory.labels import Confidentiality

__all__ = ["Channel", "Credentials", "Delivery", "HealthCheck", "Stack"]

Delivery = Literal["terminal", "file", "slack"]


class Channel(Named):
    """Where something can be told, who may read it there, and how it gets there."""

    clearance: Confidentiality = Field(Confidentiality.INTERNAL, examples=["internal"])
    """The most confidential that may be told there."""
    delivery: tuple[Delivery, ...] = Field(("terminal", "file"), min_length=1, examples=[["terminal", "file"]])
    slack_id: Text | None = Field(None, pattern=r"^[CGD][A-Z0-9]{6,}$", examples=["C0123456789"])

    @field_validator("name")
    @classmethod
    def _hash(cls, name: str) -> str:
        if not re.fullmatch(r"#[^\s#]+", name):
            raise ValueError(f'a channel\'s heading begins with # and has no spaces: [channels."#{name.strip("# ")}"]')
        return name


class HealthCheck(Part):
    """One look at whether a stack works: an address, an output with addresses, a port, a command or a resource."""

    name: str = Field("", examples=["api"])
    http: WebAddress | None = Field(None, examples=["http://127.0.0.1:8080/health"])
    output: Text | None = Field(None, examples=["url"])
    """An output of the stack that is an address to ask, or a table of addresses."""
    tcp: str | None = Field(None, pattern=r"^[^\s:]+:[0-9]{1,5}$", examples=["127.0.0.1:5432"])
    command: tuple[str, ...] | None = Field(None, min_length=1, examples=[["./check.sh", "--quick"]])
    """A program and its arguments, without a shell; it is well when it ends with 0."""
    resource: Text | None = Field(None, examples=["aws:rds/instance:Instance"])
    """A type; of every resource of it, the property `where` must be as `equals` says."""
    where: Text | None = Field(None, examples=["status"])
    equals: str | None = Field(None, examples=["available"])
    status: int = Field(200, ge=100, le=599, examples=[200])
    """What an address must answer."""
    fields: Mapping[str, str] = Field({}, examples=[{"version": "version"}])
    """Field of the JSON that an address answers → output of the stack that it must equal."""
    timeout_seconds: float = Field(5.0, gt=0, le=300, examples=[5])

    @model_validator(mode="after")
    def _one(self) -> HealthCheck:
        if len(self._given()) != 1:
            raise ValueError("a health check has exactly one of http, output, tcp, command and resource")
        if (self.resource is not None) != (self.where is not None and self.equals is not None):
            raise ValueError("resource, where and equals belong together")
        return self

    def _given(self) -> list[str]:
        return [name for name in _KINDS if getattr(self, name) is not None]

    @property
    def kind(self) -> Literal["http", "tcp", "command", "resource"]:
        """How it is looked at."""
        return _KINDS[self._given()[0]]


_KINDS: Mapping[str, Literal["http", "tcp", "command", "resource"]] = {
    "http": "http",
    "output": "http",
    "tcp": "tcp",
    "command": "command",
    "resource": "resource",
}


class Credentials(Part):
    """Where the credentials of a stack's provider come from. They themselves are never stored."""

    variables: Mapping[VariableName, VariableName] = Field({}, examples=[{"AWS_PROFILE": "READER_PROFILE"}])
    """Variable that the engine gets → variable of the environment that holds its value."""
    command: tuple[Text, ...] = Field((), examples=[["esc", "open", "acme/reader", "--format", "dotenv"]])
    """A program and its arguments, without a shell; it prints a JSON object of variables, or lines NAME=VALUE."""


class Stack(Named):
    """A Pulumi stack that Sophia may look at and, with approval, change."""

    environment: Text = Field("development", examples=["development"])
    """`development` or `production`; more are allowed."""
    program: Text = Field(examples=["lab:development"])
    """`lab:NAME`, or the folder of a Pulumi project; relative folders lie beside sophia.toml."""
    pulumi_stack: Text | None = Field(None, examples=["organisation/project/dev"])
    """Its name in Pulumi, when it has another one there."""
    backend: Text | None = Field(None, pattern=r"^([a-z][a-z0-9+.\-]*)://.+$", examples=["s3://bucket/path"])
    """Where Pulumi keeps its state; nothing: a folder of Sophia's own."""
    protected: bool = Field(default=False, examples=[True])
    """No standing grant covers it."""
    owners: tuple[Text, ...] = Field((), examples=[["ada"]])
    channel: Text | None = Field(None, examples=["#ops"])
    """Where its team is told of a deployment that failed and was taken back; nothing: the operations channel."""
    aliases: tuple[Text, ...] = Field((), examples=[["dev"]])
    passphrase_env: VariableName | None = Field(None, examples=["SOPHIA_DEVELOPMENT_PASSPHRASE"])
    """The environment variable that holds the passphrase of the stack's secrets."""
    freeze: tuple[FreezeWindow, ...] = Field((), examples=[[{"start": "Fri 16:00", "end": "Mon 08:00"}]])
    health: tuple[HealthCheck, ...] = Field((), examples=[[{"http": "http://127.0.0.1:8080/health"}]])
    watch_seconds: float = Field(10.0, ge=0, le=3600, examples=[10])
    """For how long after a deployment its health is watched."""

    secrets_provider: Text | None = Field(None, examples=["awskms://alias/pulumi"])
    """Pulumi's name of whatever encrypts the stack's secrets; nothing: the passphrase."""
    preview_credentials: Credentials | None = Field(None, examples=[{"variables": {"AWS_PROFILE": "READER_PROFILE"}}])
    """For looking and previewing; nothing: the environment as it is."""
    apply_credentials: Credentials | None = Field(None, examples=[{"variables": {"AWS_PROFILE": "WRITER_PROFILE"}}])
    """For what was approved; nothing: those for a preview."""
    logs: tuple[tuple[Text, ...], ...] = Field(
        (), examples=[[["kubectl", "logs", "deploy/api", "--since-time={since}"]]]
    )
    """Commands, without a shell, that print logs for a diagnosis; `{since}` is when the failed run began."""
    data_types: tuple[Text, ...] = Field((), examples=[["acme:storage:Volume"]])
    """More resource types that hold data, besides those that Sophia knows."""
    time_limit_seconds: float = Field(1800.0, gt=0, le=86_400, examples=[1800])
    """How long one run of the engine may take."""

    @field_validator("program")
    @classmethod
    def _place(cls, program: str, info: ValidationInfo) -> str:
        if program.startswith("lab:"):
            if not program.removeprefix("lab:").strip():
                raise ValueError('must be "lab:NAME" or the folder of a Pulumi project')
            return program
        folder = (info.context or {}).get("folder") or Path.cwd()
        return str((Path(folder) / Path(program).expanduser()).resolve())

    @property
    def lab(self) -> str | None:
        """The name of the lab program, or None for a project folder."""
        return self.program.removeprefix("lab:") if self.program.startswith("lab:") else None

    @property
    def directory(self) -> Path | None:
        """The project's folder, or None for a lab program."""
        return None if self.lab else Path(self.program)

    def frozen(self, now: datetime, zone: str) -> FreezeWindow | None:
        """The freeze window that covers `now`, if one does. `zone` is the business's."""
        return next((window for window in self.freeze if window.covers(now, zone)), None)
