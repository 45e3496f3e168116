"""What a clause does: it asks for something to be done, asks a question, forbids, suggests, reports, or is polite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.asking import asked_how, begins_question, inquiry, question
from agent.planning.offline.concepts import ACTING, LOOKING, NAMED, actions
from agent.planning.offline.elliptical import with_supposed
from agent.planning.offline.framing import framed
from agent.planning.offline.hearsay import with_hearsay
from agent.planning.offline.negation import shared
from agent.planning.offline.parts import Clause, Link, Part
from agent.planning.offline.patterns import Table, pattern
from agent.planning.offline.relative import with_relative_conditions
from agent.planning.offline.requested import named_action, requested
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.speech_tables import FORBIDDING, HYPOTHETICAL, WRAPPERS
from agent.planning.offline.tokens import Token
from agent.planning.offline.trimming import trimmed
from agent.planning.offline.verbs import caused, command, wanted, without_verb

__all__ = ["understand_all"]

_WRAPPED_AT_MOST: Final = 6
_COULD_YOU: Final = pattern("can|could|will|would @you")
_HEDGES: Final = frozenset({"maybe", "perhaps", "possibly"})
_FINITE: Final = pattern("@be|@modal|did|does|has|had|sounds|seems|looks|means")
_SUBJECTS: Final = ("wh", "whether", "i", "you", "they", "it", "stack", "everything")
_DOUBLE: Final = pattern("@soft* do not forget|hesitate|fail|neglect to")
"""Two negations that make a request."""
_INCREDULOUS: Final = Table.read(
    """
claim: @they can|could|cannot|must|may not? be @soft* that|true|right|correct|so|possible|it|all
claim: it is|was not that|like|as
    """
)
"""`it can't be that you have spent nothing`, `it isn't that I want it destroyed`"""
_NOT_ACTING: Final = frozenset(
    [
        "need",
        "care",
        "know",
        "think",
        "believe",
        "mind",
        "remember",
        "use",
        "understand",
        "see",
        "trust",
        "recall",
        "wait",
        "afford",
        "imagine",
        "stand",
        "say",
        "tell",
    ]
)
"""`we don't need dev any more` tells something and forbids nothing."""
_IN_GENERAL: Final = frozenset(
    ["stacks", "pages", "channels", "a", "an", "schedules", "grants", "things", "alerts", "messages", "environments",
     "websites", "competitors"]
)  # fmt: skip


def understand_all(clauses: Sequence[Clause]) -> list[Said]:
    """What each clause does; `could you …` and `don't …` go for the clauses that are joined to them."""
    result: list[Said] = []
    asked: int | None = None
    for clause in with_supposed(with_relative_conditions(clauses)):
        joined = asked == clause.sentence and clause.link in (Link.AND, Link.THEN)
        said = _understood(clause, joined)
        if result and result[-1].act is Act.HOW and _goes_on_asking(said):
            said = replace(said, act=Act.HOW)
        result.append(said)
        asking = result[-1].act in (Act.COMMAND, Act.INQUIRY)
        opening = asking and _COULD_YOU.match(trimmed(clause.tokens)) is not None
        asked = clause.sentence if opening or joined else None
    return framed(with_hearsay(shared(result)))


def _goes_on_asking(said: Said) -> bool:
    """`what can you do with stacks? can you destroy them?`: still whether it can be done at all."""
    asked = said.act is Act.COMMAND and said.clause.question and _COULD_YOU.match(trimmed(said.tokens)) is not None
    return asked and not any(token.has(*NAMED, "number") for token in said.tokens)


_HEARD_IN: Final = pattern("hear|know|read|see|learn about|of? it|that|this|so? in|on|via|through @det? @channel")
"""`I want to hear about it in #exec`: it is to be told there."""


def _understood(clause: Clause, asked: bool) -> Said:
    body = trimmed(clause.tokens)
    if not body:
        return Said(Act.COURTESY, clause, tuple(clause.tokens))
    if clause.part is Part.REASON:
        return Said(Act.STATEMENT, clause, body)
    said = named_action(_unwrapped(clause, body, asked))
    if said.act is Act.COMMAND and _HEARD_IN.match(said.body) is not None:
        said = replace(said, heads=frozenset({"notify"}))
    return _cautious(said)


def _cautious(said: Said) -> Said:
    """A command that is hedged, or that goes on like a sentence about it, is only a suggestion."""
    if said.act is not Act.COMMAND or not said.heads & ACTING:
        return said
    if _of_abilities(said):
        return replace(said, act=Act.HOW)
    hedged = any(token.text in _HEDGES for token in said.tokens[:2]) or _told_of_itself(said) or _mused(said)
    at = next((index for index, token in enumerate(said.body) if token is said.head), -1)
    return replace(said, act=Act.SUGGESTION) if hedged or _goes_on(said.body[at + 1 :]) else said


_UNAIDED: Final = pattern("by|on|all @det? yourself|itself|own|alone")
_EVER: Final = frozenset(["automatically", "autonomously", "unattended", "ever", "theoretically"])


def _of_abilities(said: Said) -> bool:
    """`can you resume by yourself?`, `could you deploy it automatically?`: whether Sophia is able to."""
    if not said.clause.question or any(token.text == "please" or token.has("often", "later") for token in said.tokens):
        return False
    return _UNAIDED.search(said.tokens) is not None or any(token.text in _EVER for token in said.tokens)


_MUSING: Final = Table.read(
    """
