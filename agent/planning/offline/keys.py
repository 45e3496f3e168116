"""Which words name a configuration key: `log_level`, `the log level of dev`, `4 replicas on production`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.patterns import pattern
from agent.planning.offline.readings import EFFECTS
from agent.planning.offline.things import NO_NAMES
from agent.planning.offline.tokens import Token, own_form

__all__ = ["INSTANCE_TYPE", "with_keys"]

INSTANCE_TYPE: Final = re.compile(r"(?:[a-z]+\.)?[a-z]+\d+[a-z]*\.\d*\w+", re.IGNORECASE)
"""`t3.large`, `db.m5.2xlarge`: a size of machine, and no key."""


def with_keys(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with those that name a configuration key tagged so."""
    marked = [_with_key(tokens, at) for at in range(len(tokens))]
    return _with_uses(_with_asked_keys(_with_plain_keys(marked)))


def _with_key(tokens: Sequence[Token], at: int) -> Token:
    token = tokens[at]
    if token.kind == "pair":
        return token
    if "_" in token.text and token.text in EFFECTS:
        return replace(token, tags=frozenset({"tool", f"tool={token.text}"}))
    if token.has("setting-name"):
        return replace(token, tags=frozenset({"config-key", "plain-key"}))
    if INSTANCE_TYPE.fullmatch(token.raw):
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
_IS_SET: Final = (
    pattern(
        "what|which @plain @plain? @be|has @soft* been? @set|configured|fixed|pinned to|at|as? @soft* "
        "on|of|for|in|@stack"
    ),
    pattern(
        "what @be @det* @plain @plain? @soft* @set|configured|fixed|pinned to|at|as? on|of|for|in|from @det? @stack"
    ),
    pattern("what @det? @stack 's @plain @plain? @be|@soft* @set|configured|$"),
    pattern("@plain @plain? on|of|in|for @det? @stack @soft|@be|@modal|to|get|gets|needs* @set to"),
    pattern("@plain @plain? @be|@modal|get|gets @soft|@be* @set to ... on|of|in|for @det? @stack"),
)
"""`what replicas is set to on dev`, `could replicas on dev be set to 3`"""
_MANY: Final = (
    pattern("how many|much @plain @plain? @did|@be|should @det? @stack"),
    pattern(
        "how many|much @plain @plain? @did|@be|should there|configured|@set|running|@i ... on|in|for|of @det? @stack"
    ),
    pattern("how many|much @plain @plain? on|in|for @det? @stack"),
    pattern("number of @plain on|in|for @det? @stack"),
)
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
        if any(t.has("config-key") and not t.has("plain-key") for t in tokens[at + 1 : end]):
            continue
        for i in range(at + 1, end):
            if _plain_key(tokens[i]):
                tokens[i] = replace(tokens[i], tags=tokens[i].tags | {"config-key", "plain-key"})
    return tokens


def _with_asked_keys(tokens: list[Token]) -> list[Token]:
    """`look up replicas on production`, `what is the region of dev`: plain words before a stack are a key."""
    plain = [replace(token, tags=token.tags | {"plain"}) if _plain_noun(token) else token for token in tokens]
    for at in range(len(tokens)):
        for row in (_ASKS_FOR_KEY, _SETS_KEY, _SETS_NUMBER, _IS_KEY, _WHICH_KEY, *_IS_SET, *_MANY):
            end = row.match(plain, at)
            for i in range(at, end or at):
                if plain[i].has("plain"):
                    tokens[i] = replace(tokens[i], tags=tokens[i].tags | {"config-key", "plain-key"})
    return tokens


_COUNTING: Final = frozenset({"many", "much", "number", "use", "pin"})


def _plain_noun(token: Token) -> bool:
    """A word that means nothing else here and may be a key's name."""
    return (
        token.kind == "word"
        and len(token.text) > 2
        and token.text != "'s"
        and not token.tags - {"unknown"}
        and token.text not in NO_NAMES
        and token.text not in _COUNTING
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


_USES: Final = tuple(
    pattern(row)
    for row in (
        "use|pin|run|give|lock|bump|raise|lower @det* @number @plain @plain? on|of|for|in|at @det? @stack",
        "use|pin|lock @det* @plain|@code @plain? at|to|on? @number|@id on|for|in|of @det? @stack",
        "use|pin|run|put|keep @det* @number|@id as|for @det* @plain|@code @plain? on|for|in|of @det? @stack",
        "give @det? @stack @number @plain @plain? $",
        "give @det? @stack @number @plain @plain? @soft|,|.",
        "run|keep @det? @stack with|on|at|to @number @plain @plain? $",
        "pin|scale|lock @plain|@code @plain? up|down? to|at @number|@id on|for|in|of @det? @stack",
        "pin|scale|lock @plain|@code @plain? on|for|in|of @det? @stack up|down? to|at @number|@id",
        "pin|lock @det? @stack 's? @plain|@code to|at @number|@id",
    )
)
"""`use 2 replicas on development`, `pin version 2.1.0 on dev`: words for settings that mean nothing else here."""


def _with_uses(tokens: list[Token]) -> list[Token]:
    plain = [replace(token, tags=token.tags | {"plain"}) if _plain_noun(token) else token for token in tokens]
    for at in range(len(tokens)):
        end = next((end for row in _USES if (end := row.match(plain, at)) is not None), None)
        if end is None:
            continue
        tokens[at] = replace(tokens[at], tags=frozenset({":base", "set", "set:base"}))
        for i in range(at + 1, end):
            if plain[i].has("plain") or plain[i].text == "version":
                tokens[i] = replace(tokens[i], tags=frozenset({"config-key", "plain-key"}))
    return tokens
