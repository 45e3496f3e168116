"""The command line that this machine has, as the other tests use it."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.cli import CliInstallation, find_cli
from infra.cli._installation import NEEDED_FILES


@pytest.fixture
def cli() -> CliInstallation:
    found = find_cli()
    assert found is not None, "make setup installs it"
    return found


def test_it_runs(cli: CliInstallation) -> None:
    answer = subprocess.run([cli.executable, "version"], capture_output=True, text=True, check=True)
    assert answer.stdout.strip().startswith(f"v{cli.version}")


def test_its_companions_can_be_started(cli: CliInstallation) -> None:
    for name in NEEDED_FILES:
        assert (cli.bin / name).stat().st_mode & 0o111, name


def test_looking_for_it_loads_nothing_heavy() -> None:
    program = (
        "import sys, infra.cli; infra.cli.find_cli();"
        "print(*{'pulumi', 'ssl', 'httpx', 'grpc', 'pydantic'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""


def test_where_names_it(cli: CliInstallation) -> None:
    answer = subprocess.run([sys.executable, "-m", "infra.cli", "where"], capture_output=True, text=True, check=True)
    assert answer.stdout == f"Pulumi {cli.version} in {cli.root} ({cli.origin})\n"


def test_install_without_anything_is_one_clear_message(tmp_path: Path) -> None:
    """With no Go and a proxy that nobody serves, so that the download can't be reached on any machine."""
    environ = {"HOME": str(tmp_path), "PATH": "/nonexistent", "https_proxy": "http://127.0.0.1:9"}
    command = [sys.executable, "-m", "infra.cli", "install"]
    answer = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    assert "Tried:" in answer.stderr
    assert answer.stdout == ""
