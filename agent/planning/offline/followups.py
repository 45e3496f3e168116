"""Requests that lean on the turn before: answers, corrections, `and production?`, `do the same for …`, `again`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.answers import answered
from agent.planning.offline.concepts import ACTING, LOOKING
from agent.planning.offline.drafts import Composition, Draft
from agent.planning.offline.intents import choose
from agent.planning.offline.marking import mark_things
from agent.planning.offline.patterns import Table, pattern
from agent.planning.offline.questions import confirm, missing, unclear, unknown
from agent.planning.offline.situation import Situation, kind_of
from agent.planning.offline.slots import FILLERS, aspect_of_url
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.things import Found
from agent.planning.offline.times import When
from agent.planning.offline.tokens import Token, tokenise
from agent.planning.planner import Call

__all__ = ["follow"]

_YES: Final = Table.read(
    """
yes: @yes|please|@soft* @yes|please please|@soft|@courtesy|do|it|that|so|go|ahead|for|then|thank|you|@yes* $
yes: go|please|yes|ok|sure ahead|go|do|for? it|that|so|ahead|please|then? please|thanks|@soft? $
yes: do it|that|so|this please|then|@soft? $
yes: of course @soft|please|do|it? $
yes: by all means $
yes: make it so|happen $
yes: sounds|looks|works good|great|fine|right|perfect|for|to? me? @soft|@courtesy? $
yes: that is right|correct|it|the|what|fine|good|one? one|i? meant|want|wanted? $
yes: proceed|continue @soft|please? $
yes: why not $
yes: please|do|go do|ahead|proceed|continue|on @soft|please? $
"""
)
_NO: Final = Table.read(
    """
no: @soft|please|oh|@yes? @no @soft|@courtesy|thank|you|need|please|that|is|not|needed|now|all|good* $
no: @soft? never mind|minded @soft|@courtesy|about|that|it|then|please? $
no: @soft|please|just? forget|scratch|drop|leave|skip|ignore|disregard|strike it|that|this|about? it|that|be|alone?
    @soft|@courtesy? $
no: @no? do not bother|do|worry|please @soft|it|that? @soft? $
no: @soft? rather|better|maybe not @soft? $
no: not now|today|yet|really|anymore|needed|necessary|at @soft|all? $
no: @no? @i changed my mind @soft? $
no: on second thought|thoughts @soft|no|not? $
no: @no? hold|wait on|off|a|it? second|sec|moment? @soft? $
no: @no? @i would rather not $
no: let us not $
"""
)
_STOP: Final = Table.read(
    """
stop: @soft|please|ok|now? stop|cancel|abort|halt|quit @soft|please|now|it|that|this|right|immediately* $
"""
)
_AGAIN: Final = Table.read(
    """
again: @soft|please|ok|now|and|can|could|you|just|try|let|us* again|repeat|retry|rerun @soft|please|that|it|this|now*
    $
again: @soft|please|ok|now|can|could|you|just|let|us* do|run|try|check|show|give|tell|repeat|start me?
    it|that|this|the same? thing|one? again|please|once|more|over|one|time* $
again: @soft? same @it? again|thing? @soft|please? $
again: once|one more|time|again @soft|time|please? $
"""
)
_UNDO: Final = Table.read(
    """
undo: @soft|please|can|could|you|just* undo|revert|reverse it|that|this|the|what last?
    one|change|thing|step|you|did|just|done? @soft|please? $
undo: @soft|please|can|could|you|just* take|put it|that back @soft|please? $
"""
)
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
    {
        "too",
        "instead",
        "also",
        "please",
        "then",
        "now",
        "again",
        "?",
        "though",
        "as well",
        "well",
        "as",
        "rather",
        "only",
        "just",
    }
)
_CORRECTIONS: Final = Table.read(
    """
no: @no|sorry|wait|oops|hmm|actually|@soft* @no|sorry|wait|oops|actually|not ,|-|@soft* @i|it? @soft?
    mean|meant|wanted|want|said|is|was|asked|should? be? for|on|with|@soft*
