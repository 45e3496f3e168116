"""Who somebody is follows from how they are connected, never from what they say."""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from agent.people import Identity, MayNotActFor, NotRecognised, People, Provider, Role
from agent.settings import load, system_user, terminal_identity

TOKEN = "a-token-of-bobs"
DIGEST = hashlib.sha256(TOKEN.encode()).hexdigest()
PEOPLE = f"""
[people.ada]
full_name = "Ada Lovelace"
roles = ["requester", "approver"]
system_users = ["ada", "ada.l"]
may_act_for = ["bob"]
zone = "Europe/London"

[people.bob]
roles = ["requester"]
token_sha256 = ["{DIGEST.upper()}"]

[people.eve]
roles = ["approver", "operator"]
slack = [{{ workspace = "T0123456789", user = "U0123456789" }}]
"""


@pytest.fixture
def people(tmp_path: Path) -> People:
    (tmp_path / "sophia.toml").write_text(PEOPLE)
    return People.of(load(directory=tmp_path, environ={}))


def by_system(user: str) -> Identity:
    return Identity(provider=Provider.SYSTEM, user=user)


def name_of(people: People, identity: Identity) -> str | None:
    person = people.recognise(identity)
    return person.name if person else None


def test_each_provider_recognises_its_own(people: People) -> None:
    assert name_of(people, by_system("ada")) == "ada"
    assert name_of(people, by_system("ada.l")) == "ada"
    assert name_of(people, Identity(provider=Provider.TOKEN, user=DIGEST)) == "bob"
    assert name_of(people, Identity(provider=Provider.SLACK, workspace="T0123456789", user="U0123456789")) == "eve"


@pytest.mark.parametrize(
    "identity",
    [
        by_system("bob"),  # the person's name is no identity
        by_system("ADA"),
        by_system(""),
        by_system(DIGEST),
        Identity(provider=Provider.TOKEN, user=TOKEN),
        Identity(provider=Provider.TOKEN, user="ada"),
        Identity(provider=Provider.SLACK, workspace="T9999999999", user="U0123456789"),
        Identity(provider=Provider.SLACK, user="U0123456789"),
        Identity(provider=Provider.SYSTEM, workspace="T0123456789", user="U0123456789"),
        by_system("ädä"),
    ],
)
def test_nobody_else_is_recognised(people: People, identity: Identity) -> None:
    assert people.recognise(identity) is None


def test_a_person_has_roles_zone_and_name(people: People) -> None:
    ada, bob = people.get("ada"), people.get("bob")
    assert ada is not None
    assert bob is not None
    assert ada.can(Role.APPROVER)
    assert not ada.can(Role.OPERATOR)
    assert (ada.full_name, ada.zone) == ("Ada Lovelace", "Europe/London")
    assert (bob.full_name, bob.zone) == ("bob", "America/New_York")
    assert [person.name for person in people.with_role(Role.APPROVER)] == ["ada", "eve"]
    assert [person.name for person in people.all()] == ["ada", "bob", "eve"]


def test_an_unknown_caller_is_refused_and_told_how_to_be_known(people: People) -> None:
    with pytest.raises(NotRecognised, match=r'system_users = \["mallory"\]') as caught:
        people.at_terminal(by_system("mallory"))
    assert caught.value.exit_status == 4


def test_nobody_is_who_they_say_they_are(people: People) -> None:
    with pytest.raises(NotRecognised):
        people.at_terminal(by_system("mallory"), act_as="ada")
    with pytest.raises(MayNotActFor, match="bob may not act for ada") as caught:
        people.at_terminal(Identity(provider=Provider.TOKEN, user=DIGEST), act_as="ada")
    assert caught.value.exit_status == 4
    with pytest.raises(MayNotActFor, match="nobody called 'zoe'"):
        people.at_terminal(by_system("ada"), act_as="zoe")
    with pytest.raises(MayNotActFor):
        people.at_terminal(by_system("ada"), act_as="eve")


def test_somebody_may_act_for_another_where_the_file_says_so(people: People) -> None:
    person = people.at_terminal(by_system("ada"), act_as="bob")
    assert (person.name, person.actor, person.acting_as) == ("bob", "ada", "ada acts for bob.")
    assert person.voter == "ada"
    assert person.roles == frozenset({Role.REQUESTER})
    own = people.at_terminal(by_system("ada"), act_as="ada")
    assert (own.name, own.actor, own.acting_as) == ("ada", "ada", "")


def test_too_few_approvers_are_said(people: People, tmp_path: Path) -> None:
    assert people.lacking_approvers(1) == ""
    assert people.lacking_approvers(2) == ""
    assert "3 different approvers and only ada, eve may approve" in people.lacking_approvers(3)
    (tmp_path / "sophia.toml").write_text('[people.bob]\nroles = ["requester"]')
    nobody = People.of(load(directory=tmp_path, environ={}))
    assert "nobody may approve" in nobody.lacking_approvers(1)


def test_in_demo_mode_one_person_wears_two_hats_and_says_so(tmp_path: Path) -> None:
    people = People.of(load(directory=tmp_path, environ={"SOPHIA_DEMO": "1"}))
    identity = by_system(system_user())
    person = people.at_terminal(identity)
    assert "one person with two hats" in person.acting_as
    other = people.at_terminal(identity, act_as="second-hat")
    assert other.actor == person.name
    assert (person.voter, other.voter) == (person.name, "second-hat")
    assert other.roles == frozenset({Role.APPROVER})
    assert f"{person.name} wears the hat of second-hat" in other.acting_as
    assert people.lacking_approvers(2) == ""


def test_nobody_has_a_second_hat_outside_of_demo_mode(tmp_path: Path) -> None:
    people = People.of(load(directory=tmp_path, environ={}))
    assert people.get("second-hat") is None
    with pytest.raises(MayNotActFor):
        people.at_terminal(by_system(system_user()), act_as="second-hat")


def test_demo_mode_recognises_nobody_whom_it_does_not_know(tmp_path: Path) -> None:
    people = People.of(load(directory=tmp_path, environ={"SOPHIA_DEMO": "1"}))
    with pytest.raises(NotRecognised):
        people.at_terminal(by_system("mallory"), act_as="second-hat")


def test_at_the_terminal_the_token_counts_before_the_system_user() -> None:
    assert terminal_identity({"SOPHIA_TOKEN": TOKEN}) == Identity(provider=Provider.TOKEN, user=DIGEST)
    assert terminal_identity({}) == by_system(pwd.getpwuid(os.getuid()).pw_name)


def test_what_user_says_proves_nothing() -> None:
    program = "from agent.settings import terminal_identity; print(terminal_identity().user)"
    claims = {"USER": "ada", "LOGNAME": "ada", "USERNAME": "ada", "SUDO_USER": "ada", "HOME": "/home/ada"}
    environ = {**os.environ, **claims}
    environ.pop("SOPHIA_TOKEN", None)
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == pwd.getpwuid(os.getuid()).pw_name


def test_a_wrong_token_is_nobody_even_for_a_known_system_user(people: People) -> None:
    with pytest.raises(NotRecognised, match="the token in SOPHIA_TOKEN"):
        people.at_terminal(terminal_identity({"SOPHIA_TOKEN": "wrong"}))


def test_no_token_is_ever_shown(people: People) -> None:
    with pytest.raises(NotRecognised) as caught:
        people.at_terminal(terminal_identity({"SOPHIA_TOKEN": "canary-token"}))
    assert "canary-token" not in str(caught.value)
    assert "canary" not in json.dumps([person.model_dump(mode="json") for person in people.all()])
