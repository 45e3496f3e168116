"""Who owns a schedule, and what that person may do now."""

from __future__ import annotations

from agent.people import People, Person, Role
from agent.people_now import Roster
from agent.settings import Settings

__all__ = ["SOPHIA", "ConfiguredOwners", "able"]

SOPHIA = "sophia"
"""The owner of the built-in schedules. Nobody's name counts as this: built-in is a mark of its own."""


class ConfiguredOwners:
    """The people of the configuration, as the schedule tools see them."""

    def __init__(self, settings: Settings, people: Roster) -> None:
        self._zone = settings.business.zone
        self._people = people

    def zone(self, person: str) -> str:
        """The person's zone; the business's for anybody without one."""
        found = self._people().get(person)
        return (found.zone if found else "") or self._zone

    def may_change(self, person: str, owner: str) -> bool:
        """One's own, and as an operator everybody's and the built-in ones."""
        found = self._people().get(person)
        return found is not None and (person == owner or found.can(Role.OPERATOR))


def able(owner: str, people: People) -> Person | None:
    """The owner, while they are there and may ask for something."""
    found = people.get(owner)
    return found if found is not None and found.can(Role.REQUESTER) else None
