"""Clauses that frame another one: on whose behalf it is asked, what is being thought about, what is added after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.concepts import ACTING, ACTION_NOUNS, LOOKING, actions
from agent.planning.offline.parts import Link, Part
from agent.planning.offline.patterns import pattern
from agent.planning.offline.speech import Act, Said

__all__ = ["framed"]

_ON_BEHALF: Final = pattern(
    "... need|needs|wants|want|requires|require|requested|requests|asked|asks|"
    "asking|like|waiting me|us? to|for|about? know|see|have|hear|get? about|of?"
)
_WAS_ASKED: Final = pattern(
    "@i @soft* was|were|am|are|have|been|got been? @soft* asked|told|@work for|about|to? know|see|give|show?"
)
_DELIBERATING: Final = pattern(
    "@i @soft* am|are|was|were|be|have|been|will|would|do? @soft|not* thinking|considering|planning|plan|intend|"
    "contemplating|wondering|tempted|toying|about|pondering|mulling|consider|weighing"
)
_LOOKED_AT: Final = (
    "drift", "health", "history", "output", "preview.n", "change", "spend", "audit", "config", "known", "grant",
    "schedule.n", "watchlist", "diagnose.n", "before-after", "state", "trouble", "would-change",
)  # fmt: skip
_KINDS: Final = ("stack", "competitor", "channel", "url", "audit", "aspect", "time")
_ASKING: Final = (Act.INQUIRY, Act.COMMAND, Act.PAST, Act.WHY, Act.HYPOTHESIS)


def framed(said: Sequence[Said]) -> list[Said]:
    """The clauses as what they come to within the whole request."""
    result: list[Said] = []
    for at, each in enumerate(said):
        asked = _on_behalf(each)
        if result and (_adds(result[-1], each) or _asks_of_it(result[-1], each)):
            before = result[-1]
            joined = replace(before.clause, tokens=(*before.tokens, *each.tokens))
            act = Act.INQUIRY if _asks_of_it(before, each) else before.act
            result[-1] = replace(before, act=act, clause=joined, body=(*before.body, *each.tokens))
        elif _deliberates(each) and any(_looks(later) for later in said[at + 1 :]):
            result.append(replace(each, act=Act.STATEMENT, heads=frozenset()))
        else:
            result.append(asked or each)
    return result


def _on_behalf(said: Said) -> Said | None:
    """`the auditors want the outputs of production`: somebody is to see them, and may here."""
    if (
        said.act is not Act.STATEMENT
        or said.clause.part is not Part.MAIN
        or any(t.has("negative") for t in said.tokens)
    ):
        return None
    end = _WAS_ASKED.match(said.body) or (None if said.body[0].has("i", "you") else _ON_BEHALF.match(said.body))
    rest = said.body[end:] if end else ()
    acting = any(
        token.has(":past", ":base") and actions(token) - {"notify"} and not token.has(*_LOOKED_AT) for token in rest
    )
    acting = acting or any(token.has(*ACTION_NOUNS) and not token.has("history") for token in rest)
    if not rest or acting or not any(token.has(*_LOOKED_AT) for token in rest):
        return None
    return Said(Act.INQUIRY, replace(said.clause, tokens=rest), rest)


def _adds(before: Said, said: Said) -> bool:
    """`Which approvals were given? From the audit log.`: what a preposition adds to the sentence before."""
    first = said.tokens[0]
    if said.act not in (Act.FRAGMENT, Act.INQUIRY) or not first.has("prep") or before.act not in _ASKING:
        return False
    if said.clause.part is not Part.MAIN or said.clause.sentence != before.clause.sentence + 1 or said.clause.question:
        return False
    named = [kind for kind in _KINDS if any(token.has(kind) for token in said.tokens)]
    again = any(token.has(kind) for kind in named for token in before.tokens)
    return bool(named) and not again and not any(token.has(":base", "wh", "be", "did") for token in said.tokens)


def _asks_of_it(before: Said, said: Said) -> bool:
    """`look at EliseAI's pricing page and tell me whether anything is different`: one question about that page."""
    looking = before.act is Act.COMMAND and before.heads <= LOOKING | {"look"} and before.clause.part is Part.MAIN
    rival = any(token.has("competitor", "url") for token in before.tokens)
    asked = said.act in (Act.INQUIRY, Act.PAST) and said.clause.sentence == before.clause.sentence
    changed = any(token.has("change", "before-after") for token in said.tokens)
    apart = any(token.has("name", "url", "channel", "who", "stack.n", "aspect", "page") for token in said.tokens)
    return looking and rival and asked and changed and not apart and said.clause.link is Link.AND


def _deliberates(said: Said) -> bool:
    return said.act is Act.SUGGESTION and _DELIBERATING.match(said.clause.tokens) is not None


def _looks(said: Said) -> bool:
    """Whether a clause asks only to see something."""
    told = said.act is Act.COMMAND and bool(said.heads & LOOKING) and not said.heads & (ACTING - {"update", "notify"})
    return said.clause.part is Part.MAIN and (told or said.act in (Act.INQUIRY, Act.HYPOTHESIS))
