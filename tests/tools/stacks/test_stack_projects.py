"""Stacks that are Pulumi project directories of somebody else's, with virtual environments of their own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from infra.declaration import CommandCheck, Credentials
from tests.tools.stacks.projects import PROGRAM, declared, project
from tools.errors import StateMoved, ToolError


@pytest.fixture
def greetings(tmp_path, new_world):
    folder = project(tmp_path / "greetings")
    note = tmp_path / "note.txt"
    check = CommandCheck(name="note", command=("grep", "-q", "hello", str(note)))
    world = new_world((declared(folder, health=(check,), watch_seconds=0.5),), GREETINGS_PASSPHRASE="open")
    (folder / "Pulumi.dev.yaml").write_text(f"config:\n  greetings:path: {note}\n")
    return world, folder, note


@pytest.mark.timeout(300)
async def test_a_project_of_somebody_else_s_runs_in_its_own_environment(greetings):
    world, folder, note = greetings
    result = await world.do("stack_up", stack="greetings-dev")
    assert note.read_text() == "hello world"
    assert result.outputs["interpreter"] == str(folder / ".venv" / "bin" / "python")
    assert result.outputs["theirs"] == str(folder / "tools.py")
    assert result.outputs["ours"] == []

    note.write_text("hello nobody")
    found = await world.run("stack_drift", stack="greetings-dev")
    assert [(line.property, line.found) for line in found.drift] == [("text", "hello nobody")]
    await world.do("stack_repair", stack="greetings-dev")
    assert note.read_text() == "hello world"

    (folder / ".git").mkdir()
    changed = await world.do("stack_config_set", stack="greetings-dev", key="who", value="Ada")
    assert changed.in_git
    assert "commit it" in changed.summary
    (folder / "tools.py").write_text('GREETING = "good evening"\n')
    preview = await world.preview("stack_up", stack="greetings-dev")
    result = await world.run("stack_up", preview, stack="greetings-dev")
    assert note.read_text() == "good evening Ada"
    assert not result.healthy
    back = await world.do("stack_rollback", stack="greetings-dev", checkpoint=result.checkpoint)
    assert back.healthy
    assert note.read_text() == "hello world"
    assert (folder / "tools.py").read_text() == 'GREETING = "good evening"\n'


async def test_only_what_was_approved_has_the_credentials_that_may_change_something(tmp_path, new_world):
    folder = project(tmp_path / "greetings")
    roles = tmp_path / "roles.txt"
    (folder / "Pulumi.dev.yaml").write_text(
        f"config:\n  greetings:path: {tmp_path / 'note.txt'}\n  greetings:roles: {roles}\n"
    )
    reader = Credentials(command=("sh", "-c", "echo export ROLE=reader"))
    writer = Credentials(variables={"ROLE": "WRITER"})
    declaration = declared(folder, preview_credentials=reader, apply_credentials=writer)
    world = new_world((declaration,), GREETINGS_PASSPHRASE="open", WRITER="writer")
    preview = await world.preview("stack_up", stack="greetings-dev")
    assert set(roles.read_text().splitlines()) == {"reader None"}
    roles.unlink()
    assert (await world.run("stack_up", preview, stack="greetings-dev")).succeeded
    assert set(roles.read_text().splitlines()) == {"writer None"}

    poor = new_world((declaration,), GREETINGS_PASSPHRASE="open")
    with pytest.raises(ToolError, match=r"credentials for greetings-dev can't be had: WRITER isn't set"):
        await poor.run("stack_up", await poor.preview("stack_up", stack="greetings-dev"), stack="greetings-dev")
    assert "writer" not in "".join(path.read_text() for path in (tmp_path / "infra" / "runs").rglob("*.json*"))


async def test_a_change_of_the_program_after_its_preview_is_refused(greetings):
    world, folder, note = greetings
    preview = await world.preview("stack_up", stack="greetings-dev")
    (folder / "tools.py").write_text('GREETING = "bye"\n')
    with pytest.raises(StateMoved, match="program was changed in between"):
        await world.run("stack_up", preview, stack="greetings-dev")
    assert not note.exists()


@pytest.mark.parametrize(
    "program, kind, place",
    [
        ("import not_there\n", "import failed", "not_there"),
        ("def broken(:\n", "syntax error", ""),
        ("import pulumi\npulumi.export('x', 1 / 0)\n", "program error", "__main__.py, line 2"),
        ("import pulumi\npulumi.Config().require('budget')\n", "missing configuration", "budget"),
    ],
)
async def test_a_program_that_fails_is_explained_with_its_line(tmp_path, new_world, program, kind, place):
    folder = project(tmp_path / "greetings", __main__=program)
    world = new_world((declared(folder),), GREETINGS_PASSPHRASE="open")
    with pytest.raises(ToolError, match="The engine failed on"):
        await world.preview("stack_up", stack="greetings-dev")
    diagnosed = await world.run("stack_diagnose")
    assert diagnosed.causes[0].kind == kind
    assert place in diagnosed.causes[0].sentence
    assert all(".jsonl:" in line or ".json:" in line for line in diagnosed.causes[0].evidence)


async def test_a_program_that_hangs_is_stopped(tmp_path, new_world):
    folder = project(tmp_path / "greetings", __main__="import time\ntime.sleep(3600)\n")
    world = new_world((declared(folder, time_limit_seconds=4.0),), GREETINGS_PASSPHRASE="open")
    with pytest.raises(ToolError, match="didn't end within 4 s and was stopped"):
        await world.preview("stack_up", stack="greetings-dev")


async def test_what_is_no_project_or_has_no_host_is_said(tmp_path, new_world):
    (tmp_path / "empty").mkdir()
    world = new_world((declared(tmp_path / "empty"),))
    with pytest.raises(ToolError, match=r"is no Pulumi project: there is no Pulumi\.yaml"):
        await world.preview("stack_up", stack="greetings-dev")
    (tmp_path / "empty" / "Pulumi.yaml").write_text("name: greetings\nruntime: dotnet\n")
    with pytest.raises(ToolError, match=r"dotnet program.*isn't installed.*pulumi-language-dotnet"):
        await world.preview("stack_up", stack="greetings-dev")
    (line,) = (await world.run("stack_list")).stacks
    assert line.sentence.endswith("Pulumi's host for it, `pulumi-language-dotnet`, isn't installed.")
    project = "name: greetings\nruntime: {name: python, options: {virtualenv: not-there}}\n"
    (tmp_path / "empty" / "Pulumi.yaml").write_text(project)
    with pytest.raises(ToolError, match=r"names .*/empty/not-there as its virtual environment, and there is none"):
        await world.preview("stack_up", stack="greetings-dev")


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    answer = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments], capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()


async def test_a_change_of_configuration_in_git_is_offered_as_a_commit_on_a_branch(greetings):
    world, folder, _note = greetings
    (folder / ".gitignore").write_text(".venv\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "begin")
    (folder / "tools.py").write_text('GREETING = "hey"\n')  # somebody is at work there
    git(folder, "add", "tools.py")
    config = folder / "Pulumi.dev.yaml"

    first = await world.do("stack_config_set", stack="greetings-dev", key="who", value="Ada")
    second = await world.do("stack_config_set", stack="greetings-dev", key="mood", value="fine")
    assert git(folder, "diff", "--name-only", "main", first.branch) == "Pulumi.dev.yaml"
    assert git(folder, "show", f"{second.branch}:Pulumi.dev.yaml") == config.read_text().strip()
    assert "Asked for by tom [sophia e_" in git(folder, "log", "-1", "--format=%B", first.branch)
    assert f"committed on branch {first.branch}" in first.summary
    assert git(folder, "branch", "--show-current") == "main"
    assert git(folder, "diff", "--cached", "--name-only") == "tools.py"

    preview = await world.preview("stack_config_set", stack="greetings-dev", key="who", value="Bea")
    permit = world.permit("e_cut")
    await world.run("stack_config_set", preview, permit, stack="greetings-dev", key="who", value="Bea")
    git(folder, "update-ref", "-d", f"refs/heads/{preview.bound['branch']}")  # as if it was cut off before that
    found, done = await go_on(world, preview, "e_cut")
    assert (found.outcome, done.in_git) == ("partial", True)
    assert git(folder, "rev-parse", preview.bound["branch"]) == done.commit

    config.write_text(config.read_text() + "# by hand\n")
    by_hand = await world.do("stack_config_set", stack="greetings-dev", key="who", value="Cyd")
    assert by_hand.commit == ""
    assert "commit it, or the next pipeline run reverts it" in by_hand.summary


async def go_on(world, preview, permit: str):
    arguments = {"stack": "greetings-dev", "key": "who", "value": "Bea"}
    found = await world.reconcile("stack_config_set", permit, preview, **arguments)
    done = await world.run("stack_config_set", preview, world.permit(permit), **arguments)
    assert (await world.verify("stack_config_set", done, **arguments)).ok
    return found, done


async def test_secrets_of_the_environment_that_a_program_prints_are_masked_everywhere(tmp_path, new_world):
    program = """
