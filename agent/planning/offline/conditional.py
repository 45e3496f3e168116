"""Conditions between steps: which clause they belong to, and what is looked up for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.caution import forbids
from agent.planning.offline.conditions import (
    Finding,
    elliptical,
    found_by,
    needed_for,
    otherwise,
    spared_by,
    tells_outcome,
    turned,
)
from agent.planning.offline.drafts import Draft, State, When
from agent.planning.offline.parts import Clause, Link, Part
from agent.planning.offline.patterns import pattern
from agent.planning.offline.questions import missing
from agent.planning.offline.scope import absent
from agent.planning.offline.speech import Act, Said
from agent.planning.planner import Call

__all__ = ["Conditional", "only_order"]

_ENDED: Final = frozenset(
    ["done", "finished", "complete", "completed", "through", "ready", "over", "out", "live", "landed", "shipped",
     "deployed", "applied", "in", "in place", "gone", "destroyed", "down", "torn down", "removed", "up",
     "taken", "made", "saved", "checkpointed"]
)  # fmt: skip


_OF_A_STEP: Final = (
    "it", "they", "you", "be", "did", "det", "soft", "deploy.n", "rollback.n", "repair.n", "sweep.n", "check.n",
    "preview.n", "checkpoint.n", "stack", "stack.n", "everything", "deploy:past", "prep", "and",
)  # fmt: skip
"""What a condition may talk about that only says in which order: never a person, and nothing from outside."""


_IT_WERE_SO: Final = pattern("@they|@i|@you|@who did|does|do|were|would|went @soft|to|it|so|that|ahead|this* ")
"""`… what would change if somebody did`"""


_AND_MORE: Final = pattern("and|also @det? @stack too|also|likewise|aswell|@soft $")
"""`repair dev if it drifted and prod too`"""


def _names_more(clause: Clause) -> bool:
    """`deploy dev if it is healthy, prod too`: whether that is a second thing to do, and under what condition, isn't
    said.
    """
    if _AND_MORE.search(clause.tokens) is not None:
        return True
    commas = [at for at, token in enumerate(clause.tokens) if token.text == ","]
    rest = clause.tokens[commas[-1] + 1 :] if commas and commas[-1] > 0 else ()
    return any(token.has("stack") for token in rest) and all(token.has("name", "and", "det", "soft") for token in rest)


class Conditional:
    """Ties the conditions among the clauses to the drafts."""

    def __init__(self, state: State, said: Sequence[Said]) -> None:
        self.state = state
        self.said = said
        self.done = state.done

    def attach(self, at: int) -> None:
        """Tie the condition at this place to what follows it, or to what it follows."""
        said = self.said[at]
        if self.taken_for_granted(said.clause):
            return
        if self._leads(at):
            self.state.condition = self._when(said.clause, self.done.drafts, ())
        elif self.state.fresh and not _names_more(said.clause):
            self._follow(said.clause)
            return
        else:
            self.state.cannot_check(said.clause)
        self.state.last_condition = self.state.condition

    def taken_for_granted(self, clause: Clause) -> bool:
        """`watch it and tell #ops when it moves`, `hold everything until I say so`: what the step means anyway."""
        last = self.done.drafts[-1].tool if self.done.drafts else ""
        if last == "stack_preview" and _IT_WERE_SO.whole(clause.tokens):
            return True
        watched = any("watch" in each.heads and each.act is Act.COMMAND for each in self.said)
        if last == "competitor_watch" or watched:
            return any(token.has("change") for token in clause.tokens)
        paused = any(each.act is Act.COMMAND and each.heads & {"pause", "snooze"} for each in self.said)
        return clause.part is Part.UNTIL and (last in ("pause_all", "schedule_pause") or (clause.leading and paused))

    def otherwise(self, clause: Clause) -> None:
        """`…? if not, tell #ops`: the opposite of the condition before, or of what was asked."""
        last = self.state.last_condition
        if last is not None:
            self.state.condition = last.turned()
            return
        told = [draft for draft in self.done.drafts if draft.tool != "notify"]
        finding = otherwise([draft.tool for draft in told])
        if finding is None:
            self.state.unknowable = clause
        else:
            self.state.condition = self.state.last_condition = When(finding.comparison, told[-1])

    def hold_exceptions(self) -> None:
        """`deploy dev; if it has drifted, don't`: what is forbidden under a condition is done under its opposite."""
        for prohibition, when in self.state.exceptions:
            for draft in [each for each in self.done.drafts if each not in when.looks and forbids(prohibition, each)]:
                unless = when.turned().for_stack(draft.args.get("stack"))
                if draft.when is None:
                    draft.when = unless
                    self._before(unless.on, draft)
                elif draft.when != unless:
                    self.done.retracted = True

    def _before(self, look: Draft, draft: Draft) -> None:
        """See that the look which a draft depends on comes before it."""
        at = self.done.drafts.index(draft)
        if self.done.drafts.index(look) > at:
            self.done.drafts.remove(look)
            self.done.drafts.insert(at, look)

    def _follow(self, clause: Clause) -> None:
        """`repair it if there is any`: the condition of the last drafts."""
        targets = self.state.fresh
        before = self.done.drafts[: self.done.drafts.index(targets[0])]
        when = self._when(clause, before, targets)
        if when is None and self.only_order(clause):
            return
        for draft in targets:
            self.done.retracted = self.done.retracted or (draft.when is not None and draft.writes)  # two conditions
            draft.when = when and when.for_stack(draft.args.get("stack"))
        self.state.last_condition = when
        if self.state.unknowable is not None and any(draft.writes for draft in targets):
            self.state.cannot_check(clause)
        self.state.unknowable = None

    def only_order(self, clause: Clause) -> bool:
        """`after that is done`; of `after dev is deployed` only where a step acts on dev."""
        named = [token.value for token in clause.tokens if token.has("stack") and token.has("name")]
        return only_order(clause) and all(
            any(draft.args.get("stack") == stack for draft in self.done.drafts) for stack in named
        )

    def _leads(self, at: int) -> bool:
        """`…, if it is clean, deploy it`: whether a condition stands before what depends on it."""
        said = self.said[at]
        following = self.said[at + 1] if at + 1 < len(self.said) else None
        apart = said.clause.leading and at > 0 and self.said[at - 1].clause.tokens[-1].text == ","
        if not (said.clause.fresh or apart) or following is None or following.clause.part is not Part.MAIN:
            return False
        same = following.clause.sentence == said.clause.sentence
        return same and (
            following.clause.link is not Link.THEN or not self._begun(at) or self._goes_with_the_next(said, following)
        )

    def _goes_with_the_next(self, said: Said, following: Said) -> bool:
        """`… and if it is clean then …`; not in `repair it, if it drifted, then …`, which is about the repair."""
        between = self.state.situation.read.text[said.tokens[-1].end : following.tokens[0].start]
        last = self.done.drafts[-1] if self.done.drafts else None
        if last is None or "," not in between or not last.writes:
            return True
        finding = found_by(said.clause, [last.tool])
        return finding is not None and finding.tool in (last.tool, "stack_health")

    def _begun(self, at: int) -> bool:
        """Whether something was asked for in this sentence before its condition."""
        sentence = self.said[at].clause.sentence
        return any(each.clause.sentence == sentence and each.clause.part is Part.MAIN for each in self.said[:at])

    def _when(self, clause: Clause, before: Sequence[Draft], targets: Sequence[Draft]) -> When | None:
        known = self.state.proposition
        if known is not None and elliptical(clause):
            return known.turned() if turned(clause) else known
        before = self._looked_at(clause, before)
        finding = found_by(clause, [draft.tool for draft in before if draft.tool != "notify"])
        if finding is None and targets:
            finding = needed_for(targets[0].tool, clause) or spared_by(targets[0].tool, clause)
        if finding is None:
            self.state.unknowable = None if self.only_order(clause) and self.done.drafts else clause
            return None
        looks = _looks(clause, [draft for draft in before if draft.tool == finding.tool])
        on = looks[-1] if looks else self._inserted(clause, finding, targets)
        if on is None:
            return None
        when = When(finding.comparison, on, tuple(looks[:-1]), _of_every(clause, finding))
        self.state.proposition = when.turned() if turned(clause) else when
        return when

    def _looked_at(self, clause: Clause, before: Sequence[Draft]) -> Sequence[Draft]:
        """The steps up to what a condition is about, where the last of them was tied to an earlier one.

        `deploy it if it is up, but if it is down, …` and `if that fails roll it back, if it succeeds …` are about what
        the first condition was about; `…, roll it back, if that fails …` is about the rollback.
        """
        when = before[-1].when if before else None
        if when is None or when.on not in before:
            return before
        earlier = before[: before.index(when.on) + 1]
        if when.on.writes:
            finding = found_by(clause, [when.on.tool])
            return earlier if finding and finding.comparison != when.comparison else before
        return before if tells_outcome(clause) else earlier

    def _inserted(self, clause: Clause, finding: Finding, targets: Sequence[Draft]) -> Draft | None:
        """The look that a condition takes for granted: `if dev has drifted, repair it`."""
        tool = finding.tool
        if tool not in self.state.situation.catalogue:
            self.done.refusal = absent(tool, self.state.situation.catalogue)
            return None
        args: dict[str, JsonValue | Draft] = {}
        if "stack" in self.state.situation.slots(tool):
            stack = self._stack(clause, targets)
            if stack is None:
                question = missing(tool, "stack", {}, self.state.situation)
                self.done.ask(question, Call(tool=tool, args={}))
                return None
            args["stack"] = stack
        why = "the condition needs to know"
        draft = Draft(tool, args, None, Link.START, None, self.state.writes(tool), why)
        at = self.done.drafts.index(targets[0]) if targets else len(self.done.drafts)
        self.done.drafts.insert(at, draft)
        return draft

    def _stack(self, clause: Clause, targets: Sequence[Draft]) -> JsonValue | Draft:
        """The stack that a condition is about: named in it, that of the steps around it, or the only one named."""
        named = [token.value for token in clause.tokens if token.has("stack") and token.has("name")]
        if len(named) == 1 and isinstance(named[0], str):
            return named[0]
        for draft in (*targets, *reversed(self.done.drafts)):
            if "stack" in draft.args:
                return draft.args["stack"]
        anywhere = {
            token.value
            for said in self.said
            for token in said.tokens
            if token.has("stack") and token.has("name") and isinstance(token.value, str)
        }
        return anywhere.pop() if len(anywhere) == 1 else self.state.situation.referent("stack")


def _looks(clause: Clause, looks: Sequence[Draft]) -> Sequence[Draft]:
    """The looks that a condition is about: of several at the same thing the last one, those at other stacks as well."""
    named = {token.value for token in clause.tokens if token.has("stack") and token.has("name")}
    by_stack = {str(draft.args.get("stack")): draft for draft in looks if not named or draft.args.get("stack") in named}
    return list(by_stack.values())


_FAVOURABLE: Final = ("healthy = true", "ok = true", "drifted = false", "= 0", "= []", "succeeded")
"""What holds when things are as they should be."""


def _of_every(clause: Clause, finding: Finding) -> bool:
    """`if they are healthy` is said of all of them, `if there is drift` of any; `both` and `either` say which."""
    words = {token.text for token in clause.tokens}
    if words & {"both", "all", "every", "everything"}:
        return True
    return finding.comparison.endswith(_FAVOURABLE) and not words & {"either", "any", "one"}


def only_order(clause: Clause) -> bool:
    """`when that's done` only says in which order."""
    words = {token.text for token in clause.tokens}
    about = all(token.text in _ENDED or token.kind == "mark" or token.has(*_OF_A_STEP) for token in clause.tokens)
    return about and bool(words & _ENDED)
