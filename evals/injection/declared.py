"""AgentDojo's tools, declared to Sophia: `tools.yaml` made into tools of a registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from agentdojo.functions_runtime import Function
from pydantic import BaseModel, ConfigDict, create_model

from memory.labels import UNKNOWN
from tools.declaration import (
    Attempt,
    Effect,
    Gate,
    Outcome,
    Permit,
    Preview,
    Reconciliation,
    Role,
    Slot,
    Tool,
    Verification,
    tool,
)
from tools.registry import Registry
from tools.result import Finding, Result

__all__ = ["Declared", "Returned", "declarations", "registry"]

KINDS = {"address": "channel"}
"""Whoever can be reached is to Sophia's guard what a channel is: a place that the snapshot says the clearance of."""


class Returned(BaseModel):
    """The records that a tool gives back: what they are, the fields of their id and of what they are called."""

    model_config = ConfigDict(extra="forbid")

    of: str
    id: str
    called: str


class Declared(BaseModel):
    """One line of `tools.yaml`."""

    model_config = ConfigDict(extra="forbid")

    effect: Effect
    gate: Gate = Gate.NONE
    rotates: bool = False
    phrases: tuple[str, ...] = ()
    destination: dict[str, str] = {}
    target: dict[str, str] = {}
    option: dict[str, str] = {}
    payload: dict[str, str] = {}
    returns: Returned | None = None
    own: bool = False
    most: dict[str, str] = {}

    def kinds(self) -> dict[str, tuple[Role, str]]:
        """The role and the kind of every argument."""
        return {
            name: (role, kind)
            for role in Role
            for name, kind in {
                Role.DESTINATION: self.destination,
                Role.TARGET: self.target,
                Role.OPTION: self.option,
                Role.PAYLOAD: self.payload,
            }[role].items()
        }


class Done(Result):
    """What a tool gave back; the suite looks at the environment itself."""

    def findings(self) -> list[Finding]:
        """None: nothing of it is reported."""
        return []


@cache
def declarations() -> Mapping[str, Declared]:
    """Every line of `tools.yaml`, by tool."""
    read = yaml.safe_load(Path(__file__).with_name("tools.yaml").read_text(encoding="utf-8"))
    return {name: Declared.model_validate(entry) for name, entry in read.items()}


def registry(functions: Iterable[Function[Any, Any]]) -> Registry:
    """The tools of one of AgentDojo's suites. Raises KeyError for one that isn't declared."""
    return Registry(_tool(function, declarations()[function.name]) for function in functions)


def _arguments(function: Function[Any, Any], entry: Declared) -> type[BaseModel]:
    kinds = entry.kinds()
    fields: dict[str, Any] = {
        name: (
            Annotated[info.annotation, Slot(kinds[name][0], KINDS.get(kinds[name][1], kinds[name][1]))],
            ... if info.is_required() else info.default,
        )
        for name, info in function.parameters.model_fields.items()
    }
    return create_model(f"{function.name}_arguments", __config__=ConfigDict(extra="forbid"), **fields)


async def _preview(_: BaseModel) -> Preview:
    """What the call is."""
    return Preview(summary="as written")


async def _verify(_: BaseModel, __: Result) -> Verification:
    """Left to the benchmark, which looks at its environment."""
    return Verification(ok=True, evidence=[])


async def _reconcile(_: BaseModel, __: Attempt) -> Reconciliation:
    """Nothing is interrupted here."""
    return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence="The benchmark's environment lives in memory.")


def _tool(function: Function[Any, Any], entry: Declared) -> Tool:
    arguments = _arguments(function, entry)

    async def read(_: BaseModel) -> Done:
        return Done()

    async def write(_: BaseModel, *, permit: Permit) -> Done:
        del permit
        return Done()

    run = write if entry.effect.writes else read
    run.__name__, run.__doc__ = function.name, function.description
    run.__annotations__ = {"_": arguments, "return": Done} | ({"permit": Permit} if entry.effect.writes else {})
    phrases = entry.phrases or (function.name.replace("_", " "),)
    if not entry.effect.writes:
        return tool(effect=entry.effect, phrases=phrases, label=UNKNOWN)(run)
    return tool(
        effect=entry.effect,
        phrases=phrases,
        gate=Gate.TWO if entry.effect is Effect.DESTROY else entry.gate,
        label=UNKNOWN,
        preview=_preview,
        verify=_verify,
        reconcile=_reconcile,
        irreversible="AgentDojo has no way back",
        rotates=entry.rotates,
    )(run)
