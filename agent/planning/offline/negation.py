"""One negation over several verbs: `don't restart, repair or roll back anything` forbids all three."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.concepts import ACTING, NAMED
from agent.planning.offline.parts import Link, Part
from agent.planning.offline.patterns import pattern
from agent.planning.offline.speech import Act, Said

__all__ = ["shared"]

_JOINED: Final = (Act.COMMAND, Act.SUGGESTION, Act.INQUIRY, Act.FRAGMENT, Act.STATEMENT)
_LET_US_NOT: Final = pattern("@soft* let us not|never")
_PAUSE: Final = 3
"""More letters than this between two clauses are a word: `and`, and not only a comma."""


def shared(said: Sequence[Said]) -> list[Said]:
    """The clauses with those that go on with a prohibition taken into it."""
    result: list[Said] = []
    at = 0
    while at < len(said):
        end = _end(said, at)
        result.append(_joined(said[at:end]))
        at = end
    return result


def _end(said: Sequence[Said], at: int) -> int:
    """Where the clauses end that the negation of the one here covers."""
    first = said[at]
    if first.act is not Act.PROHIBITION or first.clause.part is not Part.MAIN:
        return at + 1
    end = at + 1
    for ahead in range(at + 1, len(said)):
        clause = said[ahead].clause
        goes_on = clause.sentence == first.clause.sentence and clause.part is Part.MAIN and said[ahead].act in _JOINED
        if not goes_on or clause.link not in (Link.AND, Link.OR) or said[ahead].contrast:
            break
        together = _LET_US_NOT.match(first.tokens) is not None and said[ahead].act is Act.COMMAND
        if clause.link is Link.OR or together or (ahead == end and _without_object(said[ahead - 1], said[ahead])):
            end = ahead + 1
    return end


def _without_object(before: Said, after: Said) -> bool:
    """`don't deploy and roll back prod`: the verb before `and` has nothing of its own to act on."""
    between = after.tokens[0].start - before.tokens[-1].end
    alone = not any(token.has(*NAMED, "it", "det", "everything", "quote", "payload") for token in before.body)
    acting = any(token.has(*ACTING) for token in before.body)
    return alone and acting and between > _PAUSE and bool(after.heads & ACTING) and after.act is Act.COMMAND


def _joined(parts: Sequence[Said]) -> Said:
    if len(parts) == 1:
        return parts[0]
    clause = replace(parts[0].clause, tokens=tuple(token for part in parts for token in part.tokens))
    return Said(Act.PROHIBITION, clause, tuple(token for part in parts for token in part.body))
