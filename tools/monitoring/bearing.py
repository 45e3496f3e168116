"""Whether a text has to do with a question: it must speak of what is asked about and give what is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from tools.monitoring.questions import Asked, stems

__all__ = ["bearing", "gives"]

_SAME = (
    "cost price charge fee rate pay expensive tariff",
    "certified compliance comply accredited attested audited",
    "hire hiring job opening role position vacancy career recruit",
    "customer client user",
    "feature capability function",
    "launch release introduce announce ship",
    "integrate connect",
    "staff employee headcount",
    "acquire acquisition buy bought purchase takeover",
    "discount promotion",
    "offer provide sell support include",
    "location office headquarters based town place",
    "raise increase rose higher up dearer",
    "lower decrease cut reduce fell cheaper down",
    "remove drop discontinue retire gone",
    "add added new introduce",
    "voice phone call",
    "chat message text sms",
    "apartment multifamily unit property",
    "renew renewal contract term",
)
"""Words of this business that ask for the same thing."""
_GROUPS: dict[str, set[str]] = {}
for _group in map(stems, _SAME):
    for _word in _group:
        _GROUPS.setdefault(_word, set()).update(_group)


_WEAK = stems(
    """charge cost detail do far give have include inform kind list mention offer plan price product provide sell state
    status support tell use work"""
)
_MONTHS = r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_GIVES: dict[str, Callable[[str], object]] = {
    "price": re.compile(r"[$€£¥₹]\s?\d|\d\s?(?:USD|EUR|GBP|dollars|euros|pounds|%)|\bfree\b", re.IGNORECASE).search,
    "number": re.compile(
        r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand)\b", re.IGNORECASE
    ).search,
    "date": re.compile(rf"\b(?:19|20)\d\d\b|\b(?:{_MONTHS})[a-z]*\.? \d|\d (?:{_MONTHS})", re.IGNORECASE).search,
    "person": re.compile(r"\b[A-ZÀ-Þ][\w’'.-]+ [A-ZÀ-Þ][\w’'.-]+").search,
}


def gives(text: str, wanted: str) -> bool:
    """Whether there is a price, a number, a date or a person's name in the text."""
    return wanted not in _GIVES or bool(_GIVES[wanted](text))


def _spoken_of(word: str, there: set[str]) -> bool:
    if word in there or _GROUPS.get(word, set()) & there:
        return True
    return len(word) >= 5 and any(
        len(other) >= 5 and (word.startswith(other) or other.startswith(word)) for other in there
    )


def bearing(asked: Asked, texts: Iterable[str]) -> float:
    """The share of what the question asks about that the texts speak of, 0 to 1. Everyday verbs count little."""
    there: set[str] = set()
    for text in texts:
        there |= stems(text)
        if gives(text, "price"):
            there |= _GROUPS["pric"]
    weights = {word: 0.25 if word in _WEAK else 1.0 for word in asked.words}
    if not weights:
        return 0.0
    found = sum(weight for word, weight in weights.items() if _spoken_of(word, there))
    return found / sum(weights.values())
