"""Several things asked at once: `health and drift of prod`."""

from __future__ import annotations

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
)


def topics_apart(said: Said) -> list[Said]:
    """`health and drift of prod` asks two things: a clause for each, with the names of both."""
    if (
        said.act not in (Act.INQUIRY, Act.COMMAND)
        or said.heads & ACTING - {"notify"}
        or any(token.has("wh", "channel") for token in said.tokens)
    ):
        return [said]
    for at, token in enumerate(said.tokens):
        if not (token.has("and") or token.text == ",") or not 0 < at < len(said.tokens) - 1:
            continue
        left = [_topic(each) for each in said.tokens[:at]]
        right = [_topic(each) for each in said.tokens[at + 1 :]]
        first, second = [topic for topic in left if topic], [topic for topic in right if topic]
        if first and second and first[-1] != second[0] and not set(first) & set(second):
            return _divided(said, at)
    return [said]


def _topic(token: Token) -> str:
    return next((topic for topic in _APART if topic in token.tags), "")


def _divided(said: Said, at: int) -> list[Said]:
    tokens = said.clause.tokens
    names = tuple(token for token in tokens if token.has("name", "time"))
    head = tuple(token for token in tokens[:1] if token.has(":base"))
    first = (*tokens[:at], *(token for token in names if token not in tokens[:at]))
    second = (
        *head,
        *tokens[at + 1 :],
        *(
            token
            for token in names
            if token not in tokens[at + 1 :] and not any(t.has("stack") for t in tokens[at + 1 :] if token.has("stack"))
        ),
    )
    parts = [replace(said, clause=replace(said.clause, tokens=part), body=part) for part in (first, second)]
    return [parts[0], *topics_apart(parts[1])]
