"""The guard: what may be done, what a person is asked first, and what isn't done at all.

`decide` is pure and total over a finite record of facts. Every rule looks at those facts alone and answers with the
least that it insists on; the strictest answer counts. So a rule can be read, tested and switched off by itself, and
more taint or more secrecy can never make a call more allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from memory.labels import Confidentiality, Integrity
from tools.declaration import Effect, Gate

__all__ = ["POLICY_VERSION", "RULES", "Answer", "Facts", "Origin", "Standing", "Verdict", "decide"]

POLICY_VERSION = "2"
"""Bound into every approval. To be changed with any rule."""


class Origin(StrEnum):
    """What is known of the place that a call sends to or fetches from."""

    NONE = "none"
    """The call has no destination."""
    ALLOWED = "allowed"
    """The configuration names it, or a person approved watching it."""
    NAMED = "named"
    """Not allowed yet, but the requester wrote it in their own words."""
    FOREIGN = "foreign"
    PRIVATE = "private"
    """Private, loopback or metadata address space that the configuration doesn't name exactly."""


class Standing(StrEnum):
    """Whether a standing grant speaks for the call."""

    NONE = "none"
    WITHIN = "within"
    EXCEEDED = "exceeded"
    """A grant for this tool and destination exists, but the call is outside its template, rate or time."""


class Answer(StrEnum):
    """From the mildest to the strictest."""

    ALLOW = "allow"
    ASK_ONE = "ask_one"
    ASK_TWO = "ask_two"
    DENY = "deny"

    rank: int
    """0 for allow up to 3 for deny."""

    def __init__(self, _: str) -> None:
        self.rank = len(type(self).__members__)

    @property
    def people(self) -> int:
        """How many different people must approve: 0, 1 or 2; 0 for a denial, which nobody can lift."""
        return {Answer.ASK_ONE: 1, Answer.ASK_TWO: 2}.get(self, 0)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a verdict depends on."""

    declared: bool
    effect: Effect
    gate: Gate
    rotates: bool
    control: bool
    """The tool cancels, revokes or resumes."""
    origin: Origin
    destination: Integrity
    influence: Integrity
    """Joined over target, options, payload, the condition, and the planning itself."""
    confidentiality: Confidentiality
    """Of what is carried."""
    clearance: Confidentiality
    """Of the destination."""
    attended: bool
    """A person is there to be asked; false for schedules."""
    halted: bool
    """Paused or read-only."""
    standing: Standing
    protected: bool
    """The target is a protected stack."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer with the names of the rules that insist on it, and a sentence for each."""

    answer: Answer
    rules: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """Whether the call may be made without asking anybody."""
        return self.answer is Answer.ALLOW


Insists = tuple[Answer, str]
Rule = Callable[[Facts], Insists | None]


def _granted(facts: Facts) -> bool:
    """A grant never covers destruction, rotation, or anything on a protected stack."""
    covers = facts.effect in (Effect.EGRESS, Effect.CHANGE) and not facts.rotates and not facts.protected
    return covers and facts.standing is Standing.WITHIN


def undeclared(facts: Facts) -> Insists | None:
    """R0: what has no declaration isn't done."""
    return None if facts.declared else (Answer.DENY, "no such tool is declared")


def foreign_origin(facts: Facts) -> Insists | None:
    """R1: a destination's origin must be allowed; one that the requester wrote may be approved."""
    match facts.origin:
        case Origin.FOREIGN:
            return Answer.DENY, "the destination is neither configured nor named in the requester's own words"
        case Origin.PRIVATE:
            return Answer.DENY, "private addresses are refused unless the configuration names them exactly"
        case Origin.NAMED:
            return Answer.ASK_ONE, "the destination is new: the requester named it, nobody has approved it yet"
        case Origin.NONE | Origin.ALLOWED:
            return None


def confidential(facts: Facts) -> Insists | None:
    """R2: nothing goes where it may not be seen; a secret goes nowhere."""
    if facts.origin is Origin.NONE:
        return None
    if facts.confidentiality is Confidentiality.SECRET:
        return Answer.DENY, "it would carry a secret out"
    if facts.confidentiality.rank > facts.clearance.rank:
        return Answer.ASK_ONE, f"it would show {facts.confidentiality} content in a {facts.clearance} place"
    return None


def untrusted_destination(facts: Facts) -> Insists | None:
    """R3: a destination that was read somewhere is a person's to accept."""
    if facts.origin is Origin.NONE or facts.destination is Integrity.TRUSTED:
        return None
    if not facts.attended:
        return Answer.DENY, "the destination comes from text that was read, and nobody is there to look at it"
    return Answer.ASK_ONE, "the destination comes from text that was read"


def untrusted_influence(facts: Facts) -> Insists | None:
    """R4: what untrusted text influenced goes out or changes something only with a person's or a grant's word."""
    if facts.effect is Effect.READ or facts.influence is Integrity.TRUSTED or _granted(facts):
        return None
    return Answer.ASK_ONE, "what it does or carries was influenced by text that nobody vouches for"


def ruin(facts: Facts) -> Insists | None:
    """R5: nothing is destroyed or rotated because of something that was read, or with nobody there."""
    if facts.effect is not Effect.DESTROY and not facts.rotates:
        return None
    if Integrity.UNTRUSTED in (facts.influence, facts.destination):
        return Answer.DENY, "it destroys or rotates, and text that nobody vouches for had a part in it"
    if not facts.attended:
        return Answer.DENY, "it destroys or rotates, and nobody is there"
    return None


def declared_gate(facts: Facts) -> Insists | None:
    """R6: what the tool declares; destruction and rotation take two different people whatever it declares."""
    if facts.gate is Gate.TWO or facts.effect is Effect.DESTROY or facts.rotates:
        return Answer.ASK_TWO, "two different people must approve this"
    if facts.gate is Gate.ONE and not _granted(facts):
        return Answer.ASK_ONE, "a person must approve this"
    return None


def halted(facts: Facts) -> Insists | None:
    """R7: while paused or read-only, only reads and what cancels, revokes or resumes."""
    if facts.halted and facts.effect is not Effect.READ and not facts.control:
        return Answer.DENY, "everything that has an effect is paused, or not for this person"
    return None


RULES: dict[str, Rule] = {
    "R0": undeclared,
    "R1": foreign_origin,
    "R2": confidential,
    "R3": untrusted_destination,
    "R4": untrusted_influence,
    "R5": ruin,
    "R6": declared_gate,
    "R7": halted,
}


def decide(facts: Facts) -> Verdict:
    """The strictest answer of all the rules, with those that gave it first."""
    insisting = [(name, *found) for name, rule in RULES.items() if (found := rule(facts))]
    insisting.sort(key=lambda item: -item[1].rank)
    return Verdict(
        answer=insisting[0][1] if insisting else Answer.ALLOW,
        rules=tuple(name for name, _, _ in insisting),
        reasons=tuple(reason for _, _, reason in insisting),
    )
