"""From calls to facts: destinations, labels, and what a call carries."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict

from agent.calls import Call
from agent.classify import Snapshot, classify, origin_of
from agent.guard import Origin
from agent.plan import Step
from memory.labels import INTERNAL, PUBLIC, WEB, Confidentiality, Integrity, Label
from tools.declaration import Effect, Gate, Role, Slot, Tool
from tools.result import Result


class SendArguments(BaseModel):
    model_config = ConfigDict(extra="forbid")
    url: Annotated[str, Slot(Role.DESTINATION, "url")]
    channel: Annotated[str | list[str] | None, Slot(Role.DESTINATION, "channel")] = None
    how: Annotated[str | None, Slot(Role.OPTION, "text")] = None
    body: Annotated[str | None, Slot(Role.PAYLOAD, "content")] = None


async def nothing() -> None: ...


def call(effect: Effect = Effect.EGRESS, labels: dict[str, Label] | None = None, **values: str | list[str]) -> Call:
    tool = Tool(
        name="send",
        summary="Send.",
        effect=effect,
        gate=Gate.NONE,
        arguments=SendArguments,
        result=Result,
        run=nothing,
        phrases=("send",),
        slots={name: info.metadata[0] for name, info in SendArguments.model_fields.items()},
        label=INTERNAL,
    )
    arguments = SendArguments.model_validate(values)
    given = dict.fromkeys(SendArguments.model_fields, INTERNAL) | (labels or {})
    return Call(Step(id="s1", tool="send"), tool, arguments, arguments.model_dump(), given, INTERNAL)


SNAPSHOT = Snapshot(
    origins=frozenset({"https://realpage.com"}),
    private_origins=frozenset({"http://127.0.0.1:8080"}),
    channels={"#ops": Confidentiality.INTERNAL, "#public": Confidentiality.PUBLIC},
)


@pytest.mark.parametrize(
    "url, label, origin",
    [
        ("https://realpage.com/releases", INTERNAL, Origin.ALLOWED),
        ("https://www.realpage.com/x", INTERNAL, Origin.ALLOWED),
        ("https://realpage.com.evil.example/x", INTERNAL, Origin.NAMED),
        ("http://realpage.com/x", INTERNAL, Origin.NAMED),
        ("https://realpage.com:8443/x", INTERNAL, Origin.NAMED),
        ("https://evil.example/x", INTERNAL, Origin.NAMED),
        ("https://evil.example/x", WEB, Origin.FOREIGN),
        ("http://127.0.0.1:8080/x", WEB, Origin.ALLOWED),
        ("http://127.0.0.1:8081/x", INTERNAL, Origin.PRIVATE),
        ("http://169.254.169.254/latest", INTERNAL, Origin.PRIVATE),
        ("http://[::1]/", INTERNAL, Origin.PRIVATE),
        ("http://[::ffff:10.0.0.1]/", INTERNAL, Origin.PRIVATE),
        ("http://localhost/", INTERNAL, Origin.PRIVATE),
        ("https://user:pw@realpage.com/", INTERNAL, Origin.FOREIGN),
        ("ftp://realpage.com/", INTERNAL, Origin.FOREIGN),
        ("https://realpage.com:99999/", INTERNAL, Origin.FOREIGN),
    ],
)
def test_what_is_known_of_a_destination(url: str, label: Label, origin: Origin) -> None:
    assert classify(call(url=url, labels={"url": label}), SNAPSHOT).origin is origin


def test_of_several_destinations_the_strictest_counts() -> None:
    facts = classify(call(url="https://realpage.com/", channel="#nowhere"), SNAPSHOT)
    assert facts.origin is Origin.FOREIGN
    facts = classify(call(url="https://realpage.com/", channel="#ops"), SNAPSHOT)
    assert facts.origin is Origin.ALLOWED
    assert facts.clearance is Confidentiality.PUBLIC


def test_of_a_list_of_places_every_one_counts() -> None:
    url = "https://realpage.com/"
    assert classify(call(url=url, channel=["#ops", "#public"]), SNAPSHOT).origin is Origin.ALLOWED
    assert classify(call(url=url, channel=["#ops", "#nowhere"]), SNAPSHOT).origin is Origin.FOREIGN


def test_what_is_carried_is_the_payload_and_any_secret() -> None:
    secret = Label(integrity=Integrity.TRUSTED, confidentiality=Confidentiality.SECRET)
    quiet = classify(call(url="https://realpage.com/", how="fast", labels={"how": INTERNAL}), SNAPSHOT)
    assert quiet.confidentiality is Confidentiality.PUBLIC
    loud = classify(call(url="https://realpage.com/", how="fast", labels={"how": secret}), SNAPSHOT)
    assert loud.confidentiality is Confidentiality.SECRET
    body = classify(call(url="https://realpage.com/", body="x", labels={"body": PUBLIC}), SNAPSHOT)
    assert body.confidentiality is Confidentiality.PUBLIC


def test_any_argument_that_was_read_taints_the_call() -> None:
    for name in ("how", "body"):
        facts = classify(call(url="https://realpage.com/", labels={name: WEB}, **{name: "x"}), SNAPSHOT)
        assert facts.influence is Integrity.UNTRUSTED


@pytest.mark.parametrize(
    "url, origin", [("realpage.com/x", "https://realpage.com"), ("HTTPS://A.b.:443/", "https://a.b")]
)
def test_origins_have_one_spelling(url: str, origin: str) -> None:
    assert origin_of(url) == origin
