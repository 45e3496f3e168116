"""Misspelled words, read as what was meant; when two readings are as near, both are kept as a doubt."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from agent.planning.offline.lexicon import lexicon
from agent.planning.offline.names import NameIndex, NameMatch, name_token
from agent.planning.offline.tokens import Token, own_form

__all__ = ["corrected", "guess"]

_MARGIN: Final = 0.35
"""A second reading that is nearer to the best than this is a doubt."""
_SHORT: Final = frozenset(
    ["last", "list", "show", "what", "which", "with", "want", "when", "from", "that", "this", "have", "does", "prod",
    "give", "stop", "roll", "diff", "sweep", "drop", "undo", "mute", "post", "tell", "send", "not", "days", "week"]
)  # fmt: skip
"""Words that three letters may be meant for."""


_PARTICLES: Final = frozenset(
    {"on", "off", "up", "down", "out", "in", "back", "check", "run", "deploy", "trail", "log"}
)
"""Ends of hyphenated words that may be misspelled before it; other hyphenated words are names."""


@dataclass(frozen=True)
class Guess:
    """What an unknown word was meant to be, and what else it may have been."""

    word: str
    cost: float
    others: tuple[str, ...]


@cache
def _choices() -> list[str]:
    known = lexicon()
    return [word for word in {*known.spelling, *known.plain} if len(word) > 2 and word.replace("-", "").isalpha()]


@cache
def _ranks() -> dict[str, int]:
    return {word: rank for rank, word in enumerate(lexicon().plain)}


def _allowed(word: str) -> int:
    return 1 if len(word) < 6 else 2 if len(word) < 12 else 3


def _letters(word: str) -> str:
    """The word without repeated letters in a row: `snooze` and `snoze` are the same."""
    return "".join(letter for at, letter in enumerate(word) if at == 0 or word[at - 1] != letter)


def _cost(word: str, choice: str, distance: float) -> float:
    cost = distance
    if sorted(word) == sorted(choice) or _letters(word) == _letters(choice):
        cost -= 0.4
    if word[0] != choice[0]:
        cost += 0.4
    if choice in lexicon().spelling:
        cost -= 0.3
    else:
        cost += 0.2 * _ranks().get(choice, len(_ranks())) / len(_ranks())
    return cost


@cache
def guess(word: str) -> Guess | None:
    """The known word that is nearest to an unknown one, or None when none is near enough.

    All that are near are weighed: of a dozen, which ones would hang on the order of a set, from run to run another.
    """
    found = process.extract(word, _choices(), scorer=OSA.distance, score_cutoff=_allowed(word), limit=None)
    if len(word) == 3:
        found = [item for item in found if sorted(item[0]) == sorted(word) or item[0] in _SHORT]
    ranked = sorted((_cost(word, choice, distance), choice) for choice, distance, _ in found)
    if not ranked:
        return None
    cost, best = ranked[0]
    return Guess(best, cost, tuple(choice for other, choice in ranked[1:] if other - cost < _margin(choice)))


def _margin(choice: str) -> float:
    """Words that mean something here are likelier than any others."""
    return _MARGIN if choice in lexicon().spelling else _MARGIN / 2


def _suspect(token: Token, capitals: bool) -> bool:
    """Whether a token may be misspelled at all."""
    if "-" in token.text and token.text.rpartition("-")[2] not in _PARTICLES:
        return False
    if token.kind != "word" or len(token.text) < 3 or own_form(token.raw) or lexicon().knows(token.text):
        return False
    if not all(letter in string.ascii_lowercase or letter == "-" for letter in token.text):
        return False
    return not capitals or not token.raw[:1].isupper() or token.start == 0


def _may_name(token: Token) -> bool:
    return token.kind == "word" and len(token.text) > 1 and token.text != "'s"


def _as_name(tokens: Sequence[Token], at: int, index: NameIndex) -> tuple[int, NameMatch] | None:
    """A misspelled name that begins here, the nearest, and how many tokens it takes."""
    found: list[tuple[float, int, NameMatch]] = []
    for length in (3, 2, 1):
        span = tokens[at : at + length]
        if len(span) < length or not all(_may_name(token) for token in span):
            continue
        unknown = [token for token in span if not lexicon().knows(token.text)]
        if not unknown or (length > 1 and lexicon().knows(span[0].text) and len(span[0].text) < 4):
            continue
        match = index.near([token.text for token in span])
        if match and match.kind != "channel":
            found.append((_distance(span, match), -length, match))
    if not found:
        return None
    _, length, match = min(found, key=lambda each: each[:2])
    return -length, match


def _distance(tokens: Sequence[Token], match: NameMatch) -> float:
    key = "".join(token.text for token in tokens).replace("-", "")
    return min(OSA.distance(key, value.lower().replace(" ", "").replace("-", "")) for value in match.values)


def _word(token: Token, found: Guess) -> Token:
    others = frozenset(other for other in found.others if lexicon().tags(other) != lexicon().tags(found.word))
    return replace(token, text=found.word, doubts=others)


def corrected(tokens: Sequence[Token], index: NameIndex) -> list[Token]:
    """The tokens with misspelled words and names replaced; words that nothing is near to are tagged `unknown`."""
    capitals = sum(token.raw[:1].isupper() for token in tokens if token.kind == "word") * 2 < len(tokens)
    result: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        word = guess(token.text) if _suspect(token, capitals) else None
        name = None
        if (token.kind == "word" and not lexicon().knows(token.text)) or _two_words(tokens, at):
            name = _as_name(tokens, at, index)
        if name and (word is None or _distance(tokens[at : at + name[0]], name[1]) <= word.cost + 1.2):
            named = name_token(tokens[at : at + name[0]], name[1])
            if not (result and result[-1].kind == "name" and result[-1].value == named.value):
                result.append(named)
            at += name[0]
            continue
        if word:
            token = _word(token, word)
        elif token.kind == "word" and not lexicon().knows(token.text) and token.text != "'s":
            token = replace(token, tags=token.tags | {"unknown"})
        result.append(token)
        at += 1
    return result


def _two_words(tokens: Sequence[Token], at: int) -> bool:
    """A known word before an unknown one may begin a misspelled name: `real pgae`, `hunter warfeild`."""
    following = tokens[at + 1 : at + 2]
    return (
        tokens[at].kind == "word"
        and len(tokens[at].text) > 3
        and bool(following)
        and following[0].kind == "word"
        and not lexicon().knows(following[0].text)
        and following[0].text != "'s"
    )
