"""All that a request says of when: `at 2:30 on 8 March 2027`, `every day … at 9 and 17`, `at 2:30am new york time`.

What reads the times of schedules decides which words belong to the time; the rest is the request.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from agent.planning.offline.times import When
from agent.planning.offline.tokens import Token
from tools.errors import ToolError
from tools.timetable.reading import read_when

__all__ = ["SpokenTime", "by_an_amount", "from_now_on", "spoken_time"]

_BEFORE, _BEHIND = 3, 6
_HANGING: Final = frozenset({"and", "on", "in", "at", "for", "of", "to", "the", "a", "an", "with", "from", "by", ","})
"""What neither begins nor ends a time with nothing behind it."""
_RELATIVE: Final = frozenset(
    ["increase", "decrease", "raise", "lower", "bump", "reduce", "grow", "shrink", "cut", "scale", "up", "double"]
)


_FROM_NOW: Final = re.compile(r"\b(?:from|starting|beginning|as of)\s+(?:today|tomorrow|now|tonight)\b")


@dataclass(frozen=True)
class SpokenTime:
    """The words that say when, and the tokens in which they stand."""

    text: str
    tokens: tuple[Token, ...]


def by_an_amount(head: Token | None, token: Token) -> bool:
    """`increase replicas by 2`: how much, and not by when."""
    return head is not None and head.text in _RELATIVE and re.fullmatch(r"by \d+%?", token.text) is not None


def from_now_on(tokens: Sequence[Token], at: int) -> bool:
    """`from tomorrow on, daily at midnight`: when the next time is, anyhow."""
    return _FROM_NOW.search(" ".join(token.text for token in tokens[max(at - 1, 0) : at + 1])) is not None


def spoken_time(tokens: Sequence[Token], text: str, now: datetime) -> SpokenTime | None:
    """The longest words around those that are known to say when and can be read as one time.

    None when nothing besides the one that is known belongs to it.
    """
    places = [at for at, token in enumerate(tokens) if token.has("often", "later") and not from_now_on(tokens, at)]
    if not places:
        return None
    first, last = places[0], places[-1]
    starts = range(first, max(first - _BEFORE, 0) - 1, -1)
    found: SpokenTime | None = None
    for start in starts:
        if not _may_belong(tokens[start : first + 1]):
            break
        for end in range(last + 1, min(last + 1 + _BEHIND, len(tokens)) + 1):
            part = tokens[start:end]
            if not _may_belong(part):
                break
            said = text[part[0].start : part[-1].end]
            longer = len(part) > 1 and (found is None or len(part) > len(found.tokens))
            if longer and not {part[0].text, part[-1].text} & _HANGING and _reads(said, now):
                found = SpokenTime(said, tuple(part))
    return found or (_apart([tokens[at] for at in places], text, now) if len(places) > 1 else None)


def _apart(due: Sequence[Token], text: str, now: datetime) -> SpokenTime:
    """`at 9 check dev every day`: the rule and its time of day, with the request between them.

    Without words where the two make no time together: then that is asked, and neither is dropped.
    """
    often = [token for token in due if token.has("often")]
    later = [token for token in due if not token.has("often")]
    said = " ".join(_known(token) or text[token.start : token.end] for token in (*often, *later))
    return SpokenTime(said if len(often) < 2 and _reads(said, now) else "", tuple(due))


def _known(token: Token) -> str | None:
    """What it says in the words that are read everywhere: `at 9` for `at nine`."""
    return token.value.often or token.value.at if isinstance(token.value, When) else None


def _may_belong(tokens: Sequence[Token]) -> bool:
    return all(
        token.has("often", "later", "time", "since")
        or token.kind == "number"
        or (token.kind in ("word", "mark") and not token.has(":base", "name", "it", "wh", "soft", "stack.n", "drift"))
        for token in tokens
    )


@lru_cache(maxsize=128)
def _reads(words: str, now: datetime) -> bool:
    try:
        read_when(words, "UTC", now)
    except ToolError:
        return False
    return True
