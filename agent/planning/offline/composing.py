"""From clauses to steps: each clause's tool and arguments, in order, with the conditions between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.acts import Act, Said
from agent.planning.offline.caution import unsure
from agent.planning.offline.clauses import Clause, Link, Part
from agent.planning.offline.concepts import ACTING, actions
from agent.planning.offline.conditions import Finding, found_by, negated
from agent.planning.offline.drafts import Composition, Draft, Prohibition, When
from agent.planning.offline.filling import Filled, fill, leans
from agent.planning.offline.intents import Ranked, choose
from agent.planning.offline.messages import is_reference
from agent.planning.offline.notifying import content_of
from agent.planning.offline.patterns import Table, pattern
from agent.planning.offline.questions import DOING, choose_between, confirm, missing
from agent.planning.offline.scheduling import Recurring, recurring
from agent.planning.offline.scope import absent
from agent.planning.offline.situation import Situation
from agent.planning.offline.tokens import Token
from agent.planning.planner import Call

__all__ = ["compose"]

_TOPIC_TAGS: Final = {"stack_drift": "drift", "stack_unlock": "lock", "audit_verify": "audit", "audit_log": "audit"}
_RETRACTING: Final = Table.read(
    """
retract: @soft|@no|wait|oh|and|but* never mind @soft|about|that|it* $
retract: @soft|@no|wait|oh|and|but* scratch|forget|cancel|ignore|disregard|strike|undo|stop|belay that|it|this|all @soft* $
retract: @soft|@no* just|only? kidding|joking|testing @soft* $
retract: @soft|@no* on second thought|thoughts
retract: @soft|@no|wait|oh|but|and* do not @soft|do|it|that|bother* $
retract: @soft|oh|wait|hmm* @no|wait|stop @soft|wait|stop|@no* $
retract: @soft* hold on @soft* $
retract: @i changed my mind
retract: @soft* better|rather|maybe|please? not $
"""
)
"""What takes back what was just said."""
_PLAIN_ACTIONS: Final = frozenset({"deploy", "destroy", "rollback", "repair", "pause", "revoke", "sweep", "notify"})
_OF_OTHER_THINGS: Final = frozenset({"else", "other", "again", "worry", "forget", "hesitate", "mind"})
"""`don't touch anything else` forbids nothing that was asked for."""
_GENERIC_VERBS: Final = frozenset({"free", "remove", "fix", "cancel", "revoke", "rollback"})
"""Verbs whose `it` may be the lock or the drift that was talked about."""
_TELLING: Final = frozenset({"notify", "tell", "inform", "announce", "ping", "warn", "broadcast", "message", "alert"})
_INVENTING: Final = frozenset({"write", "compose", "draft", "make up"})
_DO_IT: Final = Table.read(
    """
