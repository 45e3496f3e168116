"""Planning a turn: understand the request in its conversation, plan it, check the plan whole, vouch for its steps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from langgraph.runtime import Runtime
from langgraph.types import Command

from agent.conversation import Conversations
from agent.corroboration import COMMAND, as_said, vouch
from agent.errors import SophiaError
from agent.plan import Plan, Problem, check
from agent.planning.planner import Learned, Names, Planner, Planning, PlanningRequest
from agent.turn.events import TurnEvents
from agent.turn.state import TurnState, plan_of
from memory.turns import Turn
from tools.declaration import Clock, Tool

__all__ = ["PlanTurn"]


class PlanTurn:
    """The first stage of a turn, and of every replan."""

    def __init__(
        self,
        *,
        planner: Planner,
        reader: Planner,
        tools: Mapping[str, Tool],
        conversations: Conversations,
        names: Callable[[], Awaitable[Names]],
        events: TurnEvents,
        clock: Clock,
        zone: str,
    ) -> None:
        """`reader` is the planner that needs no model: what it reads in the request too, the requester vouches for."""
        self._planner = planner
        self._reader = reader
        self._tools = tools
        self._conversations = conversations
        self._names = names
        self._events = events
        self._clock = clock
        self._zone = zone

    async def __call__(self, state: TurnState, runtime: Runtime[Turn]) -> Command[Literal["prepare", "report"]]:
        """Plan; go on to the first wave, or straight to the report with a question or a refusal."""
        turn = runtime.context
        if turn.plan and not state.get("plan"):
            return await self._commanded(turn)
        request = await self._request(turn, state)
        if self._planner is self._reader:
            request = await as_said(request, self._reader, self._tools)  # a model may have planned the turns before
        try:
            planning = await self._checked(request, state)
        except SophiaError as error:
            # The turn ends with the sentence; whoever mends what it names asks again.
            return Command(
                goto="report", update={"answer": "failed", "question": str(error), "planner": self._planner.name}
            )
        update: TurnState = {
            "answer": planning.kind,
            "question": planning.question or "",
            "planner": planning.planner,
        }
        if planning.plan is None:
            update["pending"] = planning.pending.model_dump() if planning.pending else None
            return Command(goto="report", update=dict(update))
        plan = planning.plan.model_copy(update={"planner": planning.planner})
        if self._planner is not self._reader:
            plan = await vouch(plan, request, self._reader, self._tools, state.get("past"))
        if state.get("past"):
            plan = plan_of(state).followed_by(plan)
        update["plan"] = plan.model_dump(mode="json", by_alias=True)
        await self._events.emit(
            turn.id, "plan", f"planned by {planning.planner}", {"plan": update["plan"]}, plan=update["plan"]
        )
        return Command(goto="prepare", update=dict(update))

    async def _commanded(self, turn: Turn) -> Command[Literal["prepare", "report"]]:
        """A plan that the person gave as a command, or that was stored just before a crash."""
        plan = Plan.model_validate(turn.plan)
        problems = check(plan, self._tools)
        if problems:
            found = _unplannable(Planning(kind="clarify", planner=COMMAND), problems)
            return Command(
                goto="report", update={"answer": found.kind, "question": found.question or "", "planner": COMMAND}
            )
        planner = plan.planner or COMMAND
        return Command(goto="prepare", update={"answer": "plan", "plan": turn.plan, "question": "", "planner": planner})

    async def _request(self, turn: Turn, state: TurnState) -> PlanningRequest:
        return PlanningRequest(
            text=turn.request,
            turn=turn.id,
            now=self._clock.now(),
            zone=self._zone,
            person=turn.person,
            context=await self._conversations.context(turn),
            names=await self._names(),
            learned=[
                Learned(
                    step=step,
                    tool=state.get("past", {}).get(step, ""),
                    status=status,
                    problem=_to_mend(state.get("problems", {}).get(step, {})),
                )
                for step, status in state.get("statuses", {}).items()
            ],
        )

    async def _checked(self, request: PlanningRequest, state: TurnState) -> Planning:
        problems: list[Problem] = []
        planning: Planning | None = None
        for _ in range(2):
            planning = await self._planner.plan(request, self._tools, problems)
            if planning.plan is None:
                return planning
            problems = check(planning.plan, self._tools, state.get("past"))
            if not problems:
                return planning
        return _unplannable(planning, problems)


def _to_mend(problem: Mapping[str, str]) -> str:
    """What a model is told: what it can mend. What a tool said may be made of what others wrote."""
    return problem.get("tried", "") if problem.get("acts") == "model" else ""


def _unplannable(planning: Planning | None, problems: list[Problem]) -> Planning:
    found = "; ".join(f"{p.step}: {p.message}" if p.step else p.message for p in problems[:5])
    return Planning(
        kind="clarify",
        question=f"I could not make a sound plan of that ({found}). Nothing was done. Can you say it in other words?",
        planner=planning.planner if planning else "",
    )
