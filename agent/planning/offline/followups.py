"""Requests that lean on the turn before: answers, corrections, `and production?`, `do the same for …`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from agent.planning.offline.answers import answered
from agent.planning.offline.applying import apply_to
from agent.planning.offline.concepts import ACTING, LOOKING
from agent.planning.offline.drafts import Composition
from agent.planning.offline.intents import choose
from agent.planning.offline.patterns import Table
from agent.planning.offline.questions import confirm, missing, unclear
from agent.planning.offline.recalling import asking, last_steps, planned
from agent.planning.offline.replies import reply
from agent.planning.offline.situation import Situation, kind_of
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.tokens import Token, tokenise
from agent.planning.planner import Call

__all__ = ["follow"]

_LONGEST: Final = 24
"""Longer requests say themselves what they mean."""
_CUES: Final = Table.read(
    """
same: @soft|please|can|could|you|now|and|also|ok|then|no|yes* do|run|try|give|show|repeat|check|tell|make|have me|us?
    the? same|that|this|it thing|one|check|report|request? for|on|with|at|to|about|but|in|over|@soft*
same: @soft|please|now|and|also|ok|then|no|yes* the? same thing|one|again|deal|here|@soft? ,?
    for|on|with|at|to|about|but|in|goes|applies|over|@soft*
same: @soft|and* likewise|ditto for|on|with|at? @soft?
ask: @soft|ok|@and|then|no|yes|also* @and|also|plus|then what|how about|for|on|with|at|in|of?
    @soft|for|on|with|at|in|of|the?
ask: @soft|ok|no|@and* what|how about @soft|for|on|with|at|in|the?
ask: @soft|ok|no|@and* how|what is|are|does?  @soft|the? $
"""
)
_TAILS: Final = frozenset(
    ["too", "instead", "also", "please", "then", "now", "again", "?", "though", "as well", "well", "as", "rather",
     "only", "just"]
)  # fmt: skip
_CORRECTIONS: Final = Table.read(
    """
no: @no|sorry|wait|oops|hmm|actually|@soft* @no|sorry|wait|oops|actually|not ,|-|@soft* @i|it? @soft?
    mean|meant|wanted|want|said|is|was|asked|should? be? for|on|with|@soft*
