"""What a person who watches a run is shown of what the engine says."""

from __future__ import annotations

import pytest
from pulumi.automation.events import EngineEvent as Told

from infra.engine.events import Recorder
from infra.models import EngineEvent

PYTHON = 'Traceback (most recent call last):\n  File "shop.py", line 3, in update\n    start()\nshop.Error: no room\n'
NODE = "Error: no room\n    at start (shop.js:3:9)\n    at Object.<anonymous> (shop.js:9:1)\n"


@pytest.mark.parametrize(
    "said, shown", [(PYTHON, "shop.Error: no room"), (NODE, "Error: no room"), ("two\nlines", "two\nlines")]
)
def test_a_failure_is_shown_without_the_calls_that_led_to_it(said: str, shown: str) -> None:
    assert EngineEvent(kind="said", severity="error", message=said).sentence == f"error: {shown}"


@pytest.mark.parametrize(
    "name,shown",
    [
        ("api\nundo      everything", "api⟨U+000A⟩undo      everything"),
        ("a::b", "a::b"),
        ("café\u2028🚀", "café⟨U+2028⟩🚀"),
    ],
)
def test_a_resource_keeps_to_its_line_whatever_it_is_called(name: str, shown: str) -> None:
    urn = f"urn:pulumi:dev::shop::shop:net:Component$aws:s3/bucket:Bucket::{name}"
    assert EngineEvent(kind="started", urn=urn, op="create").sentence.startswith(f"create {shown} (Bucket)")


def test_a_component_that_registers_no_outputs_ends_with_the_run() -> None:
    told: list[tuple[str, str]] = []
    recorder = Recorder(lambda event: told.append((event["kind"], event["op"])))
    group = {"urn": "urn:pulumi:dev::shop::shop:net:Group::all", "type": "shop:net:Group", "custom": False}
    begins = {"metadata": {"op": "create", "urn": group["urn"], "type": group["type"], "new": group}}
    recorder(Told.from_json({"sequence": 1, "timestamp": 1, "resourcePreEvent": begins}))
    assert told == [("started", "create")]
    recorder.result()
    assert told == [("started", "create"), ("finished", "create")]
