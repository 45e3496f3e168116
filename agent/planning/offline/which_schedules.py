"""Schedules as people say which they mean: all of them, theirs, or by what they do and when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agent.planning.offline.things import Things
from agent.planning.offline.tokens import Token

__all__ = ["described"]

_EVERY: Final = frozenset({"all", "every", "each", "everything"})
_BUT: Final = frozenset({"except", "but", "besides", "apart", "bar", "minus", "excluding", "without", "save", "other"})


def described(things: Things) -> list[str]:
    """What names the schedules that are meant: `all`, `mine`, or `the nightly drift check` and others like it."""
    several = _several(things)
    return [several] if several else _descriptions(things)


def _several(things: Things) -> str:
    """`all schedules`, `my schedules`; empty where some are left out or singled out, which no name says."""
    words = {token.text for token in things.tokens}
    if words & _BUT or things.tagged(*_REGULAR, "competitor", "stack", "channel") or not things.tagged("schedule.n"):
        return ""
    if words & _EVERY or things.tagged("everything"):
        return "all"
    plural = any(token.has("schedule.n") and token.raw.lower().endswith("s") for token in things.tokens)
    return "mine" if plural and "my" in words else ""


_SAYING_WHICH: Final = re.compile(
    r"^(?:(?:the|our|my|that|this|your|a|schedule|schedules|job|jobs|task|for|of|called|named|which|runs|does|doing)"
    r"\s+)+|(?:\s+(?:schedule|schedules|job|jobs|please|again|for now|altogether|for good))+$",
    re.IGNORECASE,
)


def _descriptions(things: Things) -> list[str]:
    """`the nightly drift check`, `the sweep and the digest`: schedules by what they do and when."""
    start = next((at + 1 for at, token in enumerate(things.tokens) if token is things.head), 0)
    said: list[list[Token]] = [[]]
    for token in things.tokens[start:]:
        ends = token.has("then", "but", "until", "channel", "if", *(() if token.text == "for" else ("because",)))
        if ends and said[0]:
            break
        if token.kind == "mark" or token.has("and"):
            said.append([])
        elif not token.has("particle", "courtesy"):
            said[-1].append(token)
    found = [_which(words) for words in said if any(token.has(*_TELLING) for token in words)]
    return [which for which in found if which.lower() not in _UNSAID]


def _which(tokens: Sequence[Token]) -> str:
    written = " ".join(token.raw for token in tokens)
    while (shorter := _SAYING_WHICH.sub("", written).strip()) != written:
        written = shorter
    return written


_REGULAR: Final = ("sweep.n", "check.n", "drift", "digest", "health", "audit", "preview.n")
_TELLING: Final = ("described", *_REGULAR, "competitor", "stack")
_UNSAID: Final = frozenset({"", "it", "that", "this", "schedule", "schedules", "them", "all", "everything"})