no: @i @soft* mean|meant|wanted|said be|for|on|@soft*
no: rather|instead @soft*
"""
)
_ORDINALS: Final = {
    "first": 0, "former": 0, "1st": 0, "1": 0, "second": 1, "2nd": 1, "2": 1, "third": 2, "3rd": 2, "3": 2, "last": -1,
    "latter": -1,
}  # fmt: skip
_AROUND_A_CHOICE: Final = frozenset(
    ["the", "one", "please", "of", "them", "no", "yes", "option", "number", "i", "meant", "mean"]
)
_OPENING: Final = frozenset(
    ["but", "only", "just", "let", "us", "use", "take", "do", "go", "with", "on", "for", "it", "is", "should", "be",
     "make", "pick", "then", "i", "would", "say", "choose", "want"]
)  # fmt: skip
_VAGUE_VERBS: Final = frozenset({"set", "run", "add", "touch", "diagnose", "ask", "show"})


def follow(said: Sequence[Said], situation: Situation) -> Composition | None:
    """What a request means that can only be understood from before; None when it stands on its own."""
    tokens = [token for token in situation.read.tokens if not (token.kind == "mark" and token.text in ".!?,;:")]
    if not tokens or len(tokens) > _LONGEST:
        return None
    return reply(tokens, situation) or _Follower(said, situation).follow(tokens)


@dataclass
class _Follower:
    said: Sequence[Said]
    situation: Situation

    def follow(self, tokens: list[Token]) -> Composition | None:
        context = self.situation.context
        if self._stands_alone():
            return None
        if context.pending or context.open_question:
            return self._answer(tokens)
        return self._correction(tokens) or self._elliptical(tokens)

    def _answer(self, tokens: list[Token]) -> Composition | None:
        """What was asked for, given."""
        pending = self.situation.context.pending
        known = pending is not None and pending.tool in self.situation.catalogue
        base = [pending] if pending is not None and known else last_steps(self.situation)
        if not base:
            return None
        rest = _without_opening(tokens)
        found = self._picked(rest, base) or apply_to(base, rest, self.situation)
        return found or self._whole_answer(base[0], rest)

    def _whole_answer(self, call: Call, tokens: Sequence[Token]) -> Composition | None:
        """The whole text as the one argument that is missing."""
        absent = [name for name in self.situation.required(call.tool) if name not in call.args]
        if self.situation.context.pending is None or not absent:
            return None
        value = answered(self.situation, call.tool, absent[0], tokens)
        if value is None:
            return asking(missing(call.tool, absent[0], call.args, self.situation), call)
        return planned([Call(tool=call.tool, args=call.args | {absent[0]: value})], self.situation)

    def _correction(self, tokens: list[Token]) -> Composition | None:
        """`no, the other one`, `I meant production`."""
        opening = _CORRECTIONS.match(tokens)
        base = last_steps(self.situation)
        if not base:
            return None
        if opening is None:
            return self._picked(tokens, base) if any(token.text == "other" for token in tokens) else None
        rest = tokens[opening[1] :]
        return self._picked(rest, base) or apply_to(base, rest, self.situation)

    def _picked(self, tokens: Sequence[Token], base: Sequence[Call]) -> Composition | None:
        """`the other one`, `the second`, `both`: of the names in the question."""
        texts = [token.text for token in tokens if token.text not in _AROUND_A_CHOICE]
        options = self._options(base)
        if texts in (["other"], ["another"], ["different"]):
            taken = {name for call in base for _, name in self._named(call)}
            others = [option for option in options if option not in taken]
            if len(others) == 1:
                return self._asked_first(self._with_options(base, others))
            return asking(unclear(others)) if others else None
        if texts in (["both"], ["all"], ["everything"], ["all", "both"]) and options:
            return self._with_options(base, options)
        if texts in (["neither"], ["none"]):
            return asking("Fine. Nothing was done.")
        index = _ORDINALS.get(texts[0]) if len(texts) == 1 and not self._wants_value(base) else None
        if index is None or not -len(options) <= index < len(options):
            return None
        return self._with_options(base, [options[index]])

    def _asked_first(self, found: Composition | None) -> Composition | None:
        """What only an earlier turn named is an effect's target when the person says so."""
        if found is None or self.situation.context.open_question:
            return found
        writing = next((draft for draft in found.drafts if draft.writes), None)
        return found if writing is None else asking(confirm(writing.tool, writing.call().args), writing.call())

    def _wants_value(self, base: Sequence[Call]) -> bool:
        """A number is then the answer itself, and not the number of one."""
        return any("value" in self.situation.required(call.tool) and "value" not in call.args for call in base)

    def _options(self, base: Sequence[Call]) -> list[str]:
        """The names that the open question offers; for one of two stacks, both."""
        asked = self.situation.read.index.recognise(tokenise(self.situation.context.open_question or ""))
        named = [str(token.value) for token in asked if token.kind == "name" and not isinstance(token.value, list)]
        found = list(dict.fromkeys(named))
        stacks = list(self.situation.request.names.stacks)
        about_stacks = any("stack" in self.situation.slots(call.tool) for call in base)
        if len(found) < 2 and len(stacks) == 2 and about_stacks:
            return stacks
        return found or self._spoken_of(base)

    def _spoken_of(self, base: Sequence[Call]) -> list[str]:
        """Without a question that offers any: the stacks or competitors that earlier turns were about, latest first."""
        kinds = {kind for call in base for kind, _ in self._named(call)}
        calls = [call for turn in reversed(self.situation.context.turns) for call in turn.steps]
        return list(dict.fromkeys(name for call in calls for kind, name in self._named(call) if kind in kinds))

    def _named(self, call: Call) -> Iterator[tuple[str, str]]:
        """The names in a call's arguments, each with what it is the name of."""
        slots = self.situation.slots(call.tool)
        for argument, value in call.args.items():
            kind = kind_of(slots[argument].kind) if argument in slots else ""
            if kind in ("stack", "competitor"):
                yield from ((kind, str(name)) for name in (value if isinstance(value, list) else [value]))

    def _with_options(self, base: Sequence[Call], options: Sequence[str]) -> Composition | None:
        calls: list[Call] = []
        for call in base:
            name = self._argument_for(call, options[0])
            if name is None:
                return None
            if self.situation.slots(call.tool)[name].kind == "competitors":
                calls.append(Call(tool=call.tool, args=call.args | {name: list(options)}))
            else:
                calls += [Call(tool=call.tool, args=call.args | {name: option}) for option in options]
        return planned(calls, self.situation)

    def _argument_for(self, call: Call, value: str) -> str | None:
        """The argument that takes such a name."""
        names = self.situation.request.names
        kind = "stack" if value in names.stacks else "competitor" if value in names.competitors else "channel"
        slots = self.situation.slots(call.tool)
        return next((name for name, slot in slots.items() if kind_of(slot.kind) == kind), None)

    def _elliptical(self, tokens: list[Token]) -> Composition | None:
        """`and production?`, `same for RealPage`. An effect only when that was said plainly."""
        steps = last_steps(self.situation)
        cue = _CUES.match(tokens)
        explicit = cue is not None and cue[0] == "same"
        if not steps:
            return asking("The same as what? I know of nothing before this.") if explicit else None
        rest = list(tokens[cue[1] :] if cue else tokens)
        if rest and rest[-1].text in _TAILS:
            rest.pop()
        bare = all(said.act in (Act.FRAGMENT, Act.COURTESY) for said in self.said)
        if (cue is None and not bare) or (cue is not None and _has_own_verb(rest)):
            return None
        applied = apply_to(steps, rest, self.situation)
        writing = next((draft for draft in applied.drafts if draft.writes), None) if applied else None
        if writing is not None and not explicit:
            return asking(confirm(writing.tool, writing.call().args), writing.call())
        return applied

    def _stands_alone(self) -> bool:
        """Whether the request has a reading of its own."""
        return any(_reads_alone(said) for said in self.said)


def _reads_alone(said: Said) -> bool:
    if said.act in (Act.HOW, Act.WHY, Act.PAST, Act.HYPOTHESIS):
        return True
    if said.act not in (Act.COMMAND, Act.SUGGESTION, Act.INQUIRY) or len(said.body) < 2:
        return False
    best = choose(said).best
    plain = bool(said.heads & (ACTING | LOOKING) - _VAGUE_VERBS)
    return best is not None and best.score >= (3 if plain else 4)


def _has_own_verb(rest: Sequence[Token]) -> bool:
    return any(
        token.has(":base")
        and token.has(*ACTING, *LOOKING)
        and not token.has("name", "aspect", "soft", "change", "work")
        for token in rest[:2]
    )


def _without_opening(tokens: list[Token]) -> list[Token]:
    """Without `no,`, `yes, but only`, `I meant`."""
    opening = _CORRECTIONS.match(tokens)
    rest = list(tokens[opening[1] :] if opening else tokens)
    while len(rest) > 1 and not rest[0].has("everything") and (rest[0].has("yes", "soft") or rest[0].text in _OPENING):
        rest.pop(0)
    return rest
