"""People correct themselves in the middle of a sentence: `deploy prod, sorry, dev` names one stack, and it is dev.

What is taken back, the words that take it back and what is said instead are the reparandum, the interregnum and the
repair of spontaneous speech (W. Levelt, “Monitoring and self-repair in speech”, 1983). A name, an id, a number or a
time is repaired here by another of its kind. A verb that follows begins the request anew: what takes back is then
marked `retracting` (or `slip`, when that is only so if the verb is the same), and looked at when steps are composed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.patterns import Table, pattern
from agent.planning.offline.tokens import Token

__all__ = ["repaired"]

_TAKING_BACK: Final = Table.read(
    """
slip: sorry|oops|whoops|oopsie|er|erm|argh|apologies|pardon ,|-|:|...? @soft? no? ,?
back: sorry|oops|whoops|oopsie|er|erm|argh|correction|apologies|pardon ,|-|:|...? @soft? no? ,? @i? mean|meant to?
    say? ,|:?
back: correction ,|:|-?
back: @no ,|-|–|...? sorry|wait|actually|rather|hang|hold on? ,|-|...? @i? mean|meant|said? to? say? ,|:?
back: @no ,|-|–|... @i? mean|meant|said? to? say? ,|:?
back: @no @i mean|meant|said to? say? ,|:?
back: wait|hang|hold on? ,|-|...? @no ,|-|...? sorry|wait|actually|rather? ,|-|...? @i? mean|meant? to? say? ,|:?
wait: wait|hang|hold on? ,|-|...?
back: @i mean|meant to? say? ,|:?
back: scratch|scrap|strike|forget that|it ,|-|–|—|:?
back: or|no rather|better ,?
back: rather ,?
back: my bad|mistake|fault ,|-|...? @i? mean|meant? ,?
back: or? should @i say ,?
back: @i should say|have @:past? ,?
back: or|no make|change that|it to? ,?
back: make that|it ,?
slip: actually ,? @no? ,?
back: on second thought|thoughts ,?
"""
)
"""What stands between a request and the one that is meant; `slip` may be mere courtesy."""
_PAUSE: Final = pattern(",|-|–|—|--|(|..|...|;? @soft|oh|ah* ,?")
_ENDED: Final = pattern(".|!|\n @soft|oh|ah* ,?")
"""`Deploy prod. Sorry, dev.`"""
_SAYING_SO: Final = frozenset(
    ["meant", "correction", "sorry", "oops", "whoops", "oopsie", "nah", "nope", "typo", "er", "erm", "rather",
     "apologies", "pardon", "actually", "misspoke"]
)  # fmt: skip
_TOGETHER: Final = (
    {"no", "wait"}, {"make", "that"}, {"make", "it"}, {"should", "be"}, {"should", "say"}, {"wrong", "one"},
    {"no", ","}, {"no", "-"}, {"no", "--"}, {"no", "–"}, {"no", "—"}, {"no", "..."}, {"forget", "that"},
    {"correct", "that"}, {"should", "read"}, {"correct", "myself"}, {"i", "mean"}, {"scratch", "that"},
    {"scratch", "it"}, {"strike", "that"}, {"strike", "it"}, {"my", "bad"}, {"my", "mistake"}, {"my", "slip"},
)  # fmt: skip
"""Words that only together take something back."""
_AROUND: Final = frozenset(
    ["no", "wait", "hang", "hold", "on", "that", "make", "it", "i", "my", "mate", "not", "ah", "oh", "argh", "uh",
     "um", "uhh", "umm", "well", "should", "be", "say", "said", "was", "is", "to", "a", "hmm", "let", "me",
     "please", "pal", "one", "second", "sec", "the", "other", "or", "wrong", "forget", "correct", "fault",
     "have", "read", "this", "there", "of", "course", "better", "myself", "change", "mean", "scratch", "strike",
     "bad", "mistake", "slip"]
)  # fmt: skip
_OPENING: Final = frozenset({"ah", "oh", "uh", "uhh", "no", "i", "scratch", "strike", "my", "make"})
_MARKS: Final = frozenset({",", "-", "--", "–", "—", ".", "..", "...", "(", "!", ";", ":"})
_INTO: Final = frozenset(["on", "in", "to", "for", "of", "at", "from", "the", "our", "until", "=", "a", "an", "my"])
_TOO: Final = frozenset({"too", "also", "as well", "well", "both"})
_KINDS: Final = (
    "stack",
    "competitor",
    "channel",
    "url",
    "domain",
    "until",
    "often",
    "since",
    "later",
    "number",
    "id",
    "aspect",
)
_BACK: Final = 6
"""How many tokens may lie between a slip and where it is taken back."""


def repaired(tokens: Sequence[Token]) -> list[Token]:
    """The tokens as they were meant."""
    result = list(tokens)
    at = 1
    while at < len(result):
        repair = _put_right(result, at)
        begun = _begun_anew(result, at) if repair is None else None
        if repair is not None:
            slip, end = repair
            result[slip] = result[end]
            del result[at : _closed(result, end)]
        elif begun is not None:
            tag, end = begun
            result[at:end] = _marked(result[at:end], tag)
        at += 1
    return result


def _put_right(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """The slip and what is said instead of it, when a thing is taken back here."""
    end = _interregnum(tokens, at)
    if end is None or any(token.text in _TOO for token in tokens[end + 1 : end + 3]):
        return None
    if any(token.has("be", "did", "modal") for token in tokens[end + 1 : end + 2]):
        return None  # `sorry, dev is what I look at`
    for slip in range(at - 1, max(-1, at - 1 - _BACK), -1):
        if tokens[slip].kind == "mark" and tokens[slip].text not in ",:-":
            return None
        if _same_kind(tokens[slip], tokens[end]):
            return None if tokens[slip - 1].text == "not" and slip else (slip, end)
    return None


def _interregnum(tokens: Sequence[Token], at: int) -> int | None:
    """Where the thing stands that follows words which take something back, beginning here."""
    if tokens[at].text not in _MARKS | _SAYING_SO | _OPENING:
        return None
    end = at
    while end < len(tokens) and (_between(tokens[end]) or _ruled_out(tokens, at, end)):
        end += 1
    said = {word for token in tokens[at:end] for word in token.text.split()}
    if not (said & _SAYING_SO or any(words <= said for words in _TOGETHER)):
        return _afterwards(tokens, at, end)
    while end < len(tokens) and tokens[end].text in _INTO:
        end += 1
    return end if end < len(tokens) else None


def _afterwards(tokens: Sequence[Token], at: int, end: int) -> int | None:
    """`destroy prod; dev, I mean`: what takes back stands after what is meant."""
    meant = pattern(",? @i mean|meant|say $").match(tokens, end + 1)
    return end if meant is not None and end > at and tokens[at].kind == "mark" else None


def _closed(tokens: Sequence[Token], end: int) -> int:
    meant = pattern(",? @i mean|meant|say $").match(tokens, end + 1)
    return meant if meant is not None else end + 1


def _between(token: Token) -> bool:
    if token.kind == "mark":
        return token.text in _MARKS
    return token.kind == "word" and all(word in _SAYING_SO | _AROUND for word in token.text.split())


def _ruled_out(tokens: Sequence[Token], at: int, end: int) -> bool:
    """`deploy prod, not prod, I meant dev`: the slip once more."""
    return tokens[end - 1].text == "not" and tokens[end].has("name") and tokens[end].value == tokens[at - 1].value


def _same_kind(slip: Token, repair: Token) -> bool:
    kind = next((kind for kind in _KINDS if repair.has(kind)), None)
    return kind is not None and slip.has(kind) and slip.text != repair.text


def _begun_anew(tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
    """What takes back a whole request, and where it ends, when a verb comes after it."""
    begin = _ENDED.match(tokens, at) or _PAUSE.match(tokens, at) or at
    found = _TAKING_BACK.match(tokens, begin)
    if found is None:
        return None
    meaning, end = found
    while (again := _TAKING_BACK.match(tokens, _PAUSE.match(tokens, end) or end)) is not None:
        meaning, end = again[0] if meaning != "back" else meaning, again[1]
    if meaning == "wait" or not _verb(tokens, end):
        return None
    return "retracting" if meaning == "back" else "slip", end


def _verb(tokens: Sequence[Token], at: int) -> bool:
    """Whether a request begins here."""
    while at < len(tokens) and tokens[at].has("soft") and not tokens[at].has(":base"):
        at += 1
    return at < len(tokens) and tokens[at].has(":base") and tokens[at].text not in ("tell", "let", "do")


def _marked(span: Sequence[Token], tag: str) -> list[Token]:
    """What takes back, as a sentence of its own."""
    first, last = span[0], span[-1]
    text = " ".join(token.text for token in span)
    end = Token(";", "", last.end, last.end, "mark")
    return [replace(end, start=first.start), Token(text, text, first.start, last.end, tags=frozenset({tag})), end]
