"""A sentence as the sequence of what it states, so that two sentences can be compared.

Words that state nothing by themselves (articles, auxiliaries) fall away; numbers come with their unit, whatever way it
is written; words that mean the same become one. What is left must not differ: it is who did what, with how much.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

__all__ = ["Piece", "Statement", "same", "statements", "strange"]

Sort = Literal["word", "number", "date", "exact"]


@dataclass(frozen=True)
class Piece:
    """One thing that a sentence states."""

    sort: Sort
    value: str
    """A word's stem, a number in its unit's base, a date as far as it is given, or a text exactly."""
    unit: str = ""
    role: str = ""
    """The preposition before it, where that decides what it does: `from`, `to`, `by` …"""
    shown: str = ""
    """As it stands in the sentence."""
    optional: bool = False
    """The sentence is as true without it."""


@dataclass(frozen=True)
class Statement:
    """What one sentence, or one of several joined by semicolons, states."""

    pieces: tuple[Piece, ...]

    @property
    def movement(self) -> Piece | None:
        """The one thing that happens in it, when there is just one and nothing turns it round."""
        found = [piece for piece in self.pieces if piece.value in _MOVEMENTS]
        turned = any(piece.value in _TURNING for piece in self.pieces)
        return found[0] if len(found) == 1 and not turned else None

    def without(self, piece: Piece | None) -> tuple[Piece, ...]:
        """The pieces but for this one."""
        return tuple(other for other in self.pieces if other is not piece)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SYNONYMS: Mapping[str, str] = {
    form: stem
    for stem, forms in {
        "↑": """rise rises rose risen rising increase increases increased increasing grow grows grew grown growing
            raise raises raised raising climb climbs climbed climbing""",
        "↓": """fall falls fell fallen falling decrease decreases decreased decreasing drop drops dropped dropping
            decline declines declined declining lowered lowers lowering""",
        "change": "change changes changed changing",
        "add": "add adds added adding",
        "remove": "remove removes removed removing",
        "deploy": "deploy deploys deployed deploying deployment deployments",
        "drift": "drift drifts drifted drifting",
        "repair": "repair repairs repaired repairing",
        "roll back": "rollback rollbacks",
        "fail": "fail fails failed failing failure failures",
        "succeed": "succeed succeeds succeeded succeeding success",
        "not": "n't",
    }.items()
    for form in forms.split()
}
_MOVEMENTS = frozenset(_SYNONYMS.values()) - {"not"}
_TURNING = _words(
    """not no never none nothing nobody neither nor without cannot only all every each both most some any few less least
    more than may might could would should will can if unless until or but almost nearly about over under 0"""
)
_GLUE = _words(
    "a an the this that these those is are was were be been being has have had do does did its their and which who"
)
_ROLES = _words(
    """from to by than without except against before after since until between over under above below of in on at for
    with as per during within"""
)
_BINDING = _words("from to by than without except against before after since until between over under above below")
"""Roles that also decide what a name does, not only a number."""
_LEFT_OUT_FREELY = _words("from to by at on")
"""An amount or a time after one of these makes a sentence more exact, and its absence doesn't make it false."""
_PHRASES = (
    (re.compile(r"\b(?:went|goes|gone|going) up\b", re.IGNORECASE), "rose"),
    (re.compile(r"\b(?:went|goes|gone|going) down\b", re.IGNORECASE), "fell"),
    (re.compile(r"\b(?:rolled|rolls|roll|rolling) back\b", re.IGNORECASE), "rollback"),
    (re.compile(r"\bper cent\b", re.IGNORECASE), "percent"),
    (re.compile(r"\bcannot\b", re.IGNORECASE), "can not"),
    (re.compile(r"n['\N{RIGHT SINGLE QUOTATION MARK}]t\b", re.IGNORECASE), " n't"),
    (re.compile(r"['\N{RIGHT SINGLE QUOTATION MARK}]s\b"), " "),
)
_UNITS: Mapping[str, tuple[str, str]] = {
    form: (unit, scale)
    for unit, scales in {
        "s": {
            "0.001": "ms millisecond milliseconds", "1": "s sec secs second seconds", "60": "min mins minute minutes",
            "3600": "h hr hrs hour hours", "86400": "d day days", "604800": "w week weeks",
        },
        "month": {"1": "month months", "12": "year years"},
        "B": {"1": "b byte bytes", "1000": "kb", "1000000": "mb", "1000000000": "gb"},
        "%": {"1": "% percent"},
        "USD": {"1": "$ usd dollar dollars us$", "0.01": "cent cents"},
        "EUR": {"1": "€ eur euro euros"},
        "GBP": {"1": "£ gbp pound pounds"},
        "JPY": {"1": "¥ jpy yen"},
    }.items()
    for scale, forms in scales.items()
    for form in forms.split()
}  # fmt: skip
_TIMES = {"k": 3, "thousand": 3, "m": 6, "million": 6, "bn": 9, "billion": 9}
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
}
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_TOKEN = re.compile(
    rf"""
    (?P<exact>\w+://\S+?(?=[.,;:!?)\]]*(?:\s|$)) | [\w.+-]{1, 64}@\w[\w.-]+ | [#@][\w.-]*\w
      | “[^”]{0, 600}” | "[^"]{0, 600}" | ‘[^’]{0, 600}’ | `[^`]{0, 600}`)
    | (?P<date>\d{{4}}-\d\d-\d\d(?:[T\s]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d|\sUTC)?)?
      | \b(?:{_MONTH})\.?\s\d{{1,2}}\b(?:,?\s\d{{4}})? | \b\d{{1,2}}\s(?:{_MONTH})\b(?:,?\s\d{{4}})?)
    | (?P<number>(?<![\w.])[-+\u2212]?(?P<sign>US\$|[$€£¥])?(?P<digits>\d+(?:,\d{{3}})*(?:\.\d+)?)
      (?:\s?(?P<times>k|K|M|bn|thousand|million|billion)\b)?(?:\s?(?P<unit>%|[A-Za-z]+(?![\w-]))|(?![\w-]|[.:]\d)))
    | (?P<code>\w+(?:[._:/+-]+\w+)+ | \d\w*)
    | (?P<word>n't | \w+)
    | (?P<arrow>→|->)
    | (?P<open>[(\[]) | (?P<close>[)\]])
    | (?P<end>[.;!?]+(?=\s|$))
    """,
    re.VERBOSE | re.IGNORECASE,
)


