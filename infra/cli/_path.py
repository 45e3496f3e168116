"""Whether the `pulumi` on PATH can be used."""

import functools
import subprocess
from pathlib import Path

from infra.cli._environment import Environ, program, with_variables
from infra.cli._installation import (
    MINIMUM_VERSION,
    NEEDED_FILES,
    CliInstallation,
    Version,
    named,
    parse_version,
    read_manifest,
)

__all__ = ["ask_version", "on_path"]

_VERSION_SECONDS = 20.0


def on_path(environ: Environ) -> CliInstallation | str:
    """The command line on PATH, or a sentence that says why there is none to use."""
    executable = program("pulumi", environ)
    if executable is None:
        return "there is no `pulumi`"
    if executable.parent.name != "bin":
        return f"{executable} isn't in a folder named bin, which the Automation API wants"
    if (ours := read_manifest(executable.parent.parent)) is not None:
        return ours
    try:
        version = _version_of(executable, environ)
    except (OSError, subprocess.SubprocessError) as error:
        return f"{executable} doesn't run: {error}"
    if version is None:
        return f"{executable} doesn't say which version it is"
    if version < MINIMUM_VERSION or version[0] != MINIMUM_VERSION[0]:
        return (
            f"{executable} is {named(version)}, which isn't at least {named(MINIMUM_VERSION)} of the same major version"
        )
    if missing := _missing_beside(executable, environ):
        return f"{executable} ({named(version)}) lacks {', '.join(missing)} beside it"
    return CliInstallation(executable.parent.parent, named(version), "path")


def ask_version(executable: Path, environ: Environ) -> Version | None:
    """What `pulumi version` answers. Raises OSError or SubprocessError when it doesn't run."""
    command = with_variables([str(executable), "version"], {"PULUMI_SKIP_UPDATE_CHECK": "true"})
    answer = subprocess.run(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_VERSION_SECONDS,
        check=True,
    )
    return parse_version(answer.stdout)


def _missing_beside(executable: Path, environ: Environ) -> list[str]:
    """Pulumi looks for its companions in the folder of its real file and on PATH."""
    beside = (executable.parent, executable.resolve().parent)
    return [
        name
        for name in NEEDED_FILES
        if not any((folder / name).exists() for folder in beside) and program(name, environ) is None
    ]


def _version_of(executable: Path, environ: Environ) -> Version | None:
    """Asked once a process for each state of the file: starting the program takes a quarter of a second."""
    variables = None if environ is None else tuple(sorted(environ.items()))
    return _remembered_version(executable, executable.stat().st_mtime_ns, variables)


@functools.lru_cache(maxsize=8)
def _remembered_version(
    executable: Path, _modified: int, variables: tuple[tuple[str, str], ...] | None
) -> Version | None:
    return ask_version(executable, None if variables is None else dict(variables))
