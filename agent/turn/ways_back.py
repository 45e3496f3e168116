"""What a person may say so that a done effect is taken back: only sentences that are read as exactly that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from agent.calls import Call, resolve
from agent.errors import ModelCanFix
from agent.planning.planner import Names, Planner, PlanningRequest
from agent.turn.sequels import undo_call, undo_sentences
from memory.labels import Envelope
from memory.turns import Turn
from tools.declaration import Clock, Tool

__all__ = ["WaysBack"]


class WaysBack:
    """Tries the undoing tool's own phrases on the planner that needs no model."""

    def __init__(
        self,
        *,
        reader: Planner,
        tools: Mapping[str, Tool],
        names: Callable[[], Awaitable[Names]],
        clock: Clock,
        zone: str,
    ) -> None:
        self._reader = reader
        self._tools = tools
        self._names = names
        self._clock = clock
        self._zone = zone

    async def words(self, call: Call, result: Envelope, turn: Turn) -> str:
        """The first sentence that takes the call back when it is said by itself; empty when there is none."""
        undoing = undo_call(call, result, self._tools)
        for sentence in undo_sentences(undoing) if undoing else ():
            if undoing and await self._means(sentence, undoing, turn):
                return sentence
        return ""

    async def _means(self, sentence: str, wanted: Call, turn: Turn) -> bool:
        said = PlanningRequest(
            text=sentence, now=self._clock.now(), zone=self._zone, person=turn.person, names=await self._names()
        )
        plan = (await self._reader.plan(said, self._tools)).plan
        if plan is None or len(plan.steps) != 1 or plan.steps[0].tool != wanted.tool.name or plan.steps[0].when:
            return False
        try:
            return resolve(plan.steps[0], plan, self._tools, {}).values == wanted.values
        except ModelCanFix:
            return False