_KINDS = ("exact", "date", "number", "code", "word", "arrow", "open", "close", "end")
_MARKS = frozenset(" ,:'\"-\n\t*_…–—") | {"\N{RIGHT SINGLE QUOTATION MARK}"}


def strange(text: str) -> str:
    """The characters that are neither words nor numbers nor their punctuation: a claim may not carry them in."""
    return "".join(character for character in _TOKEN.sub(" ", text) if character not in _MARKS)


def statements(text: str) -> list[Statement]:
    """What a text states, sentence by sentence."""
    for phrase, word in _PHRASES:
        text = phrase.sub(word, text)
    found: list[list[Piece]] = [[]]
    role, opened = "", -1
    for token in _TOKEN.finditer(unicodedata.normalize("NFC", text)):
        kind = next(name for name in _KINDS if token[name] is not None)
        pieces = found[-1]
        if kind == "end":
            found.append([])
            opened = -1
        elif kind == "open":
            opened = len(pieces) if opened < 0 else opened
        elif kind == "close":
            _set_aside(pieces, opened)
            opened = -1
        elif kind == "arrow":
            _take_from(pieces)
        role = {"arrow": "to"}.get(kind, "" if kind in ("end", "open", "close") else role)
        for piece in _pieces(kind, token):
            word = piece.value if piece.sort == "word" else ""
            if word in _ROLES:
                role = word
            elif word not in _GLUE:
                pieces.append(_placed(piece, role))
                role = ""
    return [Statement(_weighed(pieces)) for pieces in found if pieces]


