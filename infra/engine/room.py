"""Opens engine sessions for places: finds the CLI once, and hands each child what it may know."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from infra.backend import StateCorrupt
from infra.cli import CliInstallation, CliUnavailableError
from infra.credentials import credentials_of, withheld
from infra.engine.client import Session, start
from infra.errors import InfraError, NotDeployed, ProjectBroken, WrongPassphrase
from infra.hosts import missing_host
from infra.places import Place, Places
from infra.ports import Listener

__all__ = ["EngineRoom"]

_Key = tuple[str, str, str]
"""Of a waiting child: its stack, its working directory, and where its credentials came from."""

_IDLE_SECONDS = 20.0
"""So long a child waits for another job."""


class EngineRoom:
    """Where children are started. `find` gives the CLI, installing it if need be, at the first use."""

    def __init__(self, places: Places, find: Callable[[], CliInstallation]) -> None:
        self._places = places
        self._find = find
        self._found: CliInstallation | None = None
        self._waiting: dict[_Key, tuple[Session, asyncio.TimerHandle]] = {}
        self._closing: asyncio.Future[None] | None = None

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
    async def open(
        self,
        place: Place,
        *,
        create: bool = False,
        work_dir: Path | None = None,
        applying: bool = False,
        tell: Listener | None = None,
    ) -> AsyncIterator[Session]:
        """A child that works on the place, in another working directory when one is given. Only one that is opened
        for `applying` has the credentials that may change something, where the stack declares such.

        One that has just done something for the same place is used again, which saves its start. `tell` hears of
        long silences also where it doesn't listen to the job.
        """
        cli = await self.cli()
        _check_host(place, cli)
        declared = place.declaration
        given = (declared.apply_credentials if applying else None) or declared.preview_credentials
        key = (place.name, str(work_dir or place.work_dir), given.model_dump_json() if given else "")
        child = self._take(key)
        if child is not None and not child.idle:
            await child.close()
            child = None
        if place.state is not None:
            await asyncio.to_thread(place.state.forget_torn_attributes)
        if child is None:
            workspace = self._places.workspace(place, cli, create=create)
            if work_dir is not None:
                workspace = replace(workspace, work_dir=str(work_dir))
            credentials = await credentials_of(place.name, given, self._places.environ, str(place.work_dir))
            environ = _own_environ(place) | credentials
            child = await start(place.name, workspace, environ, declared.time_limit_seconds, credentials)
        child.tell = tell
        try:
            yield child
        except WrongPassphrase as error:
            error.to_do = f"Set {declared.passphrase_env or 'PULUMI_CONFIG_PASSPHRASE'} to the right passphrase."
            raise
        except NotDeployed as error:
            raise _lost(place) if place.made_before else error from None
        finally:
            await self._give_back(key, child)

    def _take(self, key: _Key) -> Session | None:
        waiting = self._waiting.pop(key, None)
        if waiting is None:
            return None
        child, timer = waiting
        timer.cancel()
        return child

    async def _give_back(self, key: _Key, child: Session) -> None:
        if not child.idle or key in self._waiting:
            await child.close()
            return
        timer = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._forget, key)
        self._waiting[key] = (child, timer)

    def _forget(self, key: _Key) -> None:
        child = self._take(key)
        if child is not None:
            self._closing = asyncio.ensure_future(child.close())

    async def aclose(self) -> None:
        """End the children that wait for another job."""
        for key in list(self._waiting):
            child = self._take(key)
            if child is not None:
                await child.close()
        if self._closing is not None:
            await self._closing


def _own_environ(place: Place) -> dict[str, str]:
    """What a child of the place has besides its credentials."""
    hidden = withheld(place.declaration.preview_credentials, place.declaration.apply_credentials)
    return {name: value for name, value in place.environ.items() if name not in hidden}


def _lost(place: Place) -> StateCorrupt:
    """For a stack that was deployed from here and that its backend doesn't know any more."""
    return StateCorrupt(
        f"The state of {place.name} is gone: its backend knows no such stack, although it was deployed from here.",
        not_done="Nothing was changed: what it made would be made a second time.",
        to_do="Bring it back from the bucket's older versions or a checkpoint; if it was removed on purpose, make it "
        "anew with `pulumi stack init`.",
    )


def _check_host(place: Place, cli: CliInstallation) -> None:
    if host := missing_host(place, lambda: cli.bin):
        raise ProjectBroken(
            f"{place.name} is a {place.runtime} program, and Pulumi's host for that language isn't installed.",
            not_done="Nothing was done.",
            to_do=f"Install `{host}` beside the Pulumi CLI or on PATH.",
        )
    if place.virtualenv is not None and not (place.virtualenv / "pyvenv.cfg").exists():
        raise ProjectBroken(
            f"Pulumi.yaml of {place.name} names {place.virtualenv} as its virtual environment, and there is none.",
            not_done="Nothing was done.",
            to_do="Make it with `pulumi install` in the project, or mend `virtualenv` there.",
        )
