"""Planning a stored request: when it is scheduled, to see what it would do, and for each of its runs."""

from __future__ import annotations

from collections.abc import Mapping

from agent.corroboration import vouch
from agent.names import names_of
from agent.plan import check
from agent.planning.planner import Planner, Planning, PlanningRequest
from agent.scheduling.owners import ConfiguredOwners
from agent.settings import Settings
from tools.declaration import Clock, Tool
from tools.timetable.foresight import Foreseen, ForeseenStep

__all__ = ["Rehearsal"]


class Rehearsal:
    """Plans a request as if it were made now, alone, with nothing said before it."""

    def __init__(
        self,
        *,
        planner: Planner,
        reader: Planner,
        tools: Mapping[str, Tool],
        settings: Settings,
        owners: ConfiguredOwners,
        clock: Clock,
    ) -> None:
        """`reader` is the planner that needs no model: a request is refused when either of them sees harm in it."""
        self._planner = planner
        self._reader = reader
        self._tools = tools
        self._settings = settings
        self._owners = owners
        self._clock = clock

    async def foresee(self, request: str, person: str, turn: str) -> Foreseen:
        """The steps of the plan, and those that only the other planner sees in the same words."""
        planning = await self.plan(request, person, turn)
        if planning.plan is None:
            return Foreseen(question=planning.question or "it isn't clear what to do")
        tools = [step.tool for step in planning.plan.steps]
        if self._planner is not self._reader:
            reading = await self._reader.plan(self._request(request, person, turn), self._tools)
            read = [step.tool for step in reading.plan.steps] if reading.plan else []
            tools += [tool for tool in read if tool not in tools and self._tools[tool].effect.writes]
        return Foreseen(steps=tuple(self._foreseen(tool) for tool in tools))

    async def plan(self, request: str, person: str, turn: str) -> Planning:
        """The request's plan, checked, with what the owner's own words vouch for; or why there is none."""
        asked = self._request(request, person, turn)
        planning = await self._planner.plan(asked, self._tools)
        problems = check(planning.plan, self._tools) if planning.plan else []
        if problems:
            planning = await self._planner.plan(asked, self._tools, problems)
            problems = check(planning.plan, self._tools) if planning.plan else []
        if planning.plan is None or problems:
            why = "; ".join(problem.message for problem in problems[:3])
            return planning.model_copy(update={"plan": None, "question": planning.question or why})
        plan = planning.plan.model_copy(update={"planner": planning.planner})
        if self._planner is not self._reader:
            plan = await vouch(plan, asked, self._reader, self._tools)
        return planning.model_copy(update={"plan": plan})

    def _request(self, request: str, person: str, turn: str) -> PlanningRequest:
        return PlanningRequest(
            text=request,
            now=self._clock.now(),
            zone=self._owners.zone(person),
            person=person,
            turn=turn,
            names=names_of(self._settings),
        )

    def _foreseen(self, tool: str) -> ForeseenStep:
        declared = self._tools[tool]
        return ForeseenStep(tool=tool, effect=declared.effect, rotates=declared.rotates, people=declared.gate.people)
