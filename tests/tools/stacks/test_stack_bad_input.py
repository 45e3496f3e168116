from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from infra.cli import CliUnavailableError
from infra.declaration import StackDeclaration
from infra.lab import lab_declarations
from infra.stacks import Stacks
from tools.errors import ToolError

SMALL = "sophia-ai-modernized"


def small(**changes: object) -> StackDeclaration:
    declared = next(item for item in lab_declarations() if item.name == SMALL)
    return declared.model_copy(update=changes)


class Window:
    """A freeze window that is in force when the test says so."""

    why = "month-end closing"
    closed = False

    def covers(self, now: datetime, zone: str) -> bool:
        return self.closed


async def test_nothing_is_deployed_nor_asked_for_in_a_freeze_window(new_world):
    window = Window()
    world = new_world((small(freeze=(window,)),))
    preview = await world.preview("stack_up", stack=SMALL)
    window.closed = True
    with pytest.raises(ToolError, match="is frozen: month-end closing"):
        await world.run("stack_up", preview, stack=SMALL)
    for tool in ("stack_up", "stack_destroy"):
        with pytest.raises(ToolError, match="is frozen: month-end closing"):
            await world.preview(tool, stack=SMALL)
    assert (await world.run("stack_preview", stack=SMALL)).changes == 4
    assert world.desk.redeemed == []


async def test_a_wrong_passphrase_is_said_and_changes_nothing(new_world):
    declared = small(passphrase_env="LAB_PASSPHRASE")
    world = new_world((declared,), LAB_PASSPHRASE="cherry-1")
    await world.do("stack_up", stack=SMALL)
    other = new_world((declared,), LAB_PASSPHRASE="cherry-2")
    with pytest.raises(ToolError, match="can't be read with the passphrase that is configured") as caught:
        await other.preview("stack_up", stack=SMALL)
    assert caught.value.acts == "operator"
    assert "cherry" not in str(caught.value)


async def test_a_missing_command_line_is_said_with_what_was_tried(new_world, tmp_path):
    def none() -> None:
        raise CliUnavailableError(("PATH: nothing", "download: no connection"), "Install Pulumi 3.200 or newer.")

    world = new_world()
    world.stacks = Stacks(
        declarations=lab_declarations(),
        home=tmp_path,
        environ=dict(os.environ),
        clock=world.clock,
        permits=world.desk,
        probe=world.stacks._probe,
        cli=none,
    )
    with pytest.raises(ToolError, match=r"PATH: nothing; download: no connection.*Install Pulumi 3\.200"):
        await world.preview("stack_up", stack=SMALL)
    assert len((await world.run("stack_list")).stacks) == 4


