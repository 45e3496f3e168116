"""Cases of the suite: how to provoke a failure, which cause is right, and what the line that shows it must contain."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from evals.suite import SuiteError

__all__ = ["Case", "Step", "load"]

_OWN = Path(__file__).with_name("cases.yaml")


class Step(BaseModel):
    """One thing that is done, in this order where several are named: files are written, the state and the lock are
    tampered with, the passphrase changes, and then the stack is previewed or deployed.
    """

    model_config = ConfigDict(extra="forbid")

    write: dict[str, str] = {}
    """File in the project directory → its text."""
    state: tuple[str, str] | None = None
    """The first text in the state file is replaced by the second; an empty first text cuts the file in half."""
    lock: dict[str, JsonValue] | None = None
    """The content of a lock file."""
    passphrase: str | None = None
    do: Literal["preview", "deploy", ""] = ""


class Case(BaseModel):
    """A failure. Without `expect` its class is held out: no cause may be said, but what to collect."""

    model_config = ConfigDict(extra="forbid")

    case: str
    expect: str | None = None
    """The kind of the first cause."""
    because: str = ""
    """What a cited line must contain."""
    says: str = ""
    """What the cause's sentence must contain."""
    raises: str = ""
    """What the provider of the project's only resource says when it creates it, in place of a program."""
    steps: list[Step] = [Step(do="deploy")]
    health: list[dict[str, Any]] = []
    backend: str = ""
    seconds: float = 60.0
    """How long one run of the engine may take."""


def load(path: Path | None) -> list[Case]:
    """The suite's own cases, or those of a YAML file. Raises SuiteError."""
    file = path or _OWN
    try:
        return [Case.model_validate(item) for item in yaml.safe_load(file.read_text(encoding="utf-8"))]
    except (OSError, TypeError, yaml.YAMLError, ValidationError) as error:
        raise SuiteError(f"The cases in {file} can't be read: {error}") from error
