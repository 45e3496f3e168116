"""Whether a text has to do with a question: it must speak of what is asked about and give what is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from tools.monitoring.questions import Asked, stems

__all__ = ["bearing", "gives"]

_SAME = (
    "cost price pric charg fee rate pay expens tariff",
    "certif complian compli accredit attest audit",
    "hir job open role posit vacanc career recruit",
    "custom client user",
    "featur capabilit function",
    "launch releas introduc announc ship new",
    "integrat connect",
    "staff employe team people headcount",
    "acquir acquisit buy bought purchas takeov",
    "discount free promot",
    "offer provid sell support includ hav giv",
    "locat offic headquarter bas",
    "raise increas rose higher rais",
    "lower decreas cut reduc cheap",
    "remov drop discontinu retir end",
    "add new introduc",
    "voice phone call",
    "chat messag text sms",
    "apart multifamil unit propert",
    "renew renewal contract term",
)
_GROUPS: dict[str, set[str]] = {}
for _group in _SAME:
    for _word in _group.split():
        _GROUPS.setdefault(_word, set()).update(_group.split())


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WEAK = _words(
    """charg cost detail do far giv hav includ inform kind know list mak mention offer plan pric product provid
    sell state status support tell use work"""
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
            there.add("price")
    weights = {word: 0.25 if word in _WEAK else 1.0 for word in asked.words}
    if not weights:
        return 0.0
    found = sum(weight for word, weight in weights.items() if _spoken_of(word, there))
    return found / sum(weights.values())
