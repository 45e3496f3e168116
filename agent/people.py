"""People: who somebody is follows from how they are connected, never from what they say.

An identity is (provider, workspace, user): the operating-system user or a token at the terminal, a signed
interaction in Slack. `sophia.toml` says which identities belong to which person and what that person may do.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from agent.errors import NotAllowed

if TYPE_CHECKING:
    from agent.settings import PersonEntry, Settings

__all__ = [
    "Identity",
    "MayNotActFor",
    "NotRecognised",
    "People",
    "Person",
    "Provider",
    "Role",
    "is_stranger",
    "stranger",
]

SECOND_HAT = "second-hat"
"""The name that the one person of demo mode has when they decide on what they asked for."""
_STRANGER = "stranger:"


class Provider(StrEnum):
    """Where an identity was established."""

    SYSTEM = "system"
    """The operating system: the user that owns the process."""
    TOKEN = "token"  # noqa: S105 - the name of a provider
    """`SOPHIA_TOKEN` at the terminal; `user` is its SHA-256 digest in hexadecimal, never the token."""
    SLACK = "slack"
    """An interaction that Slack signed."""


class Role(StrEnum):
    """What a person may do. A person may have several."""

    REQUESTER = "requester"
    APPROVER = "approver"
    OPERATOR = "operator"


class Identity(BaseModel):
    """Somebody as a provider knows them. `workspace` is empty where a provider has only one."""

    model_config = ConfigDict(frozen=True)

    provider: Provider
    workspace: str = ""
    user: str

    def __str__(self) -> str:
        if self.provider is Provider.SYSTEM:
            return f"the operating-system user {self.user!r}"
        if self.provider is Provider.TOKEN:
            return "the token in SOPHIA_TOKEN"
        return f"the Slack user {self.user!r} of workspace {self.workspace!r}"


class NotRecognised(NotAllowed):
    """Nobody in the configuration has this identity."""


class MayNotActFor(NotAllowed):
    """`--as` names somebody for whom the caller may not act, or whom nobody knows."""


class Person(BaseModel):
    """Somebody whom the configuration knows."""

    model_config = ConfigDict(frozen=True)

    name: str
    full_name: str = ""
    roles: frozenset[Role]
    identities: tuple[Identity, ...] = ()
    may_act_for: frozenset[str] = frozenset()
    zone: str = ""
    """IANA name; empty for the business's own."""
    actor: str = ""
    """Who is really there: the person's own name, or that of whoever acts for them."""
    voter: str = ""
    """The name under which their vote counts: the actor's, so that nobody counts twice; in demo mode the hat's."""
    acting_as: str = ""
    """Empty, or the sentence about two hats that every card shows."""

    def can(self, role: Role) -> bool:
        """Whether the person has the role."""
        return role in self.roles

    def known_by(self, identity: Identity) -> bool:
        """Whether the identity is theirs. Takes the same time whichever digest comes close."""
        found = False
        for own in self.identities:
            found |= _same(own, identity)
        return found


def _same(own: Identity, other: Identity) -> bool:
    place = (own.provider, own.workspace) == (other.provider, other.workspace)
    return hmac.compare_digest(own.user.encode(), other.user.encode()) and place


def stranger(identity: Identity) -> Person:
    """Somebody whom nobody configured and who may ask for reads all the same."""
    name = f"{_STRANGER}{identity.provider}:{identity.workspace}:{identity.user}"
    return Person(name=name, roles=frozenset({Role.REQUESTER}), identities=(identity,), actor=name, voter=name)


def is_stranger(name: str) -> bool:
    """Whether a request's person is somebody whom nobody configured."""
    return name.startswith(_STRANGER)


