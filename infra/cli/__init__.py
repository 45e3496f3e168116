"""Where Pulumi's command line comes from: PATH, our cache, the official download, or a build from Go modules.

`find_cli` looks and changes nothing; `ensure_cli` installs what is missing, once per machine. Neither imports Pulumi.
The bootstrap runs before there is an agent, so it opens its own connection for the one download it may make.
"""

from infra.cli._bootstrap import ensure_cli, find_cli
from infra.cli._installation import CliInstallation, CliUnavailableError
from infra.cli._sources import Archive, GoRecipe, Sources

__all__ = [
    "Archive",
    "CliInstallation",
    "CliUnavailableError",
    "GoRecipe",
    "Sources",
    "ensure_cli",
    "find_cli",
]
