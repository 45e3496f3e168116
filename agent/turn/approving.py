"""Waiting for people. Nothing happens in this stage but looking: it runs again from its top whenever it is resumed."""

from __future__ import annotations

from typing import Literal

from langgraph.types import Command, interrupt

from agent.turn.state import TurnState
from memory.approvals import Approval, Approvals
from memory.turns import Turns
from tools.declaration import Clock

__all__ = ["AwaitApprovals"]

_OUTCOMES = {
    "denied": "was denied",
    "expired": "expired before enough people approved it",
    "superseded": "was taken back before it was decided",
}


class AwaitApprovals:
    """Go on when everything that was asked is decided; interrupt the turn until then."""

    def __init__(self, turns: Turns, approvals: Approvals, clock: Clock) -> None:
        self._turns = turns
        self._approvals = approvals
        self._clock = clock

    async def __call__(self, state: TurnState) -> Command[Literal["execute"]]:
        """Refuse the steps whose approval was denied or expired, keep the rest of the wave."""
        now = self._clock.now()
        await self._approvals.expire(now)
        asked = {step: ref for step, ref in state.get("asked", {}).items() if step in state["wave"]}
        if await self._turns.cancel_requested(state["turn"]):
            for step in asked:
                await self._approvals.supersede(state["turn"], step, now)
        decided = {step: await self._approvals.get(ref) for step, ref in asked.items()}
        while any(approval.status == "waiting" for approval in decided.values()):
            # A resume is only a knock: what counts is read from the store, and what isn't decided waits again.
            interrupt({"approvals": sorted(asked.values())})
            decided = {step: await self._approvals.get(ref) for step, ref in asked.items()}
        declined = {step: found for step, found in decided.items() if found.status in _OUTCOMES}
        return Command(
            goto="execute",
            update={
                "wave": [step for step in state["wave"] if step not in declined],
                "statuses": state.get("statuses", {}) | dict.fromkeys(declined, "refused"),
                "problems": state.get("problems", {}) | {step: _why(found) for step, found in declined.items()},
            },
        )


def _why(approval: Approval) -> dict[str, str]:
    words = "; ".join(f"{vote.person}: {vote.reason}" for vote in approval.votes if vote.reason)
    return {
        "tried": f"{approval.tool} {_OUTCOMES[approval.status]}" + (f" ({words})" if words else "") + ".",
        "not_done": f"{approval.tool} was not called.",
        "to_do": "Ask again when it should happen after all.",
    }
