"""Differences that are only a counter's, and identifiers that are made anew for every visitor."""

from __future__ import annotations

import re
from datetime import datetime

from tools.detection.comparison import Difference
from tools.detection.keys import number_free
from tools.detection.money import prices_in

__all__ = ["counter", "identifier"]

_OF_VISITS = (
    r"views?|likes?|comments?|shares?|forks?|followers?|upvotes?|repl(?:y|ies)|min(?:ute)?s? read|reviews?"
    r"|ratings?|votes?"
    r"|people (?:are )?(?:viewing|watching|looking|online)|(?:spots?|places|seats) left|bewertungen|aufrufe"
    r"|kommentare"
    r"|avis|vues|commentaires|reseñas|opiniones|visitas|recensioni|beoordelingen|件のレビュー"
)
"""What visitors make of a page: such numbers are the page's, not its owner's."""
_OF_EITHER = r"stars?|downloads?|installs?|online|visitors?|reads?|points?|members?|subscribers?"
"""What is counted too, and what may as well be a part of what is sold: then in small or round numbers."""
_NUMBER = r"(?<![\w$€£.,])\d[\d.,]*(?:\s?[km]\b)?\+?"
_VISITS = re.compile(rf"{_NUMBER}\)?\s?(?:{_OF_VISITS})(?!\w)|\b(?:{_OF_VISITS})\W{{1,3}}{_NUMBER}", re.IGNORECASE)
_EITHER = re.compile(rf"({_NUMBER})\s?(?:{_OF_EITHER})(?!\w)|\b(?:{_OF_EITHER})\W{{1,3}}({_NUMBER})", re.IGNORECASE)
_RATED = re.compile(
    r"\b\d(?:[.,]\d)?\s?(?:/|out of|von|sur)\s?(?:5|10)\b|[★⭐]|\brated \d|\b\d[.,]\d stars?\b", re.IGNORECASE
)
_LIMIT = re.compile(r"\b(?:up to|max(?:imum)?|at least|min(?:imum)?|includ\w+|per|limit\w*|unlimited)\b", re.IGNORECASE)
_LENGTH = 120
_MANY, _THOUSAND = 50, 1000
_NONCE = re.compile(r"(?=\w*\d)(?=\w*[a-zA-Z])[\w\-]{16,}|\b[0-9a-f]{12,}\b")
_LABELLED = re.compile(
    r"\b(?:(?:request|reference|ref|session|trace|ray|incident|correlation|support|error|visitor|token|nonce"
    r"|csrf|client"
    r"|transaction)(?: (?:id|no|nr|number|code))?|your ip(?: address)?|ip|(?:page )?(?:generated|rendered|loaded"
    r"|served) (?:in|by)"
    r"|(?:build|commit|revision)(?= ?[:#]? ?(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}\b))\W{0,3}"
    r"(?:[\w.:-]*\d[\w.:-]*|[0-9a-f]{6,})(?: ?m?s(?:ec(?:onds)?)?\b)?",
    re.IGNORECASE,
)
_LABELLED_LENGTH = 100


def _texts(difference: Difference) -> tuple[str, str]:
    return (difference.before.text if difference.before else "", difference.after.text if difference.after else "")


def counter(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    """The same but for how often something was seen, liked, rated."""
    before, after = _texts(difference)
    if not before or not after or len(after) > _LENGTH or number_free(before) != number_free(after):
        return None
    if prices_in(after) or _LIMIT.search(after):
        return None
    by_visitors = bool(_VISITS.search(after) or _RATED.search(after))
    return "counter" if by_visitors or (_uneven(before) or _uneven(after)) else None


def _uneven(text: str) -> bool:
    """Whether a thing is counted in a number that nobody would set as a limit."""
    found = _EITHER.search(text)
    if not found:
        return False
    number = (found[1] or found[2]).lower().rstrip("+ ")
    if number[-1] in "km":
        return True
    count = int(re.sub(r"\D", "", number))
    return count >= _MANY and count % (100 if count >= _THOUSAND else 10) != 0


def identifier(difference: Difference, _was: datetime, _now: datetime) -> str | None:
    """The same but for what is made anew for every visitor: random words, numbers of requests and sessions."""
    before, after = _texts(difference)
    if not before or not after:
        return None
    if _NONCE.sub("", before) == _NONCE.sub("", after):
        return "random identifier"
    short = len(before) < _LABELLED_LENGTH and len(after) < _LABELLED_LENGTH
    return "random identifier" if short and _LABELLED.sub("", before) == _LABELLED.sub("", after) else None