fond: @i @soft* like|love|enjoy|hate|dislike|prefer to? @soft* @:base|@:ing
relayed: remind|tell|ask|nudge ... to @soft* @notify:base ... @channel
awaited: @notify|@ask me|us when|whenever|if|once|before|after|as ... @:base|@:third|@:past
"""
)
"""`I like to deploy it`, `remind Tom to tell #ops …`, `alert me when they tell #ops …`: none of it is asked for now."""


def _mused(said: Said) -> bool:
    return _MUSING.match([token for token in said.clause.tokens if not token.has("soft", "courtesy")]) is not None


def _told_of_itself(said: Said) -> bool:
    """`so you can deploy it?`, `you deploy it every Monday, right?`: what Sophia does is asked, and not asked for."""
    first = next((token for token in said.tokens if not token.has("soft", "courtesy", "and", "but")), None)
    return said.clause.question and first is not None and first.text == "you"


_SAID_OF_IT: Final = pattern("is|was exactly|just|precisely? what|something")
"""`destroy dev is what Bob would say`"""


def _goes_on(after: Sequence[Token]) -> bool:
    """`destroy production would be a mistake`: a finite verb without a subject of its own."""
    if _SAID_OF_IT.search(after) is not None:
        return True
    inside = (at for at, token in enumerate(after) if token.has("wh", "quote", "because", "known"))
    end = next(inside, len(after))
    return any(_FINITE.match(after, at) is not None and not (at and after[at - 1].has(*_SUBJECTS)) for at in range(end))


_LIKED: Final = pattern(
    "@i would|want|need|wish|like|have @soft* like|love|wish|want|need? to @soft* "
    "see|have|know|get|view|read|at|of|@soft* $"
)
"""`the audit log of production I would like to see`"""
_WISHED: Final = pattern("@i @soft* wish|want|need|require|like @soft*")
"""`I wish it withdrawn`"""


_REPORTED: Final = pattern(
    "wants|wanting|needs|wonders|wondering|asks|asked|asking|curious|forgot|forgotten|remember|like|likes me|us? to? "
    "know|hear|see|learn|find? out? @wh|if|whether"
)
"""`Dana wants to know what …`, `I forgot what … is`: a question, whoever has it."""


def _reported(clause: Clause, body: tuple[Token, ...]) -> Said | None:
    found = _REPORTED.search(body)
    if found is None or not found[0] or body[0].has(":base", "you", "wh", "be", "did", "modal"):
        return None
    if (wrapped := WRAPPERS.match(body)) is not None and wrapped[0] == "go":
        return None  # `I was wondering whether you could deploy it`
    at = found[1] - 1
    return inquiry(clause, trimmed(body[at if body[at].has("wh") else at + 1 :]) or body)


_EXISTS: Final = pattern(
    "there is|are|exist|exists somebody|someone|anybody|anyone|people|@det? person|user|people? who|that"
)
"""`there is somebody who has touched production?`"""


def _fronted(clause: Clause, body: tuple[Token, ...]) -> Said | None:
    """What is wished for before the wish, or done to it after."""
    exists = _EXISTS.match(body)
    if clause.question and exists is not None and exists < len(body):
        return inquiry(clause, body[exists - 1 :])
    if (reported := _reported(clause, body)) is not None:
        return reported
    liked = _LIKED.search(body)
    if liked is not None and liked[0]:
        return inquiry(clause, body[: liked[0]])
    wished = _WISHED.match(body)
    done = wished is not None and caused(body[wished:]) is not None and not clause.question
    return wanted(clause, body[wished:]) if done else None


def _unwrapped(clause: Clause, body: tuple[Token, ...], asked: bool) -> Said:
    """Take off what politeness puts around a request, then look at what is left."""
    if (double := _DOUBLE.match(body)) is not None and double < len(body):
        return replace(_unwrapped(clause, body[double:], asked=True), contrast=True)
    if (inside := requested(clause, body)) is not None:
        return inside
    if (fronted := _fronted(clause, body)) is not None:
        return fronted
    for _ in range(_WRAPPED_AT_MOST):
        forbidden = _forbidding(clause, body)
        if forbidden:
            return forbidden
        found = WRAPPERS.match(body)
        rest = trimmed(body[found[1] :]) if found else ()
        if found is None or not rest:
            break
        said = _wrapped(clause, body, rest, found[0])
        if said:
            return said
        body, asked = rest, True
    return _asking(clause, body, asked) or _doing(clause, body, asked)


_MERELY: Final = pattern("@soft* do not just|only|merely|simply")
"""`don't just preview dev, deploy it`"""


def _forbidding(clause: Clause, body: tuple[Token, ...]) -> Said | None:
    end = FORBIDDING.match(body)
    if _INCREDULOUS.match(body) is not None:
        return Said(Act.STATEMENT, clause, body)
    if end is None or body[0].text == "why" or _DOUBLE.match(body) is not None:
        return None
    if body[0].text == "there" and not any(token.text == "no" for token in body[:4]):
        return None
    if _MERELY.match(body) is not None:
        return Said(Act.STATEMENT, clause, body)
    rest = trimmed(body[end[1] :]) or body
    telling = any(token.text in _NOT_ACTING for token in body[: end[1] + 1])
    touching = not any(token.text == "wait" for token in body) and any(
        token.has("touch:base", "touch:past") for token in rest
    )
    acting = touching or any(actions(token) - {"set", "add", "rate"} for token in rest)
    return Said(Act.STATEMENT if telling and not acting else Act.PROHIBITION, clause, rest)


def _wrapped(clause: Clause, body: tuple[Token, ...], rest: tuple[Token, ...], meaning: str) -> Said | None:
    """What a wrapper makes of the rest; None when the rest speaks for itself."""
    if meaning == "know":
        return inquiry(clause, rest) if caused(rest) is None else wanted(clause, rest)
    if meaning == "suggest":
        return _suggestion(clause, body, rest)
    if meaning == "mind" or (rest[0].has(":ing") and not rest[0].has(":base")):
        return command(clause, rest, form=":ing") or Said(Act.INQUIRY, clause, rest)
    return None


def _suggestion(clause: Clause, body: tuple[Token, ...], rest: tuple[Token, ...]) -> Said:
    """`we should deploy`, `shall I …`: about an action; of looks it is as good as a request."""
    said = command(clause, rest) or command(clause, rest, form=":ing")
    if said is None:
        if HYPOTHETICAL.match(body) and any(actions(token) for token in rest):
            return Said(Act.HYPOTHESIS, clause, body)
        return question(clause, body) if begins_question(body) else without_verb(clause, rest, asked=False)
    if said.heads & LOOKING and not said.heads & ACTING:
        return said
    if body[0].has("i") and body[1].text == "can" and not clause.question and _little(said):
        return said
    if said.heads <= {"snooze", "unwatch", "pause", "cancel"} and body[0].text in ("can", "could"):
        return replace(said, act=Act.SUGGESTION)
    if body[0].text in ("shall", "should") or (clause.question and body[0].text in ("what", "can", "could")):
        return Said(Act.HYPOTHESIS, clause, body, said.head, said.heads)
    return replace(said, act=Act.SUGGESTION)


_LITTLE: Final = frozenset({"unwatch", "snooze", "remove", "cancel", "revoke", "destroy", "discard", "free"})


def _little(said: Said) -> bool:
    """`we can drop schedule s-4`: one thing that is looked after here, and no stack."""
    if said.heads <= {"unwatch", "snooze"}:
        return True
    named = any(token.has("id", "url", "number") for token in said.tokens)
    stack = any(token.has("stack", "stack.n") for token in said.tokens)
    return named and not stack and any(token.has(*_LITTLE) for token in said.tokens) and bool(said.heads & _LITTLE)


def _asking(clause: Clause, body: tuple[Token, ...], asked: bool) -> Said | None:
    """The clause as a question, if it is one."""
    imperative = asked and body[0].has(":base") and not body[0].has("ask", "show")
    if asked_how(body) and not imperative:
        return Said(Act.HOW, clause, body)
    if body[0].text == "have" and not clause.question and caused(body[1:]) is not None:
        return None
    if body[0].text == "have" and not clause.question and body[1:2] and body[1].text in ("a", "an"):
        return inquiry(clause, body[1:])  # `please have a summary in #board every Monday`
    return question(clause, body) if begins_question(body) else None


def _doing(clause: Clause, body: tuple[Token, ...], asked: bool) -> Said:
    """The clause as a request to do something, or as a report or a thing that is named."""
    said = command(clause, body)
    if said is None:
        return without_verb(clause, body, asked)
    polite = asked or any(token.text == "please" for token in clause.tokens)
    telling = "notify" in said.heads and any(token.has("channel") for token in clause.tokens)
    if clause.question and not polite and said.heads & ACTING and (telling or not said.heads & LOOKING):
        return replace(said, act=Act.SUGGESTION)
    return replace(said, act=Act.HOW) if asked and _in_general(said) else said


def _in_general(said: Said) -> bool:
    """`can you deploy stacks?`: whether it can be done at all."""
    if not said.clause.question or not said.heads & ACTING:
        return False
    particular = any(token.has(*NAMED, "it", "them", "often", "later") for token in said.tokens)
    polite = any(token.text in ("please", "kindly", "now", "for me", "for us") for token in said.tokens)
    return not particular and not polite and any(token.text in _IN_GENERAL for token in said.body[1:])
