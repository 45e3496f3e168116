"""What is approved is what is applied, up to the last moment; and the world isn't read more often than that needs."""

from __future__ import annotations

import json

import pytest

from tests.tools.stacks.conftest import SMALL, Desk
from tests.tools.stacks.projects import FILES, declared, project
from tools.errors import ToolError

COUNTED = FILES.replace(
    "    def read(self, id_, props):\n",
    "    def read(self, id_, props):\n"
    "        with open(props['path'] + '.reads', 'a') as reads:\n            reads.write('x')\n",
)


@pytest.fixture
def read_often(tmp_path, new_world):
    """A stack of one file, and how often that was read since it was asked last."""
    folder = project(tmp_path / "greetings", files=COUNTED)
    note, log = tmp_path / "note.txt", tmp_path / "note.txt.reads"
    world = new_world((declared(folder),), GREETINGS_PASSPHRASE="open")

    def configure(who: str) -> None:
        path = folder / "Pulumi.dev.yaml"
        salt = [line for line in path.read_text().splitlines() if "salt" in line] if path.exists() else []
        path.write_text("\n".join([*salt, "config:", f"  greetings:path: {note}", f"  greetings:who: {who}", ""]))

    def reads() -> int:
        count = len(log.read_text()) if log.exists() else 0
        log.unlink(missing_ok=True)
        return count

    return world, configure, reads


async def applied(world, reads) -> int:
    preview = await world.preview("stack_up", stack="greetings-dev")
    reads()
    assert (await world.run("stack_up", preview, stack="greetings-dev")).succeeded
    return int(reads())


async def test_a_world_that_is_as_the_state_has_it_is_read_once_before_it_is_changed(read_often):
    world, configure, reads = read_often
    configure("Ada")
    await world.do("stack_up", stack="greetings-dev")
    configure("Bea")
    assert await applied(world, reads) == 1


class Meddlers(Desk):
    """Lets somebody else act at the moment at which a permit is used up."""

    def __init__(self, meddle) -> None:
        super().__init__()
        self._meddle = meddle

    async def redeem(self, permit_id: str, token: str, *, tool: str) -> None:
        await super().redeem(permit_id, token, tool=tool)
        await self._meddle()


@pytest.mark.parametrize("tool", ["stack_up", "stack_destroy"])
async def test_what_somebody_else_deploys_between_the_last_look_and_the_change_stops_it(
    deployed, new_world, tool, monkeypatch
):
    other = new_world()
    deployed.config(SMALL, version="1.5.0")
    preview = await deployed.preview(tool, stack=SMALL)
    theirs = await other.preview("stack_up", stack=SMALL)

    async def meddle() -> None:
        assert (await other.run("stack_up", theirs, stack=SMALL)).succeeded

    monkeypatch.setattr(deployed.desk, "redeem", Meddlers(meddle).redeem)
    with pytest.raises(ToolError, match="was changed from elsewhere in between"):
        await deployed.run(tool, preview, deployed.permit("e_mine"), stack=SMALL)
    counted = deployed.count()
    assert {service.version for service in counted.services} == {"1.5.0"}
    assert (len(counted.services), counted.doubled) == (2, ())


async def test_a_repair_of_what_has_not_drifted_does_nothing_whatever_was_cut_off(deployed):
    state = deployed.home / f"infra/lab-state/.pulumi/stacks/sophia-lab/{SMALL}.json"
    kept = json.loads(state.read_text())
    latest = kept["checkpoint"]["latest"]
    latest["pending_operations"] = [{"type": "creating", "resource": latest["resources"][-1]}]
    state.write_text(json.dumps(kept))
    deployed.config(SMALL, version="1.5.0")
    card = await deployed.preview("stack_repair", stack=SMALL)
    assert card.nothing_to_do
    assert "was cut off" in card.risk
    with pytest.raises(ToolError, match="Nothing of what was to be set back"):
        await deployed.run("stack_repair", card, stack=SMALL)
    assert deployed.desk.redeemed[1:] == []
