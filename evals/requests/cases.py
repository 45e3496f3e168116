"""Cases of the suite: YAML files, one request an entry."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError, field_validator

from agent.planning.planner import ConversationContext
from evals.suite import SuiteError

__all__ = ["Case", "load"]

_NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""When a case doesn't say what time it is."""


class Case(BaseModel):
    """A request and what is right for it. A list under `kind`, `family` or in `steps` names alternatives."""

    model_config = ConfigDict(extra="forbid")

    q: str
    kind: str | list[str]
    family: str | list[str] | None = None
    args: dict[str, JsonValue] = {}
    steps: list[str | list[str]] | None = None
    note: str = ""
    now: datetime | None = None
    context: ConversationContext = ConversationContext()
    source: str = ""
    """The file that it is from, without its ending."""

    @field_validator("q", mode="before")
    @classmethod
    def _text(cls, value: Any) -> Any:
        """YAML reads an unquoted `4` as a number and `yes` as true."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return str(value) if isinstance(value, int | float) else value

    @field_validator("now", mode="before")
    @classmethod
    def _moment(cls, value: Any) -> Any:
        """A day alone is its noon; a time without a zone is UTC's."""
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
            if value.time() == time() and value.tzinfo is None:
                value = value.date()
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime.combine(value, time(12), UTC)
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value

    @property
    def group(self) -> str:
        """The first word of the note: `typo`, `negation` …"""
        return self.note.split()[0].rstrip(":,;").lower() if self.note.split() else "other"

    @property
    def moment(self) -> datetime:
        """The time that the request is made at."""
        return self.now or _NOW

    def families(self) -> list[str]:
        """The tools that are right, when one is."""
        return [self.family] if isinstance(self.family, str) else list(self.family or [])

    def kinds(self) -> list[str]:
        """The kinds that are right."""
        return [self.kind] if isinstance(self.kind, str) else list(self.kind)

    def wanted(self) -> set[str]:
        """Every tool that the request asks for."""
        steps = [step if isinstance(step, list) else [step] for step in self.steps or []]
        return {*self.families(), *(tool for alternatives in steps for tool in alternatives)}


def load(place: Path) -> list[Case]:
    """The cases of a file, or of all YAML files of a folder. Raises SuiteError with the entry that is wrong."""
    if place.is_dir():
        return [case for file in sorted((*place.glob("*.yaml"), *place.glob("*.yml"))) for case in _read(file)]
    return _read(place)


def _read(file: Path) -> list[Case]:
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SuiteError(f"The cases {file} can't be read: {error}") from error
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise SuiteError(f"The cases {file} aren't a list of requests.")
    return [_case(entry, number, file) for number, entry in enumerate(entries, 1)]


def _case(entry: Any, number: int, file: Path) -> Case:
    try:
        return Case.model_validate({**entry, "source": file.stem} if isinstance(entry, dict) else entry)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SuiteError(f"{file}, entry {number}: {where or 'the entry'}: {first['msg']}") from error
