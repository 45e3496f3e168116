"""What a tool says about itself: its effect, its gate, its arguments' roles, and how its effect is handled.

A tool is one typed function in one file. `@tool` turns it into a `Tool`; a declaration that is missing something or
contradicts itself raises `DeclarationError` where the tool is defined, so neither the tests nor the program start.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from memory.labels import INTERNAL, Label
from tools.result import Result

__all__ = [
    "Attempt",
    "Clock",
    "DeclarationError",
    "Effect",
    "Gate",
    "Outcome",
    "Permit",
    "Preview",
    "Progress",
    "ProgressEvent",
    "Reconciliation",
    "Requester",
    "Role",
    "Slot",
    "Tool",
    "Undo",
    "Verification",
    "tool",
]


class Effect(StrEnum):
    """The worst that a tool does to the world, from nothing to loss."""

    READ = "read"
    EGRESS = "egress"
    CHANGE = "change"
    DESTROY = "destroy"

    @property
    def rank(self) -> int:
        """0 for read up to 3 for destroy."""
        return list(Effect).index(self)

    @property
    def writes(self) -> bool:
        """Whether anything leaves or changes: whatever isn't a read."""
        return self is not Effect.READ


class Gate(StrEnum):
    """How many different people must approve a call before it is made."""

    NONE = "none"
    ONE = "one"
    TWO = "two"

    @property
    def people(self) -> int:
        """0, 1 or 2."""
        return list(Gate).index(self)


class Role(StrEnum):
    """What an argument decides: where something goes, what it acts on, how, or what is carried."""

    DESTINATION = "destination"
    TARGET = "target"
    OPTION = "option"
    PAYLOAD = "payload"


@dataclass(frozen=True)
class Slot:
    """An argument's role and the kind of name it takes (`stack`, `competitor`, `aspect`, `since`, `channel`, `url` …).

    Written as `Annotated[str, Slot(Role.TARGET, "stack")]`. The planners use the kind to recognise and to resolve
    the words that people use.
    """

    role: Role
    kind: str = "text"


class Permit(Protocol):
    """The capability to make one effect: a row of the ledger that only an allowed verdict mints."""

    @property
    def id(self) -> str:
        """The effect's id, the same for every attempt at it; written into the world where the world takes a mark."""
        ...

    @property
    def token(self) -> str:
        """Unguessable; what an effect client redeems before it acts."""
        ...


class Clock(Protocol):
    """Time, handed in."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class ProgressEvent(BaseModel):
    """One thing that happened while a tool worked, for a person who watches."""

    kind: str
    text: str
    data: dict[str, JsonValue] = {}


class Progress(Protocol):
    """Where a tool says what it is doing."""

    def __call__(self, event: ProgressEvent) -> None: ...


class Requester(Protocol):
    """Who asked, and where, for tools whose answer depends on it."""

    @property
    def person(self) -> str: ...
    @property
    def thread(self) -> str: ...
    @property
    def turn(self) -> str: ...
    @property
    def audience(self) -> str:
        """Who may see what is answered: `person:NAME` or `channel:NAME`."""
        ...


class Preview(BaseModel):
    """What a call would do, as a person is shown it and as execution is bound to it."""

    summary: str
    details: list[str] = []
    risk: str = ""
    undo: str = ""
    """What can be undone afterwards and how, or why it can't be."""
    nothing_to_do: bool = False
    protected: bool = False
    """The target is protected: no standing grant covers it."""
    kinds: list[str] = []
    """What kinds of change it would be, `Type.property`, for grants that are limited to some. A kind without a dot is
    never within a grant: a person must see it each time.
    """
    state_version: str = ""
    """Opaque. A call whose preview has another version at execution time is refused."""
    bound: dict[str, JsonValue] = {}
    """What execution gets back unchanged, such as the update plan's path and digest."""


class Verification(BaseModel):
    """Whether the world is as the call should have left it, with what was looked at."""

    ok: bool
    evidence: list[str]
    """One sentence a check: what was looked at, what was found."""


class Attempt(BaseModel):
    """An effect that was intended and of which nobody knows whether it happened."""

    permit_id: str
    started_at: datetime
    state_version: str
    bound: dict[str, JsonValue] = {}


class Outcome(StrEnum):
    """What the world says of an attempt."""

    HAPPENED = "happened"
    NOT_HAPPENED = "not_happened"
    PARTIAL = "partial"
    """Begun and not finished; running it again completes it and repeats nothing."""
    UNKNOWN = "unknown"


class Reconciliation(BaseModel):
    """The answer to `did it happen?`, found by looking at the world and not at our own notes."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    outcome: Outcome
    result: Result | None = Field(default=None)
    """Required when it happened."""
    evidence: str
    """What was looked at and what was found; for UNKNOWN, what a person has to decide."""


@dataclass(frozen=True)
class Undo:
    """How a done call is taken back: another tool, its arguments taken from this call's arguments and result.

    `arguments` maps the other tool's argument to `arguments.FIELD` or `result.FIELD`. With `automatic`, the undo
    follows at once when verification fails, under the same approval; and so does a message about it in the channel that
    the result's field `tells` names, if it names one.
    """

    tool: str
    arguments: Mapping[str, str]
    automatic: bool = False
    tells: str = ""


class DeclarationError(Exception):
    """A tool whose declaration is incomplete or contradicts itself. A bug; the message says what to declare."""


Handler = Callable[..., Awaitable[Any]]
CALL_SCOPED: frozenset[type] = frozenset({Permit, Progress, Requester, Preview})
"""Parameters that belong to one call and don't come from the composition root."""


