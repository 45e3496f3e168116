"""What somebody says and wants checked: `my reps swear that RealPage redid its site. Is that so?`"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.parts import Part
from agent.planning.offline.patterns import Table, pattern
from agent.planning.offline.speech import Act, Said

__all__ = ["with_hearsay"]

_CHECKING: Final = Table.read(
    """
true: @soft|@and|but|or|any* is|are|was|were|has|have|did|does|do|can @they|@it|@i @soft|be|really* not? @soft*
    so|true|right|correct|accurate|case|it|anything? @soft* $
true: @soft* is|are|was @they|@it the? case|truth|anything|something|any? in|to|of? @they|@it? @soft* $
true: @soft|any* true|right|correct|really|accurate|truth|truth in|to? @it? or|false? @soft* $
true: @soft* what|how much|many? is|was|were|did|has @they|@it @soft|then|be|been* $
check: @soft|please|can|could|would|will|@you|kindly* check|verify|confirm|look|see|@ask|@verify
    into|at|for|if|whether|up? @they|@it|@them|me|us? is|so|true|right|out|into? @soft|@since|please* $
"""
)
_NAMED: Final = ("stack", "competitor", "url", "spend", "audit")


def with_hearsay(said: Sequence[Said]) -> list[Said]:
    """The clauses, with what is only checked (`is that so?`) as a question about what was said before it."""
    result: list[Said] = []
    for each in said:
        claim = result[-1] if result else None
        if claim is not None and (
            _asked_of(claim, each) or (_is_claim(claim) and (_checks(each) or _looks_into(claim, each)))
        ):
            clause = replace(claim.clause, tokens=(*claim.tokens, *each.tokens), question=True, link=each.clause.link)
            result[-1] = Said(Act.INQUIRY, clause, (*claim.body, *each.body))
        else:
            result.append(each)
    return result


def _asked_of(named: Said, said: Said) -> bool:
    """`the pricing page of EliseAI, it has changed?`: what is asked about stands before the question."""
    same = named.clause.sentence == said.clause.sentence and named.act in (Act.FRAGMENT, Act.INQUIRY)
    asked = said.act is Act.STATEMENT and said.clause.question and said.body[0].has("it", "they")
    plain = not any(token.has(":base", "wh", "be", "did", "modal") for token in named.body)
    return same and asked and plain and not any(token.has("name") for token in said.body)


_LOOKING_INTO: Final = pattern(
    "@soft|please|can|could|would|you|kindly* @ask|@show|@diagnose|@verify @soft|out|for|at|into|me|us|exactly* "
    "what|which|if|whether|it|them|that|this|please|$"
)


def _looks_into(claim: Said, said: Said) -> bool:
    """`somebody changed something by hand on prod, find out what`: a report of drift, and a wish to see it."""
    drifted = any(token.has("drift") for token in claim.tokens) and any(token.has("stack") for token in claim.tokens)
    looks = _LOOKING_INTO.match(said.clause.tokens) is not None
    return drifted and looks and not any(token.has("name", "url") for token in said.tokens)


def _is_claim(said: Said) -> bool:
    plain = said.act in (Act.STATEMENT, Act.FRAGMENT) and said.clause.part is Part.MAIN
    return plain and len(said.body) > 1 and any(token.has(*_NAMED) for token in said.tokens)


def _checks(said: Said) -> bool:
    meaning = _CHECKING.whole(said.clause.tokens)
    main = said.clause.part is Part.MAIN and said.act is not Act.PROHIBITION
    return main and (meaning == "check" or (meaning == "true" and said.clause.question))
