"""Where a clause may begin: with a verb, a question, a subject, a negation, a courtesy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.planning.offline.concepts import acts
from agent.planning.offline.conditions import says_how_it_is
from agent.planning.offline.patterns import Table, pattern
from agent.planning.offline.tokens import Token

__all__ = [
    "ASKED_WHETHER",
    "INVERTED_IF",
    "POLITE_IF",
    "WERE_TO",
    "after_a_step",
    "after_an_outcome",
    "emphatic",
    "is_verb",
    "names_step",
    "no_reason",
    "polite_alone",
    "reports",
    "starts_clause",
    "unheard_verb",
]

_STARTS: Final = Table.read(
    """
request: can|could|will|would|wont @you
request: can|could|may|shall|should @i
request: let us|me
request: go ahead and
request: i|we would|want|need|wish|like|was|am|are|have|think|believe|hope|guess|wonder|must|can|could|should|will|
    just|do|might|may|cannot|had|did|ought|still|only|really
statement: you can|may|should|must|need|are|have|will
statement: @they|@i @be|@modal|@did|@:past|@:third
statement: @they|@i @soft? @be|@modal|@did|@:past|@:third|@negative
statement: @stack|@competitor @be|@modal|@did
statement: there is|are|was|seems
question: @be|@did @stack|@competitor|@they|@i|@you|@det|@schedule|@audit|@grant|@who
question: @be|@did not @stack|@competitor|@they|@i|@you
question: @wh @be|@did|@modal|@stack|@competitor|@they|@i|@you|@det|@stacks
question: what|which|who|why|how|when|where
negative: do|does|did not
negative: never|not|no|without|hands
negative: please do not
negative: under no circumstance|circumstances|condition|conditions
negative: on no account
negative: in no case|way|event
negative: skip|avoid|omit|refrain|spare|leave
condition: if|unless|otherwise|else
thanks: thanks|thank|cheers
how about: how|what about
"""
)


def starts_clause(tokens: Sequence[Token], at: int) -> bool:
    """Whether a clause of its own begins here."""
    while at < len(tokens) and (
        (tokens[at].has("soft", "courtesy", "then") and not tokens[at].has(":base"))
        or emphatic(tokens, at)
        or _counted(tokens, at)
    ):
        at += 1
    at = after_a_step(tokens, at)
    if at >= len(tokens) or tokens[at].has("contrast"):
        return False
    if _STARTS.match(tokens, at) or tokens[at].has("often") or unheard_verb(tokens, at):
        return True
    return tokens[at].has(":base") and is_verb(tokens, at)


_STEP_BEFORE: Final = pattern(
    "after|following|upon|with @det* @deploy.n|@rollback.n|@repair.n|@sweep.n|@preview.n|@checkpoint.n|@destroy.n "
    "done|finished|over? ,?"
)


def after_a_step(tokens: Sequence[Token], at: int) -> int:
    """Where a clause goes on that opens with the step it comes after: `after the deploy tell #ops`."""
    end = _STEP_BEFORE.match(tokens, at)
    begins = end is not None and end < len(tokens) and tokens[end].has(":base") and is_verb(tokens, end, paused=True)
    return end if begins and end is not None else at


_DETERMINING: Final = frozenset(
    ["the", "a", "an", "our", "your", "my", "its", "their", "his", "her", "all", "every", "each", "any", "some", "this",
     "that", "these", "those", "it", "them", "both", "everything"]
)  # fmt: skip
_NO_BASE: Final = ("s", "ed", "ing", "ly", "'s")


def unheard_verb(tokens: Sequence[Token], at: int) -> bool:
    """`… and frobnicate the logs`: a word that means nothing here, where a verb would stand."""
    token, following = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else None
    plain = token.kind == "word" and not token.tags - {"unknown"} and token.raw[:1].islower()
    if not plain or following is None or len(token.text) < 3 or token.text.endswith(_NO_BASE):
        return False
    return following.text in _DETERMINING or following.has("name", "url", "domain")


def _counted(tokens: Sequence[Token], at: int) -> bool:
    """`…, second deploy it`: the number of a step."""
    return tokens[at].text in ("second", "third", "fourth") and at + 1 < len(tokens) and tokens[at + 1].has(":base")


def emphatic(tokens: Sequence[Token], at: int) -> bool:
    """`do show me its health`: a `do` that only stresses the verb after it."""
    return tokens[at].text == "do" and at + 1 < len(tokens) and tokens[at + 1].has(":base")


_NOUNS: Final = (
    "deploy.n", "rollback.n", "repair.n", "sweep.n", "preview.n", "check.n", "checkpoint.n", "change", "output",
    "alert",
    "schedule.n", "work", "audit", "aspect", "spend", "lock", "watchlist", "message", "everything", "run", "code",
    "before-after",
)  # fmt: skip


_ASKED_ABOUT: Final = (
    "health", "drift", "audit", "history", "output", "spend", "grant", "schedule.n", "lock", "config", "preview.n",
)  # fmt: skip
_OBJECTS: Final = (
    "det", "name", "it", "them", "number", "url", "channel", "quote", "wh", "id", "domain", "pair", "soft", "stack",
    "often", "since", "until", "result", "everything", "unknown", "negative", "stacks", "competitors", "later",
    "aspect", "config-key",
)  # fmt: skip
"""What stands after a verb."""


def is_verb(tokens: Sequence[Token], at: int, paused: bool = False) -> bool:
    """Whether a word that is also a noun is a verb here: by what follows it, and by the pause before it."""
    token = tokens[at]
    if not token.has(*_NOUNS) or token.has("gapped"):
        return True
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if following is None or following.kind == "mark" or following.has("and", "then", "if", "unless"):
        return paused or _after_pause(tokens, at)
    if following.text == "of":
        return False  # `after deploy of dev is ready`
    if token.text in _DOING_WORDS and following.has(*_ASKED_ABOUT, "check.n", "drift", "sweep.n", "diagnose.n"):
        return True  # `… then run health`
    if token.has("ask") and (following.text in _AFTER_ASKING or following.has(*_ASKED_ABOUT)):
        return True
    if following.has("prep") and not following.has("det"):
        return following.text in ("to", "in", "on", "for", "back") and token.has(
            "notify", "deploy", "watch", "run", "rollback"
        )
    return following.has(*_OBJECTS) or (following.kind == "word" and not following.tags)


_DOING_WORDS: Final = frozenset({"run", "do", "perform", "execute"})
_AFTER_ASKING: Final = frozenset({"for", "that", "whether", "if", "how", "on", "out", "into"})


def _after_pause(tokens: Sequence[Token], at: int) -> bool:
    before = at - 1
    while before >= 0 and tokens[before].has("soft") and not tokens[before].has("then", "and"):
        before -= 1
    return before < 0 or tokens[before].has("then", "and") or tokens[before].kind == "mark"


ASKED_WHETHER: Final = Table.read(
    """
