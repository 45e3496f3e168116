"""Steps while they are being composed: before they have ids and conditions in the plan's own grammar."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from agent.planning.offline.conditions import negated
from agent.planning.offline.parts import Clause, Link
from agent.planning.offline.situation import Situation
from agent.planning.offline.speech import Said
from agent.planning.planner import Call

__all__ = ["Composition", "Draft", "Prohibition", "State", "When"]


@dataclass(frozen=True)
class When:
    """A condition on an earlier draft: a comparison with `{}` for its id."""

    comparison: str
    on: Draft
    others: tuple[Draft, ...] = ()
    """The same look at other stacks, where the condition doesn't say of which it is."""
    every: bool = False
    """It is to hold for all of them, and not for any."""

    @property
    def looks(self) -> tuple[Draft, ...]:
        """All that it is about, in their order."""
        return (*self.others, self.on)

    def turned(self) -> When:
        """When it doesn't hold."""
        return replace(self, comparison=negated(self.comparison), every=not self.every)

    def for_stack(self, stack: JsonValue | Draft) -> When:
        """What it says of one of the stacks that were looked at: `if either has drifted, repair it`."""
        own = next((look for look in self.looks if look.args.get("stack") == stack), None)
        return When(self.comparison, own) if own is not None and self.others else self


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
    values: frozenset[str] = frozenset()
    """The values that a setting isn't to get: `don't set it to 3, set it to 4`."""
    sweeping: bool = False
    """It is about everything at once: `don't pause everything, pause s-2`."""


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
    off_topic: bool = False
    """Something was to be made up or bought."""
    troubled: Said | None = None
    """A report that something is wrong."""

    otherwise: tuple[str, Call] | None = None
    """What to ask when nothing else came of it."""

    def ask(self, question: str, pending: Call | None = None) -> None:
        """Keep the first question."""
        if self.question is None:
            self.question, self.pending = question, pending


@dataclass
class State:
    """How far composing has come."""

    situation: Situation
    done: Composition = field(default_factory=Composition)
    condition: When | None = None
    """What the clauses that follow depend on."""
    unknowable: Clause | None = None
    """A condition that nothing can look up: no effect may follow under it."""
    last_condition: When | None = None
    proposition: When | None = None
    """What the last condition is about, without its negation: `if it is`, `if it isn't` say whether that holds."""
    before: Said | None = None
    """The last clause that asked for something or forbade it."""
    suggested: Said | None = None
    """An action that was mentioned as needed: `please do it` asks for it."""
    fresh: list[Draft] = field(default_factory=list)
    """The drafts of the last main clause."""
    exceptions: list[tuple[Prohibition, When]] = field(default_factory=list)
    """What is forbidden only under a condition: `if it has drifted, don't deploy it`."""
    withdrawn: list[Draft] = field(default_factory=list)
    """Drafts that were taken back before something else was asked for."""

    def writes(self, tool: str) -> bool:
        """Whether a tool has an effect."""
        return self.situation.catalogue[tool].effect.writes

    def forbid(self, prohibition: Prohibition) -> None:
        """Keep what is forbidden: altogether, or only under the condition that it stands under."""
        if self.condition is None:
            self.done.prohibitions.append(prohibition)
        else:
            self.exceptions.append((prohibition, self.condition))

    def written(self, said: Said) -> str:
        """A clause in the person's own words."""
        return self.situation.written(said.clause)

    def cannot_check(self, clause: Clause) -> None:
        """Ask about a condition that nothing can look up."""
        self.done.ask(
            f"I can't find out by myself whether “{self.situation.written(clause)}”. "
            "Shall I go on without waiting for that? Say what to do, and I will."
        )
