"""Ids tagged with what they are ids of, names that were ruled out, and configuration keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.keys import with_keys
from agent.planning.offline.patterns import pattern
from agent.planning.offline.tokens import Token

__all__ = ["mark_things"]

_PREFIXES: Final = {
    "s": "schedule.n",
    "g": "grant",
    "t": "thread",
    "c": "alert",
    "sched": "schedule.n",
    "grant": "grant",
    "alert": "alert",
    "sch": "schedule.n",
    "thread": "thread",
    "ops": "thread",
    "job": "thread",
    "conv": "thread",
}
_ID_NOUNS: Final = ("schedule.n", "grant", "thread", "alert", "checkpoint.n", "work")
_SAVED: Final = ("checkpoint.n", "checkpoint", "rollback", "rollback.n")
_WORDED: Final = re.compile(
    r"(?:hourly|daily|nightly|weekly|monthly|quarterly|weekday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|morning|evening)"
    r"s?[-_][a-z]"
)
"""`weekly-digest`, `monday-briefing`: what people call a schedule."""
_PREFIX: Final = re.compile(r"([a-z]+)(?:[-_:#]?\d|_[a-z\d]{4,}$)")
"""`s-4`, `a_2kq…`, and ids without a digit: `s_sweep`."""


def mark_things(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Tag ids with what they are ids of, and identifiers that may be configuration keys."""
    marked = _with_exclusions([_with_kind(tokens, at) for at in range(len(tokens))])
    marked = [_with_description(marked, at) for at in range(len(marked))]
    return tuple(with_keys(marked))


def _with_kind(tokens: Sequence[Token], at: int) -> Token:
    token = tokens[at]
    if token.kind == "word" and _WORDED.match(token.raw.lower()) and not any(t.has(*_SAVED) for t in tokens):
        return replace(token, tags=frozenset({"id", "id:schedule.n", "schedule.n"}))
    if token.kind not in ("id", "number") and not (token.kind == "word" and "-" in token.text and token.has("unknown")):
        return token
    for beside in (*range(at - 1, max(-1, at - 4), -1), at + 1):
        if 0 <= beside < len(tokens) and (noun := _id_noun(tokens[beside])):
            return replace(token, tags=token.tags | {"id", f"id:{noun}"})
        if (
            0 <= beside < at
            and not tokens[beside].has("det", "be", "and", "id", "number", "grant", "prep")
            and tokens[beside].text not in (",", "number", "id", "no", "called", "named", "#")
        ):
            break
    prefix = _PREFIX.match(token.text)
    kind = _PREFIXES.get(prefix[1]) if prefix and token.kind == "id" else None
    return replace(token, tags=token.tags | {"id", f"id:{kind}", kind}) if kind else token


_REGULAR: Final = (
    "sweep.n", "check.n", "schedule.n", "drift", "health", "preview.n", "message", "result", "digest", "audit",
)  # fmt: skip
_REGULAR_WORDS: Final = frozenset(
    ["digest", "report", "summary", "post", "brief", "briefing", "recap", "roundup", "verification", "run", "job",
     "newsletter", "reminder", "checks", "posts", "sweep", "sweeps"]
)  # fmt: skip
_HOW_OFTEN: Final = frozenset(["daily", "nightly", "weekly", "hourly", "monthly", "quarterly"])
_MAKING: Final = ("schedule:base", "add:base", "generate:base")
_WITHIN: Final = 4
"""How many words may stand between a schedule's time and what it does: `the Friday EliseAI pricing digest`."""


def _makes(tokens: Sequence[Token], at: int) -> bool:
    """`schedule a nightly check`, and not `the schedule for …`."""
    noun = bool(at) and tokens[at - 1].has("det")
    return not noun and (tokens[at].has(*_MAKING) or tokens[at].text in ("set up", "create"))


def _with_description(tokens: Sequence[Token], at: int) -> Token:
    """`the nightly drift check`, `our Monday sweep`: a time that tells which schedule is meant, and makes none."""
    token = tokens[at]
    regular = token.has("often", "later") or token.text in _HOW_OFTEN
    if not regular or not at or " " in token.text:
        return token
    if not (tokens[at - 1].has("det") or tokens[at - 1].text == "'s"):
        return token
    if any(_makes(tokens, before) for before in range(at)):
        return token
    following = tokens[at + 1 : at + 1 + _WITHIN]
    end = next((i for i, other in enumerate(following) if other.kind == "mark" or other.has("prep")), len(following))
    if any(other.has(*_REGULAR) or other.text in _REGULAR_WORDS for other in following[:end]):
        return replace(token, tags=(token.tags - {"often", "later"}) | {"described"})
    return token


_EXCLUDING: Final = pattern("not|except|excluding|besides|without|minus|bar for|from|in|on|to|of? @det?")
_INSTEAD: Final = pattern("instead|rather of|than for|from|in|on|to|of? @det?")
_ALL_BUT: Final = pattern("but|save for|from? @det?")
"""`all stacks but prod`"""
_ALL: Final = frozenset(["all", "every", "everything", "everyone", "everybody", "each", "any", "all of them"])


def _with_exclusions(tokens: list[Token]) -> list[Token]:
    """Names after `not`, `except`, `but not`: tagged `excluded`, and the word before them `contrast`."""
    for at, token in enumerate(tokens):
        end = _EXCLUDING.match(tokens, at) or _INSTEAD.match(tokens, at)
        if end is None and any(other.text in _ALL for other in tokens[max(0, at - 4) : at]):
            end = _ALL_BUT.match(tokens, at)
        if end is None or end >= len(tokens) or at == 0 or not tokens[end].has("name", "channel"):
            continue
        if not any(other.has(":base", "competitors", "everything", "name") for other in tokens[:at]):
            continue
        tokens[at] = replace(token, tags=(token.tags - {"negative"}) | {"contrast"})
        while end < len(tokens) and (tokens[end].has("name", "channel") or tokens[end].text in ("and", "or", "nor")):
            if tokens[end].has("name", "channel"):
                kept = tokens[end].tags - {"stack", "competitor", "channel", "name"}
                tokens[end] = replace(tokens[end], tags=kept | {"excluded", f"excluded:{tokens[end].value}"})
            end += 1
    return tokens


def _id_noun(token: Token) -> str | None:
    if token.kind == "name" or token.has("name"):
        return None
    return next((noun for noun in _ID_NOUNS if token.has(noun)), None)
