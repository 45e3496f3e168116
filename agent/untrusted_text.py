"""Text that others wrote, made safe to show: nothing hidden, nothing that looks like something else."""

from __future__ import annotations

import unicodedata

__all__ = ["visible"]

_KEPT_CONTROLS = frozenset("\n\t")


def _shown(character: str) -> str:
    if character in _KEPT_CONTROLS:
        return character
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp"):
        return f"⟨U+{ord(character):04X}⟩"
    return character


def visible(text: str) -> str:
    """The text with every control, bidirectional, zero-width and private character written out as its code point."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))
