"""The stages of a turn, each made of the parts that it names. The graph only wires them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from agent.conversation import Conversations
from agent.names import names_of
from agent.people_now import Roster
from agent.planning.planner import Names, Planner, WatchedPage
from agent.settings import Settings
from agent.stores import Stores
from agent.surroundings import Surroundings
from agent.turn.approving import AwaitApprovals
from agent.turn.calling import Calling
from agent.turn.effects import Effects
from agent.turn.events import TurnEvents
from agent.turn.execution import ExecuteWave
from agent.turn.planning import PlanTurn
from agent.turn.ports import Ports
from agent.turn.preparation import PrepareWave
from agent.turn.reporting import ReportTurn, Wording
from agent.turn.routing import Routing
from agent.turn.undoing import UndoDone
from agent.turn.ways_back import WaysBack
from tools.declaration import Clock, Tool

__all__ = ["Stages"]


class Stages:
    """Makes the stages; what several of them use is made once."""

    def __init__(
        self,
        settings: Settings,
        stores: Stores,
        tools: Mapping[str, Tool],
        ports: Ports,
        events: TurnEvents,
        clock: Clock,
        people: Roster,
    ) -> None:
        self._settings, self._stores, self._tools, self._events, self._clock = settings, stores, tools, events, clock
        self._calling = Calling(ports, events)
        self._surroundings = Surroundings(
            settings=settings,
            switches=stores.switches,
            competitors=stores.competitors,
            grants=stores.grants,
            clock=clock,
        )
        self._effects = Effects(
            tools=tools,
            ledger=stores.ledger,
            people=people,
            results=stores.results,
            surroundings=self._surroundings,
            calling=self._calling,
            clock=clock,
        )

    def plan(self, planner: Planner, reader: Planner) -> PlanTurn:
        """Understand and plan; `reader` needs no model, and vouches for what `planner` plans."""
        return PlanTurn(
            planner=planner,
            reader=reader,
            tools=self._tools,
            conversations=Conversations(self._stores.turns, self._tools),
            names=self._names,
            events=self._events,
            clock=self._clock,
            zone=self._settings.business.zone,
        )

    async def _names(self) -> Names:
        """Those of the configuration, with the pages that people have added since."""
        added = await self._stores.competitors.pages(active=True)
        watched = {page.url: WatchedPage(competitor=page.competitor, aspect=page.aspect) for page in added}
        return names_of(self._settings, watched)

    def _routing(self, replanning: bool) -> Routing:
        return Routing(replans=self._settings.limits.replans, can_replan=replanning)

    def prepare(self, *, replanning: bool) -> PrepareWave:
        """Resolve, guard, preview and ask for a wave; `replanning` where a planner can mend its plan."""
        return PrepareWave(
            tools=self._tools,
            results=self._stores.results,
            approvals=self._stores.approvals,
            ledger=self._stores.ledger,
            audit=self._stores.audit,
            surroundings=self._surroundings,
            calling=self._calling,
            events=self._events,
            clock=self._clock,
            approval_lifetime=timedelta(minutes=self._settings.limits.approval_minutes),
            routing=self._routing(replanning),
        )

    def approve(self) -> AwaitApprovals:
        """Wait for people."""
        return AwaitApprovals(self._stores.turns, self._stores.approvals, self._clock)

    def execute(self, *, replanning: bool) -> ExecuteWave:
        """Carry a wave out."""
        return ExecuteWave(
            tools=self._tools,
            turns=self._stores.turns,
            results=self._stores.results,
            approvals=self._stores.approvals,
            effects=self._effects,
            events=self._events,
            routing=self._routing(replanning),
        )

    def undo(self) -> UndoDone:
        """Take back what was done, the last first."""
        return UndoDone(
            tools=self._tools,
            results=self._stores.results,
            ledger=self._stores.ledger,
            effects=self._effects,
            events=self._events,
        )

    def report(self, wording: Wording | None, reader: Planner) -> ReportTurn:
        """Say what came of it; `reader` sees to it that a way back that is named is understood."""
        ways_back = WaysBack(
            reader=reader,
            tools=self._tools,
            names=self._names,
            clock=self._clock,
            zone=self._settings.business.zone,
        )
        return ReportTurn(
            tools=self._tools,
            turns=self._stores.turns,
            results=self._stores.results,
            ledger=self._stores.ledger,
            events=self._events,
            clock=self._clock,
            wording=wording,
            ways_back=ways_back,
        )
