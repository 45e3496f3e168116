"""A user's project directory runs in the environment that it names, with its own modules."""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

from infra.cli import find_cli

PROGRAM = """
import sys
import pulumi
import agent

pulumi.export("agent", agent.WHOSE)
pulumi.export("program", sys.prefix)
"""

PROVIDER = """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Provider(ResourceProvider):
    def create(self, props):
        import sys

        return CreateResult("made", {**props, "prefix": sys.prefix})


class Thing(Resource):
    prefix: pulumi.Output[str]

    def __init__(self, name):
        super().__init__(Provider(), name, {"prefix": None})


pulumi.export("provider", Thing("thing").prefix)
"""


def make_environment(folder: Path) -> None:
    """A virtual environment of the user's that has Pulumi's SDK and none of ours."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    ours = sysconfig.get_path("purelib")
    site = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    (Path(site) / "sdk.pth").write_text(ours)


def up(folder: Path, home: Path) -> dict[str, str]:
    cli = find_cli()
    assert cli is not None, "make setup installs it"
    environ = {
        "HOME": str(home),
        "PATH": f"{cli.bin}:/usr/bin:/bin",
        "PULUMI_BACKEND_URL": f"file://{home}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    for command in (["stack", "init", "test"], ["up", "--yes", "--stack", "test"]):
        done = subprocess.run(
            ["pulumi", *command], cwd=folder, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    shown = ["pulumi", "stack", "output", "--json", "--stack", "test"]
    answer = subprocess.run(shown, cwd=folder, env=environ, capture_output=True, text=True, check=True)
    return dict(json.loads(answer.stdout))


def make_project(folder: Path, main: str, program: str) -> Path:
    """The project's virtual environment, named in Pulumi.yaml by a path relative to it."""
    (folder / main).mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(
        f"name: theirs\nmain: {main}\nruntime:\n  name: python\n  options:\n    virtualenv: their-environment\n"
    )
    (folder / main / "agent.py").write_text("WHOSE = 'theirs'\n")
    (folder / main / "__main__.py").write_text(program)
    make_environment(folder / "their-environment")
    return folder / "their-environment"


def test_a_project_and_its_dynamic_providers_run_in_its_own_environment(tmp_path: Path) -> None:
    environment = make_project(tmp_path / "project", ".", PROGRAM + PROVIDER)
    outputs = up(tmp_path / "project", tmp_path)
    assert outputs == {"agent": "theirs", "program": str(environment), "provider": str(environment)}


def test_a_program_in_a_folder_of_the_project_does_too(tmp_path: Path) -> None:
    environment = make_project(tmp_path / "project", "source", PROGRAM)
    outputs = up(tmp_path / "project", tmp_path)
    assert outputs == {"agent": "theirs", "program": str(environment)}
