"""What is installed from a wheel: complete, compiled, and quick to start."""

from __future__ import annotations

import compileall
import json
import os
import resource
import subprocess
import sys
import zipfile
from pathlib import Path
from statistics import median

import pytest

from evals.bench.cold import EMPTY, PACKAGES

ROOT = Path(__file__).parents[2]
SOPHIA = "import sys; sys.argv[0] = 'sophia'; from agent.__main__ import main; main()"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, compiled, as an installer leaves it."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    assert all(compileall.compile_dir(folder / package, quiet=2) for package in PACKAGES)
    return folder


@pytest.fixture
def run(site: Path, tmp_path: Path):
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(site), "COLUMNS": "100"}
    environment |= {"SOPHIA_HOME": str(tmp_path / "home")}

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-c", program, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


def test_the_command_and_everything_that_it_reads_are_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (points,) = (name for name in names if name.endswith("entry_points.txt"))
        assert "sophia = agent.__main__:main" in archive.read(points).decode()
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == set(PACKAGES)
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    kept = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    assert kept - set(names) == set()


def test_it_is_the_installed_one_that_runs(run, site: Path) -> None:
    assert run("import agent; print(agent.__file__)").stdout.strip() == str(site / "agent" / "__init__.py")


def processor_seconds() -> float:
    """What the programs that were run so far took, however busy the machine is with others."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_commands_start_quickly(run) -> None:
    took: dict[str, list[float]] = {"sophia": [], "empty": []}
    for _ in range(3):
        for name, program in (("sophia", SOPHIA), ("empty", EMPTY)):
            before = processor_seconds()
            assert run(program, "--help").returncode == 0
            took[name].append(processor_seconds() - before)
    assert median(took["sophia"]) < 3 * median(took["empty"])


@pytest.mark.parametrize(
    "command", ["ask", "chat", "resume", "approvals", "watch", "sweep", "tools", "audit", "eval", "backup", "doctor"]
)
def test_every_command_explains_itself(run, command: str) -> None:
    found = run(SOPHIA, command, "--help")
    assert found.returncode == 0, found.stderr
    assert f"sophia {command}" in found.stdout


def test_an_installed_sophia_answers(run) -> None:
    planned = run(SOPHIA, "ask", "what are you doing?", "--plan-only", "--json")
    assert planned.returncode == 0, planned.stderr
    assert [step["tool"] for step in json.loads(planned.stdout)["steps"]] == ["work_status"]
    asked = run(SOPHIA, "ask", "what are you doing?", "--json")
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["status"] == "done"