no: @i|it mean|meant|wanted|is|was|said|should be|for|on|@soft*
no: rather|instead @soft*
"""
)
_INVERSE: Final = {
    "stack_up": "stack_rollback", "competitor_watch": "competitor_unwatch", "pause_all": "resume_all", "resume_all": "pause_all",
    "schedule_pause": "schedule_resume", "schedule_resume": "schedule_pause",
}  # fmt: skip
"""What takes a call back with the same target."""
_ORDINALS: Final = {
    "first": 0,
    "former": 0,
    "1st": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "last": -1,
    "latter": -1,
    "1": 0,
    "2": 1,
    "3": 2,
    "one": 0,
}


def follow(said: Sequence[Said], situation: Situation) -> Composition | None:
    """What a request means that can only be understood from before; None when it stands on its own."""
    return _Follower(list(said), situation).follow()


@dataclass
class _Follower:
    said: list[Said]
    situation: Situation

    def follow(self) -> Composition | None:
        tokens = [
            token for token in self.situation.read.tokens if not (token.kind == "mark" and token.text in ".!?,;:")
        ]
        if not tokens or len(tokens) > 24:
            return None
        return self._plain(tokens) or self._answer(tokens) or self._elliptical(tokens)

    # --- yes, no, again ------------------------------------------------------------------------------------------

    def _plain(self, tokens: list[Token]) -> Composition | None:
        pending = self.situation.context.pending
        if _YES.whole(tokens):
            return self._yes(pending)
        if _NO.whole(tokens) and (pending or self.situation.context.open_question or not _STOP.whole(tokens)):
            return _question(
                "Fine. Nothing was done."
                if pending or self.situation.context.open_question
                else "Nothing was going to be done. What shall I do?"
            )
        if _STOP.whole(tokens):
            if not self.situation.context.turns:
                return _question("What should I stop? `pause everything` stops all work; `stop thread ID` stops one.")
            return self._calls([Call(tool="work_cancel", args={"thread": "this"})])
        if _AGAIN.whole(tokens):
            steps = self._last_steps()
            return self._calls(steps) if steps else _question("What should I do again? I know of nothing before this.")
        if _UNDO.whole(tokens):
            return self._undo()
        return self._repeated(tokens)

    def _yes(self, pending: Call | None) -> Composition:
        if pending is None or pending.tool not in self.situation.catalogue:
            return _question(
                "Nothing is waiting for a yes here. To approve something, use `sophia approvals` and "
                "`sophia approvals approve ID`; a yes typed to me approves nothing. What shall I do?"
            )
        absent = next((name for name in self.situation.required(pending.tool) if name not in pending.args), None)
        if absent:
            return _question(missing(pending.tool, absent, pending.args, self.situation), pending)
        return self._calls([pending])

    def _undo(self) -> Composition:
        last = self._last_steps()
        call = last[-1] if last else None
        if call is None:
            return _question("What should I undo? I know of nothing before this.")
        inverse = _INVERSE.get(call.tool)
        if inverse is None or inverse not in self.situation.catalogue:
            return _question(f"I can't tell how to undo {call.tool.replace('_', ' ')}. What should be done instead?")
        slots = self.situation.slots(inverse)
        return self._calls(
            [Call(tool=inverse, args={name: value for name, value in call.args.items() if name in slots})]
        )

    def _repeated(self, tokens: list[Token]) -> Composition | None:
        """`do that every Monday at 9`."""
        often = [token for token in tokens if token.has("often")]
        rest = [token for token in tokens if not token.has("often")]
        filler = pattern(
            "@soft|please|can|could|you|do|run|repeat|schedule|make|it|that|this|the|same|thing|set|up|and|for|me|happen|have|let|us|check|report|send|a|as|of|from|on|in|to|post|@channel* $"
        )
        if (
            not often
            or filler.match(rest) is None
            or not any(token.text in ("it", "that", "this", "same") for token in rest)
        ):
            return None
        turn = next((turn for turn in reversed(self.situation.context.turns) if turn.steps or turn.q), None)
        if turn is None or "schedule_create" not in self.situation.catalogue:
            return None
        value = often[0].value
        args: dict[str, JsonValue] = {
            "request": turn.q,
            "when": value.often if isinstance(value, When) else often[0].text,
        }
        channels = [token for token in tokens if token.has("channel")]
        if channels:
            args["channel"] = str(channels[0].value or channels[0].raw)
        return self._calls([Call(tool="schedule_create", args=args)])

    # --- answers and corrections ---------------------------------------------------------------------------------

    def _answer(self, tokens: list[Token]) -> Composition | None:
        context = self.situation.context
        if not (context.pending or context.open_question) or self._stands_alone():
            return self._correction(tokens) if _CORRECTIONS.match(tokens) and not self._stands_alone() else None
        tokens = _without_opening(tokens)
        base = (
            [context.pending]
            if context.pending and context.pending.tool in self.situation.catalogue
            else self._last_steps()
        )
        if not base:
            return None
        chosen = self._picked(tokens, base)
        if chosen is not None:
            return chosen
        applied = [self._applied(call, tokens) for call in base]
        return self._composed(base, applied) or self._raw_answer(base, tokens)

    def _raw_answer(self, base: Sequence[Call], tokens: Sequence[Token]) -> Composition | None:
        """The whole text as the one argument that is missing."""
        if len(base) != 1 or self.situation.context.pending is None:
            return None
        call = base[0]
        absent = [name for name in self.situation.required(call.tool) if name not in call.args]
        if not absent:
            return None
        value = answered(self.situation, call.tool, absent[0], tokens)
        if value is None:
            return _question(missing(call.tool, absent[0], call.args, self.situation), call)
        return self._calls([Call(tool=call.tool, args=call.args | {absent[0]: value})])

    def _correction(self, tokens: list[Token]) -> Composition | None:
        opening = _CORRECTIONS.match(tokens)
        base = self._last_steps()
        if opening is None or not base:
            return None
        rest = tokens[opening[1] :]
        picked = self._picked(rest, base)
        return picked or self._composed(base, [self._applied(call, rest) for call in base])

    def _picked(self, tokens: Sequence[Token], base: Sequence[Call]) -> Composition | None:
        """`the other one`, `the second`, `both`: of the names in the question."""
        texts = [
            token.text
            for token in tokens
            if token.text
            not in ("the", "one", "please", "of", "them", "no", "yes", "option", "number", "i", "meant", "mean")
        ]
        options = self._options(base)
        if texts in (["other"], ["another"], ["different"]):
            taken = {str(value) for call in base for value in call.args.values()}
            others = [option for option in options if option not in taken]
            return (
                self._with_option(base, others)
                if len(others) == 1
                else _question(unclear(others or options))
                if len(others or options) > 1
                else None
            )
        if (
            len(texts) == 1
            and texts[0] in _ORDINALS
            and options
            and (texts[0].isalpha() or len(texts[0]) > 1 or not self._missing_value(base))
        ):
            index = _ORDINALS[texts[0]]
            return self._with_option(base, [options[index]]) if -len(options) <= index < len(options) else None
        if texts in (["both"], ["all"], ["everything"], ["all", "both"]) and options:
            return self._with_option(base, options)
        if texts in (["neither"], ["none"]):
            return _question("Fine. Nothing was done.")
        return None

    def _missing_value(self, base: Sequence[Call]) -> bool:
        return any("value" in self.situation.required(call.tool) and "value" not in call.args for call in base)

    def _options(self, base: Sequence[Call]) -> list[str]:
        """The names that the open question offers; for a stack, all others when it offers none."""
        asked = self.situation.context.open_question or ""
        found = [
            str(token.value)
            for token in self.situation.read.index.recognise(tokenise(asked))
            if token.kind == "name" and not isinstance(token.value, list)
        ]
        found = list(dict.fromkeys(found))
        if len(found) > 1:
            return found
        stacks = list(self.situation.request.names.stacks)
        return (
            stacks if len(stacks) == 2 and any("stack" in self.situation.slots(call.tool) for call in base) else found
        )

    def _with_option(self, base: Sequence[Call], options: Sequence[str]) -> Composition | None:
        calls: list[Call] = []
        for call in base:
            name = self._name_of(call, options[0])
            if name is None:
                return None
            many = self.situation.slots(call.tool)[name].kind == "competitors"
            calls += (
                [Call(tool=call.tool, args=call.args | {name: list(options)})]
                if many
                else [Call(tool=call.tool, args=call.args | {name: option}) for option in options]
            )
        return self._calls(calls)

    def _name_of(self, call: Call, value: str) -> str | None:
        kind = (
            "stack"
            if value in self.situation.request.names.stacks
            else "competitor"
            if value in self.situation.request.names.competitors
            else "channel"
        )
        return next(
            (name for name, slot in self.situation.slots(call.tool).items() if kind_of(slot.kind) == kind), None
        )

    # --- ellipsis ------------------------------------------------------------------------------------------------

    def _elliptical(self, tokens: list[Token]) -> Composition | None:
        steps = self._last_steps()
        if not steps:
            return self._without_context(tokens)
        cue = _CUES.match(tokens)
        rest = [
            token
            for token in (tokens[cue[1] :] if cue else tokens)
            if not (token.text in _TAILS and token is tokens[-1])
        ]
        if cue is None and not all(said.act in (Act.FRAGMENT, Act.COURTESY) for said in self.said):
            return None
        if cue and self._has_own_verb(rest):
            return None
        applied = [self._applied(call, rest) for call in steps]
        composed = self._composed(steps, applied)
        if composed is None or composed.question:
            return composed
        explicit = cue is not None and cue[0] == "same"
        writing = [draft for draft in composed.drafts if draft.writes]
        if writing and not explicit:
            return _question(confirm(writing[0].tool, writing[0].args), writing[0].call())
        return composed

    def _has_own_verb(self, rest: Sequence[Token]) -> bool:
        return any(
            token.has(":base")
            and token.has(*ACTING, *LOOKING)
            and not token.has("name", "aspect", "soft", "change", "work")
            for token in rest[:2]
        )

    def _without_context(self, tokens: Sequence[Token]) -> Composition | None:
        cue = _CUES.match(tokens)
        if cue and cue[0] == "same":
            return _question("The same as what? I know of nothing before this.")
        return None

    # --- applying what was said to calls -------------------------------------------------------------------------

    def _applied(self, call: Call, tokens: Sequence[Token]) -> tuple[list[Call], str | None]:
        """The call with the slots that the tokens name replaced; a question when a name isn't clear."""
        if call.tool not in self.situation.catalogue:
            return [], None
        things = self.situation.things(mark_things(tokens))
        calls = [Call(tool=call.tool, args=dict(call.args))]
        changed = False
        for name, slot in self.situation.slots(call.tool).items():
            filler = FILLERS.get(slot.kind)
            if filler is None:
                continue
            found = filler(things)
            if found.unclear:
                return [], unclear(found.unclear)
            if (
                not found.values
                and found.unknown
                and kind_of(slot.kind) in ("stack", "competitor")
                and self._wants(call, name)
            ):
                return [], unknown(found.unknown, kind_of(slot.kind), self.situation)
            if not found.values or (slot.kind == "thread" and not things.tagged("id")):
                continue
            changed = True
            calls = self._replaced(calls, name, slot.kind, found)
        if (
            any(token.text in ("all", "everyone", "everybody") or token.has("everything") for token in tokens)
            and not changed
        ):
            changed = self._everybody(calls)
        return (calls if changed else []), None

    def _wants(self, call: Call, name: str) -> bool:
        return name in call.args or name in self.situation.required(call.tool)

    def _replaced(self, calls: list[Call], name: str, kind: str, found: Found) -> list[Call]:
        if kind == "competitors":
            return [Call(tool=call.tool, args=call.args | {name: list(found.values)}) for call in calls]
        made = [Call(tool=call.tool, args=call.args | {name: value}) for call in calls for value in found.values]
        for call in made:
            url = call.args.get("url")
            if (
                kind == "url"
                and isinstance(url, str)
                and "aspect" in self.situation.slots(call.tool)
                and "aspect" not in call.args
            ):
                aspect = aspect_of_url(url)
                if aspect:
                    call.args["aspect"] = aspect
        return made

    def _everybody(self, calls: Sequence[Call]) -> bool:
        """`all of them`: no competitor in particular."""
        found = False
        for call in calls:
            slot = self.situation.slots(call.tool).get("competitors")
            if slot is not None:
                call.args.pop("competitors", None)
                found = True
        return found

    def _composed(self, base: Sequence[Call], applied: Sequence[tuple[list[Call], str | None]]) -> Composition | None:
        question = next((question for _, question in applied if question), None)
        if question:
            return _question(question, base[0])
        calls = [made or [call] for call, (made, _) in zip(base, applied, strict=True)]
        if not any(made for made, _ in applied):
            return None
        flat = [call for made in calls for call in made]
        for call in flat:
            absent = next((name for name in self.situation.required(call.tool) if name not in call.args), None)
            if absent:
                return _question(missing(call.tool, absent, call.args, self.situation), call)
        return self._calls(flat)

    # --- what was before -----------------------------------------------------------------------------------------

    def _last_steps(self) -> list[Call]:
        turn = next((turn for turn in reversed(self.situation.context.turns) if turn.steps), None)
        if turn is None:
            return []
        return [call for call in turn.steps if call.tool in self.situation.catalogue]

    def _stands_alone(self) -> bool:
        """Whether the request has a reading of its own."""
        for said in self.said:
            if said.act in (Act.HOW, Act.WHY, Act.PAST, Act.HYPOTHESIS):
                return True
            if said.act in (Act.COMMAND, Act.SUGGESTION, Act.INQUIRY):
                best = choose(said).best
                named = said.heads & (ACTING | LOOKING) - {"set", "run", "add", "touch", "diagnose", "ask", "show"}
                if best and best.score >= (3 if named else 4) and len(said.body) > 1:
                    return True
        return False

    def _calls(self, calls: Sequence[Call]) -> Composition:
        done = Composition()
        for call in calls:
            if call.tool not in self.situation.catalogue:
                continue
            writes = self.situation.catalogue[call.tool].effect.writes
            args: dict[str, JsonValue] = {
                name: value for name, value in call.args.items() if not isinstance(value, dict)
            }
            done.drafts.append(
                Draft(call.tool, args, None, writes=writes, why="asked, leaning on what was said before")
            )
        return done


def _without_opening(tokens: list[Token]) -> list[Token]:
    """Without `no,`, `yes, but only`, `I meant`."""
    opening = _CORRECTIONS.match(tokens)
    rest = tokens[opening[1] :] if opening else tokens
    while (
        rest
        and (
            rest[0].has("yes", "soft")
            or rest[0].text
            in (
                "but",
                "only",
                "just",
                "let",
                "us",
                "use",
                "take",
                "do",
                "go",
                "with",
                "on",
                "for",
                "it",
                "is",
                "should",
                "be",
                "make",
                "pick",
                "then",
                "i",
                "would",
                "say",
                "choose",
                "want",
            )
        )
        and len(rest) > 1
        and not rest[0].has("everything")
    ):
        rest = rest[1:]
    return rest


def _question(text: str, pending: Call | None = None) -> Composition:
    done = Composition()
    done.ask(text, pending)
    return done
