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

_STRONG: Final = frozenset({"no", "mean", "scratch", "rather", "mistake", "say", "second"})
"""What takes back whatever follows; the other rows may be mere courtesy."""

_TAKING_BACK: Final = Table.read(
    """
sorry: sorry|oops|whoops|oopsie|er|erm|argh|correction|apologies|pardon ,|-|:|...? @soft? @no? ,? @i? mean|meant? to?
    say? ,|:?
no: @no ,|-|–|...? sorry|wait|actually|rather|hang|hold on? ,|-|...? @i? mean|meant|said? to? say? ,|:?
no: @no ,|-|–|... @i? mean|meant|said? to? say? ,|:?
no: @no @i mean|meant|said to? say? ,|:?
no: wait|hang|hold on? ,|-|...? @no ,|-|...? sorry|wait|actually|rather? ,|-|...? @i? mean|meant? to? say? ,|:?
wait: hang|hold on ,|-|...? @i? mean|meant? ,?
wait: wait ,|-|...? sorry? ,|-|...? @i? mean|meant? ,?
mean: @i mean|meant to? say? ,|:?
scratch: scratch|strike|forget that|it ,|-|–|—|:?
make: or|no? make|change that|it to? ,?
rather: or|no rather|better ,?
rather: rather ,?
mistake: my bad|mistake|fault ,|-|...? @i? mean|meant? ,?
say: or? should @i say ,?
say: @i should say|have @:past? ,?
say: @i should have said ,?
actually: actually ,? @no? ,?
second: on second thought|thoughts ,?
"""
)
"""What stands between the slip and what was meant."""
_PAUSE: Final = pattern(",|-|–|—|--|(|..|...|;? @soft|oh|ah* ,?")
_ENDED: Final = pattern(".|!|\n @soft|oh|ah* ,?")
"""`Deploy prod. Sorry, dev.`"""
_INTO: Final = pattern("@prep|=|:? the|a|an|my|our?")
_TOO: Final = frozenset({"too", "also", "as well", "well", "both"})
_KINDS: Final = ("stack", "competitor", "channel", "url", "domain", "until", "often", "since", "later", "number", "id")
_BACK: Final = 6
"""How many tokens may lie between a slip and where it is taken back."""


def repaired(tokens: Sequence[Token]) -> list[Token]:
    """The tokens as they were meant."""
    result = list(tokens)
    at = 1
    while at < len(result):
        found = _taken_back(result, at)
        if found is None:
            at += 1
            continue
        meaning, end = found
        repair = _repair(result, at, end)
        if repair is not None:
            slip, end = repair
            result[slip] = result[end]
            del result[at : end + 1]
        elif meaning != "wait" and _anew(result, end):
            result[at:end] = _marked(result[at:end], "retracting" if meaning in _STRONG else "slip")
        at += 1
    return result


def _anew(tokens: Sequence[Token], at: int) -> bool:
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


def _repair(tokens: Sequence[Token], at: int, end: int) -> tuple[int, int] | None:
    """The slip and what repairs it, when it is a thing that was taken back."""
    end = _INTO.match(tokens, end) or end
    if end >= len(tokens) or any(token.text in _TOO for token in tokens[end + 1 : end + 3]):
        return None
    if any(token.has("be", "did", "modal") for token in tokens[end + 1 : end + 2]):
        return None  # `sorry, dev is what I look at`
    for slip in range(at - 1, max(-1, at - 1 - _BACK), -1):
        if tokens[slip].kind == "mark" and tokens[slip].text not in ",:-":
            return None
        if _same_kind(tokens[slip], tokens[end]):
            return None if tokens[slip - 1].text == "not" and slip else (slip, end)
    return None


def _taken_back(tokens: Sequence[Token], at: int) -> tuple[str, int] | None:
    """The strongest of the words that take something back, which begin here with a pause or without, and their end."""
    ended = _ENDED.match(tokens, at)
    begin = ended or _PAUSE.match(tokens, at) or at
    found = _TAKING_BACK.match(tokens, begin)
    if found is None or (begin == at and found[0] == "no"):  # `with no dev stack`
        return None
    meaning, end = found
    while (again := _TAKING_BACK.match(tokens, _PAUSE.match(tokens, end) or end)) is not None:
        meaning, end = again[0] if again[0] in _STRONG else meaning, again[1]
    return meaning, end


def _same_kind(slip: Token, repair: Token) -> bool:
    kind = next((kind for kind in _KINDS if repair.has(kind)), None)
    return kind is not None and slip.has(kind) and slip.text != repair.text
