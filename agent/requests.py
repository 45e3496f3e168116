"""What may be asked at all: the words of a request before anything is made of them."""

from __future__ import annotations

import unicodedata

from agent.errors import RequesterMustFix

__all__ = ["LONGEST_REQUEST", "accept"]

LONGEST_REQUEST = 20_000
"""Characters. Longer texts belong in a file that a tool reads."""


def accept(text: str) -> str:
    """The request without surrounding white space. Raises RequesterMustFix for what isn't a request."""
    words = text.strip()
    if not words:
        raise RequesterMustFix("The request is empty.", to_do="Say what you need, for example: “what can you do”.")
    if len(words) > LONGEST_REQUEST:
        raise RequesterMustFix(
            f"The request has {len(words):,} characters; {LONGEST_REQUEST:,} is the most.",
            not_done="Nothing was done.",
            to_do="Say in a few sentences what is needed.",
        )
    odd = sum(unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") and char not in "\n\r\t" for char in words)
    if odd:
        raise RequesterMustFix(
            f"The request isn't text: {odd} of its {len(words):,} characters are control or unassigned ones.",
            not_done="Nothing was done.",
            to_do="Send it as plain text.",
        )
    return words
