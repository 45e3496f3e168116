"""A conversation: the turns of one thread, and what a planner may lean on from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel

from agent.plan import Plan
from agent.planning.planner import Call, ConversationContext, PastTurn
from memory.turns import Status, Turn, Turns
from tools.declaration import Tool

__all__ = ["Conversations", "Kept"]

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
            focus=self._focus(turns),
        )

    def _past(self, turn: Turn) -> PastTurn:
        steps = Plan.model_validate(turn.plan).steps if turn.plan else []
        return PastTurn(
            q=turn.request,
            steps=[Call(tool=step.tool, args=step.args) for step in steps],
            outcome=turn.status,
        )

    def _focus(self, turns: Iterable[PastTurn]) -> dict[str, str]:
        focus: dict[str, str] = {}
        for turn in turns:
            for call in turn.steps:
                declared = self._tools.get(call.tool)
                for name, slot in declared.slots.items() if declared else ():
                    value = call.args.get(name)
                    kind = "competitor" if slot.kind == "competitors" else slot.kind
                    if kind in _FOCUS_KINDS and isinstance(value, str | list) and value:
                        focus[kind] = value if isinstance(value, str) else str(value[-1])
        return focus
