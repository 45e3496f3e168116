"""Questions that stand for a condition: `is prod healthy? no? then roll it back`, `dev: drifted? repair it`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.concepts import acts
from agent.planning.offline.parts import Clause, Link, Part
from agent.planning.offline.patterns import pattern

__all__ = ["with_supposed"]

_ANSWER: Final = pattern(
    "@soft|@and|@but* not|is|was|are|if? @they? @be? not? @yes|@no|so|not|none|any|really|@health|@drift|@trouble|"
    "@down|@well|broken|clean|found|there $"
)
"""`no?`, `it isn't?`, `unhealthy?`, `drifted?`: an answer that is only supposed."""
_NO: Final = pattern("@soft|@and|@but* no|not|none|nope|nah $")
_BARE: Final = pattern("@stack @health|@drift|@trouble|@down|@well $")
"""`prod down?`"""
_INVERTED: Final = pattern("should|were|had @stack|@det|@they|@it|@competitor|@deploy.n|@check.n ...")
"""`should prod be unhealthy, roll it back`, `had dev drifted, …`"""
_ASKED: Final = pattern("@be|@did|any")
"""How a question begins that is answered with yes or no."""


def with_supposed(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses, with a supposed answer before what is to be done as a condition of it."""
    result: list[Clause] = []
    for at, clause in enumerate(clauses):
        before = result[-1] if result else None
        if before is not None and _inverted(before, clause):
            result[-1] = replace(before, tokens=before.tokens[1:], part=Part.IF, leading=True)
            result.append(clause)
        elif before is None or not _follows(before, clause):
            result.append(clause)
        elif len(result) > 1 and _NO.whole(before.tokens):
            result[-1] = replace(clause, link=Link.ELSE)
        elif _supposed(before, clause, first=at == 1):
            result[-1] = replace(before, part=Part.IF, question=False, leading=True, sentence=clause.sentence)
            result.append(replace(clause, link=Link.AND))
        else:
            result.append(clause)
    return result


def _inverted(condition: Clause, clause: Clause) -> bool:
    """Whether a clause without `if` is what the next one depends on."""
    same = condition.sentence == clause.sentence and condition.part is clause.part is Part.MAIN
    return same and not condition.question and _INVERTED.match(condition.tokens) is not None and _bids(clause)


def _bids(clause: Clause) -> bool:
    """Whether something is to be done."""
    opening = next((token for token in clause.tokens if not token.has("soft", "then")), None)
    if opening is None:
        return False
    return bool(acts(opening) and opening.has(":base")) or opening.text in ("do", "leave")


def _follows(question: Clause, clause: Clause) -> bool:
    """Whether something that is to be done comes right after a question."""
    if not question.question or question.part is not Part.MAIN or clause.part is not Part.MAIN:
        return False
    next_one = clause.sentence == question.sentence + 1 and clause.link is not Link.ELSE
    return next_one and not clause.question and _bids(clause)


def _supposed(question: Clause, clause: Clause, *, first: bool) -> bool:
    """Whether what follows depends on the answer: that is only supposed, or `it` or `then` leans on it."""
    if not first and _ANSWER.whole(question.tokens):
        return True
    leaning = clause.link is Link.THEN or any(token.text == "it" for token in clause.tokens)
    return leaning and (_ASKED.match(question.tokens) is not None or _BARE.whole(question.tokens))
