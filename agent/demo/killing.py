"""The fourth beat: Sophia is killed in the middle of a deploy, starts again and finishes, with nothing done twice."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress

import psutil

from agent.demo.children import Child
from agent.demo.stage import Stage, Told
from infra.lab.inventory import Inventory
from memory.ledger import Ledger

__all__ = ["kill_and_resume"]

STACK = "production"
SERVICES = 5
_PATIENCE_SECONDS = 60.0
_SETTLING_SECONDS = 0.5


async def kill_and_resume(stage: Stage) -> None:
    """Deploy the production stack with two processes: one that is killed, and one that goes on."""
    stage.check(not _there(stage).services, f"Before: {_there(stage).sentence}.")
    thread = f"demo-{stage.beat}"
    async with stage.child("ask", f"deploy {STACK}", "--thread", thread) as child:
        status = await child.ended()
    asked = await stage.latest(thread)
    if not stage.check(status == 3 and len(asked.waiting) == 1, "Its exit status is 3: it waits for an approval."):
        return
    async with stage.child("approvals", "approve", asked.waiting[0].id) as child:
        killed = await _kill_in_the_middle(stage, child)
    seen = await _settled(stage)
    stage.check(killed, f"Killed with SIGKILL, and Pulumi with it. Counted now: {seen.sentence}.")
    stage.check(await _ledger(stage, asked) == ["started"], "The ledger knows one effect of it: begun, and not done.")
    async with stage.child("resume", asked.turn.id) as child:
        resumed = await child.ended()
    ended = await stage.look_up(asked.turn.id)
    stage.check(
        resumed == 0 and ended.status == "done" and await _ledger(stage, asked) == ["done"],
        "`sophia resume` ended with status 0, and the ledger knows the same one effect, now done.",
    )
    _count(stage, seen)


async def _ledger(stage: Stage, told: Told) -> list[str]:
    """The status of every effect of a request."""
    return [str(effect.status) for effect in await stage.session.sophia.ports.get(Ledger).of_turn(told.turn.id)]


async def _kill_in_the_middle(stage: Stage, child: Child) -> bool:
    """Kill it, with all that it started to work for it, as soon as the first service answers; whether it was killed."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while child.running and time.monotonic() < deadline:
        if any(service.ports for service in _there(stage).services):
            _end_at_once(child.pid)
            return await child.ended() == -signal.SIGKILL
        await asyncio.sleep(0.02)
    return False


def _end_at_once(pid: int) -> None:
    """SIGKILL for a process of ours and its descendants, as when the machine dies; services aren't among them."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()


def _count(stage: Stage, seen: Inventory) -> None:
    found = _there(stage)
    stage.check(len(found.services) == SERVICES and not found.doubled, f"After: {found.sentence}.")
    kept = {service.pid for service in seen.services} <= {service.pid for service in found.services}
    stage.check(kept, "What ran before the kill is the same process now: it was adopted, not started again.")


async def _settled(stage: Stage) -> Inventory:
    """The count once services that were just being started have come up: those are nobody's children any more."""
    await asyncio.sleep(_SETTLING_SECONDS)
    return _there(stage)


def _there(stage: Stage) -> Inventory:
    return stage.folder.lab.inventory().of(STACK)
