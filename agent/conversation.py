"""A conversation: the turns of one thread, and what a planner may lean on from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, JsonValue

from agent.plan import Plan, Step
from agent.planning.planner import Call, ConversationContext, PastTurn
from memory.turns import Status, Turn, Turns
from tools.declaration import Tool

__all__ = ["Conversations", "Kept", "focus_of"]

REMEMBERED_TURNS = 6
_FOCUS_KINDS = ("stack", "competitor", "aspect", "channel", "url", "checkpoint", "schedule", "alert")


class Kept(BaseModel):
    """What a turn leaves for the next one of its thread."""

    question: str | None = None
    pending: Call | None = None


class Conversations:
    """Reads the typed context of a turn from the turns before it."""

    def __init__(self, turns: Turns, tools: Mapping[str, Tool]) -> None:
        self._turns = turns
        self._tools = tools

    async def context(self, turn: Turn) -> ConversationContext:
        """What was asked and planned before this turn in its thread, the open question, and what is in focus."""
        return self._context(await self._turns.before(turn, REMEMBERED_TURNS))

    async def next_context(self, thread: str) -> ConversationContext:
        """The context that the thread's next turn will have."""
        return self._context(await self._turns.latest(thread, REMEMBERED_TURNS))

    def _context(self, earlier: Sequence[Turn]) -> ConversationContext:
        turns = [self._past(past) for past in earlier[-REMEMBERED_TURNS:]]
        last = earlier[-1] if earlier else None
        asked = Kept.model_validate(last.context or {}) if last and last.status == Status.QUESTION else Kept()
        return ConversationContext(
            turns=turns,
            open_question=asked.question,
            pending=asked.pending,
            focus=focus_of(turns, self._tools),
        )

    def _past(self, turn: Turn) -> PastTurn:
        plan = Plan.model_validate(turn.plan) if turn.plan else Plan(steps=[])
        return PastTurn(
            q=turn.request,
            steps=[Call(tool=step.tool, args=_own(step, plan)) for step in plan.steps],
            outcome=turn.status,
            planner=plan.planner or turn.planner,
        )


def _own(step: Step, plan: Plan) -> dict[str, JsonValue]:
    """The arguments, without those that hold what was read somewhere: a later turn would take them for said."""
    return {name: value for name, value in step.args.items() if f"{step.id}.{name}" not in plan.carried}


def focus_of(turns: Iterable[PastTurn], tools: Mapping[str, Tool]) -> dict[str, str]:
    """What was talked about last, by kind of slot."""
    focus: dict[str, str] = {}
    for turn in turns:
        for call in turn.steps:
            declared = tools.get(call.tool)
            for name, slot in declared.slots.items() if declared else ():
                value = call.args.get(name)
                kind = "competitor" if slot.kind == "competitors" else slot.kind
                if kind in _FOCUS_KINDS and isinstance(value, str | list) and value:
                    focus[kind] = value if isinstance(value, str) else str(value[-1])
    return focus
