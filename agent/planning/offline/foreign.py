"""Requests in Spanish, German, French or Portuguese, read word for word as English."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from agent.planning.offline.foreign_portuguese import PORTUGUESE, PORTUGUESE_MARKERS
from agent.planning.offline.foreign_words import FRENCH, GERMAN, MARKERS, SPANISH
from agent.planning.offline.lexicon import entries, lexicon
from agent.planning.offline.tokens import Token

__all__ = ["translated"]

_TABLES: Final = {"es": SPANISH, "de": GERMAN, "fr": FRENCH, "pt": PORTUGUESE}
_MARKERS: Final = {**MARKERS, "pt": PORTUGUESE_MARKERS}
_LONGEST: Final = 5
_SEPARABLE: Final = frozenset(
    {"zurück", "aus", "ab", "fort", "auf", "an", "frei", "stumm", "ein", "bereit", "herunter", "mit"}
)
"""Particles that German moves to the end: `rolle production zurück`."""


@dataclass(frozen=True)
class _Language:
    """One language's words, each as the English words that stand for it."""

    words: dict[tuple[str, ...], tuple[str, ...]]
    own: frozenset[str]
    """Words that English doesn't have."""
    markers: frozenset[str]


@cache
def _language(code: str) -> _Language:
    words: dict[tuple[str, ...], tuple[str, ...]] = {}
    for english, foreign in entries(_TABLES[code]):
        for word in foreign:
            words.setdefault(tuple(word.replace("'", " ").split()), tuple(english.split()))
    known = lexicon()
    single = {key[0] for key in words if len(key) == 1}
    own = frozenset(word for word in single if not known.knows(word) and len(word) > 2)
    return _Language(words, own, frozenset(_MARKERS[code].split()))


def _detect(tokens: Sequence[Token]) -> str:
    """The language that more of the words belong to than to English."""
    words = [token.text for token in tokens if token.kind == "word"]
    marks = {token.text for token in tokens if token.kind == "mark"}
    english = sum(lexicon().knows(word) for word in words)
    scores = {
        code: sum((word in language.own) * 2 + (word in language.markers) for word in words)
        + 2 * (code == "es" and bool(marks & {"¿", "¡"}))
        for code, language in ((code, _language(code)) for code in _TABLES)
    }
    best = max(scores, key=lambda code: scores[code])
    own = sum(word in _language(best).own for word in words)
    foreign_only = sum(not lexicon().knows(word) and word in _language(best).own for word in words)
    if not own or scores[best] < 2:
        return "en"
    return best if foreign_only * 2 + scores[best] > english or scores[best] >= len(words) else "en"


def translated(tokens: Sequence[Token]) -> tuple[list[Token], str]:
    """The tokens in English and the code of the language that they were in; unchanged when that was English."""
    code = _detect(tokens)
    if code == "en":
        return list(tokens), "en"
    language = _language(code)
    whole = _joined(tokens) if code == "de" else list(tokens)
    english = list(_replaced(whole, language))
    return _no_longer(_verb_first(_numbers_last(english))), code


def _joined(tokens: Sequence[Token]) -> list[Token]:
    """German verbs with their particle: `rolle production zurück` → `rolle zurück production`."""
    result = list(tokens)
    for at, token in enumerate(result):
        if token.text not in _SEPARABLE:
            continue
        for before in range(at - 1, max(-1, at - 8), -1):
            if (result[before].text, token.text) in _language("de").words and before != at - 1:
                result.insert(before + 1, result.pop(at))
                break
    return result


def _replaced(tokens: Sequence[Token], language: _Language) -> Iterator[Token]:
    at = 0
    while at < len(tokens):
        for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
            span = tokens[at : at + length]
            english = language.words.get(tuple(token.text for token in span))
            if english and all(token.kind == "word" for token in span):
                yield from (replace(span[0], text=word, end=span[-1].end) for word in english)
                at += length
                break
        else:
            token = tokens[at]
            unknown = token.kind == "word" and not lexicon().knows(token.text)
            yield replace(token, tags=token.tags | {"unknown"}) if unknown else token
            at += 1


def _numbers_last(tokens: list[Token]) -> list[Token]:
    """`the 7 last days` → `the last 7 days`."""
    for at in range(1, len(tokens)):
        if tokens[at].text == "last" and tokens[at - 1].kind == "number":
            tokens[at - 1], tokens[at] = tokens[at], tokens[at - 1]
    return tokens


def _verb_first(tokens: list[Token]) -> list[Token]:
    """German infinitives stand last: `can you development deploy` → `can you deploy development`."""
    words = [at for at, token in enumerate(tokens) if token.kind in ("word", "name")]
    if not words:
        return tokens
    last = words[-1]
    if tokens[last].kind != "word" or ":base" not in lexicon().tags(tokens[last].text):
        return tokens
    for at in words[:-1]:
        if tokens[at].kind == "name" or tokens[at].text in ("the", "a", "our"):
            tokens.insert(at, tokens.pop(last))
            return tokens
        if ":base" in lexicon().tags(tokens[at].text) and tokens[at].text not in ("please", "can", "i"):
            return tokens
    return tokens


def _no_longer(tokens: list[Token]) -> list[Token]:
    """`watch X no longer` → `unwatch X`."""
    ended = any(token.text == "no-longer" for token in tokens)
    if not ended:
        return tokens
    return [
        replace(token, text="unwatch") if token.text == "watch" else token
        for token in tokens
        if token.text != "no-longer" or not any(other.text == "watch" for other in tokens)
    ]
