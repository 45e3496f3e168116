"""People as sophia.toml has them now: who goes on sees a change, and a file that can't be read changes nothing."""

from __future__ import annotations

from pathlib import Path

from agent.people import Role
from agent.people_now import PeopleNow
from agent.settings import load

CONFIGURED = """
[people.ann]
roles = ["requester", "approver"]
system_users = ["ann"]
[people.bob]
roles = ["requester", "operator"]
system_users = ["bob"]
"""


def test_who_loses_a_role_has_lost_it_and_a_broken_file_keeps_who_was(tmp_path: Path) -> None:
    file = tmp_path / "sophia.toml"
    file.write_text(CONFIGURED)

    def again():
        return load(directory=tmp_path, environ={}, overrides={"home": str(tmp_path / "home")})

    people = PeopleNow(again(), again)
    assert people().may_decide("ann", Role.APPROVER)
    assert people.problem() == ""
    file.write_text(CONFIGURED.replace(', "approver"', ""))
    assert not people().may_decide("ann", Role.APPROVER)
    for broken in (CONFIGURED + "[people.cyd", CONFIGURED + "[people.cyd]\nroles = ['emperor']\n"):
        file.write_text(broken)
        assert [person.name for person in people().all()] == ["ann", "bob"]
        assert not people().may_decide("ann", Role.APPROVER)
        assert "sophia.toml was changed and can't be read, so the people of before count" in people.problem()
        assert "Nothing was started" not in people.problem()
    file.unlink()
    assert people().may_decide("bob", Role.OPERATOR)
    assert "is gone" in people.problem()
    file.write_text(CONFIGURED)
    assert people().may_decide("ann", Role.APPROVER)
    assert people.problem() == ""
