"""The interface of a planner and the typed context that every planner gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from agent.plan import Plan, Problem
from tools.declaration import Tool

__all__ = [
    "Call",
    "ConversationContext",
    "Learned",
    "Names",
    "PastTurn",
    "Planner",
    "Planning",
    "PlanningRequest",
    "WatchedPage",
]


class Call(BaseModel):
    """A tool with arguments, as it was planned or as far as it is known."""

    tool: str
    args: dict[str, JsonValue] = {}


class PastTurn(BaseModel):
    """What was asked before and what was planned for it."""

    q: str
    steps: list[Call] = []
    outcome: str = ""
    """`done`, `failed`, `refused`, `waiting`, `question`, `cancelled`, or empty when it isn't known."""
    planner: str = ""
    """Who planned it, or asked the question; empty when it isn't known."""


class ConversationContext(BaseModel):
    """What a planner may lean on. Oldest turn first."""

    model_config = ConfigDict(extra="forbid")

    turns: list[PastTurn] = []
    open_question: str | None = None
    pending: Call | None = None
    """The call that the open question is about, with the arguments that are known."""
    focus: dict[str, str] = {}
    """The stack, the competitor … that was talked about last, by kind of slot."""


class WatchedPage(BaseModel):
    """Whose page it is, and what of it is watched."""

    competitor: str
    aspect: str


class Names(BaseModel):
    """The names that are known, each with the other words that people use for it."""

    stacks: dict[str, list[str]] = {}
    competitors: dict[str, list[str]] = {}
    channels: list[str] = []
    people: list[str] = []
    pages: dict[str, WatchedPage] = {}
    """By address: those of the configuration, and those that people have added."""


class Learned(BaseModel):
    """How a step of the turn ended, for a replan. Values are handles, never text that was read."""

    step: str
    tool: str
    status: str
    facts: dict[str, JsonValue] = {}
    problem: str = ""


class PlanningRequest(BaseModel):
    """Everything that planning may depend on."""

    text: str
    now: AwareDatetime
    zone: str = "UTC"
    person: str = ""
    turn: str = ""
    """Whose budget the planning is paid from."""
    context: ConversationContext = ConversationContext()
    names: Names = Names()
    learned: list[Learned] = []


class Planning(BaseModel):
    """A planner's answer."""

    kind: Literal["plan", "clarify", "refuse"]
    plan: Plan | None = None
    question: str | None = None
    """What is asked, or why it is refused and what is near it."""
    pending: Call | None = None
    """For a question: the call that it is about."""
    planner: str
    tokens: int = 0


class Planner(Protocol):
    """Makes plans. Two real ones exist: a model, and one that needs no model."""

    @property
    def name(self) -> str:
        """What every answer says made its plan: `offline`, or the model's name."""
        ...

    async def plan(
        self, request: PlanningRequest, catalogue: Mapping[str, Tool], problems: Sequence[Problem] = ()
    ) -> Planning:
        """Plan the request with the tools of the catalogue.

        `problems` are those of this planner's last answer to the same request. Raises the errors of `agent.errors`.
        """
        ...
