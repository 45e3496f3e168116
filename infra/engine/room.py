"""Opens engine sessions for places: finds the CLI once, and hands each child what it may know."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from infra.cli import CliInstallation, CliUnavailableError
from infra.engine.client import Session, session
from infra.errors import InfraError, ProjectBroken
from infra.places import Place, Places

__all__ = ["EngineRoom"]


class EngineRoom:
    """Where children are started. `find` gives the CLI, installing it if need be, at the first use."""

    def __init__(self, places: Places, find: Callable[[], CliInstallation]) -> None:
        self._places = places
        self._find = find
        self._found: CliInstallation | None = None

    async def cli(self) -> CliInstallation:
        """The command line. Raises InfraError when there is none and none could be installed."""
        if self._found is None:
            try:
                self._found = await asyncio.to_thread(self._find)
            except CliUnavailableError as error:
                raise InfraError(
                    "Pulumi's command line isn't available, and it couldn't be installed: " + "; ".join(error.attempts),
                    not_done="Nothing was done.",
                    to_do=error.remedy,
                ) from error
        return self._found

    @asynccontextmanager
    async def open(self, place: Place, *, create: bool = False, work_dir: Path | None = None) -> AsyncIterator[Session]:
        """A child that works on the place, in another working directory when one is given."""
        cli = await self.cli()
        _check_host(place, cli)
        workspace = self._places.workspace(place, cli, create=create)
        if work_dir is not None:
            workspace = replace(workspace, work_dir=str(work_dir))
        async with session(workspace, place.environ, place.declaration.time_limit_seconds) as child:
            yield child


def _check_host(place: Place, cli: CliInstallation) -> None:
    if place.declaration.lab:
        return
    host = f"pulumi-language-{place.runtime}"
    folders = [cli.bin, *(Path(part) for part in place.environ.get("PATH", "").split(":") if part)]
    if not any((folder / host).exists() for folder in folders):
        raise ProjectBroken(
            f"{place.name} is a {place.runtime} program, and Pulumi's host for that language isn't installed.",
            not_done="Nothing was done.",
            to_do=f"Install `{host}` beside the Pulumi CLI or on PATH.",
        )
