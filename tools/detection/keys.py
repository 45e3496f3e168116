"""Keys: what of a text counts when two texts are compared. Letters and numbers do; case, spaces and marks don't."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

__all__ = ["digest", "key", "number_free"]

_NOT_WORDS = re.compile(r"[^\w$€£¥₹%+]+|_+")
_CELLS = " | "
_TICKS = frozenset("✓✔☑✅●⬤")
_CROSSES = frozenset("✗✘✕✖❌☒○")
_DIGITS = re.compile(r"\d+(?:[.,:/\-]\d+)*")


@lru_cache(maxsize=4_000)
def key(text: str) -> str:
    """The text's letters, digits and currency signs in one spelling, without anything between them.

    In a row of a table that ticks off what is included, each cell without a word says yes or no.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    if _CELLS in plain and not (_TICKS | _CROSSES).isdisjoint(plain):
        return "".join(_cell(cell.strip(" \ufe0e\ufe0f")) for cell in plain.split("|"))
    return _NOT_WORDS.sub("", plain)


def _cell(text: str) -> str:
    return _NOT_WORDS.sub("", text) or ("✓" if text in _TICKS else "✗")


def number_free(text: str) -> str:
    """The key of the text with every number replaced by one sign: equal for texts that differ in numbers only."""
    return key(_DIGITS.sub("0", text))


def digest(text: str) -> str:
    """Sixteen hexadecimal digits of a text's key, to remember it by."""
    return hashlib.blake2b(key(text).encode(), digest_size=8).hexdigest()
