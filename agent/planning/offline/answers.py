"""An answer to an open question, taken whole as the argument that was missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.situation import Situation, kind_of
from agent.planning.offline.times import When
from agent.planning.offline.tokens import Token

__all__ = ["answered"]

_OPENING: Final = re.compile(
    r"^(?:(?:please|make it|set it to|set to|change it to|it should be|should be|to|use|it's|its|"
    r"it is|say|write|just|that|the|call it|put|=|:)\s+)+",
    re.IGNORECASE,
)
_VAGUE: Final = frozenset(
    [
        "whichever",
        "whatever",
        "any",
        "anything",
        "either",
        "something",
        "idk",
        "dunno",
        "you",
        "no",
        "yes",
        "maybe",
        "hmm",
        "nothing",
        "none",
        "default",
        "usual",
        "doesn't",
    ]
)
_LONGEST_VALUE: Final = 6


def answered(situation: Situation, tool: str, argument: str, tokens: Sequence[Token]) -> JsonValue:
    """The answer as a value of the argument's kind, or None when it is none."""
    slot = situation.slots(tool)[argument]
    kind = kind_of(slot.kind)
    written = _restored(situation).strip()
    if not written or (tokens and tokens[0].text in _VAGUE and kind != "content"):
        return None
    if kind in ("content", "question", "request"):
        return written
    if kind == "when":
        return next((token.value.often or token.value.at for token in tokens if isinstance(token.value, When)), None)
    short = _OPENING.sub("", written).strip(" .!,;\"'“”")
    if kind == "value":
        return short if len(short.split()) <= _LONGEST_VALUE else None
    if kind in ("key", "name", "checkpoint", "schedule", "grant", "alert", "thread", "text", "aspect"):
        return short if len(short.split()) == 1 and re.search(r"\w", short) and _single(kind, short) else None
    return None


def _single(kind: str, word: str) -> bool:
    """Whether one word can be such an argument: ids have a digit, keys and names any form."""
    return kind in ("key", "name", "checkpoint", "aspect", "text") or any(character.isdigit() for character in word)


def _restored(situation: Situation) -> str:
    text = situation.read.text
    for at, quote in enumerate(situation.read.quotes):
        text = text.replace(f"\u27e6{at}\u27e7", quote)
    return " ".join(text.split())
