"""What an installed Pulumi command line is, and how one is recognised on disk."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = [
    "MINIMUM_VERSION",
    "NEEDED_FILES",
    "CliInstallation",
    "CliUnavailableError",
    "Origin",
    "Version",
    "named",
    "parse_version",
    "read_manifest",
    "write_manifest",
]

Origin = Literal["path", "cache", "download", "built"]
Version = tuple[int, int, int]

MINIMUM_VERSION: Version = (3, 200, 0)
"""Oldest release taken from PATH. The SDK itself would take 3.1, which knows neither `refresh --preview-only` nor
update plans as Sophia uses them; the SDK refuses another major version."""

NEEDED_FILES = (
    "pulumi",
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-resource-pulumi-python",
    "pulumi-analyzer-policy-python",
)
"""Without the resource script no dynamic provider runs, without the language host no project directory, without
the analyzer no policy pack; Pulumi looks for them beside itself."""

_MANIFEST = "installation.json"
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


class CliUnavailableError(Exception):
    """No usable command line, and none could be installed. For the operator: says what was tried and what to do.

    `attempts` holds one sentence for each source, in the order in which they were tried.
    """

    def __init__(self, attempts: tuple[str, ...], remedy: str) -> None:
        self.attempts = attempts
        self.remedy = remedy
        tried = "\n".join(f"  - {attempt}" for attempt in attempts)
        super().__init__(
            f"Pulumi's command line isn't available, and it couldn't be installed. Tried:\n{tried}\n{remedy}"
        )


@dataclass(frozen=True, slots=True)
class CliInstallation:
    """A folder whose `bin/` holds Pulumi and the programs that it starts."""

    root: Path
    version: str
    """Without the leading `v`."""
    origin: Origin
    """How this call came by it: `cache` for whatever an earlier call had downloaded or built."""

    @property
    def bin(self) -> Path:
        """The folder to put first on a child's PATH."""
        return self.root / "bin"

    @property
    def executable(self) -> Path:
        """The `pulumi` program itself."""
        return self.bin / "pulumi"


def named(version: Version) -> str:
    """A version as people write it."""
    return ".".join(map(str, version))


def parse_version(text: str) -> Version | None:
    """The first `1.2.3` or `v1.2.3` in a text."""
    found = _VERSION.search(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def write_manifest(root: Path, version: str) -> None:
    """Record what an installation consists of; written last, so that its presence means a whole one."""
    sizes = {path.name: path.stat().st_size for path in sorted((root / "bin").iterdir())}
    (root / _MANIFEST).write_text(json.dumps({"version": version, "bin": sizes}, indent=2) + "\n")


def read_manifest(root: Path) -> CliInstallation | None:
    """The installation at `root`, or None where there is none, a partial one, or one cut short."""
    try:
        manifest = json.loads((root / _MANIFEST).read_text())
        version, sizes = str(manifest["version"]), dict(manifest["bin"])
        whole = all((root / "bin" / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not whole or not set(NEEDED_FILES) <= set(sizes):
        return None
    return CliInstallation(root, version, "cache")
