"""Ids tagged with what they are ids of, configuration keys as such, and names that were ruled out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.patterns import pattern
from agent.planning.offline.things import NO_NAMES
from agent.planning.offline.tokens import Token, own_form

__all__ = ["mark_things"]

_PREFIXES: Final = {
    "s": "schedule.n",
    "g": "grant",
    "t": "thread",
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
_PREFIX: Final = re.compile(r"([a-z]+)[-_:#]?\d")


def mark_things(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Tag ids with what they are ids of, and identifiers that may be configuration keys."""
    marked = _with_exclusions([_with_kind(tokens, at) for at in range(len(tokens))])
    marked = [_with_key(marked, at) for at in range(len(marked))]
    return tuple(_with_asked_keys(_with_plain_keys(marked)))


def _with_kind(tokens: Sequence[Token], at: int) -> Token:
    token = tokens[at]
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


_EXCLUDING: Final = pattern("not|except|excluding|besides|without|minus|bar for|from|in|on|to|of? @det?")


def _with_exclusions(tokens: list[Token]) -> list[Token]:
    """Names after `not`, `except`, `but not`: tagged `excluded`, and the word before them `contrast`."""
    for at, token in enumerate(tokens):
        end = _EXCLUDING.match(tokens, at)
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


def _with_key(tokens: Sequence[Token], at: int) -> Token:
    token = tokens[at]
    if token.kind == "pair":
        return token
    identifier = not re.fullmatch(r"v?\d[\w.]*", token.raw) and (
        token.kind == "word" and own_form(token.raw) and not token.has("name") and any(c in "_:." for c in token.raw)
    )
    camel = token.kind == "word" and re.fullmatch(r"[a-z]+(?:[A-Z][a-z0-9]+)+", token.raw) is not None
    if identifier or camel:
        named = {"config-key", "output"} if _OUTPUT_KEY.search(token.raw) else {"config-key"}
        return replace(token, tags=(token.tags - {"unknown"}) | named)
    return token


_SETS: Final = frozenset({"to", "too", "="})
_ASKS_FOR_KEY: Final = pattern("@get:base|@ask:base|@show:base @det* @plain @plain? on|of|for|in|from @det? @stack")
_SETS_NUMBER: Final = pattern("@set:base @det* @plain @plain? @number")
_OUTPUT_KEY: Final = re.compile(r"(?:^|_)(?:url|uri|endpoint|address|arn|dns|hostname|output)$", re.IGNORECASE)
_SETS_KEY: Final = pattern("@set:base @det* @plain @plain? on|of|for|in @det? @stack")
_WHICH_KEY: Final = pattern("which|what @plain @plain? @did|@be @det? @stack")
_IS_KEY: Final = pattern("what|which @be @det* @plain @plain? @set:base? to? on|of|for|in|from @det? @stack")


def _with_plain_keys(tokens: list[Token]) -> list[Token]:
    """`set the log level to debug`: plain words between the verb and the value are a key."""
    for at, token in enumerate(tokens):
        if not token.has("set:base", "set:ing", "update:base") or (
            token.has("name", "gapped") and not token.has("set:base")
        ):
            continue
        end = next((i for i in range(at + 1, min(at + 9, len(tokens))) if tokens[i].text in _SETS), None)
        if (
            end is None
            or end + 1 >= len(tokens)
            or any(t.kind == "mark" for t in tokens[at:end])
            or not _may_be_value(tokens[end + 1])
        ):
            continue
        if any(t.has("config-key") for t in tokens[at + 1 : end]):
            continue
        for i in range(at + 1, end):
            if _plain_key(tokens[i]):
                tokens[i] = replace(tokens[i], tags=tokens[i].tags | {"config-key", "plain-key"})
    return tokens


def _with_asked_keys(tokens: list[Token]) -> list[Token]:
    """`look up replicas on production`, `what is the region of dev`: plain words before a stack are a key."""
    plain = [replace(token, tags=token.tags | {"plain"}) if _plain_noun(token) else token for token in tokens]
    for at in range(len(tokens)):
        for row in (_ASKS_FOR_KEY, _SETS_KEY, _SETS_NUMBER, _IS_KEY, _WHICH_KEY):
            end = row.match(plain, at)
            for i in range(at, end or at):
                if plain[i].has("plain"):
                    tokens[i] = replace(tokens[i], tags=tokens[i].tags | {"config-key", "plain-key"})
    return tokens


def _plain_noun(token: Token) -> bool:
    """A word that means nothing else here and may be a key's name."""
    return (
        token.kind == "word"
        and len(token.text) > 2
        and token.text != "'s"
        and not token.tags - {"unknown"}
        and token.text not in NO_NAMES
    )


def _may_be_value(token: Token) -> bool:
    if token.has(
        "deploy:base", "destroy:base", "rollback:base", "repair:base", "sweep:base", "unlock:base", "see", "ask:base"
    ):
        return False
    return token.kind in ("number", "id", "quote", "span") or (
        token.kind == "word" and not token.has("det", "it", "name", "time", "prep", "wh", "stack.n", "channel")
    )


def _plain_key(token: Token) -> bool:
    return (
        token.kind == "word"
        and token.text != "'s"
        and not token.has(
            "det",
            "prep",
            "name",
            "soft",
            "it",
            "stack.n",
            "particle",
            "config",
            "competitors",
            "deploy.n",
            "checkpoint.n",
            "schedule.n",
            "everything",
        )
    )
