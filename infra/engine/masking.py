"""What a program must not say aloud: secrets of its environment. Pulumi itself masks those of the configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["Masks"]

_SECRET = re.compile(
    r"pass(word|phrase|wd|_?$)|secret|token|credential|private|(api|access|account)_?key", re.IGNORECASE
)
_NO_SECRET = re.compile(r"_(file|path|dir|url|id|command|cmd)$", re.IGNORECASE)
_SHORTEST = 6
"""A shorter value would be found in innocent words."""
_MASK = "[secret]"


class Masks:
    """Masks the values of an environment's secrets in text."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """A variable holds a secret when its name says so."""
        values = {
            value
            for name, value in environ.items()
            if _SECRET.search(name) and not _NO_SECRET.search(name) and len(value) >= _SHORTEST
        }
        longest_first = sorted(values, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if values else None

    def text(self, text: str) -> str:
        """The text with every secret replaced."""
        return self._pattern.sub(_MASK, text) if self._pattern else text

    def event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """An event, a diagnostic or an error, with its message masked."""
        return {**event, "message": self.text(event["message"])} if event.get("message") else dict(event)

    def result(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """A result whose diagnostics are masked; the state's values in it stay as they are."""
        return {**result, "diagnostics": [self.event(said) for said in result.get("diagnostics", [])]}
