"""Preparing a wave: which steps are ready, what exactly they would do, and whether somebody must be asked first."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command
from pydantic import JsonValue

from agent.approval import Binding, Card, binding_digest
from agent.calls import Call, condition_holds, looks_back, resolve_for_use
from agent.condition import parse as parse_condition
from agent.errors import SophiaError
from agent.guard import POLICY_VERSION, Standing, Verdict, decide
from agent.people import Role
from agent.plan import Step
from agent.surroundings import Seen, Surroundings
from agent.turn.calling import Calling
from agent.turn.effects import problem_of, status_after
from agent.turn.events import TurnEvents
from agent.turn.routing import Routing
from agent.turn.sequels import covered_by
from agent.turn.state import TurnState, plan_of, ready_steps
from memory.approvals import Approvals
from memory.audit import Audit
from memory.grants import beyond
from memory.labels import Envelope
from memory.ledger import EffectStatus, Ledger
from memory.results import Results
from memory.turns import Turn
from tools.declaration import Clock, Effect, Preview, Tool
from tools.errors import ToolError

__all__ = ["PrepareWave"]


def _data(step: str, status: str, call: str) -> dict[str, JsonValue]:
    return {"step": step, "status": status, "call": call}


@dataclass(frozen=True)
class _Prepared:
    step: str
    status: str | None = None
    problem: dict[str, str] | None = None
    approval: str | None = None
    grant: str | None = None
    foreseen: Preview | None = None


class PrepareWave:
    """Resolve, guard and preview every ready step; ask for what needs asking."""

    def __init__(
        self,
        *,
        tools: Mapping[str, Tool],
        results: Results,
        approvals: Approvals,
        ledger: Ledger,
        audit: Audit,
        surroundings: Surroundings,
        calling: Calling,
        events: TurnEvents,
        clock: Clock,
        approval_lifetime: timedelta,
        routing: Routing,
    ) -> None:
        self._routing = routing
        self._tools = tools
        self._results = results
        self._approvals = approvals
        self._ledger = ledger
        self._audit = audit
        self._surroundings = surroundings
        self._calling = calling
        self._events = events
        self._clock = clock
        self._lifetime = approval_lifetime

    async def __call__(
        self, state: TurnState, runtime: Runtime[Turn]
    ) -> Command[Literal["prepare", "approve", "execute", "plan", "undo", "report"]]:
        """Prepare the next wave; when all its steps ended here (skipped, refused), go on as after a wave."""
        ready, turn = ready_steps(state), runtime.context
        results = await self._results.envelopes(turn.id) if any(map(looks_back, ready)) else {}
        prepared = await asyncio.gather(*(self._prepare(step, state, turn, results) for step in ready))
        update: TurnState = {
            "wave": [found.step for found in prepared if found.status is None],
            "asked": state.get("asked", {}) | {found.step: found.approval for found in prepared if found.approval},
            "granted": state.get("granted", {}) | {found.step: found.grant for found in prepared if found.grant},
            "foreseen": {found.step: found.foreseen.model_dump(mode="json") for found in prepared if found.foreseen},
            "statuses": state.get("statuses", {}) | {found.step: found.status for found in prepared if found.status},
            "problems": state.get("problems", {}) | {found.step: found.problem for found in prepared if found.problem},
        }
        if not update["wave"]:
            route = self._routing.after_wave({**state, **update})
            return Command(goto=route.goto, update={**update, **route.update})
        waiting = any(found.approval for found in prepared)
        return Command(goto="approve" if waiting else "execute", update=dict(update))

    async def _prepare(self, step: Step, state: TurnState, turn: Turn, results: Mapping[str, Envelope]) -> _Prepared:
        plan = plan_of(state)
        skipped = self._why_skipped(step, state, results)
        if skipped:
            await self._events.emit(turn.id, "step", skipped, _data(step.id, "skipped", step.tool))
            key = "nothing_to_do" if self._as_provided(step, state) else "tried"
            return _Prepared(step.id, status="skipped", problem={key: skipped})
        said = step.tool
        try:
            call = resolve_for_use(step, plan, self._tools, results)
            said = call.in_words
            return await self._guarded(call, turn, state.get("moved", {}).get(step.id, []))
        except (SophiaError, ToolError) as error:
            status = status_after(error)
            await self._events.emit(turn.id, "step", str(error), _data(step.id, status, said))
            return _Prepared(step.id, status=status, problem=problem_of(error))

    def _why_skipped(self, step: Step, state: TurnState, results: Mapping[str, Envelope]) -> str | None:
        statuses = {
            other: "failed" if status in ("refused", "undone") else status
            for other, status in state.get("statuses", {}).items()
        }
        if step.when is None:
            unmet = [need for need in step.needs if statuses.get(need) != "succeeded"]
            return f"{step.tool} was not run, because {', '.join(unmet)} did not succeed" if unmet else None
        if not condition_holds(step, statuses, results):
            return f"{step.tool} was not run, because `{step.when}` does not hold"
        return None

    @staticmethod
    def _as_provided(step: Step, state: TurnState) -> bool:
        """Whether a step that isn't run is one that the plan itself makes dependent on something that turned out
        otherwise, and not one that something else, which failed, stands in the way of.
        """
        statuses = state.get("statuses", {})
        looked_at = {other for other, _ in parse_condition(step.when).references()} if step.when else set()
        return bool(looked_at) and all(statuses.get(other) == "succeeded" for other in looked_at)

    async def _guarded(self, call: Call, turn: Turn, moved: Sequence[str]) -> _Prepared:
        seen = await self._surroundings.look(call, turn)
        verdict = decide(seen.facts)
        if call.tool.effect is Effect.READ and verdict.allowed:
            return _Prepared(call.step.id)
        await self._audit.append(
            "verdict",
            {
                "turn": turn.id,
                "step": call.step.id,
                "tool": call.tool.name,
                "digest": call.digest,
                "answer": verdict.answer,
                "rules": list(verdict.rules),
            },
            turn.person,
            self._clock.now(),
            durable=False,
        )
        if verdict.allowed:
            return await self._unasked(call, turn, seen)
        if verdict.answer.people == 0:
            return await self._refused(call, turn, verdict, seen.halted_by)
        return await self._ask(call, turn, verdict, moved)

    async def _refused(self, call: Call, turn: Turn, verdict: Verdict, halted_by: str) -> _Prepared:
        why = "; ".join(verdict.reasons) + (f" ({halted_by})" if halted_by and "R7" in verdict.rules else "")
        text = f"{call.tool.name} is refused by {verdict.rules[0]}: {why}."
        await self._events.emit(turn.id, "step", text, _data(call.step.id, "refused", call.in_words))
        return _Prepared(
            call.step.id,
            status="refused",
            problem={"tried": text, "not_done": f"{call.tool.name} was not called.", "rule": verdict.rules[0]},
        )

    async def _unasked(self, call: Call, turn: Turn, seen: Seen) -> _Prepared:
        """What may be done without asking; unless the change turns out to be of a kind that the grant isn't for."""
        if seen.grant is None or seen.facts.standing is not Standing.WITHIN:
            return _Prepared(call.step.id)
        if seen.grant.kinds is None:
            return _Prepared(call.step.id, grant=seen.grant.id)
        preview = await self._calling.preview(call, turn)
        uncovered = beyond(seen.grant.kinds, preview.kinds)
        if preview.nothing_to_do:
            return await self._nothing(call, turn, preview)
        verdict = decide(replace(seen.facts, standing=Standing.EXCEEDED))
        if not uncovered:
            return _Prepared(call.step.id, grant=seen.grant.id, foreseen=preview)
        if verdict.allowed:
            return _Prepared(call.step.id)
        why = f"it isn't within grant {seen.grant.id}: {', '.join(uncovered)}"
        return await self._create(call, turn, verdict, preview.model_copy(update={"details": [*preview.details, why]}))

    async def _ask(self, call: Call, turn: Turn, verdict: Verdict, moved: Sequence[str]) -> _Prepared:
        preview = await self._calling.preview(call, turn)
        if moved:
            preview = preview.model_copy(update={"details": [f"asked anew: {moved[-1]}", *preview.details]})
        begun = await self._ledger.find(turn.id, call.step.id, call.digest)
        anew = moved and begun is not None and begun.status is EffectStatus.FAILED
        if begun is not None and not anew and (preview.nothing_to_do or not begun.status.pending):
            return _Prepared(call.step.id)  # how that ended is found out before anybody is asked, or it is known
        if preview.nothing_to_do:
            return await self._nothing(call, turn, preview)
        return await self._create(call, turn, verdict, preview)

    async def _nothing(self, call: Call, turn: Turn, preview: Preview) -> _Prepared:
        data = _data(call.step.id, "succeeded", call.in_words)
        await self._events.emit(turn.id, "step", preview.summary, data)
        return _Prepared(call.step.id, status="succeeded", problem={"nothing_to_do": preview.summary})

    async def _create(self, call: Call, turn: Turn, verdict: Verdict, preview: Preview) -> _Prepared:
        now = self._clock.now()
        card = Card.of(call, preview, verdict, turn)
        approval = await self._approvals.create(
            turn.id,
            call.step.id,
            call.tool.name,
            call.values,
            binding_digest(call, preview, turn.id, POLICY_VERSION),
            card.model_dump(mode="json"),
            verdict.answer.people,
            turn.person,
            Role.APPROVER,
            Binding(preview=preview, covers=covered_by(call.tool)).model_dump(mode="json"),
            now + self._lifetime,
            now,
            audience=turn.audience,
        )
        await self._events.emit(turn.id, "approval", card.title, {"approval": approval.id, "card": approval.card})
        return _Prepared(call.step.id, approval=approval.id)
