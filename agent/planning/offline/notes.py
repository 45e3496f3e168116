"""A question about a competitor that no row reads: what the notes know is looked up, which changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.concepts import ACTING
from agent.planning.offline.drafts import Draft
from agent.planning.offline.situation import Situation
from agent.planning.offline.speech import Act, Said

__all__ = ["from_the_notes"]

_ELSEWHERE: Final = ("stack", "stack.n", "schedule.n", "grant", "thread", "audit", "url", "channel", "watchlist")
_KNOWING: Final = frozenset(
    ["remind", "remind me", "remind us", "recall", "remember", "tell", "tell me", "tell us", "know", "hear", "heard",
     "mention", "mentioned", "say", "said", "anything", "something", "info", "information", "intel", "gen", "about"]
)  # fmt: skip
_LONG_ENOUGH: Final = 5


def from_the_notes(said: Sequence[Said], situation: Situation) -> Draft | None:
    """A recall of the whole request, when it names a competitor, asks for knowledge and for nothing to be done."""
    tokens = situation.read.tokens
    named = situation.named_anywhere("competitor")
    about = bool(named) or any(token.has("competitors") for token in tokens)
    if not about or len(tokens) < _LONG_ENOUGH or any(token.has(*_ELSEWHERE) for token in tokens):
        return None
    if any(each.act in (Act.COMMAND, Act.SUGGESTION, Act.PROHIBITION) and each.heads & ACTING for each in said):
        return None
    asked = any(token.text == "?" or token.has("known") or token.text in _KNOWING for token in tokens)
    asked = asked or any(each.act is Act.INQUIRY and each.body[0].has("wh", "be", "did", "modal") for each in said)
    if not asked or "competitor_recall" not in situation.catalogue or situation.read.quotes:
        return None
    args: dict[str, JsonValue | Draft] = {"question": " ".join(situation.read.text.split())}
    if named:
        args["competitors"] = list(named)
    return Draft("competitor_recall", args, None, why="a question about a competitor, looked up in what is known")
