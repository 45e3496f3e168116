"""Moments that nobody can look up: `after lunch`, `one day`, `during the maintenance window`, a time left over."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from agent.planning.offline.concepts import actions
from agent.planning.offline.drafts import Draft
from agent.planning.offline.patterns import pattern
from agent.planning.offline.questions import DOING
from agent.planning.offline.speech import Said
from agent.planning.offline.tokens import Token

__all__ = ["no_moment"]

_MOMENTS: Final = frozenset(
    ["after", "during", "until", "till", "upon", "following", "throughout", "come", "at", "over", "by", "around"]
)
"""Prepositions that an occasion may stand behind. `before` isn't among them: what is done now is done before it."""
_ONLY_OCCASIONS: Final = frozenset({"after", "during", "until", "till", "upon", "throughout"})
"""Those of them that say nothing else."""
_DETERMINING: Final = ("det", "soft")
_PLACED: Final = (
    "name", "time", "id", "number", "url", "domain", "channel", "quote", "payload", "pair", "config-key", "it", "them",
    "i", "you", "clock", "date", "stack.n", "file",
)  # fmt: skip
"""What is no occasion, whatever stands before it."""
_WITH_TIMES: Final = frozenset(
    ["competitor_snooze", "schedule_create", "notify", "competitor_watch", "schedule_pause", "pause_all"]
)
"""Tools whose requests carry a time or an occasion that isn't the moment to act."""
_WITH_MOMENTS: Final = _WITH_TIMES | {"stack_rollback", "stack_config_set"}
"""Tools that may be given a time as what to go back to, or as a value."""
_STATES: Final = frozenset({"to", "as", "how", "where", "was", "state", "version", "like"})
"""`back to where it was after the migration`: what to go back to."""
_WHOLE: Final = frozenset(["least", "most", "once", "all", "will", "risk", "hand", "means", "default", "request"])
"""`at least`, `by hand`, `at will`: no occasions."""


def no_moment(tool: str, said: Said, drafts: Sequence[Draft]) -> str | None:
    """The question that an action leaves whose moment can't be known, or None. `drafts` are the steps before it."""
    span = _someday(said.tokens)
    if not span and tool not in _WITH_MOMENTS:
        span = _left_over(said.tokens) or _part_of_a_day(said.tokens)
    if not span and tool not in _WITH_TIMES - {"notify"}:
        span = _occasion(_before_the_words(said) if tool == "notify" else said.tokens, drafts, said.heads)
    if not span:
        return None
    written = " ".join(token.raw for token in span).replace(" 's", "'s")
    return (
        f"I did nothing yet, because I can't tell when “{written}” is. Shall I {DOING.get(tool, tool)} now, or at a "
        "time that you give me, such as `tomorrow at 9:00`?"
    )


def _before_the_words(said: Said) -> Sequence[Token]:
    """`after the deploy tell #ops …`: what stands before the verb is no part of the message."""
    return [token for token in said.tokens if said.head is not None and token.start < said.head.start]


def _someday(tokens: Sequence[Token]) -> list[Token]:
    """`one day`, `eventually`, `at some point`"""
    return [token for token in tokens if token.has("someday")][:1]


def _left_over(tokens: Sequence[Token]) -> list[Token]:
    """A time that lies ahead and that no schedule has taken up."""
    return [token for token in tokens if token.has("later", "until")][:1]


def _part_of_a_day(tokens: Sequence[Token]) -> list[Token]:
    """`deploy it in the morning`: which, and when in it, isn't said."""
    found = pattern("in|during|over the morning|afternoon|evening|night|weekend").search(tokens)
    return list(tokens[found[0] : found[1]]) if found else []


def _occasion(tokens: Sequence[Token], drafts: Sequence[Draft], own: frozenset[str]) -> list[Token]:
    """`after lunch`, `upon approval by legal`; not `after the deploy` where a step before it deploys."""
    done = own | {action for draft in drafts if draft.said is not None for action in draft.said.heads}
    for at, token in enumerate(tokens):
        if token.text not in _MOMENTS or any(before.text in _STATES for before in tokens[:at]):
            continue
        between = list(takewhile(lambda word: word.has(*_DETERMINING) and not actions(word), tokens[at + 1 :]))
        noun = next(iter(tokens[at + 1 + len(between) :]), None)
        if noun is None or noun.kind != "word" or noun.has(*_PLACED, ":ing") or noun.text in _WHOLE:
            continue
        unknown = not noun.tags - {"unknown", "gapped", "particle"}
        if unknown or (token.text in _ONLY_OCCASIONS and not actions(noun) & done):
            return [token, *between, noun]
    return []
