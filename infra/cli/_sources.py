"""The pinned places that a command line may come from, each with the checksums that it must have."""

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PINNED", "Archive", "GoRecipe", "Sources", "this_platform"]


@dataclass(frozen=True, slots=True)
class Archive:
    """An official release archive (`pulumi/…` in a gzipped tar)."""

    version: str
    url: str
    sha256: str

    @property
    def key(self) -> str:
        """The folder's name in the cache; another pin is another folder."""
        return f"{self.version}-{self.sha256[:12]}"


@dataclass(frozen=True, slots=True)
class GoRecipe:
    """A build from Go modules: `pulumi/` and `language/` below `modules` hold a go.mod and its complete go.sum, the
    latter also the launcher that gives the language host what it needs.
    """

    version: str
    modules: Path

    @property
    def key(self) -> str:
        """The folder's name in the cache; another go.mod, go.sum or launcher is another folder."""
        digest = hashlib.sha256()
        for path in sorted(self.modules.glob("*/*")):
            digest.update(path.read_bytes())
        return f"{self.version}-{digest.hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that `ensure_cli` may install from; archives by platform as `this_platform` names it."""

    archives: Mapping[str, Archive]
    build: GoRecipe | None


def this_platform() -> str:
    """The platform in the words of Pulumi's archives, such as `linux-x64` or `darwin-arm64`."""
    machine = platform.machine().lower()
    architecture = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(machine, machine)
    return f"{platform.system().lower()}-{architecture}"


# Checksums as recorded in nixpkgs' pulumi-bin, which are those of the vendor's release page; 3.221.0 is the newest
# release that they cover for all four platforms.
_RELEASE = "3.221.0"
_CHECKSUMS = {
    "linux-x64": "fe736f91b4153f94f859870e34dda01e648552c25f702c8a42282acf3a5db9ad",
    "linux-arm64": "baaf077a8b851da4fd1f6434860b56fec43f877709fe5a22ed3bbd335af57a37",
    "darwin-x64": "6c275ff21c2a2790dc4ac9536be745f0fa65b9eab32e5dc896d1e4cd79fafb6b",
    "darwin-arm64": "4d3024f24131440cacc9d04cf9a19dc673c821216fe5fec848d1ce5af0c06092",
}

PINNED = Sources(
    archives={
        name: Archive(_RELEASE, f"https://get.pulumi.com/releases/sdk/pulumi-v{_RELEASE}-{name}.tar.gz", checksum)
        for name, checksum in _CHECKSUMS.items()
    },
    # 3.259.0 is published as a Go module; not every release is.
    build=GoRecipe("3.259.0", Path(__file__).parent / "modules"),
)