def _set_aside(pieces: list[Piece], opened: int) -> None:
    """What stood in parentheses may be left out, unless it turns something round."""
    if opened >= 0 and not any(piece.value in _TURNING for piece in pieces[opened:]):
        pieces[opened:] = [replace(piece, optional=True) for piece in pieces[opened:]]


def _weighed(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Without "by 5 %", "none rose" says more than it did: where something is turned round, amounts count."""
    if not any(piece.value in _TURNING for piece in pieces):
        return tuple(pieces)
    return tuple(replace(piece, optional=piece.optional and "://" in piece.value) for piece in pieces)


def _take_from(pieces: list[Piece]) -> None:
    """`10 → 12` is `from 10 to 12`."""
    if pieces and not pieces[-1].role:
        pieces[-1] = replace(pieces[-1], role="from")


def _placed(piece: Piece, role: str) -> Piece:
    """The piece with its role, and whether the sentence is as true without it."""
    measured = piece.sort in ("number", "date")
    kept = role if measured or role in _BINDING else ""
    return replace(piece, role=kept, optional="://" in piece.value or (measured and role in _LEFT_OUT_FREELY))


def _pieces(kind: str, token: re.Match[str]) -> Iterator[Piece]:
    text = token.group()
    if kind == "number":
        yield from _number(token)
    elif kind == "date":
        yield Piece("date", _date(text), shown=text)
    elif kind in ("exact", "code"):
        yield Piece("exact", text, shown=text)
    elif kind == "word":
        yield _word(text)


def _stem(word: str) -> str:
    """Without the plural's ending. No more: other endings change what a word says."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
    return word


def _number(token: re.Match[str]) -> Iterator[Piece]:
    """A number in its base unit; a word after it that is no unit is a word of its own."""
    times, after, sign = ((token[group] or "").casefold() for group in ("times", "unit", "sign"))
    value = Decimal(token["digits"].replace(",", "")).scaleb(_TIMES.get(times, 0))
    unit, scale = _UNITS.get(sign or after, ("", "1"))
    if token.group()[0] in "-\u2212":
        value = -value
    separate = bool(after) and (bool(sign) or after not in _UNITS)
    shown = token.group()[: token.start("unit") - token.start()].rstrip() if separate else token.group()
    yield Piece("number", f"{(value * Decimal(scale)).normalize():f}", unit, shown=shown)
    if separate:
        yield _word(token["unit"])


def _word(shown: str) -> Piece:
    word = shown.casefold()
    if word in _NUMBER_WORDS:
        return Piece("number", _NUMBER_WORDS[word], shown=shown)
    return Piece("word", _SYNONYMS.get(word) or _stem(word), shown=shown)


def _date(text: str) -> str:
    """`2026-11-23T08:45`, `2026-11-23` or `11-23`."""
    if re.match(r"\d{4}-", text):
        return re.sub(r"\s?UTC$|Z$", "", text).replace(" ", "T")
    month = next(number for part in re.split(r"[\s.,]+", text) if (number := _MONTHS.get(part.casefold())))
    numbers = [int(part) for part in re.findall(r"\d+", text)]
    day = next(number for number in numbers if number <= 31)
    year = next((f"{number}-" for number in numbers if number > 31), "")
    return f"{year}{month:02}-{day:02}"


def same(claimed: Piece, stated: Piece) -> bool:
    """Whether a piece says no more, and nothing else, than another."""
    if (claimed.sort, claimed.unit, claimed.role) != (stated.sort, stated.unit, stated.role):
        return False
    if claimed.sort == "date":
        return stated.value.startswith(claimed.value) or stated.value[5:].startswith(claimed.value)
    return claimed.value == stated.value
