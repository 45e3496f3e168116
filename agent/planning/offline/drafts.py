"""Steps while they are being composed: before they have ids and conditions in the plan's own grammar."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import JsonValue

from agent.planning.offline.acts import Said
from agent.planning.offline.clauses import Link
from agent.planning.planner import Call

__all__ = ["Composition", "Draft", "Prohibition", "When"]


@dataclass(frozen=True)
class When:
    """A condition on an earlier draft: a comparison with `{}` for its id."""

    comparison: str
    on: Draft


@dataclass(eq=False)
class Draft:
    """A call that a clause asks for."""

    tool: str
    args: dict[str, JsonValue | Draft]
    """A draft as a value is a reference to what that step finds."""
    said: Said | None
    link: Link = Link.START
    when: When | None = None
    writes: bool = False
    why: str = ""

    def call(self) -> Call:
        """As a planner's call, references left out."""
        return Call(
            tool=self.tool, args={name: value for name, value in self.args.items() if not isinstance(value, Draft)}
        )


@dataclass(frozen=True)
class Prohibition:
    """What a person doesn't want: these actions (any, when none is named) on these names (any, when none is named)."""

    actions: frozenset[str]
    names: frozenset[str]
    anything: bool
    """It forbids acting at all: `don't touch prod`."""


@dataclass
class Composition:
    """What came of all the clauses."""

    drafts: list[Draft] = field(default_factory=list)
    question: str | None = None
    pending: Call | None = None
    refusal: str | None = None
    prohibitions: list[Prohibition] = field(default_factory=list)
    unread: list[Said] = field(default_factory=list)
    """Commands in which no tool was recognised."""
    retracted: bool = False
    """`never mind` came after it."""
    troubled: Said | None = None
    """A report that something is wrong."""

    otherwise: tuple[str, Call] | None = None
    """What to ask when nothing else came of it."""

    def ask(self, question: str, pending: Call | None = None) -> None:
        """Keep the first question."""
        if self.question is None:
            self.question, self.pending = question, pending
