"""Short replies that stand for something said before: yes, no, stop, again, undo that, do that every Monday."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.drafts import Composition
from agent.planning.offline.patterns import Table, pattern
from agent.planning.offline.questions import missing
from agent.planning.offline.recalling import asking, last_steps, planned
from agent.planning.offline.retiming import retimed
from agent.planning.offline.situation import Situation
from agent.planning.offline.times import When
from agent.planning.offline.tokens import Token
from agent.planning.planner import Call

__all__ = ["reply"]

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
again: @soft|please|ok|now|can|could|you|just* check|try|look|run|go|ask it|that|this? again please|@soft* $
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
_INVERSE: Final = {
    "stack_up": "stack_rollback", "competitor_watch": "competitor_unwatch", "pause_all": "resume_all",
    "resume_all": "pause_all",
    "schedule_pause": "schedule_resume", "schedule_resume": "schedule_pause",
}  # fmt: skip
"""What takes a call back with the same target."""
_REPEATING: Final = pattern(
    "@soft|please|can|could|you|do|run|repeat|schedule|make|it|that|this|the|same|thing|set|up|and|for|me|happen|have|"
    "let|us|check|report|send|a|as|of|from|on|in|to|post|@channel* $"
)
_NO_OFFER: Final = (
    "A yes that is typed to me approves nothing. What waits is approved on its card: by its button in Slack, or by "
    "`sophia approvals approve ID`. What shall I do?"
)


def reply(tokens: Sequence[Token], situation: Situation) -> Composition | None:
    """What a short reply comes to; None when it is none."""
    context = situation.context
    open_ = bool(context.pending or context.open_question)
    if _YES.whole(tokens):
        return _yes(context.pending, situation)
    if _NO.whole(tokens) and (open_ or not _STOP.whole(tokens)):
        return asking("Fine. Nothing was done." if open_ else "Nothing was going to be done. What shall I do?")
    if _STOP.whole(tokens):
        return _stop(situation)
    if _AGAIN.whole(tokens):
        steps = last_steps(situation)
        return planned(steps, situation) if steps else asking("What should I do again? I know of nothing before this.")
    return _undo(situation) if _UNDO.whole(tokens) else _repeated(tokens, situation) or retimed(situation)


def _yes(pending: Call | None, situation: Situation) -> Composition:
    """An offer that is accepted is planned like a request; its gate still applies."""
    if pending is None or pending.tool not in situation.catalogue:
        return asking(_NO_OFFER)
    absent = next((name for name in situation.required(pending.tool) if name not in pending.args), None)
    if absent:
        return asking(missing(pending.tool, absent, pending.args, situation), pending)
    return planned([pending], situation)


def _stop(situation: Situation) -> Composition:
    if not situation.context.turns:
        return asking("What should I stop? `pause everything` stops all work; `stop thread ID` stops one.")
    return planned([Call(tool="work_cancel", args={"thread": "this"})], situation)


def _undo(situation: Situation) -> Composition:
    last = last_steps(situation)
    if not last:
        return asking("What should I undo? I know of nothing before this.")
    call = last[-1]
    inverse = _INVERSE.get(call.tool)
    if inverse is None or inverse not in situation.catalogue:
        return asking(f"I can't tell how to undo {call.tool.replace('_', ' ')}. What should be done instead?")
    slots = situation.slots(inverse)
    args = {name: value for name, value in call.args.items() if name in slots}
    return planned([Call(tool=inverse, args=args)], situation)


def _repeated(tokens: Sequence[Token], situation: Situation) -> Composition | None:
    """`do that every Monday at 9`."""
    often = next((token for token in tokens if token.has("often")), None)
    rest = [token for token in tokens if token is not often]
    pointing = any(token.text in ("it", "that", "this", "same") for token in rest)
    if often is None or not pointing or _REPEATING.match(rest) is None or "schedule_create" not in situation.catalogue:
        return None
    turn = next((turn for turn in reversed(situation.context.turns) if turn.q), None)
    if turn is None:
        return None
    when = often.value.often if isinstance(often.value, When) else None
    args: dict[str, JsonValue] = {"request": turn.q, "when": when or often.text}
    channel = next((token for token in tokens if token.has("channel")), None)
    if channel is not None:
        args["channel"] = str(channel.value or channel.raw)
    return planned([Call(tool="schedule_create", args=args)], situation)