import os, sys, pulumi
word = os.environ["DB_PASSWORD"]
print("the password is", word)
print("the password is", word, file=sys.stderr)
pulumi.log.warn(f"{word} and {os.environ['PULUMI_CONFIG_PASSPHRASE']}")
raise ValueError(f"can't log in with {word}")
"""
    folder = project(tmp_path / "greetings", __main__=program)
    world = new_world((declared(folder),), GREETINGS_PASSPHRASE="canary-open", DB_PASSWORD="canary-word")
    with pytest.raises(ToolError, match=r"ValueError: can't log in with \[secret\]") as caught:
        await world.preview("stack_up", stack="greetings-dev")
    diagnosed = await world.run("stack_diagnose")
    kept = "".join(path.read_text() for path in (tmp_path / "infra").rglob("*.json*"))
    assert "can't log in with [secret]" in kept
    assert "canary" not in kept + str(caught.value) + diagnosed.model_dump_json()


async def test_logs_that_a_stack_declares_are_evidence_from_the_failed_run_on(tmp_path, new_world):
    folder = project(tmp_path / "greetings", __main__="raise SystemExit('it is broken')\n")
    (folder / "service.log").write_text("started\nopen /var/lib/x: No space left on device, canary-word\n")
    logs = (("sh", "-c", "echo since {since}; cat service.log"), ("not-there",))
    world = new_world((declared(folder, logs=logs),), GREETINGS_PASSPHRASE="open", DB_PASSWORD="canary-word")
    with pytest.raises(ToolError, match="The engine failed on"):
        await world.preview("stack_up", stack="greetings-dev")
    diagnosed = await world.run("stack_diagnose")
    assert diagnosed.causes[0].kind == "disk full"
    cited = "log `sh`:3 “open /var/lib/x: No space left on device, [secret]”"
    assert diagnosed.causes[0].evidence == [cited]
    assert "4 lines of its logs" in diagnosed.looked_at


async def test_a_component_is_nothing_in_the_world_that_could_drift_and_long_outputs_are_cut(greetings):
    world, folder, note = greetings
    parts = """
