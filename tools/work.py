"""What Sophia is doing, and stopping it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from memory.approvals import Approvals
from memory.labels import Provenance
from memory.turns import Turn, Turns
from tools.declaration import (
    Clock,
    Effect,
    Permit,
    Preview,
    Requester,
    Role,
    Slot,
    Verification,
    tool,
)
from tools.permits import PermitDesk
from tools.repeatable import repeatable
from tools.result import Finding, Result, Weight


class WorkStatusArguments(BaseModel):
    """A thread or a turn; without one, everything that isn't finished."""

    model_config = ConfigDict(extra="forbid")

    thread: Annotated[str | None, Slot(Role.TARGET, "thread")] = None


class Work(BaseModel):
    """One request that isn't finished, or the last one of a thread."""

    turn: str
    thread: str
    request: str
    person: str
    status: str
    since: datetime
    doing: str
    approvals: list[str]


class WorkStatus(Result):
    """What is going on."""

    work: list[Work]
    asked_at: datetime
    running: int
    waiting: int

    def findings(self) -> list[Finding]:
        """A sentence for each piece of work."""
        provenance = Provenance.observed("sophia", self.asked_at, "its own records of requests")
        if not self.work:
            return [Finding(weight=Weight.OBSERVED, sentence="Nothing is going on.", facts={}, provenance=provenance)]
        return [
            Finding(
                weight=Weight.OBSERVED,
                sentence=_sentence(item),
                facts={"turn": item.turn, "status": item.status, "person": item.person},
                provenance=provenance,
            )
            for item in self.work
        ]


def _sentence(item: Work) -> str:
    waits = f", waiting for {', '.join(item.approvals)}" if item.approvals else ""
    doing = f": {item.doing}" if item.doing else ""
    return f"“{item.request}” ({item.person}, {item.since:%H:%M} UTC, {item.turn}) is {item.status}{waits}{doing}."


async def _work(turn: Turn, turns: Turns, approvals: Approvals) -> Work:
    events = await turns.events(turn.id)
    waiting = [found.id for found in await approvals.of_turn(turn.id) if found.status == "waiting"]
    return Work(
        turn=turn.id,
        thread=turn.thread,
        request=turn.request,
        person=turn.person,
        status=str(turn.status),
        since=turn.created_at,
        doing=events[-1].text if events else "",
        approvals=waiting,
    )


async def _about(thread: str, turns: Turns) -> list[Turn]:
    """The turns that a thread's or a turn's name means."""
    if thread.startswith("t_"):
        return [await turns.get(thread)]
    return await turns.unfinished(thread) or (await turns.latest(thread, 1))


def _shown_to(requester: Requester, turn: Turn) -> bool:
    """Answers never cross their audience, and the request that asks isn't work."""
    return turn.id != requester.turn and turn.audience == requester.audience


@tool(effect=Effect.READ, phrases=("what are you doing", "status of {thread}", "what is running", "how far are you"))
async def work_status(
    arguments: WorkStatusArguments, *, turns: Turns, approvals: Approvals, requester: Requester, clock: Clock
) -> WorkStatus:
    """Say what is being worked on and what waits for whom."""
    found = await _about(arguments.thread, turns) if arguments.thread else await turns.unfinished()
    work = [await _work(turn, turns, approvals) for turn in found if _shown_to(requester, turn)]
    return WorkStatus(
        work=work,
        asked_at=clock.now(),
        running=sum(item.status == "running" for item in work),
        waiting=sum(item.status == "waiting" for item in work),
    )


class WorkCancelArguments(BaseModel):
    """The thread, or the turn, to stop. `this` is the thread that it is asked in."""

    model_config = ConfigDict(extra="forbid")

    thread: Annotated[str, Slot(Role.TARGET, "thread")] = "this"


class Cancelled(Result):
    """Which requests were asked to stop."""

    turns: list[str]
    requests: list[str]
    at: datetime

    def findings(self) -> list[Finding]:
        """That they stop at the next step's boundary."""
        provenance = Provenance.observed("sophia", self.at, "the cancellation was recorded")
        if not self.turns:
            return [Finding(weight=Weight.OBSERVED, sentence="Nothing was going on there.", provenance=provenance)]
        return [
            Finding(
                weight=Weight.DONE,
                sentence=f"“{request}” ({turn}) stops before its next step.",
                facts={"turn": turn},
                provenance=provenance,
            )
            for turn, request in zip(self.turns, self.requests, strict=True)
        ]


async def _cancellable(arguments: WorkCancelArguments, turns: Turns, requester: Requester) -> list[Turn]:
    if arguments.thread.startswith("t_"):
        found = [await turns.get(arguments.thread)]
    else:
        found = await turns.unfinished(requester.thread if arguments.thread == "this" else arguments.thread)
    return [turn for turn in found if _shown_to(requester, turn) and not turn.status.ended]


async def preview_cancel(arguments: WorkCancelArguments, *, turns: Turns, requester: Requester) -> Preview:
    """Which requests would stop."""
    found = await _cancellable(arguments, turns, requester)
    return Preview(
        summary="stop " + (", ".join(f"“{turn.request}”" for turn in found) or "nothing: nothing is going on there"),
        risk="A step that runs is finished first.",
        undo="What was stopped can be asked for again.",
    )


async def verify_cancel(arguments: WorkCancelArguments, result: Cancelled, *, turns: Turns) -> Verification:
    """Read back that each is marked or has ended."""
    marked = [await turns.cancel_requested(turn) or (await turns.get(turn)).status.ended for turn in result.turns]
    return Verification(ok=all(marked), evidence=[f"{sum(marked)} of {len(marked)} requests are marked to stop."])


@tool(
    effect=Effect.CHANGE,
    control=True,
    phrases=("stop that", "cancel {thread}", "abort", "never mind", "stop what you are doing"),
    preview=preview_cancel,
    verify=verify_cancel,
    reconcile=repeatable("cancelling a request twice is the same as once"),
    irreversible="what was stopped has to be asked for again",
)
async def work_cancel(
    arguments: WorkCancelArguments,
    *,
    turns: Turns,
    permit: Permit,
    desk: PermitDesk,
    requester: Requester,
    clock: Clock,
) -> Cancelled:
    """Stop a request before its next step."""
    await desk.redeem(permit.id, permit.token, tool="work_cancel")
    found = await _cancellable(arguments, turns, requester)
    for turn in found:
        await turns.request_cancel(turn.id, requester.person, clock.now())
    return Cancelled(turns=[turn.id for turn in found], requests=[turn.request for turn in found], at=clock.now())
