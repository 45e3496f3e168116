"""What a clause does: it asks for something to be done, asks a question, forbids, suggests, reports, or is polite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from agent.planning.offline.clauses import Clause, Part
from agent.planning.offline.concepts import ACTING, ACTION_NOUNS, LOOKING, NAMED, actions, acts
from agent.planning.offline.patterns import Table, pattern
from agent.planning.offline.tokens import Token

__all__ = ["Act", "Said", "understand"]


class Act(StrEnum):
    """The speech acts that planning tells apart."""

    COMMAND = "command"
    """Do something, whatever its effect."""
    INQUIRY = "inquiry"
    """Say something about how things are."""
    HYPOTHESIS = "hypothesis"
    """Would it be safe, what would happen, should we."""
    PAST = "past"
    """Did we, when did, who did."""
    WHY = "why"
    HOW = "how"
    """How is it done, can you do it at all."""
    SUGGESTION = "suggestion"
    """Perhaps a command; nobody said so plainly."""
    PROHIBITION = "prohibition"
    STATEMENT = "statement"
    FRAGMENT = "fragment"
    """Names or times alone: it goes on with something said before."""
    COURTESY = "courtesy"


@dataclass(frozen=True)
class Said:
    """A clause with its act, its main verb and the words that matter."""

    act: Act
    clause: Clause
    body: tuple[Token, ...]
    head: Token | None = None
    heads: frozenset[str] = frozenset()
    """The concepts that the main verb may stand for."""
    contrast: bool = False
    """`only …`, `just …` after something was ruled out."""

    @property
    def tokens(self) -> tuple[Token, ...]:
        """All of the clause's tokens."""
        return self.clause.tokens


