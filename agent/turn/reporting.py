"""The end of a turn: its report, from what is stored, and what the conversation may lean on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from langgraph.runtime import Runtime
from langgraph.types import Command

from agent.calls import resolve
from agent.conversation import Kept
from agent.plan import Plan, Step
from agent.report import Report, ReportedStep, assemble, status_of
from agent.turn.events import TurnEvents
from agent.turn.state import TurnState, plan_of
from agent.turn.ways_back import WaysBack
from memory.audit import NewEntry
from memory.labels import Envelope
from memory.ledger import Ledger
from memory.results import Results
from memory.turns import Status, Turn, Turns
from tools.declaration import Clock, Tool, Verification

__all__ = ["ReportTurn", "Wording"]


class Wording(Protocol):
    """Words findings anew."""

    @property
    def name(self) -> str:
        """Who words them, for the report to say."""
        ...

    async def word(
        self, turn: Turn, steps: Sequence[ReportedStep], results: Mapping[str, Envelope]
    ) -> list[ReportedStep]:
        """The same steps; the sentences that passed the check are the wording's."""
        ...


class ReportTurn:
    """The last stage."""

    def __init__(
        self,
        *,
        tools: Mapping[str, Tool],
        turns: Turns,
        results: Results,
        ledger: Ledger,
        events: TurnEvents,
        clock: Clock,
        wording: Wording | None,
        ways_back: WaysBack,
    ) -> None:
        self._wording = wording
        self._ways_back = ways_back
        self._tools = tools
        self._turns = turns
        self._results = results
        self._ledger = ledger
        self._events = events
        self._clock = clock

    async def __call__(self, state: TurnState, runtime: Runtime[Turn]) -> Command[Literal["__end__"]]:
        """Store the report as the turn's outcome. Running it again stores the same."""
        turn = runtime.context
        plan = plan_of(state) if state.get("plan") else None
        statuses = state.get("statuses", {})
        cancelled = await self._turns.cancel_requested(turn.id)
        results = await self._results.envelopes(turn.id) if plan else {}
        steps = assemble(plan, statuses, state.get("problems", {}), results, self._tools) if plan else []
        if self._wording is not None:
            steps = await self._wording.word(turn, steps, results)
        now = self._clock.now()
        report = Report(
            turn=turn.id,
            thread=turn.thread,
            request=turn.request,
            status=status_of(state.get("answer", "plan"), plan, statuses, cancelled),
            planner=state.get("planner", ""),
            question=state.get("question", ""),
            steps=steps,
            worded_by=self._wording.name if self._wording else "",
            verified=await self._verified(turn, plan, statuses) if plan else [],
            undo=await self._undoable(turn, plan, statuses, results) if plan else [],
            started_at=turn.created_at,
            seconds=max(0.0, (now - turn.created_at).total_seconds()),
        )
        await self._events.emit(
            turn.id,
            "ended",
            report.status,
            planner=report.planner,
            status=Status(report.status),
            outcome=report.model_dump(mode="json"),
            context=Kept.model_validate(
                {"question": state.get("question"), "pending": state.get("pending")}
            ).model_dump(),
            entry=NewEntry(
                kind="outcome",
                payload={"turn": turn.id, "status": report.status, "steps": dict(statuses)},
                actor="sophia",
                at=now,
            ),
        )
        return Command(goto="__end__")

    async def _verified(self, turn: Turn, plan: Plan, statuses: Mapping[str, str]) -> list[str]:
        """What looking at the world afterwards showed of each effect that succeeded."""
        done = {step.id: step.tool for step in plan.steps if statuses.get(step.id) == "succeeded"}
        if not any(self._tools[tool].effect.writes for tool in done.values()):
            return []
        evidence = {effect.step: effect.verification for effect in await self._ledger.of_turn(turn.id)}
        looked = {step: Verification.model_validate(evidence[step]) for step in done if evidence.get(step)}
        return [
            f"{done[step]}: {'; '.join(line.rstrip('.') for line in seen.evidence)}."
            for step, seen in looked.items()
            if seen.evidence
        ]

    async def _undoable(
        self, turn: Turn, plan: Plan, statuses: Mapping[str, str], results: Mapping[str, Envelope]
    ) -> list[str]:
        """How each done effect can be taken back, in words that are understood when they are said."""
        hints = []
        for step in plan.steps:
            declared = self._tools[step.tool]
            if statuses.get(step.id) == "succeeded" and step.id in results and declared.effect.writes:
                hints.append(f"{step.tool} {await self._how(turn, step, plan, results)}")
        return hints

    async def _how(self, turn: Turn, step: Step, plan: Plan, results: Mapping[str, Envelope]) -> str:
        declared = self._tools[step.tool]
        if declared.undo is None:
            return f"stays: {declared.irreversible}"
        said = await self._ways_back.words(resolve(step, plan, self._tools, results), results[step.id], turn)
        return f"can be taken back by {declared.undo.tool}" + (f": say “{said}”" if said else "")
