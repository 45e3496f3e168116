"""From clauses to steps: each clause in its turn, with what the ones before it said, forbade and left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from agent.planning.offline.caution import unsure
from agent.planning.offline.concepts import actions
from agent.planning.offline.conditional import Conditional, only_order
from agent.planning.offline.drafts import Composition, Draft, Prohibition, State
from agent.planning.offline.filling import Filled, leans, stack_meant
from agent.planning.offline.idioms import (
    DO_IT,
    OF_OTHER_THINGS,
    PLAIN_ACTIONS,
    needed,
    needed_no_more,
    no_longer_watched,
    only_tells,
    points,
    rates,
    told_to_do,
    wants_silence,
    with_suppositions,
)
from agent.planning.offline.intents import choose
from agent.planning.offline.introductions import introduced
from agent.planning.offline.looking_back import since_asides
from agent.planning.offline.parts import Link, Part
from agent.planning.offline.patterns import pattern
from agent.planning.offline.questions import missing
from agent.planning.offline.requesting import Requests
from agent.planning.offline.retiming import left_of_retiming
from agent.planning.offline.retracting import give_back, taken_back
from agent.planning.offline.scheduling import Recurring, recurring
from agent.planning.offline.scope import absent
from agent.planning.offline.situation import Situation
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.tokens import Token
from agent.planning.planner import Call

__all__ = ["compose"]

_POINTED_AT: Final = frozenset({"lock", "watchlist", "drift", "done-with"})
"""What a clause talks about and a pronoun after it may mean."""
_NAMED: Final = pattern("@soft* the? name is|:|should|be is|:|should|be*")
_NAMING: Final = pattern(
    "call|name|label|tag|title it|that|this? the|a? name|label|title? @soft|checkpoint|snapshot|as|of|:*"
)
_GIVING_NAME: Final = pattern(
    "keep|use|with|give|put it|that|this? the|a? name|label|title @soft|checkpoint|snapshot|as|of|:*"
)
_NOT_BEFORE: Final = pattern(
    "@soft|@but|@and* not|never|only @soft* before|until|till|earlier|after|from|than* @time|@clock"
)
"""`…, but not before 6pm`"""
_WAITING: Final = pattern("@soft|@courtesy* wait|hold|hang on? @soft* for|till|until|@until")
_PARTICULAR: Final = ("id", "name", "number", "url")


def compose(said: Sequence[Said], situation: Situation) -> Composition:
    """All steps that the clauses ask for, or the first question that they leave."""
    own = introduced(said, situation.read.text)
    return _Composer(with_suppositions(own), State(situation)).compose()


class _Composer:
    def __init__(self, said: list[Said], state: State) -> None:
        self.said = said
        self.state = state
        self.done = state.done
        self.situation = state.situation
        self.requests = Requests(state)
        self.put_off: list[Said] = []
        """What a schedule's request says; its conditions are held when it is due."""

    def compose(self) -> Composition:
        at = 0
        while at < len(self.said) and self.done.refusal is None:
            repeated = recurring(self.said, at)
            if repeated:
                self._schedule(repeated)
                self.put_off += repeated.said
                at = repeated.end
            else:
                self._clause(at)
                at += 1
        give_back(self.state)
        Conditional(self.state, self.said).hold_exceptions()
        self._hold_conditions()
        since_asides(self.said, self.done, self.situation)
        self._drop_what_is_covered()
        return self.done

    def _drop_what_is_covered(self) -> None:
        """`a bit of help, what went wrong?` asks one thing; `freeze. Pause everything` is done by its second half."""
        drafts = self.done.drafts
        if len(drafts) > 1:
            self.done.drafts = [draft for draft in drafts if draft.tool != "help" or draft.args] or drafts
        heads = {head for draft in drafts if draft.said and draft.writes for head in draft.said.heads}
        self.done.unread = [
            said for said in self.done.unread if not (said.heads & heads and all(map(_says_nothing_more, said.body)))
        ]

    def _hold_conditions(self) -> None:
        """An effect that was asked for under a condition is never planned without it."""
        for at, condition in enumerate(self.said):
            waits = any(condition is each for each in self.put_off)
            if condition.clause.part not in (Part.IF, Part.UNLESS) or waits or self._goes_without_saying(at):
                continue
            there = [draft for draft in self.done.drafts if draft.said and _together(draft.said, condition)]
            unbound = any(draft.writes and draft.when is None for draft in there)
            if unbound and not any(draft.when is not None for draft in self.done.drafts):
                self.state.cannot_check(condition.clause)

    def _goes_without_saying(self, at: int) -> bool:
        """A condition that says only in which order, or what a step means anyway, or under which nothing is done."""
        clause = self.said[at].clause
        granted = Conditional(self.state, self.said).taken_for_granted(clause)
        return (only_order(clause) and at > 0) or granted or self._only_of_a_refusal(at)

    def _clause(self, at: int) -> None:
        said = self.said[at]
        if taken_back(at, self.said, self.state):
            return
        if said.clause.part in (Part.IF, Part.UNLESS, Part.UNTIL):
            if not self._only_of_a_refusal(at):
                Conditional(self.state, self.said).attach(at)
        elif said.clause.part in (Part.BEFORE, Part.AFTER):
            self._time_clause(at)
        elif said.clause.part is Part.MAIN and said.act is not Act.COURTESY:
            self._main(at, said)
        self.situation.remember(said.tokens)
        self.situation.topics |= {tag for token in said.tokens for tag in token.tags & _POINTED_AT}

    def _only_of_a_refusal(self, at: int) -> bool:
        """`hold off on repairing it until Priya has looked`: nothing is done under this condition."""
        before = self.said[at - 1] if at else None
        same = before is not None and before.clause.sentence == self.said[at].clause.sentence
        return same and before is not None and before.act is Act.PROHIBITION and before.clause.part is Part.MAIN

    def _time_clause(self, at: int) -> None:
        """`after deploying it, check …` and `checkpoint it before you deploy it` ask for both, in that order.

        `before I start` and `before deploying` only say when.
        """
        said = self.said[at]
        action = told_to_do(said)
        sentence = [each for each in self.said if each.clause.sentence == said.clause.sentence and each is not said]
        conditional = Conditional(self.state, self.said)
        if action is None and said.clause.part is Part.AFTER and not conditional.only_order(said.clause):
            self.said[at] = replace(said, clause=replace(said.clause, part=Part.IF))
            conditional.attach(at)
        if action is None or not any(each.act is Act.COMMAND and not only_tells(each) for each in sentence):
            return
        begun = any(each in self.said[:at] for each in sentence)
        part = Part.AFTER if said.clause.part is Part.AFTER and begun else Part.MAIN
        action = replace(action, clause=replace(action.clause, part=part, link=Link.THEN))
        if said.clause.part is Part.BEFORE and not begun:
            self.said.insert(self._sentence_end(at), action)
        else:
            self.requests.request(action)

    def _sentence_end(self, at: int) -> int:
        sentence = self.said[at].clause.sentence
        while at < len(self.said) and self.said[at].clause.sentence == sentence:
            at += 1
        return at

    def _main(self, at: int, said: Said) -> None:
        self._continue_condition(at, said.clause.link)
        if self._names_checkpoint(said):
            return
        if _WAITING.match(said.tokens) is not None and at + 1 < len(self.said):
            self.state.unknowable = said.clause  # `wait for Dana's ok, then deploy it`
            return
        if said.clause.link is Link.OR and _doubts(said) and any(draft.writes for draft in self.state.fresh):
            self.done.retracted = True
            return
        if self.state.suggested is not None and DO_IT.whole(said.tokens):
            self.requests.request(replace(self.state.suggested, act=Act.COMMAND))
        elif said.act is Act.PROHIBITION:
            if not self._waits(said):
                self._prohibit(said)
        elif said.act is Act.STATEMENT or rates(said):
            self._statement(said)
        else:
            following = self.said[at + 1] if at + 1 < len(self.said) else None
            self.requests.request(self._inherited(said), following)

    def _continue_condition(self, at: int, link: Link) -> None:
        """`then` and a new sentence end a condition; `otherwise` turns it round."""
        conditional = at > 0 and self.said[at - 1].clause.part in (Part.IF, Part.UNLESS, Part.UNTIL)
        if any(token.has("always") for token in self.said[at].tokens):
            self.state.condition = self.state.unknowable = None
        waiting = at > 0 and _WAITING.match(self.said[at - 1].tokens) is not None
        if link in (Link.START, Link.THEN) and not conditional and not waiting:
            self.state.condition = self.state.unknowable = None
        if self.state.condition is None and any(token.text == "in that case" for token in self.said[at].tokens):
            self.state.condition = self.state.proposition  # `unless it has drifted, in that case tell #ops`
        if link is Link.ELSE:
            Conditional(self.state, self.said).otherwise(self.said[at].clause)

    def _names_checkpoint(self, said: Said) -> bool:
        """`… and call it friday`: the name of the checkpoint before."""
        end = _NAMED.match(said.body) or _NAMING.match(said.body) or _GIVING_NAME.match(said.body)
        checkpoint = next((draft for draft in self.state.fresh if draft.tool == "stack_checkpoint"), None)
        if end is None or checkpoint is None or end >= len(said.body):
            return False
        token = said.body[end]
        checkpoint.args["name"] = self.situation.read.quote(token) if token.kind == "quote" else token.raw
        return True

    def _waits(self, said: Said) -> bool:
        """`deploy dev, but not before 6pm`: nothing is forbidden, and nothing is done now."""
        waits = _NOT_BEFORE.match(said.tokens) is not None and any(draft.writes for draft in self.done.drafts)
        if waits:
            self.done.ask(
                f"I did nothing yet, because it is to wait: “{self.state.written(said)}”. At which time? Say it with "
                "what is to be done, such as “deploy development at 18:00”."
            )
        return waits

    def _prohibit(self, said: Said) -> None:
        if self.state.condition is not None and any(token.text == "nothing" for token in said.tokens):
            return
        if any(token.has("noise") for token in said.tokens) and "alert" in self.situation.pronoun_tags():
            self._statement(replace(said, act=Act.STATEMENT))
            return
        held = pattern("hold|wait off|on @soft|on|with|off* @schedule.n|@id").match(said.tokens) is not None
        if held and any(token.has("id:schedule.n") for token in said.tokens):
            wish = replace(said, act=Act.COMMAND, heads=frozenset({"pause"}), head=said.tokens[0], contrast=True)
            self.requests.request(wish)
            return
        meant = "snooze" if wants_silence(said) else "unwatch" if no_longer_watched(said) else None
        if meant:
            wish = replace(said, act=Act.COMMAND, heads=frozenset({meant}), head=said.body[0], contrast=True)
            self.requests.request(wish)
            return
        forbidden = frozenset(action for token in said.tokens for action in actions(token) - {"touch"})
        if any(token.has("message", "channel") for token in said.body):
            forbidden |= {"notify"}
        acting = forbidden - {"set", "add"}
        names = frozenset(str(token.value) for token in said.tokens if token.has("name", "url"))
        names = names or stack_meant(said, self.situation)
        names |= {token.raw.lstrip("#") for token in said.tokens if any(tag.startswith("id:") for tag in token.tags)}
        touching = any(token.has("touch:base", "touch:ing") for token in said.body)
        anything = (touching and not acting & PLAIN_ACTIONS) or (not acting and points(said.body))
        if not (names or anything) and self.done.drafts and _about_something(said):
            self.done.unread.append(said)  # `deploy dev, but leave the database alone`
        if not any(token.text in OF_OTHER_THINGS for token in said.tokens):
            values = frozenset(token.raw for token in said.tokens if token.has("number") and "set" in forbidden)
            sweeping = any(token.text in ("everything", "all", "all of it", "all work") for token in said.tokens)
            self.state.forbid(Prohibition(forbidden, names, anything, values, sweeping))
        if not acting and not touching:
            self.situation.excluded |= names
        if forbidden:
            self.state.before = said

    def _statement(self, said: Said) -> None:
        """A report may rate an alert, say that something is wrong, or name an action that is due."""
        if needed_no_more(said):
            self.requests.request(replace(said, act=Act.COMMAND, heads=frozenset({"unwatch"}), contrast=True))
            return
        ranked = choose(replace(said, act=Act.COMMAND, heads=frozenset({"rate"})))
        verdict = any(token.has("noise", "useful") for token in said.tokens)
        alert = any(token.has("alert", "id", "number") for token in said.tokens)
        alert = alert or "alert" in self.situation.pronoun_tags()
        told = any(token.has("rate:base", "rate:past", "rate:ing", "rate:third") for token in said.tokens)
        if verdict and alert and not told and ranked.best and ranked.best.tool == "alert_feedback":
            self.requests.add("alert_feedback", replace(said, act=Act.STATEMENT))
        elif any(token.has("trouble", "down", "lock") for token in said.tokens):
            self.done.troubled = said
        due = needed(said)
        if due is not None:
            self.state.suggested = due
            self.requests.offer(due)

    def _inherited(self, said: Said) -> Said:
        """Things alone, after a clause with a verb, are what the verb goes on with: `preview dev, then prod`."""
        before = self.state.before
        contrast = said.tokens[0].text in ("only", "just", "but") or said.clause.link is Link.BUT
        if before is None or not (said.act is Act.FRAGMENT or (contrast and _only_names(said))):
            return said
        if before.act is Act.PROHIBITION:
            return _instead(before, said) if contrast else said
        if all(token.has("quote", "payload") for token in said.body):
            return said
        verb = tuple(token for token in before.body if not token.has(*_PARTICULAR, "time", "channel", "quote"))
        clause = replace(said.clause, tokens=(*verb, *said.clause.tokens))
        return Said(before.act, clause, (*verb, *said.body), before.head, before.heads, said.contrast)

    def _schedule(self, repeated: Recurring) -> None:
        """One step for a request that comes again and again, or later."""
        for said in repeated.said:
            self.situation.remember(said.tokens)
        if "schedule_create" not in self.situation.catalogue:
            self.done.refusal = absent("schedule_create", self.situation.catalogue)
            return
        args = repeated.arguments(self.situation)
        call = Call(tool="schedule_create", args=args)
        left_out = next((name for name in ("request", "when") if not args.get(name)), None)
        if left_out is None and any(token.has("someday") for said in repeated.said for token in said.tokens):
            left_out = "when"  # `sometime next week`
        if left_out is None and _points_nowhere(repeated.said, self.situation):
            left_out = "request"
        question = self._schedule_doubt(repeated, Filled("schedule_create", [dict(args)]))
        if question or left_out:
            self.done.ask(question or missing("schedule_create", left_out or "", dict(args), self.situation), call)
            return
        said = repeated.said[0]
        if repeated.begins_now(self.situation):
            self.requests.request(said)
        why = self.requests.why("schedule_create", said)
        draft = Draft("schedule_create", dict(args), said, said.clause.link, None, writes=True, why=why)
        self.done.drafts.append(draft)
        self.state.fresh, self.state.before = [draft], said

    def _schedule_doubt(self, repeated: Recurring, filled: Filled) -> str | None:
        if left_of_retiming(str(filled.args.get("request", ""))):
            return "Say another time for a schedule by itself, as “move the sweep to every 2 hours”. What was meant?"
        asking = [
            part
            for part in repeated.said
            if part.act is not Act.STATEMENT and any(token.kind != "time" for token in part.body)
        ]
        doubts = (unsure("schedule_create", part, filled, self.situation) for part in asking)
        return next((doubt for doubt in doubts if doubt), None)


