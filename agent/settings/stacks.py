"""Stacks, and the channels in which people hear of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from agent.settings.part import Named, Part, Text, VariableName, WebAddress, Zone
from memory.labels import Confidentiality

__all__ = ["Channel", "Delivery", "FreezeWindow", "HealthCheck", "Stack"]

Delivery = Literal["terminal", "file", "slack"]
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKLY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]* +([0-9]{1,2}:[0-9]{2})", re.IGNORECASE)
_DAILY = re.compile(r"[0-9]{1,2}:[0-9]{2}")
_WRITE = 'must be a moment: "Fri 16:00" every week, "22:00" every day, or 2026-12-20 or 2026-12-20T18:00 once'


class Channel(Named):
    """Where something can be told, who may read it there, and how it gets there."""

    clearance: Confidentiality = Field(Confidentiality.INTERNAL, examples=["internal"])
    """The most confidential that may be told there."""
    delivery: tuple[Delivery, ...] = Field(("terminal", "file"), min_length=1, examples=[["terminal", "file"]])
    aliases: tuple[Text, ...] = Field((), examples=[["operations"]])
    slack_id: Text | None = Field(None, pattern=r"^[CGD][A-Z0-9]{6,}$", examples=["C0123456789"])

    @field_validator("name")
    @classmethod
    def _hash(cls, name: str) -> str:
        if not re.fullmatch(r"#[^\s#]+", name):
            raise ValueError(f'a channel\'s heading begins with # and has no spaces: [channels."#{name.strip("# ")}"]')
        return name


def _as_written(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime | date | time) else value


def _moment(text: str) -> str:
    try:
        _parsed(text)
    except ValueError as error:
        raise ValueError(_WRITE) from error
    return text


Moment = Annotated[str, BeforeValidator(_as_written), AfterValidator(_moment)]


def _parsed(text: str) -> tuple[int, time] | time | date | datetime:
    weekly = _WEEKLY.fullmatch(text)
    if weekly:
        return _DAYS.index(weekly[1].lower()), _clock(weekly[2])
    if _DAILY.fullmatch(text):
        return _clock(text)
    if len(text) > 10:
        return datetime.fromisoformat(text)
    return date.fromisoformat(text)


def _clock(text: str) -> time:
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))


class FreezeWindow(Part):
    """A time in which a stack isn't changed: once, every week or every day. A bare end date includes that day."""

    start: Moment = Field(examples=["Fri 16:00"])
    end: Moment = Field(examples=["Mon 08:00"])
    zone: Zone | None = Field(None, examples=["America/New_York"])
    why: str = Field("", examples=["Nobody is there to help."])

    @model_validator(mode="after")
    def _ordered(self) -> FreezeWindow:
        start, end = _parsed(self.start), _parsed(self.end)
        once = isinstance(start, date)
        if once is not isinstance(end, date) or (not once and type(start) is not type(end)):
            raise ValueError("start and end must be moments of the same kind: both every week, every day, or once")
        if once and self.span(ZoneInfo("UTC"))[0] >= self.span(ZoneInfo("UTC"))[1]:
            raise ValueError("the end must come after the start")
        return self

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Start and end of a window that happens once. Raises TypeError for one that repeats."""
        start, end = _parsed(self.start), _parsed(self.end)
        if not (isinstance(start, date) and isinstance(end, date)):
            raise TypeError("this window repeats")
        return _aware(start, zone), _aware(end, zone) if isinstance(end, datetime) else _aware(
            end + timedelta(days=1), zone
        )

    def covers(self, now: datetime, zone: str) -> bool:
        """Whether the aware `now` is in the window, read in its own zone or else in `zone`."""
        local = now.astimezone(ZoneInfo(self.zone or zone))
        start, end = _parsed(self.start), _parsed(self.end)
        if isinstance(start, time) and isinstance(end, time):
            return _between(_second(0, start), _second(0, local.time()), _second(0, end))
        if isinstance(start, tuple) and isinstance(end, tuple):
            return _between(_second(*start), _second(local.weekday(), local.time()), _second(*end))
        begins, ends = self.span(ZoneInfo(self.zone or zone))
        return begins <= now < ends

    def __str__(self) -> str:
        zone = f" {self.zone}" if self.zone else ""
        return f"{self.start} – {self.end}{zone}" + (f": {self.why}" if self.why else "")


def _second(day: int, clock: time) -> int:
    return ((day * 24 + clock.hour) * 60 + clock.minute) * 60 + clock.second


def _between(start: int, now: int, end: int) -> bool:
    """Whether now lies between them on a dial, where the end may come before the start."""
    return start <= now < end if start <= end else now >= start or now < end


def _aware(moment: date, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


class HealthCheck(Part):
    """One look at whether a stack works: exactly one of an address, a port, or a command."""

    name: str = Field("", examples=["api"])
    http: WebAddress | None = Field(None, examples=["http://127.0.0.1:8080/health"])
    tcp: str | None = Field(None, pattern=r"^[^\s:]+:[0-9]{1,5}$", examples=["127.0.0.1:5432"])
    command: tuple[str, ...] | None = Field(None, min_length=1, examples=[["./check.sh", "--quick"]])
    """A program and its arguments, without a shell; it is well when it ends with 0."""
    status: int = Field(200, ge=100, le=599, examples=[200])
    """What the address must answer."""
    timeout_seconds: float = Field(5.0, gt=0, le=300, examples=[5])

    @model_validator(mode="after")
    def _one(self) -> HealthCheck:
        if len(list(self._given())) != 1:
            raise ValueError("a health check has exactly one of http, tcp and command")
        return self

    def _given(self) -> Iterator[Literal["http", "tcp", "command"]]:
        if self.http is not None:
            yield "http"
        if self.tcp is not None:
            yield "tcp"
        if self.command is not None:
            yield "command"

    @property
    def kind(self) -> Literal["http", "tcp", "command"]:
        """Which of the three it is."""
        return next(self._given())


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
    aliases: tuple[Text, ...] = Field((), examples=[["dev"]])
    passphrase_env: VariableName | None = Field(None, examples=["SOPHIA_DEVELOPMENT_PASSPHRASE"])
    """The environment variable that holds the passphrase of the stack's secrets."""
    freeze: tuple[FreezeWindow, ...] = Field((), examples=[[{"start": "Fri 16:00", "end": "Mon 08:00"}]])
    health: tuple[HealthCheck, ...] = Field((), examples=[[{"http": "http://127.0.0.1:8080/health"}]])
    watch_seconds: float = Field(10.0, ge=0, le=3600, examples=[10])
    """For how long after a deployment its health is watched."""

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
