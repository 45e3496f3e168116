"""How often the world is read in a turn, and what that means for values that move by themselves and that are secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.stacks.projects import declared, project

STACK = "greetings-dev"
THINGS = """
import json, secrets
from pathlib import Path
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

def kept(props):
    return Path(props["folder"]) / (props["called"] + ".json")

class ThingProvider(ResourceProvider):
    def seen(self, props):
        return {**props, **json.loads(kept(props).read_text()), "etag": secrets.token_hex(8)}
    def write(self, props):
        kept(props).write_text(json.dumps({"text": props["text"], "password": props["password"]}))
        return self.seen(props)
    def create(self, props):
        return CreateResult(props["called"], self.write(props))
    def read(self, id_, props):
        with (Path(props["folder"]) / "read").open("a") as read:
            read.write(id_ + "\\n")
        return ReadResult(id_, self.seen(props))
    def diff(self, _id, olds, news):
        return DiffResult(changes=any(olds[name] != news[name] for name in ("text", "password")))
    def update(self, _id, olds, news):
        return UpdateResult(self.write(news))

class Thing(Resource, module="demo", name="Thing"):
    etag: object
    def __init__(self, name, folder, text, password):
        props = {"called": name, "folder": folder, "text": text, "password": password, "etag": None}
        super().__init__(ThingProvider(), name, props)
"""
PROGRAM = """
import pulumi
from things import Thing

config = pulumi.Config()
folder, password = config.require("folder"), pulumi.Output.secret("only-ours")
first = Thing("first", folder, config.require("text"), password)
Thing("second", folder, first.etag.apply(lambda etag: f"after {etag}"), password)
pulumi.export("etag", first.etag)
"""


@pytest.fixture
async def moving(tmp_path, new_world):
    """Two resources that keep a secret and never answer the same; the second is given what the first answered."""
    folder = project(tmp_path / "greetings", things=THINGS, __main__=PROGRAM)
    world = new_world((declared(folder),), GREETINGS_PASSPHRASE="open")
    configure(tmp_path, "one")
    await world.do("stack_up", stack=STACK)
    return world, tmp_path


def configure(folder: Path, text: str) -> None:
    path = folder / "greetings" / "Pulumi.dev.yaml"
    salt = [line for line in path.read_text().splitlines() if "salt" in line] if path.exists() else []
    path.write_text("\n".join([*salt, "config:", f"  greetings:folder: {folder}", f"  greetings:text: {text}", ""]))


def readings(folder: Path) -> list[str]:
    """What was read since the last time."""
    path = folder / "read"
    found = sorted(path.read_text().split()) if path.exists() else []
    path.unlink(missing_ok=True)
    return found


@pytest.mark.timeout(300)
async def test_the_world_is_read_once_for_the_card_and_once_after_the_approval_and_again_only_for_what_drifted(moving):
    world, folder = moving
    configure(folder, "two")
    readings(folder)
    preview = await world.preview("stack_up", stack=STACK)
    assert preview.details[0].startswith("update first (Thing): text")
    assert readings(folder) == ["first", "second"]

    result = await world.run("stack_up", preview, stack=STACK)
    assert readings(folder) == ["first", "second"]
    assert result.succeeded
    assert {"refresh", "apply"} <= set(result.timings)
    assert json.loads((folder / "first.json").read_text())["text"] == "two"
    assert json.loads((folder / "second.json").read_text())["text"] == f"after {result.outputs['etag']}"

    (folder / "first.json").write_text(json.dumps({"text": "two", "password": "somebody-elses"}))
    found = await world.run("stack_drift", stack=STACK)
    assert [line.sentence for line in found.drift] == [
        "first (Thing): password, which is secret, isn't as it should be."
    ]
    assert "somebody-elses" not in found.model_dump_json()
    preview = await world.preview("stack_up", stack=STACK)
    readings(folder)
    result = await world.run("stack_up", preview, stack=STACK)
    assert readings(folder) == ["first", "first", "second", "second"]
    assert "only what it reads itself" in " ".join(finding.sentence for finding in result.findings())
    assert json.loads((folder / "first.json").read_text())["password"] == "only-ours"
    assert (await world.run("stack_drift", stack=STACK)).clean
