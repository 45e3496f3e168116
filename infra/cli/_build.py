"""Pulumi built from Go modules, for machines that reach a module proxy but not the vendor's downloads.

Each program has a go.mod of its own with a complete go.sum beside this file: `go install` refuses Pulumi's replace
directives, and a checked-in go.sum means that every module is verified, whatever the proxy.
"""

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.cli._environment import Environ, program, with_variables
from infra.cli._installation import parse_version
from infra.cli._sources import GoRecipe

__all__ = ["BuildFailedError", "build"]

_CLI = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_LANGUAGE_HOST = "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
_SDK = "github.com/pulumi/pulumi/sdk/v3"

_VARIABLES = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "auto", "GOWORK": "off"}
"""With `auto`, a Go from 1.21 on that is too old fetches the one that a go.mod names, verified, as it does modules: the
Go of Debian 13 and of Ubuntu 24.04 is too old (https://go.dev/doc/toolchain)."""
_NOT_OURS = ("GOEXPERIMENT", "GOOS", "GOARCH", "GOROOT")
"""Variables that would build something else, or for another machine."""

_REPORT_EVERY_SECONDS = 10.0
_TAIL_LINES = 12


class BuildFailedError(Exception):
    """There is no fitting Go, or it failed; the message says which."""


@dataclass(frozen=True, slots=True)
class _Go:
    """The Go command in one module folder."""

    command: Path
    folder: Path
    environ: Environ
    progress: Callable[[str], None]

    def output(self, *arguments: str) -> str:
        """What a short command prints."""
        finished = subprocess.run(
            self._wrapped(arguments),
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if finished.returncode != 0:
            raise BuildFailedError(_failure(arguments, finished.stderr.splitlines()))
        return finished.stdout.strip()

    def follow(self, what: str, *arguments: str, total: int | None = None) -> list[str]:
        """Run a long command and report how many lines it has written to stderr; gives its stdout's lines."""
        lines: list[str] = []
        reported = time.monotonic()
        with (
            (self.folder / "stdout").open("w+") as stdout,
            subprocess.Popen(
                self._wrapped(arguments),
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=subprocess.PIPE,
                text=True,
            ) as process,
        ):
            for line in process.stderr or ():
                lines.append(line.rstrip())
                if time.monotonic() - reported >= _REPORT_EVERY_SECONDS:
                    reported = time.monotonic()
                    self.progress(f"{what}: {len(lines)}" + (f" of {total}" if total else ""))
            if process.wait() != 0:
                raise BuildFailedError(_failure(arguments, lines))
            stdout.seek(0)
            return stdout.read().splitlines()

    def _wrapped(self, arguments: tuple[str, ...]) -> list[str]:
        return with_variables([str(self.command), *arguments], _VARIABLES, without=_NOT_OURS)


def build(recipe: GoRecipe, bin_folder: Path, scratch: Path, environ: Environ, progress: Callable[[str], None]) -> None:
    """Fill `bin_folder`; takes about four minutes on two cores. Raises BuildFailedError."""
    command = program("go", environ)
    if command is None:
        raise BuildFailedError(f"there is no `go` on PATH to build Pulumi {recipe.version} with")
    bin_folder.mkdir(parents=True, exist_ok=True)
    host = _module(recipe, "language", command, scratch, environ, progress)
    _compile(host, _LANGUAGE_HOST, bin_folder / "pulumi-python-host", "-w -s")
    _compile(host, ".", bin_folder / "pulumi-language-python", "-w -s")
    cli = _module(recipe, "pulumi", command, scratch, environ, progress)
    version_flag = f"-X {_SDK}/go/common/version.Version=v{recipe.version}"
    _compile(cli, _CLI, bin_folder / "pulumi", f"-w -s {version_flag}")
    _copy_scripts(Path(cli.output("list", "-m", "-f", "{{.Dir}}", _SDK)), bin_folder)
    _copy_scripts(Path(host.output("list", "-m", "-f", "{{.Dir}}", _SDK)), bin_folder)


def _module(
    recipe: GoRecipe,
    name: str,
    command: Path,
    scratch: Path,
    environ: Environ,
    progress: Callable[[str], None],
) -> _Go:
    """A copy of a module folder to build in, after a look at whether this Go is new enough for it, or fetches one."""
    folder = scratch / name
    shutil.copytree(recipe.modules / name, folder)
    go = _Go(command, folder, environ, progress)
    wanted = re.search(r"^go (\S+)$", (folder / "go.mod").read_text(), re.MULTILINE)
    needed, present = wanted[1] if wanted else "1.25", go.output("env", "GOVERSION").removeprefix("go")
    if _release(present) < _release(needed):
        raise BuildFailedError(f"{command} is Go {present}; Pulumi {recipe.version} needs {needed} or newer")
    return go


def _compile(go: _Go, package: str, target: Path, link_flags: str) -> None:
    name = target.name
    go.progress(f"fetching the modules of {name}")
    packages = go.follow(f"fetching the modules of {name}", "list", "-deps", package)
    go.progress(f"compiling {name} ({len(packages)} packages, some minutes)")
    go.follow(
        f"compiling {name}",
        *("build", "-v", "-trimpath", "-buildvcs=false", "-tags", "osusergo,grpcnotrace"),
        *("-ldflags", link_flags, "-o", str(target), package),
        total=len(packages),
    )


def _copy_scripts(sdk: Path, bin_folder: Path) -> None:
    """The small programs that the SDK's module carries; what an earlier, newer module brought stays."""
    for folder in (sdk / "python" / "cmd", sdk / "python" / "dist"):
        for script in folder.glob("pulumi-*-python*") if folder.is_dir() else ():
            target = bin_folder / script.name
            if script.is_file() and not script.suffix and not target.exists():
                shutil.copyfile(script, target)
                target.chmod(0o755)


def _release(version: str) -> tuple[int, int, int]:
    return parse_version(version) or parse_version(f"{version}.0") or (0, 0, 0)


def _failure(arguments: tuple[str, ...], lines: list[str]) -> str:
    tail = "\n      ".join(line for line in lines[-_TAIL_LINES:] if line)
    return f"`go {' '.join(arguments[:2])}` failed:\n      {tail}"
