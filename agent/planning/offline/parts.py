"""The parts of a request: clauses, how each is tied to the one before it, and what it does in its sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent.planning.offline.tokens import Token

__all__ = ["Clause", "Link", "Part"]


class Link(StrEnum):
    """How a clause is tied to the one before it."""

    START = "start"
    AND = "and"
    THEN = "then"
    BUT = "but"
    OR = "or"
    ELSE = "else"


class Part(StrEnum):
    """What a clause does in its sentence."""

    MAIN = "main"
    IF = "if"
    UNLESS = "unless"
    UNTIL = "until"
    REASON = "reason"
    """Why, what for, which one: read for names, never for actions."""
    AFTER = "after"
    BEFORE = "before"


@dataclass(frozen=True)
class Clause:
    """Tokens that say one thing."""

    tokens: tuple[Token, ...]
    link: Link = Link.START
    part: Part = Part.MAIN
    sentence: int = 0
    question: bool = False
    """Its sentence ends with a question mark."""
    leading: bool = False
    """A condition or reason that stands before what it belongs to."""
    fresh: bool = True
    """Nothing of its sentence runs straight into it: `…, if …` and not `fix it if …`."""
