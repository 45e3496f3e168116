"""How the ports of the schedule tools and the runner's parts are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agent.people_now import Roster
from agent.planning.planner import Planner
from agent.settings import Settings
from tools.declaration import Clock, Tool
from tools.timetable.foresight import BuiltIns, Foresight, Owners

if TYPE_CHECKING:
    from agent.scheduling.rehearsal import Rehearsal
    from memory.schedules import Schedules

__all__ = ["schedule_ports"]


def schedule_ports(
    settings: Settings,
    schedules: Schedules,
    tools: Mapping[str, Tool],
    planners: tuple[Planner, Planner],
    people: Roster,
    clock: Clock,
) -> dict[type, Callable[[], Any]]:
    """The store, who people are, what is built in, and the rehearsal of a request by both planners."""
    from agent.scheduling.built_in import BuiltInSchedules
    from agent.scheduling.owners import ConfiguredOwners
    from agent.scheduling.rehearsal import Rehearsal
    from memory.schedules import Schedules

    owners = ConfiguredOwners(settings, people)
    planner, reader = planners

    def rehearsal() -> Rehearsal:
        return Rehearsal(planner=planner, reader=reader, tools=tools, settings=settings, owners=owners, clock=clock)

    return {
        Schedules: lambda: schedules,
        Owners: lambda: owners,
        ConfiguredOwners: lambda: owners,
        BuiltIns: lambda: BuiltInSchedules(settings),
        Foresight: rehearsal,
        Rehearsal: rehearsal,
    }
