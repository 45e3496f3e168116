"""What a program must not say aloud: secrets of its environment and of its stack, and whatever looks like one.

Pulumi itself masks those of the configuration, and values that it knows to be secret where it shows them; it doesn't
know what a program prints by itself.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from infra.secret_shapes import MASK, without_secrets

__all__ = ["Masks"]

_SECRET = re.compile(
    r"pass(word|phrase|wd|_?$)|secret|token|credential|private|(api|access|account)_?key", re.IGNORECASE
)
_NO_SECRET = re.compile(r"_(file|path|dir|url|id|command|cmd|region|profile)$", re.IGNORECASE)
_SHORTEST = 6
"""A shorter value would be found in innocent words."""


class Masks:
    """Masks secrets in text: those that are known, and those that can be told by their looks."""

    def __init__(self, environ: Mapping[str, str], given: Iterable[str] = ()) -> None:
        """A variable holds a secret when its name says so, or when it is among those that were `given` as
        credentials.
        """
        credentials = frozenset(given)
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        found = [
            value
            for name, value in environ.items()
            if (name in credentials or _SECRET.search(name)) and not _NO_SECRET.search(name)
        ]
        headers = [value for name, value in environ.items() if name.endswith("_HEADERS")]
        self.learn([*found, *map(_password, environ.values()), *_header_values(headers)])

    def learn(self, values: Iterable[str]) -> None:
        """Mask these too from now on."""
        parts = {part.strip() for value in values for part in (value, *value.splitlines())}
        known = len(self._values)
        self._values |= {part for part in parts if len(part) >= _SHORTEST}
        if len(self._values) > known:
            forms = {form for value in self._values for form in _forms(value)}
            longest_first = sorted(forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(_across_lines, longest_first)))

    def text(self, text: str) -> str:
        """The text with every secret replaced."""
        return without_secrets(self._pattern.sub(MASK, text) if self._pattern else text)

    def event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """An event, a diagnostic or an error, with its message masked."""
        return {**event, "message": self.text(event["message"])} if event.get("message") else dict(event)

    def result(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """A result whose diagnostics are masked; the state's values in it stay as they are."""
        return {**result, "diagnostics": [self.event(said) for said in result.get("diagnostics", [])]}


def _header_values(variables: Iterable[str]) -> Iterator[str]:
    """Of `authorization=Bearer x,x-team=y`, as OpenTelemetry's variables list headers, the values."""
    for variable in variables:
        for header in variable.split(","):
            value = unquote(header.partition("=")[2].strip())
            yield from (value, value.rpartition(" ")[2])


def _forms(value: str) -> Iterator[str]:
    """How a value is written where it is part of something else: an address, JSON, base64, hexadecimal digits."""
    raw = value.encode()
    yield from (value, json.dumps(value)[1:-1])
    yield from (quote(value, safe=""), quote(value), quote_plus(value), quote_plus(value, safe="/"))
    yield from (json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1], raw.hex(), raw.hex().upper())
    for before in range(3):
        for encoded in (base64.b64encode, base64.urlsafe_b64encode):
            inner = _inner(encoded(bytes(before) + raw).decode(), before, len(raw))
            if len(inner) >= _SHORTEST:
                yield inner


def _inner(encoded: str, before: int, length: int) -> str:
    """Of base64 what this value alone decides, whatever stands before and behind it."""
    return encoded[(0, 2, 3)[before] : (before + length) * 8 // 6]


def _across_lines(value: str) -> str:
    """Also where a line is broken in the middle of it."""
    return r"(?:\r?\n[ \t]*)?".join(map(re.escape, value))


def _password(value: str) -> str:
    """The password in an address; empty when there is none."""
    if "://" not in value or "@" not in value:
        return ""
    try:
        return unquote(urlsplit(value).password or "")
    except ValueError:
        return ""
