"""Conditions in a relative clause: `repair the ones that drifted`, `roll back whichever is down`.

What is to be done holds only for what the clause says of them, so it becomes a condition of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.concepts import ACTING
from agent.planning.offline.conditions import ends_condition
from agent.planning.offline.parts import Clause, Link, Part
from agent.planning.offline.patterns import pattern
from agent.planning.offline.tokens import Token

__all__ = ["with_relative_conditions"]

_THOSE: Final = pattern(
    "@det? ones|those|any|anything|all|each|everything|every|one|stacks|environments of? @them? that|which|who|with"
)
_SUCH: Final = pattern("the @soft? @health|@well|@trouble|@down|@drift one|ones|stacks|environments")
"""`deploy the healthy one`"""
_WHICHEVER: Final = pattern("whichever|whatever of? @them?")
_THEM: Final = frozenset({"it"})
_THEY: Final = frozenset({"they"})


def with_relative_conditions(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses, with what is said of `the ones that …` as a condition behind what is to be done with them."""
    return [part for clause in clauses for part in _parts(clause)]


def _parts(clause: Clause) -> Iterator[Clause]:
    tokens = clause.tokens
    place = _place(tokens) if clause.part is Part.MAIN and _acts(tokens) else None
    if place is None:
        yield clause
        return
    at, end = place
    pronoun = tokens[at]
    yield replace(clause, tokens=(*tokens[:at], replace(pronoun, text="them", raw="them", tags=_THEM)))
    said = (replace(pronoun, text="they", raw="they", tags=_THEY), *tokens[end:])
    if _SUCH.match(tokens, at) is not None:
        said = (said[0], *tokens[at + 1 : end - 1], *tokens[end:])
    yield Clause(said, Link.AND, Part.IF, clause.sentence, clause.question, fresh=False)


def _acts(tokens: Sequence[Token]) -> bool:
    first = next((token for token in tokens if not token.has("soft", "courtesy", "and", "then")), None)
    return first is not None and first.has(":base") and bool(first.tags & ACTING)


def _says_how(token: Token) -> bool:
    return token.has("drift", "trouble", "down", "well", "health", "change", "lock") or ends_condition(token)


def _place(tokens: Sequence[Token]) -> tuple[int, int] | None:
    """Where what is meant is named, and where what is said of it begins."""
    for at in range(1, len(tokens)):
        if (such := _SUCH.match(tokens, at)) is not None:
            return at, such
        end = _THOSE.match(tokens, at) or _WHICHEVER.match(tokens, at)
        rest = tokens[end:] if end is not None else ()
        named = any(token.has("name", "url", "id", "payload", "quote") for token in rest)
        if end is not None and rest and not named and any(map(_says_how, rest)):
            return at, end
    return None
