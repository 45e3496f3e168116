"""Who a Slack user is to Sophia, and who may read what is answered in a channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agent.errors import NotAllowed
from agent.people import Identity, NotRecognised, People, Person, Provider, stranger
from agent.settings import Settings
from agent.slack.requests import Place
from agent.slack.workspace import Workspace

__all__ = ["Knowing"]


class Knowing:
    """Looks people and channels up; `people` gives the configuration's people as they are now."""

    def __init__(self, settings: Settings, people: Callable[[], People], workspace: Workspace) -> None:
        self._settings = settings
        self.people = people
        self._workspace = workspace

    def person(self, home: str, user: str) -> Person:
        """The person whose signed interaction this is. Raises NotRecognised when nobody configured them."""
        identity = Identity(provider=Provider.SLACK, workspace=home, user=user)
        found = self.people().recognise(identity)
        if found is None:
            raise NotRecognised(
                f"Nobody in the configuration is {identity}.",
                not_done="Nothing was done.",
                to_do="An operator adds them to sophia.toml: [people.NAME] with "
                f'slack = [{{ workspace = "{home}", user = "{user}" }}].',
            )
        return found

    def asker(self, home: str, user: str) -> Person:
        """The same for somebody who asks; whoever isn't known may read, where the configuration says so."""
        try:
            return self.person(home, user)
        except NotRecognised:
            if not self._settings.slack.unknown_people_may_read:
                raise
            return stranger(Identity(provider=Provider.SLACK, workspace=home, user=user))

    async def audience(self, place: Place, person: Person) -> str:
        """Who may see the answers. Raises NotAllowed in a channel that people from elsewhere read too."""
        if place.direct:
            return f"person:{person.name}"
        await self.only_us(place.channel)
        name = await self._workspace.configured_name(place.channel)
        return f"channel:{name}" if name else f"slack:{place.team}:{place.channel}"

    async def only_us(self, channel: str) -> None:
        """Raises NotAllowed in a channel that people from elsewhere read too."""
        info = await self._workspace.channel(channel)
        elsewhere = "I answer with what is internal. Ask me in a direct message, or in a channel of your own."
        if info.get("is_ext_shared") or info.get("is_pending_ext_shared"):
            raise NotAllowed("This channel is shared with another organisation.", to_do=elsewhere)
        if await self._workspace.has_guests(channel):
            raise NotAllowed("There are guests in this channel.", to_do=elsewhere)

    def mentions(self, team: str) -> Mapping[str, str]:
        """Every person's name → how Slack mentions them."""
        return {person.name: f"<@{user}>" for person in self.people().all() if (user := slack_user(person, team))}

    def names(self, team: str) -> Mapping[str, str]:
        """Slack's user id → the person's name."""
        known = self.people().all()
        return {user: person.name for person in known if (user := slack_user(person, team))}


def slack_user(person: Person, team: str) -> str:
    """The person's user id in a workspace; empty when they have none there."""
    found = (
        identity.user
        for identity in person.identities
        if identity.provider is Provider.SLACK and identity.workspace == team
    )
    return next(found, "")
