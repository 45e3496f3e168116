"""A clause without what only surrounds it: fillers, greetings, connectives, a place or a time that is named first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.planning.offline.beginnings import after_a_step, emphatic
from agent.planning.offline.patterns import pattern
from agent.planning.offline.tokens import Token

__all__ = ["state_asked", "trimmed"]

_PLACE: Final = pattern(
    "on|for|in|at|about|regarding|re|concerning|with @det? @stack|@competitor|@channel|@url stack|environment|env? "
    ",|:|-?"
)
_AFTER_PLACE: Final = (":base", "wh", "be", "did", "modal", "you", "soft", "i", "config-key", "id")


_SIGNED_OFF: Final = ("det", "it", "name", "deploy.n", "approval", "id")
"""What `okay` approves; before anything else it is a word to begin with."""


def trimmed(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens that matter."""
    start, end = 0, len(tokens)
    while start < end and (after := _leading(tokens, start, end)):
        start = after
    while end > start and _trailing(tokens, end - 1):
        end -= 1
    return tuple(tokens[start:end])


def _leading(tokens: Sequence[Token], at: int, end: int) -> int | None:
    """Where what matters may begin, when the token here doesn't."""
    token = tokens[at]
    if token.text == "okay" and at + 1 < end and not tokens[at + 1].has(*_SIGNED_OFF):
        return at + 1
    if emphatic(tokens, at) and at + 1 < end:
        return at + 1
    if (step := after_a_step(tokens, at)) != at:
        return step
    time_first = token.has("time") and at + 1 < end
    if _filler(token) or token.kind == "mark" or time_first or (token.has("particle") and at == 0):
        return at + 1
    if token.has("prep") and at + 1 < len(tokens) and tokens[at + 1].text in ("which", "what", "whom"):
        return at + 1
    if token.text == "to" and at and at + 1 < len(tokens) and tokens[at + 1].has(":base"):
        return at + 1
    place = _PLACE.match(tokens, at)
    if place is not None and place < len(tokens) and tokens[place].has(*_AFTER_PLACE):
        return place
    return None


def _trailing(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if token.has("it") or state_asked(tokens, at):
        return False
    return _filler(token) or token.kind == "mark" or token.has("and", "or")


def state_asked(tokens: Sequence[Token], at: int) -> bool:
    """`production ok?`: the word here is what is asked."""
    return tokens[at].has("well") and at > 0 and tokens[at - 1].has("stack", "stack.n", "audit")


def _filler(token: Token) -> bool:
    if token.kind == "word" and token.text.endswith("ly") and not token.tags - {"unknown"}:
        return True
    if token.has(":base") and not token.has("courtesy"):
        return False
    return token.has("soft", "courtesy", "then") or (token.has("and", "or", "but") and not token.has("only"))
