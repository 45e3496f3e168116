"""What surrounds a request in its sentence: how it opens, excuses that come with it, reports before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.planning.offline.parts import Clause, Link, Part
from agent.planning.offline.patterns import pattern
from agent.planning.offline.tokens import Token

__all__ = ["OPENING", "beside", "excuses", "goes_ahead", "in_front", "joins_names", "told"]

OPENING: Final = pattern("@soft|@courtesy* @modal @you @soft* $")
"""`can you please, …`: the request is still to come."""
_EXCUSES: Final = frozenset(
    ["sorry", "apologies", "pardon", "thanks", "no worries", "no wukkas", "no drama", "no dramas", "no stress",
     "no problem", "excuse me", "forgive me", "no rush", "no hurry"]
)  # fmt: skip


def excuses(tokens: Sequence[Token]) -> bool:
    """`sorry if this is a dumb question, …`: the condition after it is none of what follows."""
    return bool(tokens) and tokens[-1].text in _EXCUSES and all(token.has("soft", "courtesy") for token in tokens)


_TOLD: Final = pattern("@url|@stack|@competitor|@i|@they @soft* has|have|is|are|was|were|keeps")


def told(clause: Clause) -> bool:
    """`that page has been noisy, can we …?`: a report before what is asked."""
    first = clause.tokens[0]
    reported = not first.has(":base", "wh", "if", "soft", "courtesy") and any(t.has("says") for t in clause.tokens[1:3])
    return (reported or _TOLD.search(clause.tokens[:6]) is not None) and not clause.tokens[0].has(
        "wh", "be", "did", "modal"
    )


_OF_ITS_OWN: Final = ("id", "stack", "competitor", "channel", "grant", "schedule.n", "audit", "spend", "work")


def beside(clause: Clause, asked: Clause) -> bool:
    """`deploy dev, and what's the status of t_44?`: a request that is no part of the question after it."""
    said = [token for token in asked.tokens if not token.has("soft", "courtesy", "and")]
    joined = asked.link in (Link.AND, Link.THEN) and asked.part is Part.MAIN and clause.part is Part.MAIN
    if not joined or not said or not said[0].has("wh") or said[0].text in ("why", "whether", "if"):
        return False
    own = any(token.has(*_OF_ITS_OWN) for token in said) and not any(
        token.has("modal", "would-change") for token in said
    )
    first = next((token for token in clause.tokens if not token.has("soft", "courtesy") or token.has(":base")), None)
    return own and first is not None and first.has(":base")


def in_front(tokens: Sequence[Token]) -> bool:
    """`over the last 10 days, …`, `of RealPage's releases, …`: only says when, or of what."""
    timed = any(token.has("time") for token in tokens)
    if timed and all(token.has("time", "prep", "det", "soft", "courtesy") for token in tokens):
        return True
    about = bool(tokens) and tokens[0].text in ("of", "about", "regarding", "concerning")
    return about and all(token.has("prep", "det", "name", "aspect", "page", "competitors") for token in tokens)


def joins_names(current: Sequence[Token], tokens: Sequence[Token], at: int) -> bool:
    """`how EliseAI and RealPage have moved`: two names that one verb is about, and no new clause."""
    before, after = current[-1:], tokens[at + 1 : at + 3]
    if not before or len(after) < 2 or not after[1].has("be", "did", "modal"):
        return False
    alike = any(before[0].has(kind) and after[0].has(kind) for kind in ("competitor", "stack"))
    return alike and len(current) > 1 and current[-2].has("wh", "whether", "that")


_GO_AHEAD: Final = pattern("go ahead and @soft* @:base")


def goes_ahead(tokens: Sequence[Token], at: int) -> bool:
    """`I want eyes on it go ahead and watch it`: a request that begins without a pause."""
    before = tokens[at - 1]
    bound = before.has("modal", "i", "you", "they", "and", "then", "negative", "soft") or before.text == "to"
    return not bound and _GO_AHEAD.match(tokens, at) is not None
