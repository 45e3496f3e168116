"""The cases of the suite: a call with what must be answered, or a check of all calls that there can be."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from agent.guard import Answer, Facts, Origin, Standing
from evals.suite import SuiteError
from memory.labels import Confidentiality, Integrity
from tools.declaration import Effect, Gate

__all__ = ["Example", "Mutated", "Swept", "load"]


class _Case(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_QUIET: Final = Facts(
    declared=True,
    effect=Effect.READ,
    gate=Gate.NONE,
    rotates=False,
    control=False,
    origin=Origin.NONE,
    destination=Integrity.TRUSTED,
    influence=Integrity.TRUSTED,
    confidentiality=Confidentiality.PUBLIC,
    clearance=Confidentiality.PUBLIC,
    attended=True,
    halted=False,
    standing=Standing.NONE,
    protected=False,
)
"""What holds of a call when its case says nothing else: a read that a person asks for."""


def _told(given: Any) -> Any:
    """The facts that a case tells, over those that it doesn't."""
    if not isinstance(given, dict):
        return given
    return {name: getattr(_QUIET, name) for name in _QUIET.__dataclass_fields__} | given


class Example(_Case):
    """One call, and what the rules say of it."""

    q: str
    """The call in words."""
    facts: Annotated[Facts, BeforeValidator(_told)]
    answer: Answer
    rules: tuple[str, ...] = ()
    """The rules that insist on something, the strictest first."""


class Swept(_Case):
    """The whole input space: against the independent statement, or along one fact that gets worse."""

    sweep: str
    """`statement`, or the name of a fact in WORSE."""


class Mutated(_Case):
    """Wrong guards of a kind, each of which must be noticed."""

    mutants: Literal["switched off", "weakened", "exchanged", "source"]


_CASES = TypeAdapter(list[Annotated[Example | Swept | Mutated, Field(union_mode="smart")]])


def load(cases: Path | None) -> list[Example | Swept | Mutated]:
    """The suite's own cases, or those of a YAML file. Raises SuiteError."""
    place = cases or Path(__file__).with_name("cases.yaml")
    try:
        return _CASES.validate_python(yaml.safe_load(place.read_text(encoding="utf-8")) or [])
    except (OSError, ValueError, yaml.YAMLError, ValidationError) as error:
        raise SuiteError(f"{place} can't be read: {error}") from error
