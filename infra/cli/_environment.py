"""The environment that children get and that look-ups use: the caller's, or this process's own when none is given.

Nothing here reads environment variables: what isn't handed in is inherited by the child, or looked up by the
standard library on our behalf.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from platformdirs.unix import Unix

__all__ = ["Environ", "cache_root", "program", "with_variables"]

Environ = Mapping[str, str] | None
"""None: inherit."""


def cache_root(environ: Environ) -> Path:
    """`$XDG_CACHE_HOME/sophia`, or `~/.cache/sophia`, on every platform; outside any checkout."""
    if environ is None:
        return Unix("sophia", appauthor=False).user_cache_path
    if base := environ.get("XDG_CACHE_HOME"):
        return Path(base) / "sophia"
    home = environ.get("HOME")
    return (Path(home) if home else Path.home()) / ".cache" / "sophia"


def program(name: str, environ: Environ) -> Path | None:
    """Where a program lies on PATH."""
    found = shutil.which(name, path=None if environ is None else environ.get("PATH", ""))
    return Path(found) if found else None


def with_variables(command: Sequence[str], variables: Mapping[str, str], *, without: Sequence[str] = ()) -> list[str]:
    """The command under `env`, which adds to and takes from whatever environment the child gets."""
    removed = [argument for name in without for argument in ("-u", name)]
    return ["/usr/bin/env", *removed, *(f"{name}={value}" for name, value in variables.items()), *command]
