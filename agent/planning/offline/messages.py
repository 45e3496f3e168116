"""What is to be said in a channel: words of the request that are carried along and never acted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.planning.offline.beginnings import is_verb, starts_clause
from agent.planning.offline.findings import asked, is_reference, looked_up, of_a_step, tells_findings
from agent.planning.offline.idioms import RETRACTING
from agent.planning.offline.patterns import pattern
from agent.planning.offline.tokens import Token

__all__ = ["carve"]

_END: Final = frozenset({".", "!", "?", ";", "\n", "..", "...", "...."})
_INTRODUCING: Final = frozenset({"that", "saying", "say", "with", "how", "why", "what", "whether", "to say", "reading"})
_GENERIC: Final = frozenset(
    {
        "something",
        "message",
        "note",
        "anything",
        "heads-up",
        "heads up",
        "announcement",
        "word",
        "reminder",
        "notice",
        "notification",
        "update",
        "ping",
        "line",
        "stuff",
    }
)


@dataclass(frozen=True)
class _Place:
    """A verb of telling and the channel it goes to."""

    verb: int
    channel: int
    last: int
    """Of several channels the last one."""


def carve(tokens: Sequence[Token], text: str) -> list[Token]:
    """The tokens with the words that are to be said merged into one `payload` token each."""
    result = list(tokens)
    at = 0
    while at < len(result):
        place = _place(result, at)
        if place is None:
            at += 1
            continue
        result, at = _carved(result, place, text)
    return result


def _place(tokens: Sequence[Token], at: int) -> _Place | None:
    verb = tokens[at]
    if not verb.has("notify:base", "notify:ing") and not _caused(tokens, at):
        return None
    if (at and tokens[at - 1].has("det", "stack", "competitor", *_REPORTED_ON)) or verb.has("name"):
        return None
    for ahead in range(at + 1, min(at + 40, len(tokens))):
        token = tokens[ahead]
        if token.has("channel"):
            return _Place(at, ahead, _last_listed(tokens, ahead))
        if token.text in _END or token.text == ":" or token.has("url"):
            return None
        if ahead > at + 1 and _another_verb(tokens, ahead):
            return None
    return None


_CAUSED: Final = pattern("have|get @det|@soft|everyone|everybody|people|them|@channel* @notify:past")


def _caused(tokens: Sequence[Token], at: int) -> bool:
    """`have the team informed in #ops that …`"""
    starts = range(max(0, at - 4), at)
    return tokens[at].has("notify:past") and any(_CAUSED.match(tokens, start) == at + 1 for start in starts)


_REPORTED_ON: Final = ("drift", "health", "history", "audit", "spend", "state", "aspect", "config", "output", "alert")
"""What makes a noun of the word after it: `the drift report`."""


def _another_verb(tokens: Sequence[Token], at: int) -> bool:
    """Whether another clause begins before the channel: `check dev and tell #ops`."""
    verb = tokens[at].has("notify:base") and not tokens[at - 1].has("det", "stack", "competitor")
    return verb or (tokens[at - 1].text in (",", "and", "then") and starts_clause(tokens, at))


def _last_listed(tokens: Sequence[Token], at: int) -> int:
    """The last channel of a list: `tell #ops, #dev and #sales …`."""
    ahead = at + 1
    while ahead < len(tokens) and (tokens[ahead].has("and", "channel") or tokens[ahead].text == ","):
        at = ahead if tokens[ahead].has("channel") else at
        ahead += 1
    return at


def _carved(tokens: list[Token], place: _Place, text: str) -> tuple[list[Token], int]:
    before = _object(tokens, place)
    start = _after(tokens, place.last + 1)
    if start is not None:
        end = _sentence_end(tokens, start, tokens[start - 1].text in (":", "-", "–", "—"))
        if end > start:
            return _merged(tokens, start, end, text), start + 1
    if before and before[1] > before[0]:
        return _merged(tokens, before[0], before[1], text), place.channel - (before[1] - before[0]) + 2
    return tokens, place.channel + 1


def _object(tokens: Sequence[Token], place: _Place) -> tuple[int, int] | None:
    """The words between the verb and the channel, when they are the message itself."""
    start, end = place.verb + 1, place.channel
    while end > start and (
        (tokens[end - 1].has("prep", "det") and not tokens[end - 1].has("change"))
        or tokens[end - 1].text in ("channel", "over", "everyone", "people", "folks", "team", "the")
    ):
        end -= 1
    while start < end and (tokens[start].has("soft") or tokens[start].text in (":", "-")):
        start += 1
    words = tokens[start:end]
    if not words or any(token.has("quote") for token in words) or is_reference(words) or looked_up(words):
        return None
    if of_a_step(words):
        return None
    if tells_findings(words):
        return None
    if all(token.text in _GENERIC or token.has("det", "soft", "prep") for token in words):
        return None
    return start, end


_PASSED: Final = frozenset(
    ["know", "channel", "team", "folks", "people", "please", "room", "'s", "everyone", "hears", "knows", "hear", "is",
     "aware", "gets", "told"]
)  # fmt: skip
"""Words between a channel and the message that belong to neither."""
_COLONS: Final = frozenset({":", "-", "–", "—"})
_EMBEDDING: Final = frozenset({"whether", "if", "how", "what", "why", "when"})
_ELSEWHERE: Final = (
    "and", "then", "if", "unless", "or", "but", "often", "later", "time", "since", "else", "because", "particle",
    "unasked",
)  # fmt: skip
"""What stands after a channel and begins no message."""


def _aside(tokens: Sequence[Token], at: int) -> bool:
    """`tell #exec, if you please, that …`"""
    inside = at >= 0 and tokens[at].text == "," and tokens[at + 2].text == ","
    return inside and tokens[at + 1].has("soft", "courtesy")


def _passed(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if token.text == "," and ((at + 2 < len(tokens) and _aside(tokens, at)) or _aside(tokens, at - 2)):
        return True
    if token.text == ",":
        following = at + 1 < len(tokens) and tokens[at + 1].has("contrast")
        return following or tokens[at - 1].has("excluded")
    if token.text in ("of", "than") and tokens[at - 1].has("contrast"):
        return True  # `tell #ops instead of #exec that …`
    return (
        token.text in _PASSED
        or token.text == "word for word"
        or token.has("courtesy", "particle", "excluded", "contrast")
        or (at > 0 and at + 1 < len(tokens) and _aside(tokens, at - 1))
    )


_SAID_AGAIN: Final = pattern("in|on|via|over|through @det? @channel channel|room|chat?")
"""`let ops know in the ops channel how it went`"""


def _after(tokens: Sequence[Token], at: int) -> int | None:
    """Where the message begins that follows a channel, or None."""
    while at < len(tokens) and (_passed(tokens, at) or _SAID_AGAIN.match(tokens, at) is not None):
        at = _SAID_AGAIN.match(tokens, at) or at + 1
    if at + 1 >= len(tokens) and (at >= len(tokens) or tokens[at].text in _COLONS):
        return None
    token = tokens[at]
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if token.text in _COLONS:
        return at + 1
    if token.text == "," and following is not None and following.text in _INTRODUCING:
        return at + 2
    message = tokens[at : _sentence_end(tokens, at, open_ended=False)]
    if any(other.has("quote") for other in message) and not _quotes_within(message):
        return None
    return _introduced(tokens, at, message)


_FRAMING: Final = frozenset(
    ["this", "following", "exactly", "verbatim", "literally", "saying", "says", "say", "that", "with", "quote", "text",
     "words", "word", "just", "only", "to", "about", "as", "follows", "name", "title", "word for word"]
)  # fmt: skip


def _quotes_within(message: Sequence[Token]) -> bool:
    """`the build is `green` now`: the quotation is a part of what is to be said, not all of it."""
    first = next(at for at, token in enumerate(message) if token.has("quote"))
    framed = all(
        token.kind == "mark" or token.text in _FRAMING or token.has("soft", "det", "courtesy", "message", "particle")
        for token in message[:first]
    )
    goes_on = len(message) > first + 1 and message[first + 1].has("be", "modal")
    return goes_on if framed else not any(_elsewhere(token) for token in message[:first])


def _introduced(tokens: Sequence[Token], at: int, message: Sequence[Token]) -> int | None:
    """`… that we are live`, `… about the outage`, `… to hold the deploy`, or the words alone."""
    token = tokens[at]
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if token.text == "about":
        pointing = following is not None and following.has("it")
        return None if pointing or looked_up(message[1:]) else at + 1
    if token.text == "that" and following is not None:
        return at + 1
    if tells_findings(message) or of_a_step(message) or (token.text in _EMBEDDING and asked(message)):
        return None
    if token.text in _INTRODUCING:
        return at if token.text in _EMBEDDING else at + 1
    if token.text == "to" and following is not None and following.has(":base"):
        return at + 1
    return None if _elsewhere(token) or looked_up(message) else at


def _elsewhere(token: Token) -> bool:
    if token.kind == "mark" or token.has(*_ELSEWHERE):
        return True
    if token.text in ("when", "once", "as", "afterwards", "after", "before"):
        return True
    return token.has("soft") and not token.has("det", "they")


def _sentence_end(tokens: Sequence[Token], start: int, open_ended: bool) -> int:
    """Where a message ends: with its sentence, or before `, then …`; after a colon with its paragraph."""
    for at in range(start, len(tokens)):
        token = tokens[at]
        if token.text == "\n" and at > start:
            return at
        if open_ended:
            continue
        if token.text in _END or token.text.startswith("..") or _taken_back(tokens, at):
            return at
        if at > start and (_goes_on(tokens, at) or _done_beside(tokens, start, at)):
            return at - 1
    return len(tokens)


_PLAIN: Final = ("deploy:base", "destroy:base", "rollback:base", "repair:base", "checkpoint:base", "unlock:base")
"""Verbs of another request after a message: `tell #ops we start now, deploy dev`."""


_OTHER_CASE: Final = pattern(
    "if|otherwise|else|unless @it|@they? @soft* does|do|did|is|are|was|has|fails|breaks|not|, not?"
)
"""`tell #ops it's done, if it doesn't …`"""


def _goes_on(tokens: Sequence[Token], at: int) -> bool:
    """`…, then check dev`: the next request."""
    paused = tokens[at - 1].text in (",", "and", ";")
    if paused and _OTHER_CASE.match(tokens, at) is not None:
        return True
    if tokens[at].has(*_PLAIN) and tokens[at - 1].text == "," and is_verb(tokens, at):
        return any(token.has("stack") for token in tokens[at + 1 : at + 4])
    if paused and tokens[at].has("notify:base") and any(token.has("channel") for token in tokens[at + 1 : at + 3]):
        return True  # `tell #ops we are live, tell #sales to wait`
    return tokens[at].has("then") and tokens[at].text != "only" and paused and starts_clause(tokens, at + 1)


_REPORTS: Final = pattern(
    "@soft|@det|@name|@stack.n|@unknown|@schedule.n|@lock|@health|@they* is|are|was|were|has|have"
)
_MAY_GO_ON: Final = (":base", "modal", "wh", "if", "and", "i", "you", "says", "because")


def _done_beside(tokens: Sequence[Token], start: int, at: int) -> bool:
    """`tell #ops that dev is down and deploy dev`: what is reported isn't going on in the imperative."""
    if tokens[at - 1].text != "and" or not tokens[at].has(*_PLAIN) or not is_verb(tokens, at):
        return False
    said = tokens[start : at - 1]
    plain = _REPORTS.match(said) is not None and not any(token.has(*_MAY_GO_ON) or token.text == "to" for token in said)
    return plain and any(token.has("stack") for token in tokens[at + 1 : at + 4])


def _taken_back(tokens: Sequence[Token], at: int) -> bool:
    """`…, just kidding` is no part of a message."""
    rest = [token for token in tokens[at + 1 : at + 8] if token.text not in _END]
    return tokens[at].text in (",", "-", "–", "—") and bool(rest) and RETRACTING.whole(rest) is not None


def _merged(tokens: list[Token], start: int, end: int, text: str) -> list[Token]:
    first, last = tokens[start], tokens[end - 1]
    words = text[first.start : last.end].strip()
    payload = Token(words, words, first.start, last.end, "payload", frozenset({"payload"}), value=words)
    return [*tokens[:start], payload, *tokens[end:]]
