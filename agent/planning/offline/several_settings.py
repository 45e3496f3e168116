"""Several settings after one verb: `set replicas to 3 on dev and timeout to 30 on prod`.

Each is written out as a clause of its own, with the verb, the key and the stack that it shares with its neighbours, so
that no value ends up under another's key or on another's stack.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["TELLING", "spelled_out"]

_VERB: Final = re.compile(
    r"(?P<lead>^|[.;!?\n]\s*|,\s*|\b(?:and|then|please|you|to|on [\w-]+,?)\s+)"
    r"(?P<verb>set|change|update|bump|raise|lower|configure)\s+(?P<rest>[^.;!?\n]*(?:[.;](?=\S)[^.;!?\n]*)*)",
    re.IGNORECASE,
)
TELLING: Final = re.compile(
    r"[#:]\s|\b(?:tell|notify|post|say|message|announce|remind|write|send|inform|ping|ask|warn|alert)\b", re.IGNORECASE
)
"""What stands behind it may be what is to be said."""
_SEPARATOR: Final = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s+and\s+|\s*&\s*|\s+(?=[\w.:-]+=\S))")
_NAME: Final = (
    r"(?!(?:on|in|for|of|to|and|then|the|if|when|at|from|by|its|it|as|make|that|this|not?|actually|sorry|wait|or|rather"
    r"|i|we|you|is|was|be)\b)[A-Za-z][\w:-]*(?:\.[\w:-]+)*"
)
_KEY: Final = rf"(?P<key>{_NAME}(?: {_NAME}){{0,2}}?)"
_VALUE: Final = r"(?P<value>⟦\d+⟧|[^\s,]*[^\s,.])"
_NUMBER: Final = r"(?P<value>v?\d[^\s,]*[^\s,.]|\d)"
_TARGET: Final = rf"(?:\s+(?:on|in|for|of)\s+(?:the\s+)?(?P<stack>{_NAME})(?:\s+stack)?)"
_ITEMS: Final = tuple(
    re.compile(rf"(?:the\s+|its\s+)?{row}(?P<left>\s+please)?", re.IGNORECASE)
    for row in (
        rf"(?P<stack>{_NAME})'s\s+{_KEY}\s+(?:up\s+|down\s+)?to\s+{_VALUE}",
        rf"(?P<stack>{_NAME})'s\s+to\s+{_VALUE}",
        rf"{_KEY}{_TARGET}\s+to\s+{_VALUE}",
        rf"{_KEY}(?:\s+(?:up\s+|down\s+)?to\s+|\s*=\s*){_VALUE}{_TARGET}?",
        rf"(?:on|in|for)\s+(?P<stack>{_NAME})\s+to\s+{_VALUE}",
        rf"(?:to\s+)?{_NUMBER}{_TARGET}",
        rf"{_KEY}\s+{_NUMBER}{_TARGET}?",
    )
)


@dataclass(frozen=True)
class _Item:
    key: str
    value: str
    stack: str


def spelled_out(text: str) -> str:
    """The text with each of several settings in a clause of its own; any other text, and every message, as it is."""

    def written(found: re.Match[str]) -> str:
        told = TELLING.search(text, 0, found.start("verb"))
        return found.group() if told else found["lead"] + _written(found["verb"], found["rest"])

    return _VERB.sub(written, text)


def _written(verb: str, rest: str) -> str:
    items, left = _items(rest)
    if len(items) < 2:
        return f"{verb} {rest}"
    clauses = [
        f"{verb} {item.key} to {item.value}" + (f" on {stack}" if (stack := _stack(items, at)) else "")
        for at, item in enumerate(items)
    ]
    return " and ".join(clauses) + left


def _stack(items: Sequence[_Item], at: int) -> str:
    """Its own; or else that of those before it, or behind it. Empty where these are two."""
    before = next((item.stack for item in reversed(items[: at + 1]) if item.stack), "")
    behind = next((item.stack for item in items[at:] if item.stack), "")
    return items[at].stack or (before or behind if not (before and behind) or before == behind else "")


def _items(rest: str) -> tuple[list[_Item], str]:
    """The settings that stand one after the other from the beginning, and what is left then."""
    found: list[_Item] = []
    at = 0
    while at <= len(rest):
        separator = _SEPARATOR.match(rest, at) if found else None
        if found and separator is None:
            break
        start = separator.end() if separator else at
        item, end = _item(rest, start, found[-1].key if found else "")
        if item is None:
            break
        found.append(item)
        at = end
    return found, rest[at:]


def _item(rest: str, start: int, before: str) -> tuple[_Item | None, int]:
    for row in _ITEMS:
        match = row.match(rest, start)
        if match is None or not re.match(r"$|\s|,|&", rest[match.end() :]):
            continue
        parts = match.groupdict()
        key = parts.get("key") or before
        if key:
            return _Item(key, parts["value"], parts.get("stack") or ""), match.end()
    return None, start