_WRAPPERS: Final = Table.read(
    """
mind: would|do @you @soft* mind @soft*
go: @soft* do not forget|hesitate|fail|neglect to
go: can|could|will|would|cannot @you @soft* be able|so|willing|kind|good ... to|as|and to?
go: can|could|will|would|cannot @you @soft* help me|us @soft* to? with?
go: can|could|will|would @you @soft* go ahead and|with
go: can|could|will|would @you @soft* try to|and
go: can|could|will|would @you @soft* have|take @det look|peek|moment|second|minute to|and|at
go: can|could|will|would @you not? @soft*
mind: @i would not? mind @you
go: would @you @soft* like|care to
know: @i am|was|were|have @soft* wondering|curious|asking|interested if|whether|in|about|to? know|see|hear?
go: @i am|was|were @soft* wondering|hoping if|whether|that you could|can|would|might @soft*
go: @i would|will|shall|am|was be? @soft* grateful|happy|glad|delighted|thankful|obliged if you could|can|would @soft*
go: @i would @soft* appreciate it? if you could|can|would @soft*
go: it would|will|might be ... if you could|can|would @soft*
go: that would|will be ... if you could|can|would @soft*
go: if you could|can|would|might|may @soft*
go: if it is not ... could|can|would you @soft*
go: is|are there any|a chance|way @you|that could|can|might|would? @you? could|can|might|would? @soft*
go: any chance @you could|can|might|would @soft*
go: would|will|is it be? possible for @you to @soft*
know: @i @soft* would|need|want|wish|like|have|love @soft* like|love|want|need|wish|prefer|have? @soft* to @soft* know|see|hear|understand|learn|find|get|look|view if|whether|out|about|at|of?
go: @i @soft* would|need|want|wish|like|have|require|expect|got|ought|must @soft* like|love|want|need|wish|prefer|appreciate|have|for|got? @soft* @you to @soft*
go: @i @soft* would|need|want|wish|like|have|got|ought|must @soft* like|love|want|need|wish|prefer|have|got? @soft* to @soft* go|ahead? and?
know: do|would|could|can @you happen? to? know|have|remember @det? idea|clue? if|whether|of|about|on?
know: any|no idea|clue if|whether|of|about|on|how|what|why?
know: can|could|may|might @i @soft* see|get|have|know|view|hear|look|take|ask @soft* at|a|about|if|whether?
know: let me|us @soft* see|hear|look @soft* at|if|whether?
know: just? curious|wondering if|whether|about|what|how|why?
go: let us @soft* go? ahead? and?
suggest: let me @soft*
go: go ahead and|with|, to? @soft*
go: feel free to @soft*
go: @you can|may @soft* go? ahead? and?
go: make|be sure to|that|you|@you @soft* @you?
go: remember|try|start to|by|and @soft*
go: help me|us @soft* to? with?
go: be so? kind|good|nice|dear|sweet|sport as|and|enough to? @soft*
go: do me|us a favor|favour|kindness and|:|,|by @soft*
go: it is|was high? time to|for|@you @soft* to?
go: time to|for @soft*
go: your job|task|mission|assignment is to @soft*
go: @i am asking|telling|instructing|ordering|begging|asked @you to @soft*
go: @i need|want|could use|would like your? help|hand|assistance to|with|in @soft*
go: next|first|second|third|last|then|finally @soft* ,? 
suggest: @i|@you @soft* should|could|might|ought @soft* to? @soft*
suggest: @i think|believe|guess|feel|suppose that? @i|@you @soft* should|could|might|ought|need|must @soft* to? @soft*
suggest: how|what about @soft*
suggest: why do not @i|@you @soft*
suggest: why not @soft*
suggest: shall|should @i|@you @soft*
suggest: maybe|perhaps|possibly @i|@you should|could|can|might @soft*
suggest: @i @soft* thinking|considering|planning|tempted|inclined about|of|on|to|whether? @soft*
suggest: @i am|was|were @soft* thinking|considering|planning|tempted|inclined|about|going|trying|hoping|meaning|supposed about|of|on|to|whether? to? @soft*
suggest: @i @soft* will|shall|may|might|plan|intend|hope|wish|dare|suggest|propose|recommend @soft* to|that|you|like? @soft*
suggest: @i would suggest|propose|recommend|advise @soft*
suggest: imagine|suppose|supposing|pretend|assume|hypothetically|theoretically that|if|,? @i|@you? @soft*
"""
)
_FORBIDDING: Final = Table.read(
    """
forbid: @soft* do|does|did|would|should|must|can|could|will|shall|may not @you? ever|even|you? dare|want|need|like|try|wish|think|plan|think? to?
forbid: @soft* never|not|cannot ever? again?
forbid: @i|@you|@they @soft* do|does|did|would|should|must|can|could|will|shall|may|am|are|is|need|ought|had not @soft* want|need|like|wish|think|believe|to|be|have|allowed|permitted|supposed|planning|going|asking|rather|better|ready|up? to|for|of|@you|a|any? to?
forbid: @i|@you|@they|@stack @soft* never|cannot @soft* want|need|asked|said|told|asking|be? for|to|@you? to?
forbid: @they|@stack ... should|must|may|can|could|will|would|is|are|was|has|have not @soft* be|been|to?
forbid: @they|@stack ... cannot|never be?
forbid: nobody|none @soft* should|must|may|can|is|are|will|gets|has
forbid: no one|no-one|more|further|need|longer|new|automatic|additional|way|reason|chance? @soft* to?
forbid: not @det? @soft*
forbid: hands|keep|stay|back|lay off|away|clear|out from|of? @soft*
forbid: keep ... hands|away|off|out
forbid: leave ... alone|be|untouched|as|intact|unchanged|is
forbid: leave @det? @name|@it|@everything
forbid: avoid|refrain|abstain|desist|resist|skip|forgo|forego|omit|postpone|delay|defer|veto|ban|prohibit|forbid|prevent|oppose|cease from|on? @soft*
forbid: hold|wait off|fire|on|up|with @:ing|on|with? @soft*
forbid: quit @:ing
forbid: without @soft* @:ing?
forbid: instead|rather of|than
forbid: under no circumstances|condition|conditions
forbid: in no case|way|event
forbid: on no account
forbid: there is|are|was not? no|any? need|reason|point|sense to|in|for
forbid: it is|was|would @soft* not|forbidden|prohibited|wrong|unwise|stupid|dangerous|insane|crazy ... to
forbid: @i forbid|prohibit|refuse|hate|oppose|object|decline|dread @you? to? from?
forbid: @i would hate|rather|prefer for? not? @you? to? not?
forbid: @i would rather|prefer @you? not|did|to? not? to?
forbid: the last thing @i want|need is to|for?
forbid: last thing
forbid: anything but
"""
)
_HOW: Final = Table.read(
    """
how: how do|does|can|could|should|would|might|did|must|shall @i|@you|one|somebody|someone|people @soft*
how: how do|does|can|is|are|do @det? @deploy.n|@grant|@approval|@schedule.n|@rollback.n|@sweep.n|@checkpoint.n|@audit|@alert|@preview.n work|works|happen|function|get|look|@:past|made|done
how: how to|come? @soft* @:base
how: how @:base i|@i
how: how @det? @:base @i
how: how would|do|can|could @i go about
how: what is|are|was the? best|right|correct|proper|easiest|quickest|usual|recommended|safest|way|procedure|process|steps|step|command|commands|syntax|trick way|procedure|process|steps|command? to|for|of @soft*
how: what is|are the way|procedure|process|steps|commands to|for
how: what do|does|would|should|must @i @soft* need|have to? do|say|type|write|know|tell|ask
how: what do|does @i|@you mean
how: what should|do|must|can|could @i @soft* say|type|write|ask|tell
how: what does|do|is|are|was @det @deploy.n|@rollback.n|@repair.n|@checkpoint.n|@preview.n|@sweep.n|@drift|@grant|@schedule.n|@approval|@lock|@destroy.n|@diff|@snooze|@audit|@before-after|@stack.n @soft* do|mean|for|good|involve|cover|include|entail|work|look?
how: what does|do @:ing|@:base|@drift ... do|mean|involve|entail
how: what is|does @drift|@checkpoint.n|@deploy.n|@rollback.n mean?
how: are|were @you @soft* able|capable|allowed|designed|built|trained|equipped|permitted to|of @soft*
how: do|does @you @soft* support|handle|offer|provide|include|speak|understand|allow|do
how: do @you know how to
how: is|are|would|will there|it @soft* be? a|any|some? way|possibility|option|possible|command|tool|how-to for|of|to|that? @i|@you|me|us? to|could|can?
how: what|which sort|kind|kinds|types|sorts|type of? things|stuff|requests|questions|tasks|work|thing can|could|do|are @you|@i
how: what are? @you are? for|about|good $
how: what can|could|do|are|else @you @soft* can|do|able|capable|good|else|help|offer|support|know
how: what all? can|could @i|one|people @soft* do|ask|say|use
how: who|what are|is @you $
how: who are @you
how: teach|train|guide|instruct|coach me|us
how: explain|describe|clarify|tell|show|demonstrate @them? to? @them? @soft* how @soft* to|@i|@you|a|an|one|@approval|@grant|@schedule.n|@drift|@deploy.n|@rollback.n|@checkpoint.n|@audit|@stack.n|things|this|it|@preview.n
how: explain @them? to? @them? @soft* @det? @approval|@grant|@schedule.n|@drift|@deploy.n|@rollback.n|@checkpoint.n|@preview.n|@audit to? @them? $
how: explain|describe @them? to? @them? @soft* what
how: @ask|@show|@generate @soft* how @soft* to|do|does|can|would|@i|@you|one|a|an
how: @ask|@show @soft* what @det @deploy.n|@rollback.n|@repair.n|@checkpoint.n|@preview.n|@grant|@schedule.n is|does|means|do|involves
how: walk|talk|run|guide me|us through how|the|what steps|process|to|@i|a?
how: where|how|what can|do|should|would @i @soft* find|learn|read|see|get|start @soft* about|out|how|the documentation|docs|help|manual|guide|to?
"""
)
_HYPOTHETICAL: Final = Table.read(
    """
hyp: is|are|was|would|will|were|could|might @they|now|today|tonight|tomorrow|@later|@stack @soft* not? be? ... @safe
hyp: are|am|is @i|@stack|@you @soft* safe|ok|okay|ready|good|clear|allowed|able|free|fine|prepared|set|in to|for|with|on|that|if|shape|a
hyp: should|shall|can|may|could|must|ought|might|would @i|one @soft*
hyp: what would|will|could|might|may|happens|happen|if|does|do|changes|breaks|is|are ... happen|change|break|if|@deploy|@rollback|@destroy|@repair|@unlock|@preview.n do|affect|touch|cost|modify|delete|destroy|remove|alter?
hyp: what if
hyp: what @would-change
hyp: what happens|changes|breaks|goes
hyp: what is|are|would|could @det? risk|risks|impact|effect|effects|consequence|consequences|downside|downsides|danger|dangers|blast|implications|harm|damage|side
hyp: how risky|safe|dangerous|bad|disruptive|destructive|invasive|big|large|hard|wise|smart|harmful
hyp: do|does @i|@stack|@it|@det @soft* need|have|want|require|deserve|warrant|stack? @soft* to|a|an|another|@deploy.n|@rollback.n|@repair.n|:ing
hyp: would|will|could|can|might|does|do|is|should|must|may @deploy|@destroy|@rollback|@repair|@unlock|@checkpoint|@set|@sweep|@pause|@resume|@update|@cancel|@revoke|@snooze|@unwatch|@remove|@restart
hyp: would|will|could|can|might|does|do|is|should|must|may @det ... @deploy.n|@destroy.n|@rollback.n|@repair.n|@deploy|@rollback|@checkpoint.n
hyp: any|is|are|what there? any? risk|harm|danger|problem|issue|objection|objections|reason|downside|concerns|concern|point|worry in|to|with|if|not?
hyp: how would|will|does ... look|behave|react|change|affect|impact|influence
hyp: which|what resources|services|things|resource|service|thing|parts|databases|buckets would|will|get|gets|is|are|could|might
hyp: should|must|can|could|may|might @stack|@they|@det
hyp: does|do|would|is it|that|this make|be|sense|there sense|sensible|any
hyp: worth @:ing
hyp: safe|ok|okay|wise|risky|good idea|time|moment? to|for
hyp: would|will it hurt|help|harm|matter|break
"""
)
_WHY: Final = Table.read(
    """
why: why @soft* @be|@did|@modal|@they|@stack|@i|@you|@det|@name|@time
why: how come
why: what @soft* caused|causes|causing|made|makes|broke|triggered|triggers
why: what is|was|has|have|been ... causing|wrong|broken|going wrong|the matter|failing|behind|up with
why: what went|goes|has|is gone? wrong|bad|sideways|south
why: @ask @soft* why|what caused
why: reason|cause|explanation for|of|why|behind
why: what is|was|are|were @det reason|cause|culprit|problem|issue|matter|root|trouble|error
"""
)
_PAST: Final = Table.read(
    """
past: did|had @soft* @i|@you|@they|@who|@det|@schedule.n|@deploy.n|@sweep.n|@rollback.n|@name|@everything|@grant
past: has|have|was|were|had @soft* @i|@you|@they|@who|@det|@name|@deploy.n|@rollback.n|@sweep.n|@schedule.n|@grant|@everything|@stack @soft*
past: when|how|who @soft* often|by? @they|@stack|@it|@det @name? @stack.n? was|were|got|had|has|is @soft|last|first|ever|recently* @:past|been
past: when|who|which|how @soft* often|many|times|recently|long? @soft* did|was|were|has|have
past: who @soft* else? @soft* @:past|did|last|was|were|has|have|had
past: when|how @soft* long ago|recently did|was|were|has|have
past: what @soft* did|have|has @soft* @i|@you|@who|@they
past: which|what|whose version|versions|build|commit|release|tag|code|person|people|user|users|colleague|stack|stacks|deploys|deployments|changes|operator|teammate @:past|did|was|were|has|have
past: how many|much @soft* times|deploys|deployments|rollbacks|updates|releases|sweeps|checkpoints
past: last time @i|@you|@they|@who|@stack|@det
past: when was|were|did|has|have|had
past: what happened|was|were|has|got|went
past: any|anyone|anybody|someone|somebody recent|who|else? @:past|@:ing|@deploy.n|@rollback.n
past: is|are|was|were @det? @name? @deploy.n|@rollback.n|@sweep.n|@destroy.n ... done|finished|through|complete|completed|over|successful|ok|okay|fine
"""
)
_DOUBLE: Final = pattern("@soft* do not forget|hesitate|fail|neglect to")
"""Two negations that make a request."""
_QUESTION_START: Final = pattern("@wh|@be|@did|@modal|whether|if")
_INVERTED: Final = pattern("do|have|has|does @i|@you|@they|@who|@name|@everything")
_COMPOUND_NOUNS: Final = frozenset(
    ["history", "state", "result", "preview.n", "check.n", "trouble", "approval", "log", "who", "diagnose.n"]
)
"""Nouns that make a verb before them a noun as well: `deploy status`, `rollback history`."""
_COMPOUND_WORDS: Final = frozenset(
    [
        "status",
        "list",
        "lists",
        "count",
        "number",
        "numbers",
        "time",
        "times",
        "date",
        "dates",
        "window",
        "windows",
        "report",
        "reports",
        "record",
        "records",
        "errors",
        "error",
        "notes",
        "plan",
        "plans",
        "size",
        "stats",
        "statistics",
        "frequency",
        "cadence",
        "coverage",
        "button",
        "menu",
        "option",
        "cost",
        "costs",
        "ready",
    ]
)
_HEDGES: Final = frozenset({"maybe", "perhaps", "possibly"})
_FINITE: Final = pattern("@be|@modal|did|does|has|had|sounds|seems|looks|means")