do: @soft|@and|so* do|go|proceed|make it|so|that|ahead|with? it|that|this|happen? @soft* $
do: @soft|@and|so* please @soft|do|it|so|that* $
"""
)
_POINTED_AT: Final = frozenset({"lock", "watchlist", "drift"})
"""What a clause talks about and a pronoun after it may mean."""
_RESULT_ACTS: Final = frozenset({Act.INQUIRY, Act.COMMAND, Act.WHY, Act.PAST})


def compose(said: Sequence[Said], situation: Situation) -> Composition:
    """All steps that the clauses ask for, or the first question that they leave."""
    return _Composer(list(said), situation).compose()


class _Composer:
    def __init__(self, said: list[Said], situation: Situation) -> None:
        self.said = said
        self.situation = situation
        self.done = Composition()
        self.condition: When | None = None
        """What the clauses that follow depend on."""
        self.last_condition: When | None = None
        self.before: Said | None = None
        """The last clause that asked for something or forbade it."""
        self.suggested: Said | None = None
        """An action that was mentioned as needed: `please do it` asks for it."""
        self.fresh: list[Draft] = []
        """The drafts of the last main clause."""

    def compose(self) -> Composition:
        self._leave_out_reports()
        self.said = _with_suppositions(self.said)
        at = 0
        while at < len(self.said) and self.done.refusal is None:
            repeated = recurring(self.said, at)
            if repeated:
                self._schedule(repeated)
                at = repeated.end
                continue
            self._clause(at)
            at += 1
        return self.done

    def _leave_out_reports(self) -> None:
        """`he said: …`, `Bob wrote …`: what follows in the sentence is what somebody else wants."""
        for at, said in enumerate(self.said):
            reporting = said.act in (Act.STATEMENT, Act.FRAGMENT, Act.INQUIRY) and said.tokens[-1].has("says")
            after = at + 1
            while reporting and after < len(self.said) and self.said[after].clause.sentence == said.clause.sentence:
                self.said[after] = replace(self.said[after], act=Act.STATEMENT)
                after += 1

    # --- clauses -------------------------------------------------------------------------------------------------

    def _clause(self, at: int) -> None:
        said = self.said[at]
        if _doubting(said) or (self.done.drafts and _RETRACTING.whole(said.tokens)):
            self.done.retracted = True
            return
        if said.clause.part in (Part.IF, Part.UNLESS):
            self._condition_clause(at)
        elif said.clause.part is Part.REASON or said.act is Act.COURTESY:
            pass
        elif said.clause.part in (Part.BEFORE, Part.AFTER):
            self._time_clause(at)
        else:
            self._main(at, said)
        self.situation.remember(said.tokens)
        self.situation.topics |= {tag for token in said.tokens for tag in token.tags & _POINTED_AT}

    def _time_clause(self, at: int) -> None:
        """`after deploying it, check …` and `checkpoint it before you deploy it` ask for both, in that order.

        `before I start` and `before deploying` only say when.
        """
        said = self.said[at]
        action = _told_to_do(said)
        sentence = [each for each in self.said if each.clause.sentence == said.clause.sentence and each is not said]
        commanded = any(each.act is Act.COMMAND for each in sentence)
        if action is None or not commanded:
            return
        following = at + 1 < len(self.said) and self.said[at + 1].clause.sentence == said.clause.sentence
        if said.clause.part is Part.BEFORE and following and not any(each in self.said[:at] for each in sentence):
            self.said.insert(self._sentence_end(at), replace(action, clause=replace(action.clause, part=Part.MAIN, link=Link.THEN)))
        else:
            self._request(replace(action, clause=replace(action.clause, part=Part.MAIN, link=Link.THEN)), None)

    def _sentence_end(self, at: int) -> int:
        sentence = self.said[at].clause.sentence
        while at < len(self.said) and self.said[at].clause.sentence == sentence:
            at += 1
        return at

    def _main(self, at: int, said: Said) -> None:
        link = said.clause.link
        conditional = at > 0 and self.said[at - 1].clause.part in (Part.IF, Part.UNLESS)
        if link in (Link.START, Link.THEN) and not conditional:
            self.condition = None
        if link is Link.ELSE and self.last_condition:
            self.condition = When(negated(self.last_condition.comparison), self.last_condition.on)
        if self._named(said):
            return
        if self.suggested is not None and _DO_IT.whole(said.tokens):
            self._request(replace(self.suggested, act=Act.COMMAND), None)
            return
        if said.act is Act.PROHIBITION:
            self._prohibit(said)
        elif said.act is Act.STATEMENT or _rates(said):
            self._statement(said)
        else:
            following = self.said[at + 1] if at + 1 < len(self.said) else None
            self._request(self._inherited(said), following)

    def _named(self, said: Said) -> bool:
        """`… and call it friday`: the name of the checkpoint before."""
        naming = pattern("call|name|label|tag it|that|this|the @soft|checkpoint|snapshot*").match(said.body)
        checkpoint = next((draft for draft in self.fresh if draft.tool == "stack_checkpoint"), None)
        if naming is None or checkpoint is None or naming >= len(said.body):
            return False
        token = said.body[naming]
        checkpoint.args["name"] = self.situation.read.quote(token) if token.kind == "quote" else token.raw
        return True

    def _prohibit(self, said: Said) -> None:
        if _wants_silence(said):
            self._request(replace(said, act=Act.COMMAND, heads=frozenset({"snooze"}), head=said.body[0], contrast=True), None)
            return
        if _no_longer_watched(said):
            self._request(replace(said, act=Act.COMMAND, heads=frozenset({"unwatch"}), head=said.body[0], contrast=True), None)
            return
        forbidden = frozenset(action for token in said.tokens for action in actions(token) - {"touch"})
        names = frozenset(
            str(token.value) for token in said.tokens if token.has("name") and not isinstance(token.value, list)
        )
        acting = forbidden - {"set", "add"}
        touching = any(token.has("touch:base", "touch:ing") for token in said.body)
        anything = (touching and not acting & _PLAIN_ACTIONS) or (not acting and _points(said.body))
        if not any(token.text in _OF_OTHER_THINGS for token in said.tokens):
            self.done.prohibitions.append(Prohibition(forbidden, names, anything))
        if not acting:
            self.situation.excluded |= names
        if forbidden:
            self.before = said

    def _statement(self, said: Said) -> None:
        ranked = choose(replace(said, act=Act.COMMAND, heads=frozenset({"rate"})), frozenset())
        if (
            ranked.best
            and ranked.best.tool == "alert_feedback"
            and any(token.has("noise", "useful") for token in said.tokens)
        ):
            self._add("alert_feedback", replace(said, act=Act.STATEMENT))
        elif any(token.has("trouble", "down") for token in said.tokens):
            self.done.troubled = said
        self.suggested = _needed(said) or self.suggested

    def _inherited(self, said: Said) -> Said:
        """Things alone, after a clause with a verb, are what the verb goes on with: `preview dev, then prod`."""
        contrast = said.tokens[0].text in ("only", "just", "but") or said.clause.link is Link.BUT
        goes_on = said.act is Act.FRAGMENT or (
            said.act is Act.INQUIRY
            and contrast
            and any(token.has("id", "name", "url") for token in said.tokens)
            and not any(token.has("wh", "known", "ask") for token in said.tokens)
        )
        if not goes_on or self.before is None:
            return said
        if self.before.act is Act.PROHIBITION:
            if not contrast or not any(token.has("name", "id", "number", "url") for token in said.tokens):
                return said
            verb = next((token for token in self.before.body if actions(token)), None)
            if verb is None:
                return said
            return replace(said, act=Act.COMMAND, head=verb, heads=frozenset(actions(verb)), contrast=True)
        if all(token.has("quote", "payload") for token in said.body):
            return said
        verb_tokens = tuple(
            token
            for token in self.before.body
            if not token.has("name", "time", "id", "number", "url", "channel", "quote")
        )
        clause = replace(said.clause, tokens=(*verb_tokens, *said.clause.tokens))
        return replace(
            said,
            act=self.before.act,
            clause=clause,
            head=self.before.head,
            heads=self.before.heads,
            body=(*verb_tokens, *said.body),
        )

    # --- requests ------------------------------------------------------------------------------------------------

    def _request(self, said: Said, following: Said | None) -> None:
        if said.act is Act.FRAGMENT or self._only_a_result(said):
            return
        if said.act is Act.HOW and any(draft.writes and draft.said and draft.said.clause.question for draft in self.fresh):
            self.done.retracted = True
        leaning = self.situation.pronoun_tags() if leans(said) else frozenset(self.situation.topics & {"drift"})
        if not said.heads & _GENERIC_VERBS:
            leaning -= self.situation.topics - ({"drift"} if said.heads & {"repair"} else set())
        for part in _topics_apart(said):
            self._one(part, choose(part, leaning), following)
        self.before = said

    def _only_a_result(self, said: Said) -> bool:
        """`and tell me what you find`: every answer does."""
        if (
            not self.done.drafts
            or said.act not in _RESULT_ACTS
            or any(token.has("channel", "name", "id", "url") for token in said.tokens)
        ):
            return False
        if said.head is not None and not said.head.has("ask", "show"):
            return False
        words = [
            token
            for token in said.body
            if not (token.has("ask:base", "show:base", "notify:base") and token is said.body[0])
        ]
        return not words or is_reference(words) or _reports_back(said)

    def _one(self, said: Said, ranked: Ranked, following: Said | None) -> None:
        best = ranked.best
        if best is None or _invents(said):
            self._without_reading(said)
            return
        if self._asks_what_is_wrong(said, best.tool):
            return
        tools = [choice.tool for choice in ranked.close]
        if len(tools) > 1 and any(choice.writes for choice in ranked.close):
            self.done.ask(choose_between(tools[:3]))
            return
        self._add(best.tool, said, following)

    def _asks_what_is_wrong(self, said: Said, tool: str) -> bool:
        """`my deploy to prod failed, what happened?`"""
        trouble = self.done.troubled
        general = tool in ("audit_log", "work_status", "stack_history", "competitor_changes", "help") and not said.heads & ACTING
        if trouble is None or not general or any(token.has("name", "since") for token in said.tokens):
            return False
        if not any(token.has("stack") for token in trouble.tokens):
            return False
        self.done.troubled = None
        self._add("stack_diagnose", trouble)
        return True

    def _without_reading(self, said: Said) -> None:
        """A clause that no row explains: perhaps enough of it to ask the right question."""
        domains = [token for token in said.tokens if token.has("domain")]
        if said.act in (Act.COMMAND, Act.SUGGESTION) and "notify" in said.heads and "generate" not in said.heads:
            self.done.unread.append(said)
            told = said.head is not None and said.head.text in _TELLING
            if told or any(token.kind in ("quote", "payload", "name") or token.has("unknown", "says", "it", "message") for token in said.body[1:]):
                self.done.ask(missing("notify", "channel", {}, self.situation), Call(tool="notify", args={}))
        elif said.heads & ACTING and said.act in (Act.COMMAND, Act.SUGGESTION):
            self.done.unread.append(said)
        elif domains and not self.done.drafts and any(token.has("watch", "watchlist", "page", "known") for token in said.tokens):
            args: dict[str, JsonValue] = {"domain": domains[0].text}
            self.done.otherwise = confirm("competitor_discover", args), Call(tool="competitor_discover", args=args)

    def _add(self, tool: str, said: Said, following: Said | None = None) -> None:
        if tool not in self.situation.catalogue:
            self.done.refusal = absent(tool, self.situation.catalogue)
            return
        if self._absorbed(tool, said):
            return
        filled = fill(tool, said, self.situation)
        doubt = unsure(tool, said, filled, self.situation)
        if filled.question or doubt:
            self.done.ask(filled.question or doubt or "", Call(tool=tool, args=dict(filled.args)))
            return
        if tool == "notify":
            self._notify(said, filled, following)
            return
        alternative = said.clause.link is Link.OR and self.fresh and any(draft.writes for draft in self.fresh) | self._writes(tool)
        if alternative:
            self.done.ask(choose_between([self.fresh[-1].tool, tool]))
            return
        self.fresh = [self._draft(tool, said, args) for args in filled.calls]
        self.situation.mentions += [self.situation.mention_of(draft.call()) for draft in self.fresh]
        if tag := _TOPIC_TAGS.get(tool):
            self.situation.topics.add(tag)

    def _draft(self, tool: str, said: Said, args: Mapping[str, JsonValue]) -> Draft:
        for draft in self.done.drafts:
            if (
                draft.tool == tool
                and draft.args == args
                and draft.when == self.condition
                and said.clause.link is not Link.THEN
            ):
                return draft
        made = Draft(
            tool, dict(args), said, said.clause.link, self.condition, self._writes(tool), self._why(tool, said)
        )
        self.done.drafts.append(made)
        return made

    def _writes(self, tool: str) -> bool:
        return self.situation.catalogue[tool].effect.writes

    def _why(self, tool: str, said: Said) -> str:
        tokens = said.clause.tokens
        written = self.situation.read.text[tokens[0].start : tokens[-1].end] if tokens[-1].end > tokens[0].start else ""
        written = " ".join(written.split())
        return (
            f"asked: “{written[:120]}”" if written and "\u27e6" not in written else f"asked to {DOING.get(tool, tool)}"
        )

    def _absorbed(self, tool: str, said: Said) -> bool:
        """`look around there and find out what's worth watching` is one request."""
        previous = self.done.drafts[-1].tool if self.done.drafts else ""
        if (
            previous == "competitor_discover"
            and tool in ("competitor_targets", "competitor_discover")
            and said.act is not Act.COMMAND
        ):
            return True
        unnamed = not any(token.has("name", "url", "id", "number", "channel") for token in said.tokens)
        if previous == tool and leans(said) and unnamed and said.clause.link is not Link.THEN and tool != "notify":
            return True
        return previous == tool == "stack_diagnose" and not any(token.has("stack") for token in said.tokens)

    def _notify(self, said: Said, filled: Filled, following: Said | None) -> None:
        watch = self.done.drafts[-1] if self.done.drafts else None
        if watch and watch.tool == "competitor_watch" and "channel" not in watch.args and not _says_something(said):
            watch.args["channel"] = filled.args["channel"]
            return
        for args in filled.calls:
            content = content_of(said, following, self.done.drafts, self.condition, self.situation)
            for looked in content.looked_up:
                self.done.drafts.append(looked)
            if content.value is None:
                self.done.ask(missing("notify", "content", args, self.situation), Call(tool="notify", args=args))
                return
            draft = Draft(
                "notify",
                {**args, "content": content.value},
                said,
                said.clause.link,
                self.condition,
                writes=True,
                why=self._why("notify", said),
            )
            self.done.drafts.append(draft)
            self.fresh = [draft]

    # --- conditions ----------------------------------------------------------------------------------------------

    def _condition_clause(self, at: int) -> None:
        said = self.said[at]
        following = self.said[at + 1] if at + 1 < len(self.said) else None
        leading = (
            said.clause.fresh
            and following is not None
            and following.clause.sentence == said.clause.sentence
            and following.clause.part is Part.MAIN
            and (following.clause.link is not Link.THEN or not self._begun(at))
        )
        if leading:
            before = self.done.drafts
            self.condition = self._when(said.clause, before, [following] if following else [])
        elif self.fresh:
            targets = self.fresh
            before = self.done.drafts[: self.done.drafts.index(targets[0])]
            when = self._when(said.clause, before, [], targets)
            for draft in targets:
                draft.when = when
            self.last_condition = when
            return
        else:
            self.done.ask(self._cannot_check(said.clause))
        self.last_condition = self.condition

    def _begun(self, at: int) -> bool:
        """Whether something was asked for in this sentence before its condition."""
        sentence = self.said[at].clause.sentence
        return any(each.clause.sentence == sentence and each.clause.part is Part.MAIN for each in self.said[:at])

    def _when(
        self, clause: Clause, before: Sequence[Draft], following: Sequence[Said | None], targets: Sequence[Draft] = ()
    ) -> When | None:
        finding = found_by(clause, [draft.tool for draft in before if draft.tool != "notify"])
        if finding is None:
            if self._trivial(clause):
                return None
            if any(draft.writes for draft in targets) or any(said and said.heads & ACTING for said in following):
                self.done.ask(self._cannot_check(clause))
            return None
        on = next((draft for draft in reversed(before) if draft.tool in finding.tools), None)
        on = on or self._inserted(clause, finding, targets)
        return When(finding.comparison, on) if on else None

    def _trivial(self, clause: Clause) -> bool:
        """`when that's done`: only an order."""
        words = {token.text for token in clause.tokens}
        return bool(words & {"done", "finished", "complete", "completed", "through", "ready", "over"}) and not words & {
            "not",
            "tests",
        }

    def _cannot_check(self, clause: Clause) -> str:
        written = self.situation.read.text[clause.tokens[0].start : clause.tokens[-1].end]
        return f"I can't find out by myself whether “{' '.join(written.split())[:120]}”. Shall I go on without waiting for that? Say what to do, and I will."

    def _inserted(self, clause: Clause, finding: Finding, targets: Sequence[Draft]) -> Draft | None:
        """The look that a condition takes for granted: `if dev has drifted, repair it`."""
        tool = finding.tools[0]
        if tool not in self.situation.catalogue:
            self.done.refusal = absent(tool, self.situation.catalogue)
            return None
        args: dict[str, JsonValue | Draft] = {}
        if "stack" in self.situation.slots(tool):
            stack = self._condition_stack(clause, targets)
            if stack is None:
                self.done.ask(missing(tool, "stack", {}, self.situation), Call(tool=tool, args={}))
                return None
            args["stack"] = stack
        draft = Draft(tool, args, None, Link.START, None, self._writes(tool), "the condition needs to know")
        at = self.done.drafts.index(targets[0]) if targets else len(self.done.drafts)
        self.done.drafts.insert(at, draft)
        return draft

    def _condition_stack(self, clause: Clause, targets: Sequence[Draft]) -> JsonValue | Draft:
        named = [token.value for token in clause.tokens if token.has("stack") and token.has("name")]
        if len(named) == 1 and isinstance(named[0], str):
            return named[0]
        for draft in (*targets, *reversed(self.done.drafts)):
            if "stack" in draft.args:
                return draft.args["stack"]
        following = [
            token.value
            for said in self.said
            for token in said.tokens
            if token.has("stack") and token.has("name") and isinstance(token.value, str)
        ]
        return following[0] if len(set(map(str, following))) == 1 else self.situation.referent("stack")

    # --- schedules -----------------------------------------------------------------------------------------------

    def _schedule(self, repeated: Recurring) -> None:
        for said in repeated.said:
            self.situation.remember(said.tokens)
        said = repeated.said[0]
        if "schedule_create" not in self.situation.catalogue:
            self.done.refusal = absent("schedule_create", self.situation.catalogue)
            return
        args = repeated.arguments(self.situation)
        filled = Filled("schedule_create", [dict(args)])
        asking = [part for part in repeated.said if any(token.kind != "time" for token in part.body)]
        doubt = next((found for part in asking if (found := unsure("schedule_create", part, filled, self.situation))), None)
        absent_argument = next((name for name in ("request", "when") if not args.get(name)), None)
        if doubt or absent_argument:
            question = doubt or missing("schedule_create", absent_argument or "", dict(args), self.situation)
            self.done.ask(question, Call(tool="schedule_create", args=dict(args)))
            return
        draft = Draft(
            "schedule_create",
            dict(args),
            said,
            said.clause.link,
            None,
            writes=True,
            why=self._why("schedule_create", said),
        )
        self.done.drafts.append(draft)
        self.fresh = [draft]
        self.before = said


def _points(body: Sequence[Token]) -> bool:
    """`not production`, `don't`: nothing but names and pronouns."""
    return not body or body[0].has("name", "it", "det", "everything", "i", "no", "negative", "stack.n")


def _no_longer_watched(said: Said) -> bool:
    """`I don't want https://… watched any more`: that is what stops it."""
    texts = {part for token in said.tokens for part in token.text.split()}
    watching = any(token.has("watch", "watchlist") for token in said.tokens)
    return watching and bool(texts & {"anymore", "longer"} or {"any", "more"} <= texts) and any(token.has("url") for token in said.tokens)


def _doubting(said: Said) -> bool:
    """`hypothetically, …`, `just kidding`: a clause of nothing but a word that takes the rest back."""
    if said.clause.part is not Part.MAIN or len(said.tokens) > 3 or any(token.has("no", "name") for token in said.tokens):
        return False
    negative = any(token.has("negative") and not actions(token) and token.text not in ("not", "never") for token in said.tokens)
    return negative and all(token.has("negative", "soft", "run", "courtesy") or token.kind == "mark" for token in said.tokens)


def _invents(said: Said) -> bool:
    """`write a haiku about drift`, `book a flight`: something made up or bought, whatever it is about."""
    inventing = "generate" in said.heads and (said.heads <= {"generate", "schedule"} or bool(said.head and said.head.text in _INVENTING))
    return inventing and not any(token.has("name", "url", "quote", "payload", "often") for token in said.tokens)


def _needed(said: Said) -> Said | None:
    """`production needs a deploy`: an action that somebody mentions as due."""
    at = next((at for at, token in enumerate(said.tokens) if token.text in ("needs", "need", "requires", "wants", "deserves")), None)
    if at is None or any(token.has("negative") for token in said.tokens):
        return None
    for token in said.tokens[at + 1 : at + 5]:
        if actions(token) & _PLAIN_ACTIONS:
            return replace(said, head=token, heads=frozenset(actions(token) & _PLAIN_ACTIONS))
    return None


def _told_to_do(said: Said) -> Said | None:
    """The action in `after deploying dev`, `before you deploy it`, `once you have deployed it`."""
    tokens = said.clause.tokens
    start = pattern("@you have|are|@did? @soft*").match(tokens) or 0
    addressed = bool(tokens) and tokens[0].has("you")
    if said.clause.part is Part.BEFORE and not addressed:
        return None
    body = tokens[start:]
    forms = (":base", ":past", ":ing") if addressed else (":ing",)
    for form in forms:
        heads = frozenset(tag.partition(":")[0] for tag in (body[0].tags if body else ()) if tag.endswith(form) and tag != form)
        if heads & ACTING:
            return replace(said, act=Act.COMMAND, body=body, head=body[0], heads=heads)
    return None


def _wants_silence(said: Said) -> bool:
    """`I don't want to hear about https://… before the 10th`: that snoozes it."""
    silence = any(token.has("alert", "snooze") or token.text in ("hear", "bother", "notify", "notified", "bothered", "see", "notifications", "know", "alerted", "ping", "pinged", "read") for token in said.tokens)
    return silence and any(token.has("url") for token in said.tokens) and any(token.has("until") for token in said.tokens)


def _with_suppositions(said: Sequence[Said]) -> list[Said]:
    """`if we shipped dev now, what would be different?`: one question about an action."""
    result: list[Said] = []
    for each in said:
        before = result[-1] if result else None
        if before is not None and before.clause.part is Part.IF and before.clause.sentence == each.clause.sentence and _supposes(before, each):
            clause = replace(each.clause, tokens=(*each.clause.tokens, *before.clause.tokens), link=before.clause.link)
            heads = frozenset(action for token in before.tokens for action in actions(token))
            result[-1] = Said(Act.HYPOTHESIS, clause, (*each.body, *before.body), heads=heads)
        else:
            result.append(each)
    return result


def _supposes(condition: Said, main: Said) -> bool:
    acted = any(actions(token) & _PLAIN_ACTIONS for token in condition.tokens) and any(token.has("i", "you", "they", "everything") for token in condition.tokens[:2])
    return acted and main.act in (Act.INQUIRY, Act.HYPOTHESIS, Act.HOW, Act.PAST) and bool(main.body) and main.body[0].has("wh", "be", "modal", "did")


def _rates(said: Said) -> bool:
    """`thumbs up for alert 45`: a verdict on an alert, without a verb."""
    tags = {tag for token in said.tokens for tag in token.tags}
    rated = "alert" in tags and tags & {"noise", "useful"} and tags & {"id", "number"}
    return said.act in (Act.INQUIRY, Act.FRAGMENT) and bool(rated) and not said.clause.question and not tags & {"wh", "change"}


def _reports_back(said: Said) -> bool:
    """`report back`, `keep me posted`, `let me know when it's done`."""
    texts = " ".join(token.text for token in said.body)
    return any(
        phrase in texts
        for phrase in (
            "report back",
            "me posted",
            "me updated",
            "me know how",
            "me know when",
            "me how it",
            "know how it",
            "when it is done",
            "when you are done",
            "when done",
            "it is done",
            "how it went",
            "how it goes",
            "how that went",
            "how they",
            "what it finds",
            "what you find",
            "the result",
            "the outcome",
        )
    )


def _says_something(said: Said) -> bool:
    return any(token.kind in ("quote", "payload") for token in said.tokens)


_APART: Final = (
    "drift",
    "health",
    "history",
    "output",
    "preview.n",
    "spend",
    "grant",
    "schedule.n",
    "watchlist",
    "audit",
    "lock",
    "config",
)


def _topics_apart(said: Said) -> list[Said]:
    """`health and drift of prod` asks two things: a clause for each, with the names of both."""
    if (
        said.act not in (Act.INQUIRY, Act.COMMAND)
        or said.heads & ACTING - {"notify"}
        or any(token.has("wh", "channel") for token in said.tokens)
    ):
        return [said]
    for at, token in enumerate(said.tokens):
        if not (token.has("and") or token.text == ",") or not 0 < at < len(said.tokens) - 1:
            continue
        left = [_topic(each) for each in said.tokens[:at]]
        right = [_topic(each) for each in said.tokens[at + 1 :]]
        first, second = [topic for topic in left if topic], [topic for topic in right if topic]
        if first and second and first[-1] != second[0] and not set(first) & set(second):
            return _divided(said, at)
    return [said]


def _topic(token: Token) -> str:
    return next((topic for topic in _APART if topic in token.tags), "")


def _divided(said: Said, at: int) -> list[Said]:
    tokens = said.clause.tokens
    names = tuple(token for token in tokens if token.has("name", "time"))
    head = tuple(token for token in tokens[:1] if token.has(":base"))
    first = (*tokens[:at], *(token for token in names if token not in tokens[:at]))
    second = (
        *head,
        *tokens[at + 1 :],
        *(
            token
            for token in names
            if token not in tokens[at + 1 :] and not any(t.has("stack") for t in tokens[at + 1 :] if token.has("stack"))
        ),
    )
    parts = [replace(said, clause=replace(said.clause, tokens=part), body=part) for part in (first, second)]
    return [parts[0], *_topics_apart(parts[1])]