whether: @ask|@verify|@show @soft? me|us? @soft? if|whether
whether: say|inform|notify|report me|us if|whether
whether: remember|recall|remind|establish|determine @soft|me|us* if|whether
whether: wonder|wondering|curious|sure|see|know|idea|unsure|clear|certain|unclear if|whether
"""
)
INVERTED_IF: Final = pattern("should @det|@stack|@they|@it ... fail|break|crash|drift|succeed|pass|work|error ,|:")
"""`should the check fail, …`"""
WERE_TO: Final = pattern("were @det|@stack|@they|@it|@i|@you ... to @:base|proceed|happen|occur")
"""`were we to deploy production, …`"""
POLITE_IF: Final = Table.read(
    """
polite: if you can|could|would|may|might|want|like|please
polite: if you have|get|find the|a? time|moment|minute|second|chance
polite: if|when|whenever|once @you|@i have|get|find|has|got|are|@be|@soft* the|a|any|some|spare|free*
    time|moment|minute|second|chance|sec|min|mins|mo|tick|bandwidth|capacity|free|available|around|ready|bored
polite: if possible|convenient
polite: if it is not? @soft? too? much|possible|convenient|ok|okay|alright|any? trouble
polite: if i may|might|could
"""
)


_FINITE: Final = frozenset(
    ["did", "does", "has", "had", "have", "said", "went", "goes", "needs", "keeps", "looks", "happens", "moves",
     "comes", "works", "seems", "means", "matters", "makes", "gets", "wants", "says", "reads", "uses", "happened"]
)  # fmt: skip
"""Verbs that make a report of the words after a comma."""


def reports(tokens: Sequence[Token], at: int) -> bool:
    """`…, that person has left`, `…, nothing ever happens there`: whether a report begins here."""
    if not (at < len(tokens) and _may_be_subject(tokens[at])):
        return False
    for ahead in range(at + 1, min(at + 7, len(tokens))):
        token, before = tokens[ahead], tokens[ahead - 1]
        verb = token.has(":base") and not token.has(":past", "stack", "prep") and not before.has("det", "name")
        if token.kind == "mark" or token.has("and", "or", "then") or verb or token.has("wh", "if"):
            return False
        if token.has("be", "modal", "i") or token.text in _FINITE:
            return True
        if token.has(":third", ":past") and not before.has("det", "prep", "be", "did", "name"):
            return True
    return False


def no_reason(tokens: Sequence[Token], at: int) -> bool:
    """`called as`, `be so good as to`, `save it as a checkpoint`"""
    before, after = tokens[at - 1] if at else tokens[at], tokens[at + 1 : at + 3]
    saved = tokens[at].text == "as" and (before.has(":past") or any(token.has("checkpoint.n") for token in after))
    return saved or (tokens[at].text == "so" and before.has("be"))


_STEPS: Final = ("health", "drift", "preview.n", "history", "output", "sweep.n")


_DOING: Final = ("deploy:base", "repair:base", "rollback:base", "checkpoint:base", "set:base")


def names_step(current: Sequence[Token], tokens: Sequence[Token], at: int) -> bool:
    """`deploy dev, health check`: a look that is only named, after something to be done."""
    opening = [token for token in current if not token.has("soft", "courtesy")][:2]
    if opening and opening[0].has("stack"):
        opening = opening[1:]  # `dev up`
    if not any(token.has(*_DOING) for token in opening[:1]):
        return False
    end = at
    while end < len(tokens) and tokens[end].has(*_STEPS, "check.n", "det"):
        end += 1
    ended = end >= len(tokens) or tokens[end].kind == "mark" or tokens[end].has("and", "then")
    return end > at and ended and any(token.has(*_STEPS) for token in tokens[at:end])


def _may_be_subject(token: Token) -> bool:
    named = token.has("det", "unknown", "stack", "alert", "competitor", "url", "id")
    return named or token.text in ("nothing", "nobody", "everyone") or not token.tags


def polite_alone(tokens: Sequence[Token], at: int) -> bool:
    """`if you can` alone is courtesy; `if you could check …` carries the request."""
    end = POLITE_IF.match(tokens, at)
    return end is None or end[1] >= len(tokens) or not starts_clause(tokens, end[1])


def after_an_outcome(current: Sequence[Token], tokens: Sequence[Token], at: int) -> bool:
    """`deploy it after the health check passes`: how something turned out, which is a condition and no hour.

    `current` is the clause that the `after` at `at` stands in.
    """
    if after_a_step(tokens, at) != at:
        return False
    doing = [token for token in current if token.kind != "mark" and not token.has("soft", "courtesy", "then")]
    if doing and not (doing[0].has(":base") and acts(doing[0])):
        return False
    end = at + 1
    while end < len(tokens) and tokens[end].kind != "mark" and not tokens[end].has("and", "then", "or", "but"):
        end += 1
    said = tokens[at + 1 : end]
    turned_out = any(token.has("be", ":third", ":past") or says_how_it_is([token]) for token in said[1:])
    return turned_out and not said[0].has("i", "you", ":ing") and not starts_clause(tokens, at + 1)
