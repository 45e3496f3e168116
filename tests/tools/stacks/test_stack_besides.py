"""What a deploy changes besides resources' properties: outputs and protections, which the engine calls unchanged."""

from __future__ import annotations

import pytest

from tests.tools.stacks.projects import declared, project
from tools.errors import ToolError

PROGRAM = """
import pulumi
from files import File

config = pulumi.Config()
File("note", config.require("path"), "hello", pulumi.ResourceOptions(protect={protect}))
pulumi.export("motto", {motto!r})
pulumi.export("key", pulumi.Output.secret({key!r}))
"""


@pytest.mark.timeout(300)
async def test_what_changes_outputs_and_protections_alone_is_shown_and_deployed(tmp_path, new_world):
    folder = project(tmp_path / "greetings")
    world = new_world((declared(folder),), GREETINGS_PASSPHRASE="open")
    (folder / "Pulumi.dev.yaml").write_text(f"config:\n  greetings:path: {tmp_path / 'note.txt'}\n")
    main = folder / "__main__.py"
    main.write_text(PROGRAM.format(protect=False, motto="old", key="first-canary"))
    await world.do("stack_up", stack="greetings-dev")
    assert (await world.preview("stack_up", stack="greetings-dev")).nothing_to_do

    main.write_text(PROGRAM.format(protect=True, motto="new", key="second-canary"))
    shown = await world.run("stack_preview", stack="greetings-dev")
    wanted = ["protect note (File)", "set output key to [secret]", 'set output motto to "new"']
    assert shown.lines == wanted
    assert not shown.clean
    assert shown.changes == 3
    preview = await world.preview("stack_up", stack="greetings-dev")
    assert not preview.nothing_to_do
    assert preview.summary.endswith("no resource; " + "; ".join(wanted))
    result = await world.run("stack_up", preview, stack="greetings-dev")
    assert (await world.verify("stack_up", result, stack="greetings-dev")).ok
    assert "no resource changed; done: protect note (File)" in result.findings()[0].sentence
    assert (await world.stacks.history("greetings-dev"))[0].besides == tuple(wanted)
    assert (await world.run("stack_outputs", stack="greetings-dev")).outputs["motto"] == "new"
    assert (await world.preview("stack_up", stack="greetings-dev")).nothing_to_do
    assert "canary" not in preview.model_dump_json() + result.model_dump_json()

    back = await world.do("stack_rollback", stack="greetings-dev", checkpoint=result.checkpoint)
    assert back.outputs["motto"] == "old"


@pytest.mark.timeout(300)
async def test_a_program_without_resources_is_deployed_and_gives_out_what_it_does(tmp_path, new_world):
    folder = project(tmp_path / "greetings", __main__="import pulumi\npulumi.export('motto', 'old')\n")
    world = new_world((declared(folder),), GREETINGS_PASSPHRASE="open")
    first = await world.do("stack_up", stack="greetings-dev")
    assert (first.resources, first.outputs) == (0, {"motto": "old"})
    (folder / "__main__.py").write_text("import pulumi\n")
    preview = await world.preview("stack_up", stack="greetings-dev")
    assert preview.details[0] == "remove output motto"
    assert (await world.run("stack_up", preview, stack="greetings-dev")).outputs == {}


@pytest.mark.timeout(300)
async def test_only_the_resources_that_are_named_are_deployed(tmp_path, new_world):
    files = ("one", "two")
    program = "from files import File\n" + "".join(
        f"File({name!r}, {{folder!r}} + '/{name}', {{text!r}})\n" for name in files
    )
    folder = project(tmp_path / "greetings", __main__=program.format(folder=str(tmp_path), text="old"))
    world = new_world((declared(folder),), GREETINGS_PASSPHRASE="open")
    await world.do("stack_up", stack="greetings-dev", only=["ONE"])
    assert (tmp_path / "one").exists()
    assert not (tmp_path / "two").exists()
    with pytest.raises(ToolError, match=r"no resource called 'twoo'.*Nothing was changed.*There are: two"):
        await world.preview("stack_up", stack="greetings-dev", only=["twoo"])

    await world.do("stack_up", stack="greetings-dev")
    (folder / "__main__.py").write_text(program.format(folder=str(tmp_path), text="new"))
    preview = await world.preview("stack_up", stack="greetings-dev", only=["two (File)"])
    assert preview.summary == "deploy only two (File) of greetings-dev (development): update 1"
    await world.run("stack_up", preview, stack="greetings-dev", only=["two (File)"])
    assert ((tmp_path / "one").read_text(), (tmp_path / "two").read_text()) == ("old", "new")


RETAINED = """
import pulumi
from files import File

config, options = pulumi.Config(), pulumi.ResourceOptions
mode, path = config.require("mode"), config.require("path")
if mode == "first":
    File("ledger", path, "hello")
if mode in ("named", "moved"):
    also = [pulumi.Alias(name="ledger")]
    opts = options(aliases=also, retain_on_delete=True, replace_on_changes=["text"], delete_before_replace=True)
    File("book", path, "hello" if mode == "named" else "good evening", opts)
"""


@pytest.mark.timeout(300)
async def test_a_new_name_and_a_retention_are_changes_and_what_is_retained_is_left_and_not_deleted(tmp_path, new_world):
    folder, note = project(tmp_path / "greetings", __main__=RETAINED), tmp_path / "note.txt"
    world = new_world((declared(folder, data_types=("file",)),), GREETINGS_PASSPHRASE="open")
    main, stack = folder / "__main__.py", "greetings-dev"
    (folder / "Pulumi.dev.yaml").write_text(f"config:\n  greetings:path: {note}\n  greetings:mode: nothing\n")
    main.write_text(RETAINED.replace('config.require("mode")', '"first"'))
    await world.do("stack_up", stack=stack)

    main.write_text(RETAINED.replace('config.require("mode")', '"named"'))
    preview = await world.preview("stack_up", stack=stack)
    assert preview.details[:2] == [
        "call book (File) what was ledger (File)",
        "retain book (File): once it leaves the program, it stays and Pulumi only forgets it",
    ]
    assert not preview.nothing_to_do
    await world.run("stack_up", preview, stack=stack)

    main.write_text(RETAINED)
    preview = await world.preview("stack_up", stack=stack)
    assert preview.summary.endswith(": forget 1")
    assert preview.details[0] == "forget book (File): it stays as it is, and Pulumi no longer knows it"
    assert "DATA IS LOST" not in preview.risk
    gone = await world.run("stack_up", preview, stack=stack)
    assert "1 left in place and forgotten by Pulumi, 0 resources now" in gone.findings()[0].sentence
    assert note.read_text() == "hello"