def _about_something(said: Said) -> bool:
    """Whether what is forbidden is about a thing that nobody here knows: never passed over beside an effect."""
    others = any(token.text in OF_OTHER_THINGS for token in said.tokens)
    left = any(token.text in ("leave", "keep", "spare") for token in said.tokens)
    return (left and not others) and any(
        token.kind == "word" and not token.has("name", "stack.n", "everything") and before.has("det")
        for before, token in pairwise(said.tokens)
    )


_LOOKED_AT: Final = (
    "wh", "known", "ask", "preview.n", "check.n", "drift", "health", "history", "output", "change", "before-after",
    "config", "state", "diagnose.n", "spend", "audit", "would-change",
)  # fmt: skip
"""What makes a question of a clause that would otherwise only name something."""


def _together(one: Said, other: Said) -> bool:
    return one.clause.sentence == other.clause.sentence


def _points_nowhere(parts: Sequence[Said], situation: Situation) -> bool:
    """`do it every Monday`, with nothing before it that `it` could be."""
    tokens = [token for said in parts for token in said.tokens]
    named = any(token.has("name", "url", "domain", "competitors", "stacks", "stack.n", *_LOOKED_AT) for token in tokens)
    named = named or any(token.has("sweep.n", "page", "message", "schedule.n", "payload", "quote") for token in tokens)
    return not named and any(leans(said) for said in parts) and not situation.context.turns


def _only_names(said: Said) -> bool:
    """`just schedule s-8`: a thing, and nothing asked about it."""
    named = any(token.has(*_PARTICULAR) for token in said.tokens)
    return said.act is Act.INQUIRY and named and not any(token.has(*_LOOKED_AT) for token in said.tokens)


def _instead(forbidden: Said, said: Said) -> Said:
    """`don't pause all of it, only schedule s-8`: what was forbidden, for this one."""
    verb: Token | None = next((token for token in forbidden.body if actions(token)), None)
    if verb is None or not any(token.has(*_PARTICULAR) for token in said.tokens):
        return said
    return replace(said, act=Act.COMMAND, head=verb, heads=frozenset(actions(verb)), contrast=True)


def _says_nothing_more(token: Token) -> bool:
    """A verb, a pronoun, a filler: nothing that another clause hasn't said."""
    return token.has(":base", "it", "soft", "courtesy", "everything", "particle") or token.kind == "mark"


def _doubts(said: Said) -> bool:
    """`…, or not`, `…, or is that a bad idea?`"""
    asked = said.act in (Act.INQUIRY, Act.HYPOTHESIS, Act.WHY, Act.SUGGESTION) and said.clause.question
    return said.act is Act.PROHIBITION or asked
