"""The content of a message: words that were said, or what a step will have found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.drafts import Draft, When
from agent.planning.offline.filling import fill
from agent.planning.offline.findings import looked_up
from agent.planning.offline.intents import choose
from agent.planning.offline.parts import Link
from agent.planning.offline.readings import EFFECTS
from agent.planning.offline.situation import Situation
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.tokens import Token
from agent.planning.planner import PastTurn

__all__ = ["Content", "content_of"]

_PLACE: Final = re.compile(" *\u27e6(\\d+)\u27e7 *")


@dataclass
class Content:
    """What to say: text, or the draft whose summary it is; and the looks that are needed for it."""

    value: str | Draft | None = None
    looked_up: list[Draft] = field(default_factory=list)


def content_of(
    said: Said, following: Said | None, drafts: Sequence[Draft], condition: When | None, situation: Situation
) -> Content:
    """What a message says."""
    spoken = _spoken(said, following, situation)
    if spoken is not None:
        return Content(spoken)
    asked = _asked(said, situation)
    same = next(
        (draft for draft in reversed(drafts) if asked and draft.tool == asked.tool and draft.when is None), None
    )
    if same:
        return Content(same)
    if asked:
        return Content(asked, [asked])
    source = _source(drafts, condition)
    if source:
        return Content(source)
    if any(token.has("it", "result", "change", "message", "before-after", "they") for token in said.tokens):
        return _from_before(situation)
    return Content()


def _spoken(said: Said, following: Said | None, situation: Situation) -> str | None:
    """A quotation, or the words themselves, with quotations put back."""
    for tokens in (said.tokens, following.tokens if following is not None and _only_quoted(following) else ()):
        for token in tokens:
            if token.has("payload"):
                return _restored(str(token.value), situation)
            if token.kind == "quote":
                return situation.read.quote(token)
    return None


def _only_quoted(said: Said) -> bool:
    return all(token.kind in ("quote", "payload", "mark") for token in said.body)


def _restored(text: str, situation: Situation) -> str:
    """With quotations put back; in quotes, and without the room that the reader made, where they are a part of it."""
    quotes = situation.read.quotes
    alone = _PLACE.fullmatch(text)
    if alone:
        return quotes[int(alone[1])]
    put = _PLACE.sub(lambda found: f" “{quotes[int(found[1])]}” ", text).strip()
    put = re.sub(r"(?<=[(\[]) “", "“", re.sub(r"” (?=[.,;:!?)\]])", "”", put))
    return put.strip(":,-– ").strip() or text


def _asked(said: Said, situation: Situation) -> Draft | None:
    """`post the prod outputs to #ops`: a look at the outputs first."""
    words = _words(said)
    if not words or not looked_up(words):
        return None
    look = replace(
        said, act=Act.INQUIRY, clause=replace(said.clause, tokens=words), body=words, head=None, heads=frozenset()
    )
    ranked = choose(look)
    best = ranked.best
    if best is None or best.writes or best.tool not in situation.catalogue:
        return None
    filled = fill(best.tool, look, situation)
    if filled.question:
        return None
    return Draft(
        best.tool, dict(filled.args), look, Link.START, None, writes=False, why="the message says what this finds"
    )


def _words(said: Said) -> tuple[Token, ...]:
    """What stands between the verb and the channel, or after `about`."""
    tokens = said.body
    at = next((index for index, token in enumerate(tokens) if token.has("channel")), len(tokens))
    between = list(tokens[1:at])
    while between and between[-1].has("prep", "det") and not between[-1].has("name"):
        between.pop()
    after = next((tokens[index + 1 :] for index, token in enumerate(tokens) if token.text == "about"), tokens[at + 1 :])
    return tuple(between) or tuple(after)


def _source(drafts: Sequence[Draft], condition: When | None) -> Draft | None:
    """The step whose finding is told: under a condition, what was looked at under it or for it."""
    told = [draft for draft in drafts if draft.tool != "notify"]
    if condition is None:
        return next((draft for draft in reversed(told) if draft.when is None), None)
    same = [draft for draft in told if draft.when == condition and not draft.writes]
    return same[-1] if same else condition.on


def _from_before(situation: Situation) -> Content:
    """`post that to #exec`: the reads of the turn before, once more, and what they find."""
    turn = next((turn for turn in reversed(situation.context.turns) if turn.steps), None)
    if turn is None:
        return Content()
    reads = [
        Draft(call.tool, dict(call.args), None, Link.START, None, writes=False, why="asked before; looked up again")
        for call in turn.steps
        if call.tool in situation.catalogue and EFFECTS.get(call.tool, "read") == "read" and _plain(call.args)
    ]
    if reads:
        return Content(reads[-1], reads)
    return Content(_told(turn))


def _plain(args: dict[str, JsonValue]) -> bool:
    return not any(isinstance(value, dict) for value in args.values())


def _told(turn: PastTurn) -> str:
    return f"{turn.q}: {turn.outcome}" if turn.outcome else turn.q
