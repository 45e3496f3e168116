"""Several things asked at once: `health and drift of prod`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.concepts import ACTING
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.tokens import Token

__all__ = ["topics_apart"]

_APART: Final = (
    "drift",
    "health",
    "history",
    "output",
    "preview.n",
    "spend",
    "grant",
    "schedule.n",
    "watchlist",
    "audit",
    "lock",
    "config",
    "approval",
)
_KINDS: Final = ("stack", "competitor", "competitors", "channel", "time")


def topics_apart(said: Said) -> list[Said]:
    """`health and drift of prod` asks two things: a clause for each, with the names of both."""
    if (
        said.act not in (Act.INQUIRY, Act.COMMAND)
        or said.heads & ACTING - {"notify"}
        or any(token.has("wh", "channel") for token in said.tokens)
    ):
        return [said]
    topics = [_topic(said.tokens, at) for at in range(len(said.tokens))]
    for at, token in enumerate(said.tokens):
        if not (token.has("and") or token.text == ",") or not 0 < at < len(said.tokens) - 1:
            continue
        first = [topic for topic in topics[:at] if topic]
        second = [topic for topic in topics[at + 1 :] if topic]
        if first and second and first[-1] != second[0] and not set(first) & set(second):
            return _divided(said, at)
    return [said]


_OF_NO_STACK: Final = ("approval", "grant", "spend", "schedule.n", "watchlist")
_LATEST: Final = frozenset({"last", "latest", "recent", "previous"})


def _topic(tokens: Sequence[Token], at: int) -> str:
    """What a word asks about; `the last deploy` is a line of the history."""
    if tokens[at].has("deploy.n", "rollback.n") and at and tokens[at - 1].text in _LATEST:
        return "history"
    return next((topic for topic in _APART if topic in tokens[at].tags), "")


def _divided(said: Said, at: int) -> list[Said]:
    """The clauses before and behind the joint: what only one of them names holds for the other one too."""
    tokens = said.clause.tokens
    head = tuple(token for token in tokens[:1] if token.has(":base"))
    before, behind = tokens[:at], tokens[at + 1 :]
    parts = (before + _names_for(before, behind), head + behind + _names_for(behind, before))
    divided = [replace(said, clause=replace(said.clause, tokens=part), body=part) for part in parts]
    return [divided[0], *topics_apart(divided[1])]


def _names_for(part: Sequence[Token], other: Sequence[Token]) -> tuple[Token, ...]:
    """The names and times of another part, of the kinds that this one has none of."""
    general = any(token.has(*_OF_NO_STACK) for token in part)
    kinds = ("time",) if general else [kind for kind in _KINDS if not any(token.has(kind) for token in part)]
    return tuple(token for token in other if token.has("name", "time") and token.has(*kinds))
