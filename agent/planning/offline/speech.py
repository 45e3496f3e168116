"""Speech acts: what a clause does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent.planning.offline.parts import Clause
from agent.planning.offline.tokens import Token

__all__ = ["Act", "Said"]


class Act(StrEnum):
    """The speech acts that planning tells apart."""

    COMMAND = "command"
    """Do something, whatever its effect."""
    INQUIRY = "inquiry"
    """Say something about how things are."""
    HYPOTHESIS = "hypothesis"
    """Would it be safe, what would happen, should we."""
    PAST = "past"
    """Did we, when did, who did."""
    WHY = "why"
    HOW = "how"
    """How is it done, can you do it at all."""
    SUGGESTION = "suggestion"
    """Perhaps a command; nobody said so plainly."""
    PROHIBITION = "prohibition"
    STATEMENT = "statement"
    FRAGMENT = "fragment"
    """Names or times alone: it goes on with something said before."""
    COURTESY = "courtesy"


@dataclass(frozen=True)
class Said:
    """A clause with its act, its main verb and the words that matter."""

    act: Act
    clause: Clause
    body: tuple[Token, ...]
    head: Token | None = None
    heads: frozenset[str] = frozenset()
    """The concepts that the main verb may stand for."""
    contrast: bool = False
    """`only …`, `just …` after something was ruled out."""

    @property
    def tokens(self) -> tuple[Token, ...]:
        """All of the clause's tokens."""
        return self.clause.tokens