def _strip(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """Without fillers and connectives at both ends, and without a place that is named first (`on production, …`)."""
    start, end = 0, len(tokens)
    while start < end:
        token = tokens[start]
        if (
            _filler(token)
            or token.kind == "mark"
            or (token.has("particle") and start == 0)
            or (token.has("time") and start + 1 < end)
        ):
            start += 1
        elif found := _place_first(tokens, start):
            start = found
        else:
            break
    while end > start and _trailing(tokens, end - 1):
        end -= 1
    return tuple(tokens[start:end])


def _state_asked(tokens: Sequence[Token], at: int) -> bool:
    """`production ok?`: the last word is what is asked."""
    return tokens[at].has("well") and at > 0 and tokens[at - 1].has("stack", "stack.n")


def _trailing(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if token.has("it") or _state_asked(tokens, at):
        return False
    return _filler(token) or token.kind == "mark" or token.has("and", "or")


def _state_asked(tokens: Sequence[Token], at: int) -> bool:
    """`production ok?`: the last word is what is asked."""
    return tokens[at].has("well") and at > 0 and tokens[at - 1].has("stack", "stack.n")


def _filler(token: Token) -> bool:
    if token.kind == "word" and token.text.endswith("ly") and not token.tags - {"unknown"}:
        return True
    if token.has(":base") and not token.has("courtesy"):
        return False
    return token.has("soft", "courtesy", "then") or (token.has("and", "or", "but") and not token.has("only"))


_PLACE = pattern(
    "on|for|in|at|about|regarding|re|concerning|with @det? @stack|@competitor|@channel|@url stack|environment|env? ,|:|-?"
)


def _place_first(tokens: Sequence[Token], at: int) -> int | None:
    if tokens[at].has("prep") and at + 1 < len(tokens) and tokens[at + 1].text in ("which", "what", "whom"):
        return at + 1
    end = _PLACE.match(tokens, at)
    if end is None or end >= len(tokens):
        return None
    following = tokens[end]
    return end if following.has(":base", "wh", "be", "did", "modal", "you", "soft", "i", "config-key", "id") else None


def understand(clause: Clause) -> Said:
    """What a clause does."""
    body = _strip(clause.tokens)
    if not body:
        return Said(Act.COURTESY, clause, tuple(clause.tokens))
    if clause.part is Part.REASON:
        return Said(Act.STATEMENT, clause, body)
    said = _understand(clause, body)
    return _cautious(said)


def _cautious(said: Said) -> Said:
    """A command that is asked, hedged or goes on like a sentence about it is only a suggestion."""
    if said.act is not Act.COMMAND or not said.heads & ACTING:
        return said
    hedged = any(token.text in _HEDGES for token in said.tokens[:2])
    at = next((index for index, token in enumerate(said.body) if token is said.head), -1)
    after = said.body[at + 1 :]
    goes_on = any(
        _FINITE.match(after, at) is not None
        and not (at and after[at - 1].has("wh", "whether", "i", "you", "they", "it", "stack", "everything"))
        for at in range(len(after))
    ) and not any(token.has("wh", "quote", "because", "known") for token in after)
    return replace(said, act=Act.SUGGESTION) if hedged or goes_on else said


def _understand(clause: Clause, body: tuple[Token, ...]) -> Said:
    """Unwrap what politeness is around a request, then look at what is left."""
    asked = False
    for _ in range(6):
        forbidden = _forbidding(clause, body)
        if forbidden:
            return forbidden
        found = _WRAPPERS.match(body)
        rest = _strip(body[found[1] :]) if found else ()
        if found is None or not rest:
            break
        said = _wrapped(clause, body, rest, found[0])
        if said:
            return said
        body, asked = rest, True
    return _asking(clause, body, asked) or _doing(clause, body, asked)


_NOT_ACTING: Final = frozenset(
    ["need", "care", "know", "think", "believe", "mind", "remember", "use", "understand", "see", "trust", "recall"]
)
"""`we don't need dev any more` tells something and forbids nothing."""


def _forbidding(clause: Clause, body: tuple[Token, ...]) -> Said | None:
    forbidden = _FORBIDDING.match(body)
    if forbidden is None or body[0].text == "why" or _DOUBLE.match(body) is not None:
        return None
    rest = _strip(body[forbidden[1] :]) or body
    unneeded = any(token.text in _NOT_ACTING for token in body[: forbidden[1] + 1]) and not any(actions(token) - {"set", "add", "rate"} for token in rest)
    if unneeded and not any(token.has("touch:base", "touch:past") for token in rest):
        return Said(Act.STATEMENT, clause, rest)
    return Said(Act.PROHIBITION, clause, rest)


def _wrapped(clause: Clause, body: tuple[Token, ...], rest: tuple[Token, ...], meaning: str) -> Said | None:
    """What a wrapper makes of the rest; None when the rest speaks for itself."""
    if meaning == "know":
        return _inquiry(clause, rest) if _caused(rest) is None else _wanted(clause, rest)
    if meaning == "suggest":
        return _suggestion(clause, body, rest)
    if meaning == "mind" or (rest[0].has(":ing") and not rest[0].has(":base")):
        return _command(clause, rest, form=":ing") or Said(Act.INQUIRY, clause, rest)
    return None


def _asking(clause: Clause, body: tuple[Token, ...], asked: bool) -> Said | None:
    """The clause as a question, if it is one."""
    imperative = asked and body[0].has(":base") and not body[0].has("ask", "show")
    if _HOW.match(body) and not _about_others(body) and not imperative:
        return Said(Act.HOW, clause, body)
    if body[0].text in ("any", "worth", "safe") and _HYPOTHETICAL.match(body) and any(actions(token) for token in body):
        return _question(clause, body)
    if body[0].text == "have" and not clause.question and _caused(body[1:]) is not None:
        return None
    if _QUESTION_START.match(body) is not None and (not body[0].has(":base") or _INVERTED.match(body) is not None):
        return _question(clause, body)
    return None


def _doing(clause: Clause, body: tuple[Token, ...], asked: bool) -> Said:
    """The clause as a request to do something, or as a report or a thing that is named."""
    said = _command(clause, body)
    if said is None:
        return _without_verb(clause, body, asked)
    polite = asked or any(token.text == "please" for token in clause.tokens)
    if clause.question and not polite and said.heads & ACTING and not said.heads & LOOKING:
        return replace(said, act=Act.SUGGESTION)
    if asked and _in_general(said):
        return replace(said, act=Act.HOW)
    return said


def _about_others(body: Sequence[Token]) -> bool:
    """`how does RealPage price …` asks about them, not about how to do something here."""
    return any(token.has("competitor") for token in body[:4]) or (
        body[0].text == "how" and len(body) > 2 and body[1].text in ("does", "is") and body[2].has("they") and body[2].text != "one"
    )


def _in_general(said: Said) -> bool:
    """`can you deploy stacks?`: whether it can be done at all."""
    if (
        not said.clause.question
        or not said.heads & ACTING
        or any(token.has("please", *NAMED, "it", "them") for token in said.tokens)
    ):
        return False
    if any(token.text in ("please", "kindly", "now") for token in said.tokens):
        return False
    return any(
        token.text
        in (
            "stacks",
            "pages",
            "a",
            "an",
            "schedules",
            "grants",
            "things",
            "alerts",
            "messages",
            "environments",
            "websites",
            "competitors",
        )
        for token in said.body[1:]
    )


def _suggestion(clause: Clause, body: tuple[Token, ...], rest: tuple[Token, ...]) -> Said:
    """`we should deploy`, `shall I …`: about an action; of reads it is as good as a request."""
    said = _command(clause, rest) or _command(clause, rest, form=":ing")
    if said is None:
        hypothetical = _HYPOTHETICAL.match(body)
        if hypothetical and any(actions(token) for token in rest):
            return Said(Act.HYPOTHESIS, clause, body)
        return (
            _question(clause, body)
            if _QUESTION_START.match(body) is not None
            else _without_verb(clause, rest, asked=False)
        )
    if said.heads & LOOKING and not said.heads & ACTING:
        return said
    if body[0].text in ("shall", "should") or (clause.question and body[0].text in ("what", "can", "could")):
        return Said(Act.HYPOTHESIS, clause, body, said.head, said.heads)
    return replace(said, act=Act.SUGGESTION)


def _command(clause: Clause, body: tuple[Token, ...], form: str = ":base") -> Said | None:
    """The clause as a request to do something, if it begins with a verb in that form."""
    if body and body[0].text in ("get", "have", "want") and _caused(body[1:]) is not None:
        return _wanted(clause, body[1:])
    if not body or not body[0].has(form) or _is_compound(body):
        return None
    head = body[0]
    heads = frozenset(tag.partition(":")[0] for tag in head.tags if tag.endswith(form) and tag != form)
    if "run" in heads and (noun := _run_what(body)):
        at, action = noun
        if action is None:
            return _inquiry(clause, body[1:])
        return Said(Act.COMMAND, clause, body, body[at], frozenset({action}))
    if heads <= {"ask", "show", "get", "recall", "run"} & heads and _embedded_question(body):
        if any(token.has("domain") for token in body):
            return Said(Act.COMMAND, clause, body, head, heads)
        return _inquiry(clause, _embedded_question(body))
    return Said(Act.COMMAND, clause, body, head, heads)


def _embedded_question(body: Sequence[Token]) -> tuple[Token, ...]:
    """`tell me [why …]`, `check [whether …]`: the question inside, if there is one."""
    for at in range(1, min(5, len(body))):
        token = body[at]
        if token.has("wh") or token.text in ("if", "whether", "that"):
            rest = body[at + 1 :] if token.text in ("if", "whether", "that") else body[at:]
            return _strip(rest)
        if not token.has("them", "soft", "det", "it") and token.text not in ("out", "to", "for", "at", "know"):
            return ()
    return ()


def _run_what(body: Sequence[Token]) -> tuple[int, str | None] | None:
    """`do a rollback`, `take a checkpoint`, `run the health check`: what is done, None for something that only looks."""
    for at in range(1, min(7, len(body))):
        token = body[at]
        noun = next((action for noun, action in ACTION_NOUNS.items() if noun in token.tags), None)
        if noun and not (at + 1 < len(body) and _names_compound(body[at + 1])):
            return at, noun
        if token.has("schedule.n") and body[0].has("run:base"):
            return at, "schedule"
        if token.has("check.n", "preview.n", "diagnose.n", "health", "before-after", "history", "output"):
            return at, None
        if (
            token.has(":base")
            and acts(token)
            and not token.has("set", "add", "notify", "rate", "update", "release", "run")
        ):
            return at, sorted(acts(token))[0]
        if (
            not token.has(
                "det",
                "soft",
                "name",
                "drift",
                "stack",
                "stack.n",
                "particle",
                "them",
                "time",
                "aspect",
                "unknown",
                "audit",
                "competitors",
                "prep",
                "before-after",
            )
            and token.text != "'s"
            and token.tags
        ):
            return None
    return None


def _names_compound(token: Token) -> bool:
    return (token.has(*_COMPOUND_NOUNS) and not token.has(":base", "prep")) or token.text in _COMPOUND_WORDS


def _is_compound(body: Sequence[Token]) -> bool:
    """`deploy status of prod` names something; it doesn't ask to deploy."""
    head = body[0]
    if head.has("change") and len(body) > 1 and body[1].text in ("at", "from", "on", "in", "for", "since", "about", "of"):
        return True
    if head.text == "audit" and not (len(body) > 1 and body[1].has("det")):
        return True
    if len(body) > 1 and head.has("alert", "schedule.n", "grant", "work") and body[1].has("id", "number", "'s"):
        return True
    if head.has("deploy.n", "rollback.n", "sweep.n", "checkpoint.n", "change", "alert", "repair.n") and _reports(body):
        return True
    if len(body) < 2 or not head.has(
        "deploy", "rollback", "destroy", "checkpoint", "sweep", "repair", "unlock", "update", "preview", "schedule"
    ):
        return False
    return _names_compound(body[1])


def _reports(body: Sequence[Token]) -> bool:
    """`alert 544 was noise`, `deploy of dev failed`: a noun and what became of it."""
    for at in range(1, min(5, len(body))):
        token = body[at]
        if token.has("be", "modal") or (token.has("trouble", ":past") and not token.has("name")):
            return not body[at - 1].has("wh", "whether", "they", "i", "you", "it", "and")
        if token.kind == "mark" or token.has(":base", "wh", "and", "if"):
            return False
    return False


def _inquiry(clause: Clause, body: tuple[Token, ...]) -> Said:
    """What somebody wants to know: a question inside, or things that are named."""
    rest = _strip(body)
    if not rest:
        return Said(Act.INQUIRY, clause, body)
    if _QUESTION_START.match(rest) is not None:
        return _question(clause, rest)
    if rest[0].text == "that":
        return Said(Act.INQUIRY, clause, rest[1:] or rest)
    return Said(Act.INQUIRY, clause, rest)


def _question(clause: Clause, body: tuple[Token, ...]) -> Said:
    mentioned = frozenset(action for token in body for action in actions(token))
    if _HOW.match(body) and not _about_others(body):
        return Said(Act.HOW, clause, body)
    if _WHY.match(body):
        return Said(Act.WHY, clause, body)
    if mentioned and _HYPOTHETICAL.match(body):
        return Said(Act.HYPOTHESIS, clause, body, heads=mentioned)
    if _PAST.match(body) and (
        mentioned or any(token.has("who") or (at and token.text in ("do", "done", "happened")) for at, token in enumerate(body))
    ):
        return Said(Act.PAST, clause, body, heads=mentioned)
    return Said(Act.INQUIRY, clause, body)


def _is_report(body: Sequence[Token]) -> bool:
    """`prod is slow`, `the deploy failed`, `that alert was wrong`: a subject and a finite verb."""
    for at, token in enumerate(body[:7]):
        if token.has("be", "modal", "did") and at:
            return True
        if at and (token.has("says") or token.text in ("needs", "requires", "deserves")):
            return True
        if at and token.has(":past", "trouble") and not token.has("name", "drift", "det"):
            return True
        if token.has("wh", "and", ":base") and not token.has("alert"):
            return False
    return False


_CAUSES: Final = (
    "deploy:past", "destroy:past", "rollback:past", "repair:past", "fix:past", "unlock:past", "checkpoint:past",
    "update:past", "sweep:past", "revoke:past", "pause:past", "resume:past", "remove:past", "snooze:past",
    "unwatch:past", "watch:past", "cancel:past",
)  # fmt: skip


def _caused(tokens: Sequence[Token]) -> int | None:
    """`dev deployed`, `grant g-5 revoked`: where the participle is that somebody wants done to a thing."""
    for at, token in enumerate(tokens[:7]):
        if at and token.has(*_CAUSES):
            return at
        if not token.has("det", "name", "id", "number", "url", "stack.n", "grant", "schedule.n", "soft", "be", "particle", "everything", "page", "drift", "lock") and token.text != "to":
            return None
    return None


_WANTING: Final = pattern("@i @soft* need|want|would|require|wish @soft|like|love|to|have|see|get|for*")


_PASSIVE: Final = pattern(
    "@det? @soft* @name|@id|@number|@config-key|@url|@schedule.n|@grant|@thread|@page|@stack.n|@alert|of|on|'s* "
    "should|must|can|may|needs|need|has|ought @soft|to* be @soft*"
)


def _passive(clause: Clause, body: tuple[Token, ...]) -> Said | None:
    """`s-30 should be paused`, `log_level should be set to trace`: a request without saying who."""
    end = _PASSIVE.match(body)
    if end is None or end >= len(body) or clause.question or not any(token.kind != "mark" for token in body[:end]):
        return None
    done = body[end]
    heads = frozenset(tag.partition(":")[0] for tag in done.tags if tag.endswith((":past", ":base")) and not tag.startswith(":")) & ACTING
    if any(token.has("config-key") for token in body[:end]) and (done.text == "set" or not heads):
        return Said(Act.COMMAND, clause, body, done if heads else body[end - 1], frozenset({"set"}))
    if not heads:
        return None
    act = Act.SUGGESTION if heads & {"deploy", "destroy", "rollback", "update"} else Act.COMMAND
    return Said(act, clause, body, done, heads)


def _without_verb(clause: Clause, body: tuple[Token, ...], asked: bool) -> Said:
    """Reports, things that are named, and `I need a rollback of dev`."""
    passive = _passive(clause, body)
    if passive:
        return passive
    wanted = _WANTING.match(body)
    if wanted is not None and wanted < len(body):
        return _wanted(clause, _strip(body[wanted:]) or body)
    if any(_state_asked(body, at) for at in range(len(body))):
        return Said(Act.INQUIRY, clause, body)
    assigned = next((token for token in body if token.kind == "pair"), None)
    if assigned and not clause.question and any(token.has("stack") for token in clause.tokens):
        return Said(Act.COMMAND, clause, body, assigned, frozenset({"set"}))
    if asked and body[0].has("det") and any(token.has(*ACTION_NOUNS) for token in body[:4]):
        return _wanted(clause, body)
    if pattern("get|have @det? @stack").match(body) is not None or (asked and _caused(body) is not None):
        return _wanted(clause, body[1:] if body[0].text in ("get", "have") else body)
    if (body[0].has("i", "they") and body[0].text != "one") or (not clause.question and _is_report(body)):
        return Said(Act.STATEMENT, clause, body)
    if body[0].has(":ing") and acts(body[0]) and not clause.question:
        return Said(Act.STATEMENT, clause, body)
    if all(_alone(token) for token in body):
        return Said(Act.FRAGMENT, clause, body)
    return Said(Act.INQUIRY, clause, body)


_NAMING: Final = (
    "name", "time", "number", "id", "quote", "prep", "det", "and", "or", "it", "soft", "stack", "stack.n", "aspect",
    "page", "url", "channel", "domain", "pair", "span", "date", "clock", "unknown", "competitors",
)  # fmt: skip


def _alone(token: Token) -> bool:
    """A word that only names, or that means nothing here."""
    if token.has("change", "known", "history", "output", "drift", "health", "config", "spend", "audit", "trouble") and not token.has("name"):
        return False
    return token.has(*_NAMING) or token.text in ("'s", "only", "just", "same", "but") or not token.tags


def _wanted(clause: Clause, rest: tuple[Token, ...]) -> Said:
    caused = _caused(rest)
    if caused is not None:
        head = rest[caused]
        heads = frozenset(tag.partition(":")[0] for tag in head.tags if tag.endswith(":past") and tag != ":past")
        return Said(Act.COMMAND, clause, rest, head, heads)
    for at, token in enumerate(rest[:-1]):
        if token.text == "set" and rest[at + 1].text == "to":
            return Said(Act.COMMAND, clause, rest, token, frozenset({"set"}))
    for at, token in enumerate(rest[:4]):
        action = next((action for noun, action in ACTION_NOUNS.items() if noun in token.tags), None)
        if action and not (at + 1 < len(rest) and _names_compound(rest[at + 1])):
            return Said(Act.COMMAND, clause, rest, token, frozenset({action}))
        if not token.has("det", "name", "soft"):
            break
    return Said(Act.INQUIRY, clause, rest)
