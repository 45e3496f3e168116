"""What a program must not say aloud: secrets of its environment and of its stack, and whatever looks like one.

Pulumi itself masks those of the configuration, and values that it knows to be secret where it shows them; it doesn't
know what a program prints by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

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
        self.learn([*found, *map(_password, environ.values())])

    def learn(self, values: Iterable[str]) -> None:
        """Mask these too from now on."""
        parts = {part.strip() for value in values for part in (value, *value.splitlines())}
        known = len(self._values)
        self._values |= {part for part in parts if len(part) >= _SHORTEST}
        if len(self._values) > known:
            longest_first = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def text(self, text: str) -> str:
        """The text with every secret replaced."""
        return without_secrets(self._pattern.sub(MASK, text) if self._pattern else text)

    def event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """An event, a diagnostic or an error, with its message masked."""
        return {**event, "message": self.text(event["message"])} if event.get("message") else dict(event)

    def result(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """A result whose diagnostics are masked; the state's values in it stay as they are."""
        return {**result, "diagnostics": [self.event(said) for said in result.get("diagnostics", [])]}


def _password(value: str) -> str:
    """The password in an address; empty when there is none."""
    if "://" not in value or "@" not in value:
        return ""
    try:
        return unquote(urlsplit(value).password or "")
    except ValueError:
        return ""
