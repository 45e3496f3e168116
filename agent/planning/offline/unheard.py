"""Times that are said and that no calendar has: `every first fooday of the month`, `every 31st of February`.

They are kept as they were written, for what reads the times of schedules: it says which words it doesn't understand.
Dropped, the rest of the request would be done once, and now.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from agent.planning.offline.days import COUNTS, PERIODS, WEEKDAYS, month_of, ordinal_of, weekday_of
from agent.planning.offline.lexicon import lexicon
from agent.planning.offline.scanning import Scan
from agent.planning.offline.tokens import Token
from tools.errors import ToolError
from tools.timetable.pieces import read
from tools.timetable.tokens import Words

__all__ = ["as_said", "days_spelled", "unheard_of"]

_ORDERS: Final = ("first", "second", "third", "fourth", "fifth", "last", "other", "single")
_BEFORE_DAYS: Final = ("every", "each", "on", "until", "till", "next", "by", "other")
_JOINING: Final = ("of", "in", "the", "each", "every", "a")


def days_spelled(tokens: Sequence[Token]) -> list[Token]:
    """`every mondy`, `on wensday`: a day of the week that is misspelled where one stands, whatever else is near it."""
    spelled = list(tokens)
    for at, token in enumerate(tokens):
        dated = at and tokens[at - 1].text in _BEFORE_DAYS and token.kind == "word" and token.raw.lower() != "today"
        if dated and weekday_of(token.raw.lower()) is None:
            near = get_close_matches(token.raw.lower(), WEEKDAYS, n=1, cutoff=0.8)
            spelled[at] = replace(token, text=near[0]) if near else token
    return spelled


def unheard_of(scan: Scan, at: int) -> int | None:
    """`every first fooday of the month`, `every 31st of February`, `every blue moon check …`: a time, whether or not
    it ever comes. It is read where schedules are, which say what of it they don't understand.
    """
    counted = scan.skip(at, "-")
    if counted > at and (amount := scan.amount(counted)):
        return amount[1]  # `every -3 hours`
    while scan.word(counted) in (*_ORDERS, *COUNTS) or scan.word(counted).isdigit() or ordinal_of(scan.word(counted)):
        counted += 1
    word = scan.tokens[counted].raw.lower() if counted < len(scan.tokens) else ""
    if re.fullmatch(r"[a-z]+days?", word) or month_of(word) is not None:
        end = counted + 1
    elif counted > at and word == "of":
        end = counted
    else:
        return _nameless(scan, at)
    while month_of(scan.word(end)) or scan.word(end) in (*PERIODS, *_JOINING):
        end += 1
    while scan.word(end - 1) in _JOINING:
        end -= 1
    return end


def _nameless(scan: Scan, at: int) -> int | None:
    """Up to three words that name nothing, between `every` at the beginning and what is to be done."""
    known = lexicon()
    end = at
    while end < min(at + 3, len(scan.tokens)) and scan.tokens[end].kind == "word":
        if known.tags(scan.word(end)) - {"det"}:
            break
        end += 1
    begins = at == 1 or scan.tokens[at - 2].kind == "mark"
    acting = any(tag.endswith(":base") for tag in known.tags(scan.word(end)))
    return end if begins and acting and end > at else None


def as_said(scan: Scan, at: int, end: int) -> str:
    """The words, spelled right where that makes a time of them, and as they were written where it doesn't."""
    said = scan.words(at, end)
    with contextlib.suppress(ToolError):
        if not read(Words(said)).unread:
            return said
    return scan.words(at, end, as_written=True) if said.startswith(("every", "each")) else said
