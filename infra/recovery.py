"""Who holds a stack, and clearing what a dead process left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass

import psutil

from infra.backend import Lock
from infra.engine.protocol import Job
from infra.engine.room import EngineRoom
from infra.errors import LockHeld
from infra.places import Place
from infra.runs import Run, Runs

__all__ = ["Holder", "clear_dead_locks", "holders", "left_behind", "settle"]

_SETTLE_SECONDS = 30.0


@dataclass(frozen=True)
class Holder:
    """A lock and what is known of who holds it."""

    lock: Lock
    local: bool
    alive: bool | None
    """None when it is on another host and can't be seen from here."""

    @property
    def sentence(self) -> str:
        """For a person."""
        when = f" since {self.lock.since:%Y-%m-%d %H:%M} UTC" if self.lock.since else ""
        state = {True: "which is running", False: "which is dead", None: "which can't be seen from this machine"}
        return f"{self.lock.user}@{self.lock.host} (process {self.lock.pid}, {state[self.alive]}){when}"


def _runs_pulumi(lock: Lock) -> bool:
    try:
        process = psutil.Process(lock.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        started_later = lock.since is not None and process.create_time() > lock.since.timestamp() + 1
        return not started_later and "pulumi" in process.name()
    except psutil.NoSuchProcess:
        return False


def holders(place: Place) -> list[Holder]:
    """Everybody who holds the stack."""
    found = []
    for lock in place.state.locks() if place.state else []:
        local = lock.host == socket.gethostname()
        found.append(Holder(lock, local, _runs_pulumi(lock) if local else None))
    return found


async def _end_orphan(run: Run) -> None:
    """Stop an engine of ours whose Sophia is gone: first asked, so that it finishes what is under way, then killed."""
    if run.engine is None or run.engine.host != socket.gethostname():
        return
    group = run.engine.pid
    members = _group(run)
    for process in members:
        with suppress(psutil.NoSuchProcess):  # it may end by itself at any moment
            if process.name() == "pulumi":
                process.send_signal(signal.SIGINT)
    for _ in range(int(_SETTLE_SECONDS / 0.1)):
        if not _group(run):
            return
        await asyncio.sleep(0.1)
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _group(run: Run) -> list[psutil.Process]:
    """What is left of a run's process group, as far as it is surely that run's."""
    assert run.engine is not None
    found = []
    for process in psutil.process_iter(["create_time", "status", "name"]):
        try:
            if (
                process.info["status"] != psutil.STATUS_ZOMBIE
                and process.info["create_time"] >= run.engine.started - 0.05
                and os.getpgid(process.pid) == run.engine.pid
            ):
                found.append(process)
        except (psutil.NoSuchProcess, ProcessLookupError):
            continue
    return found


def _owned_elsewhere(run: Run) -> bool:
    return run.owner is not None and run.owner.pid != os.getpid() and run.owner.alive()


def _engine_lives(run: Run) -> bool:
    return run.engine is not None and run.engine.alive()


def left_behind(error: LockHeld) -> bool:
    """Whether the locks that the command line met, in a backend that can't be looked into, are all of processes of this
    host that are dead.
    """
    here = socket.gethostname()
    locks = [Lock(path="", pid=pid, host=host, user=user, since=None) for user, host, pid in error.owners]
    return bool(locks) and all(lock.host == here and not _runs_pulumi(lock) for lock in locks)


async def clear_dead_locks(place: Place, room: EngineRoom) -> int:
    """Cancel the locks of processes of this host that are dead; how many there were."""
    dead = [holder for holder in holders(place) if holder.alive is False]
    others = [holder for holder in holders(place) if holder.alive is not False]
    if dead and not others:
        async with room.open(place) as child:
            await child.run(Job("cancel"))
    return len(dead)


async def settle(place: Place, room: EngineRoom, runs: Runs, *, cut_off: str = "") -> int:
    """Make the stack free if it can be: end our own orphans, cancel dead locks. How many locks were cancelled.

    `cut_off` is the permit of a run of this process that was killed: when its engine died, the CLI that it had started
    may live on and hold the lock, and is nobody else's. Raises LockHeld, saying by whom, when somebody else is at work.
    """
    if place.state:
        await asyncio.to_thread(place.state.forget_remnants)
    for run in runs.unfinished(place.name):
        orphaned = run.permit not in runs.active or (run.permit == cut_off and not _engine_lives(run))
        if orphaned and not _owned_elsewhere(run):
            await _end_orphan(run)
    cleared = await clear_dead_locks(place, room)
    held = [holder for holder in holders(place) if holder.alive is not False]
    if held:
        raise LockHeld(
            f"Somebody else is deploying {place.name}: {held[0].sentence}.",
            not_done="Nothing was changed.",
            to_do="Wait for it to end."
            if held[0].alive
            else f"Ask them; when it is surely dead, `unlock {place.name}`.",
        )
    return cleared
