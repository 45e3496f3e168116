"""The planner that needs no model, no key and no network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from agent.plan import Problem, check
from agent.planning.offline.acts import understand_all
from agent.planning.offline.assembling import assemble
from agent.planning.offline.caution import forbids
from agent.planning.offline.clauses import split
from agent.planning.offline.composing import compose
from agent.planning.offline.concepts import actions
from agent.planning.offline.configured import left_to_the_configuration
from agent.planning.offline.drafts import Composition, Draft
from agent.planning.offline.followups import follow
from agent.planning.offline.marking import mark_things
from agent.planning.offline.messages import carve
from agent.planning.offline.notes import from_the_notes
from agent.planning.offline.outside import HELP_TOPICS, off_topic, worldly
from agent.planning.offline.parts import Part
from agent.planning.offline.questions import confirm, listed, unknown
from agent.planning.offline.reader import Read, local, read
from agent.planning.offline.scope import forbidden, not_there_yet
from agent.planning.offline.situation import Situation
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.standing import repairs_by_itself
from agent.planning.offline.text import Prepared, prepare, unreadable
from agent.planning.offline.tokens import Token
from agent.planning.planner import Call, Planning, PlanningRequest
from tools.declaration import Tool

__all__ = ["OfflinePlanner"]

_OTHER_SPELLINGS = 4
"""How many other readings of misspelled words are tried."""
_LONG = 4
"""`VP`, `CEO`: shorter words in capitals are no companies."""
_TOO_LONG = "That is more than I can read as one request. What should I do with it, in a sentence or two?"
_UNCLEAR = "I'm not sure what to do. Can you say which action, and on what? `help` shows what I can do."
_THANKS = frozenset({"thanks", "thank", "thx", "ty", "cheers"})
_WELCOME = "You're welcome. Is there anything else that I should do?"
_OFF_TOPIC = (
    "That is outside what I do. I look after competitors' pages, stacks and their drift, schedules, grants, spending "
    "and the audit log; `help` shows everything."
)


class OfflinePlanner:
    """Plans by reading: words to concepts, clauses to speech acts, the best-explained reading to a tool.

    It asks when a name is missing, when two readings are close, and whenever an effect isn't plainly asked for.
    """

    name = "offline"

    async def plan(
        self, request: PlanningRequest, catalogue: Mapping[str, Tool], problems: Sequence[Problem] = ()
    ) -> Planning:
        """Plan a request. It never raises for what a person wrote, and takes milliseconds."""
        if problems:
            told = "; ".join(problem.message for problem in problems[:3])
            return _clarify(f"My plan for that doesn't fit: {told}. Can you say it in other words?")
        failed = [learned for learned in request.learned if learned.status == "failed"]
        if failed:
            return _clarify(_after_failure(failed[0].tool, failed[0].problem))
        return self._planned(request, catalogue)

    def _planned(self, request: PlanningRequest, catalogue: Mapping[str, Tool]) -> Planning:
        problem = unreadable(request.text)
        if problem:
            return _clarify(problem)
        prepared = prepare(request.text)
        if prepared is None:
            return _clarify(_TOO_LONG)
        planning, found = self._attempt(prepared, request, catalogue)
        if planning.plan is not None or planning.question not in (_UNCLEAR, _OFF_TOPIC):
            return planning
        return self._otherwise_spelled(prepared, found, request, catalogue) or planning

    def _attempt(
        self, prepared: Prepared, request: PlanningRequest, catalogue: Mapping[str, Tool]
    ) -> tuple[Planning, Read]:
        found = read(prepared, request.names, local(request.now, request.zone))
        carved = carve(mark_things(found.tokens), found.text)
        situation = Situation(request, found, catalogue)
        standing = repairs_by_itself(situation)
        if standing is not None:
            return _settled(standing, situation), found
        refusal = forbidden(found.tokens, carved)
        if refusal:
            return _refuse(refusal), found
        settled = left_to_the_configuration(carved)
        if settled is not None:
            return _settled(settled, situation), found
        return self._read(found, carved, situation), found

    def _otherwise_spelled(
        self, prepared: Prepared, found: Read, request: PlanningRequest, catalogue: Mapping[str, Tool]
    ) -> Planning | None:
        """A look that comes out when a misspelled word is read as the other word that it may be. Never an effect."""
        doubtful = [(token, other) for token in found.tokens for other in sorted(token.doubts)]
        for token, other in doubtful[:_OTHER_SPELLINGS]:
            text = f"{prepared.text[: token.start]}{other}{prepared.text[token.end :]}"
            planning, _ = self._attempt(Prepared(text, prepared.quotes), request, catalogue)
            if planning.plan is not None and not any(
                catalogue[step.tool].effect.writes for step in planning.plan.steps
            ):
                return planning
        return None

    def _read(self, found: Read, carved: Sequence[Token], situation: Situation) -> Planning:
        said = understand_all(split(carved))
        followed = follow(said, situation)
        if followed is not None:
            return _settled(followed, situation)
        coming = not_there_yet(carved, situation.catalogue)
        if coming:
            return _refuse(coming)
        if any(_of_the_world(each) for each in said):
            return _refuse(_OFF_TOPIC)
        done = compose(said, situation)
        if _only_how(said) and off_topic(situation.read.tokens) and not situation.read.quotes:
            return _refuse(_OFF_TOPIC)
        return (
            _settled(done, situation)
            if done.refusal or done.question or done.drafts
            else self._nothing(done, said, situation)
        )

    def _nothing(self, done: Composition, said: Sequence[Said], situation: Situation) -> Planning:
        """No clause asked for anything that there is."""
        diagnosis = _diagnosis(done, situation)
        if diagnosis is not None:
            return _settled(Composition(drafts=[diagnosis]), situation)
        known = from_the_notes(said, situation)
        if known is not None and not done.prohibitions and not done.unread:
            return _settled(Composition(drafts=[known]), situation)
        if done.otherwise is not None:
            return _clarify(*done.otherwise)
        if done.prohibitions:
            return _clarify("Understood: I won't. Nothing was done. Is there anything that I should do instead?")
        talking = any(each.act is not Act.COURTESY for each in said) and not situation.read.quotes
        stranger = _company(situation.read.tokens)
        if talking and stranger and not done.off_topic:
            return _clarify(unknown(stranger, "competitor", situation))
        if done.off_topic or (talking and off_topic(situation.read.tokens, 2 if done.unread else 1)):
            return _refuse(_OFF_TOPIC)
        thanked = not talking and not done.unread and any(token.text in _THANKS for token in situation.read.tokens)
        return _clarify(_WELCOME if thanked else _UNCLEAR)


def _diagnosis(done: Composition, situation: Situation) -> Draft | None:
    """`prod is throwing errors`: said without a request, it is looked into."""
    trouble = done.troubled
    if trouble is None and not done.prohibitions:
        return _pasted_trouble(situation)
    if trouble is None or done.prohibitions or "stack_diagnose" not in situation.catalogue:
        return None
    stack = next((token.value for token in trouble.tokens if token.has("stack") and isinstance(token.value, str)), None)
    if stack is None:
        unnamed = any(token.has("stack.n", "deploy.n", "lock") for token in trouble.tokens)
        return Draft("stack_diagnose", {}, trouble, why="something was said to be wrong") if unnamed else None
    return Draft("stack_diagnose", {"stack": stack}, trouble, why="something was said to be wrong")


_WENT_WRONG: Final = re.compile(r"\b(?:error|errors|failed|failure|timeout|timed out|panic|traceback)\b", re.IGNORECASE)


def _pasted_trouble(situation: Situation) -> Draft | None:
    """`From the production runner:` and what a machine wrote: what went wrong there is looked into."""
    named = {token.value for token in situation.read.tokens if token.has("stack") and isinstance(token.value, str)}
    wrong = any(_WENT_WRONG.search(quote) for quote in situation.read.quotes)
    if len(named) != 1 or not wrong or "stack_diagnose" not in situation.catalogue:
        return None
    return Draft("stack_diagnose", {"stack": named.pop()}, None, why="something that was pasted says that it failed")


def _company(tokens: Sequence[Token]) -> str | None:
    """A name that stands where a competitor's would, in a question about one."""
    if not any(token.has("aspect", "change", "page", "known", "up-to") for token in tokens):
        return None
    for at, token in enumerate(tokens):
        named = (
            token.kind == "word"
            and token.raw[:1].isupper()
            and not (token.raw.isupper() and len(token.raw) < _LONG)
            and token.start > 0
            and not token.tags - {"unknown"}
        )
        if named and tokens[at - 1].text not in (".", "!", "?", "\n", ":"):
            return token.raw
    return None


