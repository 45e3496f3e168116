"""Configuration keys and the values they are to get: `set KEY to VALUE`, `KEY=VALUE`, `the region of dev`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.days import NUMBERS
from agent.planning.offline.keys import INSTANCE_TYPE
from agent.planning.offline.things import Things
from agent.planning.offline.tokens import own_form

__all__ = ["Setting", "config_key", "setting"]


@dataclass(frozen=True)
class Setting:
    """A configuration key and value that a clause names."""

    key: str = ""
    value: JsonValue = None


_TO: Final = frozenset(
    [
        "to",
        "up to",
        "becomes",
        "become",
        "too",
        "=",
        "as",
        "at",
        "is",
        "be",
        "equals",
        "into",
        "equal",
        "with",
        ":",
        "=>",
        "by",
    ]
)
_AFTER_KEY: Final = frozenset(
    [
        "on",
        "in",
        "for",
        "of",
        "at",
        "'s",
        "from",
        "please",
        "and",
        "have",
        "has",
        "is",
        "set",
        "currently",
        "configured",
        "to",
        "under",
        "over",
        "across",
        ",",
        "there",
    ]
)


def setting(things: Things) -> Setting:
    """`set KEY to VALUE`, `KEY=VALUE`, `bump the KEY to VALUE`."""
    for token in things.tagged("pair"):
        named, _, assigned = token.raw.partition("=")
        return Setting(named.strip(), assigned.strip().strip("\"'"))
    reversed_ = _value_first(things)
    if reversed_ is not None:
        return reversed_
    at, end = _value_place(things)
    value = _value(things, end) if at is not None else None
    key = _key(things, at)
    if not key:
        key = "_".join(token.raw.lower() for token in things.tagged("plain-key")).replace(" ", "_")
    if at is None and key:
        value = next((token.raw for token in things.tagged("number")), None)
        value = value or _switched(things) or _literal(things) or _right_after(things)
    return Setting(key, value)


def _switched(things: Things) -> str | None:
    """`turn debug_mode off`, `enable tracing`."""
    head = things.head
    if head is None or not head.has("pause", "resume") or (head.has("set") and head.text not in ("enable", "disable")):
        return None
    return "true" if head.has("resume") else "false"


def _right_after(things: Things) -> str | None:
    """`config set app:logLevel debug`: as the command line has it."""
    tokens = things.tokens
    for at in range(1, len(tokens) - 1):
        following = tokens[at + 1]
        first = at - 1 if at < 2 or not tokens[at - 1].has("stack") else at - 2  # `set dev log_level info`
        headed = tokens[first] is things.head
        spelled = tokens[at].has("config-key") and not tokens[at].has("plain-key") and headed
        plain = following.kind in ("word", "id") and not following.has("prep", "det", "name", "soft", "and", "be")
        if spelled and plain:
            return following.raw
    return None


def _literal(things: Things) -> str | None:
    """`make the instance size t3.large`: a word that can only be a value."""
    return next(
        (token.raw for token in things.tokens if own_form(token.raw) and INSTANCE_TYPE.fullmatch(token.raw)), None
    )


def _value_first(things: Things) -> Setting | None:
    """`use 2.0.0 as version`."""
    tokens = things.tokens
    for at in range(1, len(tokens) - 1):
        key = next((token for token in tokens[at + 1 :] if not token.has("det")), None)
        if tokens[at].text == "as" and tokens[at - 1].kind in ("number", "id") and key and key.has("config-key"):
            return Setting(key.raw, tokens[at - 1].raw)
    return None


_DATED: Final = re.compile(r"\d[\d:.\-T]+")
"""`2026-12-01`, `9:30`: a value where a key is to be one."""


def _value_place(things: Things) -> tuple[int | None, int]:
    tokens = things.tokens
    for at in range(1, len(tokens) - 1):
        if tokens[at].text not in _TO or (
            tokens[at].text in ("at", "is", "with", "by") and tokens[at + 1].kind not in ("number", "quote")
        ):
            continue
        following = tokens[at + 1]
        if following.text == "be" and at + 3 < len(tokens) and tokens[at + 2].text in ("made", "set", "changed", "put"):
            after = at + 4 if tokens[at + 3].text == "to" and at + 4 < len(tokens) else at + 3
            return at, after
        if following.text in ("be", "set", "use"):
            continue
        counted = (
            following.kind == "number" or following.text in NUMBERS or _DATED.fullmatch(following.text) is not None
        )
        if (following.has("name", "time", "det", "it") and not counted) or following.kind == "mark":
            continue
        return at, at + 1
    return None, 0


def _value(things: Things, at: int) -> JsonValue:
    token = things.tokens[at]
    if token.kind == "quote":
        return things.quote(token)
    if token.text in NUMBERS:
        return str(NUMBERS[token.text])
    following = next(iter(things.tokens[at + 1 : at + 2]), None)
    percent = following is not None and following.text == "%" and following.start == token.end
    return (token.raw + ("%" if percent else "")).rstrip(".,;")


def _key(things: Things, end: int | None) -> str:
    """The words between the verb (and the stack) and `to`, or an identifier anywhere."""
    identifiers = [
        token
        for index, token in enumerate(things.tokens)
        if token.has("config-key") and not token.has("plain-key") and (end is None or index < end)
    ]
    if identifiers:
        return identifiers[0].raw
    quoted = [
        token for index, token in enumerate(things.tokens) if token.kind == "quote" and (end is None or index < end)
    ]
    if quoted and len(things.quote(quoted[0]).split()) == 1:
        return things.quote(quoted[0])
    return _key_words(things, end) if end is not None else ""


_PASSED_OVER: Final = frozenset(
    ["'s", "the", "value", "number", "of", "config", "configuration", "setting", "key", "parameter", "stack", "up",
     "down", "variable", "its", "our"]
)  # fmt: skip
"""Words around a key that are no part of it."""
_OF_A_KEY: Final = frozenset({"of", "setting", "config", "value", "key", "parameter", "variable", "configuration"})


def _key_words(things: Things, end: int) -> str:
    """`set the log level of dev to debug` → `log_level`."""
    start = next((index + 1 for index, token in enumerate(things.tokens) if token is things.head), 0)
    words: list[str] = []
    for token in things.tokens[start:end]:
        outside = token.has("name", "particle") or token.text.split()[0] in _PASSED_OVER
        if outside and (not words or token.has("name", "particle") or token.text in _OF_A_KEY):
            continue
        if outside or ((token.text in _AFTER_KEY or token.kind == "mark") and words):
            break
        if token.kind in ("word", "id") and not token.has("det", "soft", "it") and token.text not in _AFTER_KEY:
            words.append(token.raw.lower())
    return "_".join(words[:3]).replace(" ", "_")


def config_key(things: Things) -> str:
    """The key that a question is about: `what is instance_type on prod`, `the log level of dev`."""
    identifiers = things.tagged("config-key")
    if identifiers:
        plain = identifiers[0].has("plain-key")
        return "_".join(token.raw.lower() for token in identifiers).replace(" ", "_") if plain else identifiers[0].raw
    quoted = [token for token in things.tagged("quote") if len(things.quote(token).split()) == 1]
    if quoted:
        return things.quote(quoted[0])
    return _named_key(things)


_NOT_KEYS: Final = frozenset(
    [
        "get",
        "what",
        "show",
        "give",
        "tell",
        "value",
        "values",
        "of",
        "is",
        "set",
        "to",
        "config",
        "configuration",
        "setting",
        "settings",
        "key",
        "parameter",
        "parameters",
        "output",
        "outputs",
        "list",
        "all",
        "the",
        "current",
        "currently",
        "stack",
        "read",
        "look",
        "up",
        "fetch",
        "return",
        "which",
        "whole",
        "full",
        "entire",
        "every",
        "have",
        "has",
        "currently",
        "configured",
    ]
)


def _named_key(things: Things) -> str:
    """Plain words beside `of dev`, `setting`, `output`: `the log level of dev`, `the region setting`."""
    words: list[str] = []
    for at, token in enumerate(things.tokens):
        verb = not at and token.has(":base")  # `diff dev and prod config`
        plain = token.kind == "word" and not verb and token.text not in _NOT_KEYS and not token.has(
            "det", "soft", "prep", "wh", "be", "did", "modal", "i", "you", "them", "ask", "show", "stack.n",
            "particle", "name", "it", "courtesy", "and", "they", "config", "everything", "then"
        )  # fmt: skip
        if plain and token.text != "'s":
            words.append(token.raw.lower())
        elif words and token.kind != "mark":
            break
    return "_".join(words) if len(words) in (1, 2, 3) else ""