async def test_a_truncated_state_is_said_and_diagnosed(deployed):
    state = deployed.home / f"infra/lab-state/.pulumi/stacks/sophia-lab/{SMALL}.json"
    whole = state.read_text()
    state.write_text(whole[: len(whole) // 2])
    with pytest.raises(ToolError, match=r"can't be read.*Bring back"):
        await deployed.preview("stack_up", stack=SMALL)
    line = next(item for item in (await deployed.run("stack_list")).stacks if item.name == SMALL)
    assert "can't be read" in line.problem
    diagnosed = await deployed.run("stack_diagnose", stack=SMALL)
    assert diagnosed.causes[0].kind == "state corrupted"
    state.write_text(whole)
    assert (await deployed.run("stack_preview", stack=SMALL)).clean


async def test_a_live_lock_is_respected_and_a_dead_one_explained(deployed):
    folder = deployed.home / f"infra/lab-state/.pulumi/locks/organization/sophia-lab/{SMALL}"
    folder.mkdir(parents=True, exist_ok=True)
    lock = {"pid": 4242, "username": "ann", "hostname": "build-7", "timestamp": "2026-01-01T00:00:00Z"}
    (folder / "0c7c.json").write_text(json.dumps(lock))
    preview = await deployed.preview("stack_up", stack=SMALL)
    with pytest.raises(ToolError, match=f"ann@build-7.*can't be seen from this machine.*unlock {SMALL}"):
        await deployed.run("stack_up", preview, stack=SMALL)

    diagnosed = await deployed.run("stack_diagnose", stack=SMALL)
    assert diagnosed.causes[0].kind == "lock held"
    assert diagnosed.causes[0].todo == f"unlock {SMALL}"
    card = await deployed.preview("stack_unlock", stack=SMALL)
    assert "another machine" in card.risk
    await deployed.do("stack_unlock", stack=SMALL)
    assert (await deployed.preview("stack_unlock", stack=SMALL)).nothing_to_do


def keep_secret(path: Path) -> None:
    path.write_text(path.read_text() + "config:\n  sophia-lab:db_password:\n    secure: v1:abcdef\n")


async def test_configuration_is_typed_and_keeps_secrets_out(deployed):
    read = await deployed.run("stack_config_get", stack=SMALL)
    assert {line.key for line in read.keys} >= {"sophia-lab:version", "sophia-lab:instance_count"}
    with pytest.raises(ToolError, match=r"instance_count .* takes a whole number, not 'many'"):
        await deployed.preview("stack_config_set", stack=SMALL, key="instance count", value="many")
    with pytest.raises(ToolError, match=r"no key 'instence_cuont'.*Nearest: instance_count"):
        await deployed.preview("stack_config_set", stack=SMALL, key="instence_cuont", value="2")
    with pytest.raises(ToolError, match="aren't taken from a conversation"):
        await deployed.preview("stack_config_set", stack=SMALL, key="sophia-lab:api_token", value="canary-1234")

    keep_secret(deployed.stacks.place(SMALL).config_path)
    read = await deployed.run("stack_config_get", stack=SMALL, key="db_password")
    assert (read.value, read.keys[0].secret) == ("[secret]", True)

    changed = await deployed.do("stack_config_set", stack=SMALL, key="version", value="1.5.0")
    assert (changed.previous, changed.value) == ("unset", "1.5.0")
    undo = deployed.tool("stack_config_set").undo
    assert undo.arguments["value"] == "result.previous"
    removed = await deployed.do("stack_config_unset", stack=SMALL, key="version")
    assert (removed.previous, removed.value) == ("1.5.0", "unset")
    assert deployed.stacks.config_value(SMALL, "sophia-lab:version") == "unset"
    assert (await deployed.preview("stack_config_unset", stack=SMALL, key="version")).nothing_to_do
    with pytest.raises(ToolError, match=r"no key 'vershun'.*Nearest: version"):
        await deployed.preview("stack_config_unset", stack=SMALL, key="vershun")
    await deployed.do("stack_config_set", stack=SMALL, key="version", value="1.5.0")
    await deployed.do("stack_config_set", stack=SMALL, key="version", value=changed.previous)
    assert deployed.stacks.config_value(SMALL, "sophia-lab:version") == "unset"


async def test_a_state_of_a_newer_version_or_of_another_stack_is_refused_and_diagnosed(deployed):
    state = deployed.home / f"infra/lab-state/.pulumi/stacks/sophia-lab/{SMALL}.json"
    whole = state.read_text()
    running = deployed.count()
    for text, why, kind in [
        (json.dumps(json.loads(whole) | {"version": 9}), "version 9, of a newer version of Pulumi", "newer version"),
        (whole.replace("::sophia-lab::", "::shop::"), f"it is that of {SMALL} in shop", "another stack"),
        (whole.replace(f":{SMALL}::", ":production::"), "it is that of production in sophia-lab", "another stack"),
    ]:
        state.write_text(text)
        for tool in ("stack_up", "stack_destroy", "stack_repair"):
            with pytest.raises(ToolError, match=why):
                await deployed.preview(tool, stack=SMALL)
        diagnosed = await deployed.run("stack_diagnose", stack=SMALL)
        assert kind in diagnosed.causes[0].kind
        assert why in diagnosed.causes[0].evidence[0]
    state.unlink()
    with pytest.raises(ToolError, match=r"is gone, although its history ends with the update.*made a second time"):
        await deployed.preview("stack_up", stack=SMALL)
    assert (await deployed.run("stack_diagnose", stack=SMALL)).causes[0].kind == "state corrupted"
    assert "is gone" in next(line.problem for line in (await deployed.run("stack_list")).stacks if line.name == SMALL)
    state.write_text(whole)
    assert deployed.count() == running