def _of_the_world(said: Said) -> bool:
    """A request for something that isn't done with pages, stacks and channels."""
    telling = any(token.has("channel") or token.kind in ("payload", "quote") for token in said.tokens)
    asked = said.act in (Act.COMMAND, Act.INQUIRY, Act.FRAGMENT, Act.SUGGESTION) and said.clause.part is Part.MAIN
    return asked and not telling and worldly(said.body)


def _only_how(said: Sequence[Said]) -> bool:
    """Nothing but `how do I …`, about nothing that is done here."""
    asking = [each for each in said if each.act is not Act.COURTESY]
    return all(each.act is Act.HOW for each in asking) and not any(
        (actions(token) - {"set", "add", "notify", "get"}) or token.has(*HELP_TOPICS)
        for each in asking
        for token in each.tokens
    )


def _settled(done: Composition, situation: Situation) -> Planning:
    """The answer that a composition comes to; what was forbidden or not understood stops its effects."""
    if done.refusal:
        return _refuse(done.refusal)
    if done.question:
        return _clarify(done.question, done.pending)
    against = _against(done)
    if against is not None:
        return _clarify(_left_out(done, situation) + confirm(against.tool, against.call().args), against.call())
    plan = assemble(done.drafts, _next_id(situation.request))
    problems = check(plan, situation.catalogue, {learned.step: learned.tool for learned in situation.request.learned})
    if problems:
        return _clarify(f"I can't make a sound plan of that: {problems[0].message}. Can you say it in other words?")
    left_out = _left_out(done, situation).strip() or None
    return Planning(kind="plan", plan=plan, question=left_out, planner=OfflinePlanner.name)


def _left_out(done: Composition, situation: Situation) -> str:
    """What was asked for and isn't done by any step, to be said first: nothing is dropped in silence."""
    texts = [f"“{situation.written(said.clause)}”" for said in done.unread]
    return f"I left out {listed(texts, 'and')}: I don't know how to do that. " if texts else ""


def _against(done: Composition) -> Draft | None:
    """An effect that a prohibition covers, or that stands beside a command that wasn't understood."""
    for draft in done.drafts:
        if any(forbids(prohibition, draft) for prohibition in done.prohibitions):
            return draft
        if draft.writes and (done.unread or done.retracted):
            return draft
    return None


def _next_id(request: PlanningRequest) -> int:
    used = [int(learned.step[1:]) for learned in request.learned if learned.step[1:].isdigit()]
    return max(used, default=0) + 1


def _after_failure(tool: str, problem: str) -> str:
    return f"{tool} failed{f' ({problem})' if problem else ''}, and I know no other way. What should I do now?"


def _clarify(question: str, pending: Call | None = None) -> Planning:
    return Planning(kind="clarify", question=question, pending=pending, planner=OfflinePlanner.name)


def _refuse(why: str) -> Planning:
    return Planning(kind="refuse", question=why, planner=OfflinePlanner.name)
