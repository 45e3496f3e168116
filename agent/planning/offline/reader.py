"""From a text to tokens that carry their meaning: names, times, corrected words, set phrases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agent.planning.offline.foreign import translated
from agent.planning.offline.lexicon import Lexicon, Phrase, lexicon
from agent.planning.offline.names import NameIndex
from agent.planning.offline.repairs import repaired
from agent.planning.offline.spelling import corrected
from agent.planning.offline.text import Prepared
from agent.planning.offline.times import mark_times
from agent.planning.offline.tokens import Token, tokenise
from agent.planning.planner import Names

__all__ = ["Read", "read"]

_GAP_LENGTH = 7
"""How many tokens may stand between a verb and its particle: `roll the whole production stack back`."""


@dataclass(frozen=True)
class Read:
    """A request as tokens."""

    text: str
    quotes: tuple[str, ...]
    tokens: tuple[Token, ...]
    index: NameIndex
    language: str = "en"

    def quote(self, token: Token) -> str:
        """What stood where the placeholder is."""
        return self.quotes[int(token.raw[1:-1])]


def local(now: datetime, zone: str) -> datetime:
    """Now, in the person's zone; in UTC when the zone isn't known."""
    try:
        return now.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return now


def read(prepared: Prepared, names: Names, now: datetime) -> Read:
    """Read a prepared text. `now` is in the person's zone."""
    index = NameIndex(names)
    tokens = index.recognise(tokenise(prepared.text))
    tokens, language = translated(tokens)
    if language == "en":
        tokens = corrected(tokens, index)
    tokens = [_quoted_name(token, prepared, index) for token in tokens]
    tokens = mark_times(tokens, now)
    tokens = repaired(_with_phrases(tokens, lexicon()))
    return Read(prepared.text, prepared.quotes, tuple(tokens), index, language)


def _quoted_name(token: Token, prepared: Prepared, index: NameIndex) -> Token:
    """A known name in quotes is that name: `deploy "development"`."""
    if token.kind != "quote":
        return token
    match = index.exact(prepared.quotes[int(token.raw[1:-1])].lower().split())
    if match is None or len(match.values) > 1:
        return token
    return replace(token, tags=token.tags | {match.kind, "name"}, value=match.values[0])


def _with_phrases(tokens: Sequence[Token], known: Lexicon) -> list[Token]:
    result: list[Token] = []
    at = 0
    particles: dict[int, None] = {}
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "word":
            phrase = _contiguous(tokens, at, known)
            if phrase and not _asks_for_itself(token, phrase, at):
                end = at + 1 + len(phrase.rest)
                result.append(_merged(tokens[at:end], phrase))
                at = end
                continue
            gaps = _gaps(tokens, at, known)
            tags = frozenset({"gapped"}) if gaps else known.tags(token.text)
            for gap, where in gaps:
                tags |= gap.tags
                particles.update(dict.fromkeys(range(where, where + len(gap.rest))))
            token = replace(token, tags=token.tags | tags)
        if at in particles:
            token = replace(token, tags=token.tags | {"particle"})
        result.append(_up(tokens, at, token))
        at += 1
    return result


def _asks_for_itself(token: Token, phrase: Phrase, at: int) -> bool:
    """`what was deployed …?` is a question of its own; `does it differ from what was deployed` names the code."""
    return not at and token.text == "what" and "drift" in phrase.tags


def _up(tokens: Sequence[Token], at: int, token: Token) -> Token:
    """`up dev`, `then up`: the command of the same name."""
    if token.text != "up":
        return token
    before, after = tokens[at - 1 : at] if at else (), tokens[at + 1 : at + 2]
    begins = not before or before[0].kind == "mark" or before[0].text in ("then", "and", "now", "please", "just")
    alone = not after or after[0].kind == "mark" or after[0].text in ("then", "and", "please", "it", "again")
    asked = bool(after) and after[0].text == "?"
    if at == 1 and before[0].has("stack") and bool(after) and after[0].text in ("please", "now"):
        begins = alone = True
    goes_on = bool(after) and after[0].text in ("then", "and", "&", ",") and len(tokens) > at + 2
    if at == 1 and before[0].has("stack") and goes_on and not any(token.text == "?" for token in tokens):
        begins = alone = True  # `dev up, then its outputs`
    if begins and not asked and (alone or after[0].has("stack")):
        return replace(token, tags=frozenset({"deploy", "deploy:base", ":base"}))
    return token


def _merged(span: Sequence[Token], phrase: Phrase) -> Token:
    doubts = frozenset(doubt for token in span for doubt in token.doubts)
    return Token(
        text=" ".join(token.text for token in span),
        raw=" ".join(token.raw for token in span),
        start=span[0].start,
        end=span[-1].end,
        tags=phrase.tags | {"phrase"},
        doubts=doubts if len(span) == 1 else frozenset(),
    )


def _contiguous(tokens: Sequence[Token], at: int, known: Lexicon) -> Phrase | None:
    for phrase in known.phrases.get(tokens[at].text, ()):
        following = tokens[at + 1 : at + 1 + len(phrase.rest)]
        if not phrase.gap and tuple(token.text for token in following) == phrase.rest:
            return phrase
    return None


def _gaps(tokens: Sequence[Token], at: int, known: Lexicon) -> list[tuple[Phrase, int]]:
    """The separable phrases that begin here and the places of their particles; the longest particle first."""
    found: list[tuple[Phrase, int]] = []
    for phrase in known.phrases.get(tokens[at].text, ()):
        if not phrase.gap:
            continue
        where = _particle(tokens, at, phrase.rest)
        if where is not None and not any(
            other.rest[: len(phrase.rest)] == phrase.rest and len(other.rest) > len(phrase.rest) for other, _ in found
        ):
            found.append((phrase, where))
    return found


def _particle(tokens: Sequence[Token], at: int, rest: tuple[str, ...]) -> int | None:
    for where in range(at + 2, min(at + 2 + _GAP_LENGTH, len(tokens) - len(rest) + 1)):
        if tokens[where - 1].kind == "mark" and tokens[where - 1].text in ".!?;:\n":
            return None
        if tuple(token.text for token in tokens[where : where + len(rest)]) == rest:
            if rest == ("on",) and where + 1 < len(tokens) and tokens[where + 1].has("name", "url"):
                return None
            longer = _contiguous(tokens, where, lexicon())
            return (
                None
                if longer and len(longer.rest) >= len(rest) and longer.tags.isdisjoint({"soft", "up-to"})
                else where
            )
        listed = tokens[where - 1].text in ("and", ",") and tokens[where].kind == "channel"  # `let #a and #b know`
        if tokens[where - 1].text in ("and", "then", "but", "if", ",") and not listed:
            return None
    return None
