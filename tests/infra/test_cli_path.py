"""Which `pulumi` on PATH is taken, and why another isn't."""

from pathlib import Path

import pytest

from infra.cli import CliUnavailableError, Sources, ensure_cli, find_cli
from infra.cli._installation import NEEDED_FILES

NOTHING = Sources({}, None)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "pulumi" / "bin"
    folder.mkdir(parents=True)
    return {"HOME": str(tmp_path), "PATH": str(folder)}


def install(folder: Path, text: str, *, without: str = "") -> None:
    for name in NEEDED_FILES:
        if name != without:
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)


def why_not(environ: dict[str, str]) -> str:
    assert find_cli(environ, sources=NOTHING) is None
    with pytest.raises(CliUnavailableError) as unavailable:
        ensure_cli(environ=environ, sources=NOTHING)
    return unavailable.value.attempts[0]


def test_a_fitting_version_is_taken(environ: dict[str, str], tmp_path: Path) -> None:
    install(Path(environ["PATH"]), "#!/bin/sh\necho v3.260.1-alpha.1\n")
    found = find_cli(environ, sources=NOTHING)
    assert found is not None
    assert (found.root, found.version, found.origin) == (tmp_path / "pulumi", "3.260.1", "path")
    assert found.executable.exists()
    assert ensure_cli(environ=environ, sources=NOTHING) == found


@pytest.mark.parametrize("version", ["2.25.0", "3.199.9", "4.0.0"])
def test_another_version_is_named(environ: dict[str, str], version: str) -> None:
    install(Path(environ["PATH"]), f"#!/bin/sh\necho v{version}\n")
    assert f"is {version}, which isn't at least 3.200.0" in why_not(environ)


def test_an_update_is_noticed(environ: dict[str, str]) -> None:
    folder = Path(environ["PATH"])
    install(folder, "#!/bin/sh\necho v3.100.0\n")
    why_not(environ)
    install(folder, "#!/bin/sh\necho v3.260.0\n")
    found = find_cli(environ, sources=NOTHING)
    assert found is not None
    assert found.version == "3.260.0"


def test_one_without_the_dynamic_provider_is_not_enough(environ: dict[str, str]) -> None:
    install(Path(environ["PATH"]), "#!/bin/sh\necho v3.260.0\n", without="pulumi-resource-pulumi-python")
    assert "lacks pulumi-resource-pulumi-python beside it" in why_not(environ)


def test_companions_may_lie_beside_the_real_file(environ: dict[str, str], tmp_path: Path) -> None:
    real = tmp_path / "opt"
    real.mkdir()
    install(real, "#!/bin/sh\necho v3.260.0\n")
    (Path(environ["PATH"]) / "pulumi").symlink_to(real / "pulumi")
    assert find_cli(environ, sources=NOTHING) is not None


@pytest.mark.parametrize(
    "text,why",
    [
        ("#!/bin/sh\nexit 3\n", "doesn't run"),
        ("#!/nowhere/sh\n", "doesn't run"),
        ("#!/bin/sh\necho hello\n", "doesn't say which version it is"),
    ],
)
def test_one_that_does_not_work_is_named(environ: dict[str, str], text: str, why: str) -> None:
    install(Path(environ["PATH"]), text)
    assert why in why_not(environ)


def test_one_outside_a_bin_folder_is_not_taken(environ: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "pulumi" / "programs"
    folder.mkdir()
    install(folder, "#!/bin/sh\necho v3.260.0\n")
    environ["PATH"] = str(folder)
    assert "isn't in a folder named bin" in why_not(environ)


def test_looking_changes_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    find_cli(environ)
    assert sorted(tmp_path.rglob("*")) == before
