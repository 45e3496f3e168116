"""Stacks: everything that can be asked of them and done to them, by name.

This is what tools get. Reading looks at the state where it lies; everything else goes through the engine's child.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from infra.backend import Deployment, StateCorrupt
from infra.checkpoints import Checkpoints
from infra.cli import CliInstallation, ensure_cli
from infra.declaration import StackDeclaration
from infra.deploys import ChangeReport, Deploys
from infra.drift import DriftReport
from infra.engine.room import EngineRoom
from infra.errors import InfraError, NotDeployed, UnknownStack
from infra.health import Health
from infra.places import Place, Places
from infra.ports import Clock, HttpProbe, Listener, PermitDesk, PermitLike
from infra.previews import Binding, ChangePreview, Previews
from infra.recovery import Holder, holders
from infra.runs import Runs, permit_in
from infra.watch import DriftWatch

__all__ = ["StackDeclaration", "StackStatus", "Stacks"]


class StackStatus(BaseModel):
    """One line of a list."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str
    environment: str
    program: str
    protected: bool
    owners: tuple[str, ...]
    deployed: bool
    resources: int = 0
    last_change: datetime | None = None
    last_message: str = ""
    last_permit: str = ""
    last_result: str = ""
    checked: datetime | None = None
    """When it was last checked for drift."""
    drifted: bool | None = None
    """None: never checked, or changed since."""
    lock: Holder | None = None
    pending: int = 0
    problem: str = ""


class Stacks:
    """The declared stacks."""

    def __init__(
        self,
        *,
        declarations: Sequence[StackDeclaration],
        home: Path,
        environ: Mapping[str, str],
        clock: Clock,
        permits: PermitDesk,
        probe: HttpProbe,
        passphrase: Callable[[str], str | None] = lambda _stack: None,
        cli: Callable[[], CliInstallation] | None = None,
    ) -> None:
        """`environ` is what children may get; `passphrase` gives a stack's, by its name; `cli` finds the command line."""
        self._declared = {item.name: item for item in declarations}
        root = home / "infra"
        self._places = Places(home, environ, passphrase)
        self._clock = clock
        self._runs = Runs(root)
        self._checkpoints = Checkpoints(root)
        self._room = EngineRoom(self._places, cli or (lambda: ensure_cli(environ=environ)))
        self._watch = DriftWatch(root, clock)
        self._health = Health(probe)
        self._previews = Previews(root, self._room, self._watch, clock)
        self._deploys = Deploys(
            room=self._room,
            runs=self._runs,
            checkpoints=self._checkpoints,
            previews=self._previews,
            watch=self._watch,
            health=self._health,
            permits=permits,
            clock=clock,
            scratch=root / "scratch",
        )

    def names(self) -> dict[str, list[str]]:
        """Every stack with the other words that people use for it."""
        return {name: list(item.aliases) for name, item in self._declared.items()}

    def declaration(self, name: str) -> StackDeclaration:
        """By name or alias. Raises UnknownStack with the nearest names."""
        wanted = name.strip().casefold()
        for item in self._declared.values():
            if wanted in (item.name.casefold(), *(alias.casefold() for alias in item.aliases)):
                return item
        raise UnknownStack(name, sorted(self._declared))

    def place(self, name: str) -> Place:
        """Where a stack's things are. Raises UnknownStack or ProjectBroken."""
        return self._places.of(self.declaration(name))

    def list(self) -> list[StackStatus]:
        """Every stack, without asking the CLI."""
        return [self._status(item) for item in self._declared.values()]

    def _status(self, declared: StackDeclaration) -> StackStatus:
        known = {
            "name": declared.name,
            "environment": declared.environment,
            "program": declared.program,
            "protected": declared.protected,
            "owners": declared.owners,
        }
        try:
            place = self._places.of(declared)
            deployment = place.state.deployment() if place.state else None
        except (InfraError, StateCorrupt) as error:
            return StackStatus(**known, deployed=False, problem=str(error))
        if place.state is None:
            return StackStatus(**known, deployed=True, problem="its state isn't in a folder; ask for it by name")
        last = next((item for item in place.state.history(20) if item.kind in ("update", "destroy")), None)
        checked = self._watch.last(declared.name)
        held = holders(place)
        return StackStatus(
            **known,
            deployed=bool(deployment and deployment.real),
            resources=len(deployment.real) if deployment else 0,
            last_change=last.ended or last.started if last else None,
            last_message=last.message if last else "",
            last_permit=permit_in(last.message) if last else "",
            last_result=last.result if last else "",
            checked=checked[0] if checked else None,
            drifted=checked[1] if checked and not (last and (last.ended or last.started) > checked[0]) else None,
            lock=held[0] if held else None,
            pending=len(deployment.pending) if deployment else 0,
        )

    async def preview(self, name: str, listen: Listener | None = None) -> ChangePreview:
        """What a deploy would do, bound to everything it depends on."""
        return await self._previews.deploy(self.place(name), listen)

    async def up(
        self, name: str, binding: Binding, permit: PermitLike, *, by: str = "", listen: Listener | None = None
    ) -> ChangeReport:
        """Deploy what was approved."""
        return await self._deploys.up(self.place(name), binding, permit, by=by, listen=listen)

    async def preview_destroy(self, name: str, listen: Listener | None = None) -> ChangePreview:
        """What destroying the stack would delete. Raises NotDeployed when there is nothing."""
        place = self.place(name)
        await self.deployed(place)
        return await self._previews.destroy(place, listen)

    async def destroy(
        self, name: str, binding: Binding, permit: PermitLike, *, by: str = "", listen: Listener | None = None
    ) -> ChangeReport:
        """Destroy what was approved."""
        return await self._deploys.destroy(self.place(name), binding, permit, by=by, listen=listen)

    async def deployed(self, place: Place) -> Deployment:
        """The state of a stack that has one. Raises NotDeployed, and InfraError for a state that can't be read."""
        try:
            found = await self._deploys.deployment(place)
        except StateCorrupt as error:
            raise InfraError(
                f"The state of {place.name} can't be read: {error}.",
                not_done="Nothing was changed.",
                to_do=f"Bring back a state from its backups or a checkpoint; see `diagnose {place.name}`.",
            ) from error
        if found is None or not found.real:
            raise NotDeployed(
                f"{place.name} isn't deployed.", not_done="There is nothing to look at.", to_do=f"Say `deploy {place.name}`."
            )
        return found

    async def outputs(self, name: str) -> dict[str, Any]:
        """The stack's outputs, secrets masked."""
        return (await self.deployed(self.place(name))).outputs

    async def drift(self, name: str) -> DriftReport:
        """What differs between the world and the state."""
        place = self.place(name)
        await self.deployed(place)
        async with self._room.open(place) as child:
            return await self._watch.check(place, child)

    async def aclose(self) -> None:
        """Nothing is held between calls; engine children end with the call that started them."""
