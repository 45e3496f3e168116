"""What is settled in the configuration and by nobody's word here: when a stack isn't changed, and who may do what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.planning.offline.drafts import Composition
from agent.planning.offline.patterns import Table
from agent.planning.offline.tokens import Token
from agent.planning.planner import Call

__all__ = ["left_to_the_configuration"]

_ANYWHERE: Final = Table.read(
    """
freeze: @nobody @soft|should|must|may|can|shall|will|is|gets|ever|to|allowed|permitted*
    @deploy:base|@deploy:third|@rollback:base|@rollback:third|@destroy:base|@destroy:third|@touch:base|@touch:third
freeze: not|never let|allow|permit @det? anyone|anybody|someone|somebody|people|others|them|him|her|team|devs|
    developers|engineers|folks|@somebody to? @soft* @deploy:base|@rollback:base|@destroy:base|@touch:base
freeze: keep|stop|prevent|block|ban|hold @det? anyone|anybody|everyone|everybody|people|others|team|devs|developers|
    engineers|folks|@somebody from? @soft* @deploy:ing|@rollback:ing|@destroy:ing|@touch:ing
freeze: @det? deploy|deployment|change|release|code|production|@stack|@deploy.n @deploy.n? freeze|freezes|frozen
freeze: @stack|@deploy.n is|are|should|be|stays|remains* frozen
freeze: is|are @det? @stack|@deploy.n frozen
freeze: freeze|freezes|@freeze on|for|of @det? @stack
freeze: when|how|until|is|are|what ... @det freeze|freezes
role: give|grant|assign|hand|get @somebody
    @det|@deploy.n|@stack|@approval|@grant|approval|admin|approver|operator|more|full*
    rights|right|permission|permissions|access|role|roles|powers|privileges|authority
role: make|promote|appoint|nominate|name @somebody to|as|@det* @soft|@stack* approver|operator|admin|administrator|
    requester|owner
role: add|put|set|remove|take|drop|delete|strike|cross @somebody as|to|from|off|of|on|@det|list* approver|approvers|
    operator|operators|admin|admins|administrator|administrators|requester|requesters|people
role: revoke|remove|withdraw|cut|suspend|drop|delete|take @det? @somebody 's @deploy.n|@stack|approval|admin*
    rights|right|permission|permissions|access|role|roles|powers|privileges|account
role: who|which is|are|people* @det? @soft* approver|approvers|operator|operators|admin|admins|administrators
"""
)
_FIRST: Final = Table.read(
    """
freeze: freeze|freezing|@pause:base|block|lock|ban|disallow|forbid|prohibit down? @det|all|any|new|further|@stack|on|to*
    deploys|deployments|releases|rollouts
freeze: freeze|@pause:base|block|ban|disallow|forbid|prohibit down? @det? deployment|deploy|release activity|
    work|changes
freeze: freeze|frost @det? @stack
freeze: lock @det? @stack down
freeze: lock down @det? @stack
freeze: no more|new|further? deploys|deployments|releases|rollouts|deploying
    to|on|in|for|of|until|till|before|over|during|after|this|today|tonight|tomorrow|@time|@stack|please
freeze: no more|new|further? changes|modifications|work|updates to|on|in @det? @stack
other: ask|make|have|get|tell|remind @somebody to? @soft*
    @deploy:base|@destroy:base|@rollback:base|@repair:base|@unlock:base|@checkpoint:base|@set:base|@sweep:base
role: let|allow|permit|authorise|authorize @somebody to? @soft* approve|@deploy:base|@destroy:base|
    @rollback:base|@unlock:base|@approve:base|@revoke:base
"""
)
"""What a clause begins with."""
_NOT_SOMEBODY: Final = frozenset(["sophia", "me", "us", "more", "less", "everything", "read", "write", "full", "new"])
_CALLED: Final = {
    "nobody": frozenset(["nobody", "no one", "noone", "no-one", "none"]),
    "freeze": frozenset(["lift the freeze", "end the freeze"]),
}
"""Words that are read as one here."""
_ANSWERS: Final = {
    "freeze": "When a stack isn't to be changed is set in sophia.toml: `freeze` under `[stacks.NAME]`, with a start "
    "and an end. I have set nothing, and hold nobody back by being told to. Shall I pause everything that I do "
    "instead, until you resume it?",
    "other": "I did nothing: I can't ask a person to do something, but I can say it in a channel. Shall I do it "
    "myself, or say it, and in which channel?",
    "role": "Who may ask, approve and operate is set in sophia.toml, as `roles` under `[people.NAME]`, and by nothing "
    "that is said to me.",
}


def left_to_the_configuration(tokens: Sequence[Token]) -> Composition | None:
    """The answer to what is set in sophia.toml alone: never `I won't`, which nobody here could hold to."""
    marked = [_marked(token) for token in tokens]
    found = _ANYWHERE.search(marked)
    meaning = found[0] if found else _begun(marked)
    if meaning is None or any(token.text == "without" for token in tokens):
        return None  # `no one may deploy without my approval` wants the rules that there are
    if meaning == "role":
        return Composition(refusal=_ANSWERS["role"])
    if meaning == "other":
        return Composition(question=_ANSWERS["other"])
    return Composition(question=_ANSWERS["freeze"], pending=Call(tool="pause_all"))


def _begun(tokens: Sequence[Token]) -> str | None:
    """What a clause begins with that belongs here."""
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else None
        if before is None or before.kind == "mark" or before.has("and", "then", "but", "soft", "courtesy"):
            found = _FIRST.match(tokens, at)
            if found is not None and not token.has("soft"):
                return found[0]
    return None


def _marked(token: Token) -> Token:
    """A word that means nothing else here may be a person's name."""
    tags = {tag for tag, texts in _CALLED.items() if token.text in texts}
    if token.kind == "word" and not token.tags - {"unknown"} and token.text not in _NOT_SOMEBODY:
        tags.add("somebody")
    return replace(token, tags=token.tags | tags) if tags else token
