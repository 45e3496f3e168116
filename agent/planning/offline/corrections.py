"""A person who puts a name or a number right in the same breath: `deploy prod, sorry, I mean dev`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.planning.offline.tokens import Token

__all__ = ["corrected_by_the_person"]

_SAYING_SO: Final = frozenset(
    ["mean", "meant", "scratch", "correction", "sorry", "oops", "whoops", "nah", "nope", "typo", "er", "erm", "rather",
     "mistake", "apologies", "uhh", "umm", "strike", "oopsie", "bad", "wrong"]
)  # fmt: skip
_AROUND: Final = frozenset(
    ["no", "wait", "hang", "hold", "on", "that", "make", "it", "i", "my", "actually", "mate", "not", "ah", "oh", "argh",
     "uh", "um", "well", "should", "be", "say", "said", "was", "is", "to", "a", "hmm", "let", "me", "please", "pal",
     "one", "a", "second", "sec", "the", "other"]
)  # fmt: skip
_MARKS: Final = frozenset({",", "-", "--", "–", "—", ".", "..", "...", "(", ")", "!", ";", ":"})
_KINDS: Final = ("stack", "competitor", "channel", "number", "url")
_LEADING: Final = frozenset(["on", "in", "to", "for", "of", "at", "from", "the", "our"])


def corrected_by_the_person(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without what was taken back: the name before `sorry, I mean`, and the words that say so."""
    result: list[Token] = []
    at = 0
    while at < len(tokens):
        right = _put_right(tokens, at)
        if right is None:
            result.append(tokens[at])
            at += 1
        else:
            at = right
    return result


def _put_right(tokens: Sequence[Token], at: int) -> int | None:
    """Where the right name is, when the one here is taken back."""
    kind = next((kind for kind in _KINDS if tokens[at].has(kind)), None)
    if kind is None:
        return None
    end = at + 1
    while end < len(tokens) and _between(tokens[end]):
        end += 1
    said = {token.text for token in tokens[at + 1 : end]}
    saying = said & _SAYING_SO or {"no", "wait"} <= said or {"make", "that"} <= said
    while end < len(tokens) and tokens[end].text in _LEADING:
        end += 1
    there = saying and end < len(tokens) and tokens[end].has(kind) and tokens[end].value != tokens[at].value
    return end if there else None


def _between(token: Token) -> bool:
    return token.text in _MARKS if token.kind == "mark" else token.text in _SAYING_SO | _AROUND