class Pair(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("demo:mod:Pair", name)
        File(name, config.require("path"), "hello", pulumi.ResourceOptions(parent=self))
Pair("pair")
pulumi.export("huge", "z" * 9000)
"""
    (folder / "__main__.py").write_text(PROGRAM.partition("File(")[0] + parts)
    done = await world.do("stack_up", stack="greetings-dev")
    assert done.resources == 2
    found = await world.run("stack_drift", stack="greetings-dev")
    assert (found.drift, found.routine) == ([], [])
    note.unlink()
    assert [line.resource for line in (await world.run("stack_drift", stack="greetings-dev")).drift] == ["pair (File)"]
    shown = await world.run("stack_outputs", stack="greetings-dev", key="huge")
    assert len(shown.findings()[0].sentence) < 4100
    assert "9,000 letters" in shown.findings()[0].sentence
    with pytest.raises(ToolError, match=r"There is no key 'huge'.*It is an output of that name"):
        await world.run("stack_config_get", stack="greetings-dev", key="huge")


async def test_what_a_program_prints_is_bounded_and_what_its_state_keeps_secret_is_masked_in_it(greetings):
    world, folder, note = greetings
    kept = 'File("note", config.require("path"), pulumi.Output.secret("hello canary-made"))\n'
    program = PROGRAM.partition("File(")[0] + kept
    (folder / "__main__.py").write_text(program)
    await world.do("stack_up", stack="greetings-dev")
    assert note.read_text() == "hello canary-made"
    chatty = 'print("it is hello canary-made")\nfor number in range(3000):\n    print("line", number)\n'
    (folder / "__main__.py").write_text(f'{program}{chatty}raise ValueError("hello canary-made")\n')
    world.heard.clear()
    with pytest.raises(ToolError, match=r"ValueError: \[secret\]"):
        await world.run("stack_preview", stack="greetings-dev")
    said = [event.text for event in world.heard]
    assert {"it is [secret]", "line 0", "line 2999"} <= set(said)
    assert len(said) < 100
    assert any("more lines are left out here" in line for line in said)
    assert "canary" not in "".join(said)


async def test_a_program_that_ends_by_itself_is_explained_by_what_it_printed(tmp_path, new_world):
    program = "import sys\nprint('begins')\nprint('no room left in hall 7', file=sys.stderr)\nsys.exit(3)\n"
    world = new_world((declared(project(tmp_path / "greetings", __main__=program)),), GREETINGS_PASSPHRASE="open")
    with pytest.raises(ToolError, match="The engine failed on greetings-dev: no room left in hall 7"):
        await world.preview("stack_up", stack="greetings-dev")