@dataclass(frozen=True)
class Tool:
    """A registered tool. Everything that the planner, the guard, the machine and the documentation know of it."""

    name: str
    summary: str
    effect: Effect
    gate: Gate
    arguments: type[BaseModel]
    result: type[Result]
    run: Handler
    phrases: tuple[str, ...]
    slots: Mapping[str, Slot]
    label: Label
    preview: Handler | None = None
    verify: Handler | None = None
    reconcile: Handler | None = None
    undo: Undo | None = None
    irreversible: str | None = None
    rotates: bool = False
    control: bool = False
    """Cancelling, revoking, resuming: allowed while everything else is paused."""
    module: str = field(default="", compare=False)

    def ports(self) -> frozenset[type]:
        """The types of ports that any of the tool's functions names in its signature, call-scoped ones left out."""
        handlers = [handler for handler in (self.run, self.preview, self.verify, self.reconcile) if handler]
        wanted = {port for handler in handlers for port in parameters(handler).values()}
        return frozenset(wanted - CALL_SCOPED)

    def handling(self) -> dict[str, str]:
        """In words: how the effect is previewed, verified and undone. Empty for reads."""
        if not self.effect.writes:
            return {}
        undo = f"{self.undo.tool}" + (" (automatic)" if self.undo.automatic else "") if self.undo else ""
        return {
            "preview": _first_line(self.preview),
            "verify": _first_line(self.verify),
            "reconcile": _first_line(self.reconcile),
            "undo": undo or f"no: {self.irreversible}",
        }


def _first_line(handler: Handler | None) -> str:
    return (inspect.getdoc(handler) or "").partition("\n")[0] if handler else ""


@cache
def parameters(handler: Handler) -> Mapping[str, type]:
    """The handler's keyword-only parameters and the port type of each.

    Raises DeclarationError when one isn't annotated.
    """
    hints = typing.get_type_hints(handler)
    found: dict[str, type] = {}
    for name, parameter in inspect.signature(handler).parameters.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            if name not in hints:
                raise DeclarationError(f"{handler.__qualname__}: annotate {name} with the port that it takes")
            found[name] = hints[name]
    return found


def _slots(arguments: type[BaseModel]) -> dict[str, Slot]:
    slots: dict[str, Slot] = {}
    for name, info in arguments.model_fields.items():
        slot = next((item for item in info.metadata if isinstance(item, Slot)), None)
        if slot is None:
            raise DeclarationError(
                f"{arguments.__name__}.{name} has no role: write Annotated[…, Slot(Role.…, kind)] outermost"
            )
        slots[name] = slot
    return slots


def _models(run: Handler) -> tuple[type[BaseModel], type[Result]]:
    hints = typing.get_type_hints(run)
    first = next(iter(inspect.signature(run).parameters), None)
    arguments, result = hints.get(first or ""), hints.get("return")
    if not (isinstance(arguments, type) and issubclass(arguments, BaseModel)):
        raise DeclarationError(f"{run.__name__}: the first parameter must be a pydantic model of the arguments")
    if not (isinstance(result, type) and issubclass(result, Result)):
        raise DeclarationError(f"{run.__name__}: it must return a subclass of Result")
    if arguments.model_config.get("extra") != "forbid":
        raise DeclarationError(f"{arguments.__name__}: set model_config = ConfigDict(extra='forbid')")
    return arguments, result


def _check(declared: Tool) -> None:
    problems: list[str] = []
    if not declared.summary:
        problems.append("write a docstring: its first line tells people and planners what the tool does")
    if not declared.phrases:
        problems.append("give phrases that people use for it")
    if declared.effect.writes:
        problems += [
            f"{declared.effect} needs {part}"
            for part, handler in (
                ("preview", declared.preview),
                ("verify", declared.verify),
                ("reconcile", declared.reconcile),
            )
            if handler is None
        ]
        if (declared.undo is None) == (declared.irreversible is None):
            problems.append("say either how it is undone or, in `irreversible`, why it can't be")
        if Permit not in parameters(declared.run).values():
            problems.append("it has an effect, so it must take a permit: Permit")
    elif declared.gate is not Gate.NONE or declared.undo or declared.verify:
        problems.append("a read has no gate, no undo and nothing to verify")
    if declared.effect is Effect.DESTROY and declared.gate is not Gate.TWO:
        problems.append("what destroys asks two people: gate=Gate.TWO")
    if problems:
        raise DeclarationError(f"{declared.name}: " + "; ".join(problems))
    declared.ports()


def tool(
    *,
    effect: Effect,
    phrases: tuple[str, ...],
    gate: Gate = Gate.NONE,
    label: Label = INTERNAL,
    preview: Handler | None = None,
    verify: Handler | None = None,
    reconcile: Handler | None = None,
    undo: Undo | None = None,
    irreversible: str | None = None,
    rotates: bool = False,
    control: bool = False,
) -> Callable[[Handler], Tool]:
    """Declare the decorated coroutine function to be a tool of its own name.

    The function takes its arguments' model first and, as keyword-only parameters, the ports that it needs, recognised
    by their annotations. `label` is the label of what it returns. `undo` names another tool; the registry checks that
    tool's arguments once all tools are known. `phrases` may contain `{slot}` for an argument.
    """

    def declare(run: Handler) -> Tool:
        arguments, result = _models(run)
        declared = Tool(
            name=run.__name__,
            summary=_first_line(run),
            effect=effect,
            gate=gate,
            arguments=arguments,
            result=result,
            run=run,
            phrases=phrases,
            slots=_slots(arguments),
            label=label,
            preview=preview,
            verify=verify,
            reconcile=reconcile,
            undo=undo,
            irreversible=irreversible,
            rotates=rotates,
            control=control,
            module=run.__module__,
        )
        _check(declared)
        return declared

    return declare
