"""Words without any meaning here that stand where a name should, or beside one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.planning.offline.partial import component
from agent.planning.offline.things import NO_NAMES, Things
from agent.planning.offline.tokens import Token, own_form

__all__ = ["joined_stranger", "stranger"]

_PLACES: Final = {
    "stack": frozenset(["on", "in", "of", "to", "for", "at", "from"]),
    "competitor": frozenset(["at", "on", "from", "of", "for", "about", "with", "by", "regarding"]),
}
"""The prepositions before a name of the kind."""


_JOINING: Final = ("and", "or")
_ENVIRONMENTS: Final = frozenset(
    ["staging", "stage", "stg", "qa", "uat", "test", "testing", "sandbox", "demo", "preprod", "pre-prod", "canary",
     "integration", "preview", "perf", "dr"]
)  # fmt: skip


def joined_stranger(things: Things, kind: str) -> str:
    """`deploy dev and staging`, `compare RealPage and Zillow`: a name that nobody knows is joined to one that is known.

    It would be dropped in silence otherwise. For a stack, only a usual environment or an identifier counts.
    """
    tokens = things.tokens
    for at in range(1, len(tokens) - 1):
        if not (tokens[at].has(*_JOINING) or tokens[at].text in ("vs", "versus")):
            continue
        for one, other in ((tokens[at - 1], tokens[at + 1]), (tokens[at + 1], tokens[at - 1])):
            if not (one.has(kind) and one.has("name")):
                continue
            listed = other is tokens[at + 1] and _swept(things) and _ends(tokens[at + 2 : at + 3])
            if _like_a_name(other, kind) or (kind == "competitor" and listed and _meaningless(other)):
                return other.raw
    return ""


def _swept(things: Things) -> bool:
    return things.head is not None and things.head.has("sweep", "look")


def _ends(following: Sequence[Token]) -> bool:
    """Whether nothing follows that would make more than a name of the word before: `sweep RealPage and knock now`."""
    return not following or following[0].kind == "mark" or following[0].has("time", "and", "then", "soft", "courtesy")


def _like_a_name(token: Token, kind: str) -> bool:
    if token.kind not in ("word", "id") or token.has("name"):
        return False
    if kind == "stack" and token.text in _ENVIRONMENTS:
        return True
    named = token.raw[:1].isupper() if kind == "competitor" else "-" in token.raw
    return named and (token.kind == "id" or _meaningless(token))


def stranger(things: Things, kind: str) -> str:
    """A word without any meaning here that stands where a name should: `deploy staging`, `news at Zillow`."""
    for at, token in enumerate(things.tokens):
        if token.kind == "word" and _meaningless(token) and _in_place(things, at, kind):
            return token.raw
    return ""


_NEWS: Final = ("change", "aspect", "page", "before-after")


def _in_place(things: Things, at: int, kind: str) -> bool:
    tokens = things.tokens
    before = at - 1
    while before >= 0 and tokens[before].has("det") and not tokens[before].has("prep"):
        before -= 1
    earlier = tokens[before] if before >= 0 else None
    later = tokens[at + 1] if at + 1 < len(tokens) else None
    if kind == "stack" and later is not None and later.has("output", "config") and tokens[at].text not in _ENVIRONMENTS:
        return False  # `what's the api url?`
    placed = earlier is not None and earlier.text in _PLACES[kind]
    proper = tokens[at].raw[:1].isupper() and at > 0 and tokens[at].start > 0
    proper = proper or (kind == "competitor" and own_form(tokens[at].raw) and later is not None and later.has(*_NEWS))
    if placed or proper or (later is not None and later.text == "'s"):
        return True
    head = things.head
    if head is not None and earlier is head and not head.has("ask", "show"):
        return True
    environment = later is not None and later.has("stack.n")
    subject = earlier is not None and earlier.has("be", "did", "modal")
    return kind == "stack" and (environment or subject)


def _meaningless(token: Token) -> bool:
    return (
        token.text not in NO_NAMES
        and not component(token)
        and not (token.tags - {"unknown", "it", ":base", ":noun"})
        and (len(token.text) > 2 or token.has("unknown"))
        and token.text != "'s"
    )