class People:
    """Everybody whom the configuration knows."""

    def __init__(self, people: Iterable[Person], *, demo: bool = False) -> None:
        self._people: Mapping[str, Person] = {person.name: person for person in people}
        self._demo = demo

    @classmethod
    def of(cls, settings: Settings) -> People:
        """The people of a configuration; in demo mode with a second hat where there are no two approvers."""
        people = [_person(entry, settings.business.zone) for entry in settings.people.values()]
        approvers = sum(person.can(Role.APPROVER) for person in people)
        if settings.demo and approvers < 2 and SECOND_HAT not in settings.people:
            people.append(_second_hat())
        return cls(people, demo=settings.demo)

    def all(self) -> tuple[Person, ...]:
        """Everybody, in the order of the configuration."""
        return tuple(self._people.values())

    def get(self, name: str) -> Person | None:
        """The person of this name. Knowing a name proves nothing: never make a caller of it."""
        return self._people.get(name)

    def recognise(self, identity: Identity) -> Person | None:
        """Whose identity this is, or None. Every person is looked at, so that the time tells nothing."""
        found = None
        for person in self._people.values():
            if person.known_by(identity):
                found = person
        return self._marked(found) if found else None

    def at_terminal(self, identity: Identity, act_as: str | None = None) -> Person:
        """Who is at the terminal, or, with `act_as`, the person for whom they act.

        Raises NotRecognised when nobody has the identity, MayNotActFor when they may not act for that person.
        """
        caller = self.recognise(identity)
        if caller is None:
            raise NotRecognised(f"Nobody in the configuration is {identity}.", to_do=_how_to_add(identity))
        if act_as is None or act_as == caller.name:
            return caller
        other = self._people.get(act_as)
        if other is None:
            raise MayNotActFor(f"There is nobody called {act_as!r}.", to_do=f"Known are {_listed(self._people)}.")
        if not (self._demo or other.name in caller.may_act_for):
            raise MayNotActFor(
                f"{caller.name} may not act for {other.name}.",
                not_done="Nothing was done.",
                to_do=f"An operator may allow it: may_act_for = [{other.name!r}] under [people.{caller.name}].",
            )
        said = self._two_hats(caller.name, other.name)
        voter = other.name if self._demo else caller.name
        return other.model_copy(update={"actor": caller.name, "voter": voter, "acting_as": said})

    def with_role(self, role: Role) -> tuple[Person, ...]:
        """Everybody who has the role."""
        return tuple(person for person in self._people.values() if person.can(role))

    def may_decide(self, voter: str, role: Role) -> bool:
        """Whether a vote of this name counts now: of somebody who has the role, or acts for somebody who has it."""
        person = self._people.get(voter)
        if person is None:
            return False
        others = self._people.values() if self._demo else filter(None, map(self._people.get, person.may_act_for))
        return person.can(role) or any(other.can(role) for other in others)

    def lacking_approvers(self, people: int) -> str:
        """Empty when `people` different people could approve; otherwise what is lacking and what to do about it."""
        approvers = [person.name for person in self.with_role(Role.APPROVER)]
        if len(approvers) >= people:
            return ""
        have = f"only {_listed(approvers)} may" if approvers else "nobody may"
        wanted = "one approver" if people == 1 else f"{people} different approvers"
        return f'This needs {wanted} and {have} approve: add "approver" to a person\'s roles in sophia.toml.'

    def _marked(self, person: Person) -> Person:
        if not self._demo:
            return person
        note = f"Demo mode: {person.name} may ask and approve, one person with two hats."
        return person.model_copy(update={"acting_as": note})

    def _two_hats(self, caller: str, other: str) -> str:
        if self._demo:
            return f"Demo mode: {caller} wears the hat of {other}, one person with two hats."
        return f"{caller} acts for {other}."


def _second_hat() -> Person:
    return Person(name=SECOND_HAT, roles=frozenset({Role.APPROVER}), actor=SECOND_HAT, voter=SECOND_HAT)


def _person(entry: PersonEntry, zone: str) -> Person:
    return Person(
        name=entry.name,
        full_name=entry.full_name or entry.name,
        roles=frozenset(entry.roles),
        identities=tuple(_identities(entry)),
        may_act_for=frozenset(entry.may_act_for),
        zone=entry.zone or zone,
        actor=entry.name,
        voter=entry.name,
    )


def _identities(entry: PersonEntry) -> Iterable[Identity]:
    yield from (Identity(provider=Provider.SYSTEM, user=user) for user in entry.system_users)
    yield from (Identity(provider=Provider.TOKEN, user=digest) for digest in entry.token_sha256)
    yield from (Identity(provider=Provider.SLACK, workspace=at.workspace, user=at.user) for at in entry.slack)


def _how_to_add(identity: Identity) -> str:
    line = {
        Provider.SYSTEM: f'system_users = ["{identity.user}"]',
        Provider.TOKEN: f'token_sha256 = ["{identity.user}"]',
        Provider.SLACK: f'slack = [{{ workspace = "{identity.workspace}", user = "{identity.user}" }}]',
    }[identity.provider]
    return f'An operator adds them to sophia.toml: [people.NAME] with roles = ["requester"] and {line}.'


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nobody"
