"""Driving a turn: look where it is, start or resume it, stop when it ends or waits for a person.

Whoever holds the turn's lease drives it: the terminal that asked, the one that approved, or a worker. A crash loses
the lease, and the next driver goes on from the last checkpoint, reading the ledger first.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from langgraph.types import Command

from agent.budgets import payer_of, paying
from agent.errors import RequesterMustFix
from agent.report import Report
from agent.turn.events import TurnEvents
from memory.approvals import Approvals
from memory.driving import Drives
from memory.labels import Envelope
from memory.leases import Lease, Leases, Wakes
from memory.results import Results
from memory.turns import Status, Turn, Turns
from tools.declaration import Clock

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

__all__ = ["Driver"]

LEASE = timedelta(seconds=15)
RENEWAL_SECONDS = 5.0
PATIENCE_SECONDS = 0.2
RECURSION_LIMIT = 200
"""Super-steps a turn may take: 20 steps one after the other with a replan are under 150."""


class Driver:
    """Takes turns to their end or to the next person."""

    def __init__(
        self,
        *,
        graph: CompiledStateGraph[Any, Any, Any, Any],
        checkpointer: BaseCheckpointSaver[Any],
        turns: Turns,
        results: Results,
        approvals: Approvals,
        drives: Drives,
        leases: Leases,
        wakes: Wakes,
        events: TurnEvents,
        clock: Clock,
    ) -> None:
        self._graph = graph
        self.checkpointer = checkpointer
        self._turns = turns
        self._results = results
        self._approvals = approvals
        self._drives = drives
        self._leases = leases
        self._wakes = wakes
        self._events = events
        self._clock = clock
        self._holder = f"{os.getpid()}-{secrets.token_hex(4)}"
        self.stopping = False

    def stop(self) -> None:
        """Stop every turn that this process drives, after the stage that runs. Each can be resumed."""
        self.stopping = True

    async def drive(self, turn: str) -> Turn:
        """Drive the turn as far as it goes now; the answer's status says whether it ended or waits.

        When somebody else drives it, wait until they stop, then see whether anything is left to do: also when it was
        taken over from us, because this process slept while its lease ran out.
        """
        while True:
            async with self._taken(turn) as held:
                found = held.turn
                while held.valid and not found.status.ended:
                    await self._advance(found, held)
                    found = await self._turns.get(turn)
                    if found.status.ended:
                        await self.checkpointer.adelete_thread(turn)
                    elif self.stopping or await self._still_waiting(turn):
                        return found
                if found.status.ended:
                    return found

    async def _advance(self, turn: Turn, held: _Held) -> None:
        """Run the graph until it ends, waits for a person or is told to stop; after the earlier turns of its thread."""
        config: Any = {"configurable": {"thread_id": turn.id}, "recursion_limit": RECURSION_LIMIT}
        paying.set(payer_of(turn))
        start = await self._start(turn, config)
        while not held.running:
            held.running = await self._drives.run(turn.id, self._clock.now())
            if not held.running:
                await asyncio.sleep(PATIENCE_SECONDS)
        async for chunk in self._graph.astream(start, config, context=turn, stream_mode="updates", durability="sync"):
            if "__interrupt__" in chunk:
                held.running = False
                await self._events.write(turn.id, status=Status.WAITING)
            elif self.stopping or not held.valid:
                return

    async def _start(self, turn: Turn, config: Any) -> Any:
        """What the graph is given. Input to a thread that has a checkpoint would replace what waits there."""
        if turn.status is Status.QUEUED:
            return {"turn": turn.id}
        snapshot = await self._graph.aget_state(config)
        if snapshot.interrupts:
            return Command(resume=True)
        return None if snapshot.next else {"turn": turn.id}

    async def _still_waiting(self, turn: str) -> bool:
        """Whether a person has to decide; a decision made just now is seen here, before the lease is given up."""
        await self._approvals.expire(self._clock.now())
        cancelled = await self._turns.cancel_requested(turn)
        return not cancelled and any(found.status == "waiting" for found in await self._approvals.of_turn(turn))

    @contextlib.asynccontextmanager
    async def _taken(self, turn: str) -> AsyncIterator[_Held]:
        taken = await self._drives.take(turn, self._holder, LEASE, self._clock.now())
        while taken is None:
            await asyncio.sleep(PATIENCE_SECONDS)
            taken = await self._drives.take(turn, self._holder, LEASE, self._clock.now())
        held = _Held(taken.turn, taken.running)
        renewal = asyncio.create_task(self._renew(taken.lease, held))
        try:
            yield held
        finally:
            renewal.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await renewal
            await self._leases.release(taken.lease)

    async def _renew(self, lease: Lease, held: _Held) -> None:
        while True:
            await asyncio.sleep(RENEWAL_SECONDS)
            if not await self._leases.renew(lease, LEASE, self._clock.now()):
                held.valid = False
                return

    async def finish_cancelled(self) -> None:
        """Bring the turns to their end that somebody asked to stop and that nobody drives."""
        for turn in await self._drives.left_stopped(self._clock.now()):
            await self.drive(turn)

    async def report(self, turn: str) -> Report:
        """The report of a turn that has ended. Raises RequesterMustFix for one that hasn't."""
        found = await self._turns.get(turn)
        if found.status.ended and not found.outcome:
            raise RequesterMustFix(
                f"{turn} was ended as {found.status} by a restore from a backup, so it has no report.",
                to_do="Ask again, where it is still wanted.",
            )
        if not found.outcome:
            raise RequesterMustFix(f"{turn} has not ended; it is {found.status}.", to_do=f"sophia resume {turn}")
        return Report.model_validate(found.outcome)

    async def results(self, turn: str) -> dict[str, Envelope]:
        """The stored results of a turn, by step."""
        return await self._results.envelopes(turn)


@dataclass
class _Held:
    """A turn while we drive it."""

    turn: Turn
    """As it was when it was taken."""
    running: bool
    valid: bool = True
    """False once the lease was lost."""
