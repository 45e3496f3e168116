"""Text that others wrote, made safe to show: nothing hidden, nothing that looks like something else."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["visible"]

_KEPT_CONTROLS = frozenset("\n\t")
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_WORD = re.compile(r"\w+")


def _named(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩"


def _shown(character: str) -> str:
    hidden = character not in _KEPT_CONTROLS and unicodedata.category(character) in _HIDDEN
    return _named(character) if hidden else character


def _is_foreign(character: str) -> bool:
    """A letter that isn't Latin; in a word with Latin letters it is there to be taken for one."""
    return character.isalpha() and not character.isascii() and "LATIN" not in unicodedata.name(character, "")


def _unmasked(word: re.Match[str]) -> str:
    text = word.group()
    if text.isascii() or not any(character.isascii() and character.isalpha() for character in text):
        return text
    return "".join(character + _named(character) if _is_foreign(character) else character for character in text)


def visible(text: str) -> str:
    """The text with what hides or deceives written out as code points.

    That is every control, bidirectional, zero-width, private and unassigned character, and every letter of another
    script within a word of Latin letters.
    """
    if text.isascii() and text.isprintable():
        return text
    return _WORD.sub(_unmasked, "".join(map(_shown, text)))
