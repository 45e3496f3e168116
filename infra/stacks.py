"""Stacks: everything that can be asked of them and done to them, by name.

This is what tools get. Reading looks at the state where it lies; everything else goes through the engine's child.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.backend import Deployment, parse_deployment
from infra.changes import Scratch
from infra.checkpoints import Checkpoint, Checkpoints
from infra.cli import CliInstallation, ensure_cli
from infra.configuration import ConfigChange, ConfigKey, Configuration
from infra.declaration import StackDeclaration
from infra.deploys import Deploys
from infra.diagnosis import Diagnosis, Diagnostician
from infra.digests import declared_digest, state_digest
from infra.drift import DriftReport
from infra.endings import Endings
from infra.engine.room import EngineRoom
from infra.errors import NotDeployed, ProjectBroken, UnknownStack
from infra.health import Health, HealthReport
from infra.history import History, HistoryEntry
from infra.places import Place, Places
from infra.ports import Clock, HttpProbe, Listener, ObjectStore, PermitDesk, PermitLike
from infra.previews import Binding, ChangePreview, Previews, refuse_frozen
from infra.reconciliation import Reckoning, Reconciler
from infra.recovery import Holder
from infra.repairs import Repairs, grantable
from infra.reports import ChangeReport
from infra.rollbacks import Rollbacks
from infra.runs import Runs
from infra.statuses import StackStatus, Statuses
from infra.unlocking import Unlocking
from infra.watch import DriftWatch

__all__ = ["StackDeclaration", "StackStatus", "Stacks"]


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
        cli: Callable[[], CliInstallation] | None = None,
        backups: ObjectStore | None = None,
        keep: int = 100,
    ) -> None:
        """`environ` is the whole environment: a child gets the part that it needs, and the passphrase that its stack's
        declaration names. `cli` finds the command line, installing it where it is missing.
        `backups` gets a copy of every checkpoint, and `keep` is how many without a name each stack has.
        """
        self._declared = {item.name: item for item in declarations}
        self._clock, self._permits, self._probe = clock, permits, probe
        root = home / "infra"
        self._places = places = Places(home, environ)
        self._room = room = EngineRoom(places, cli or (lambda: ensure_cli(environ=environ)))
        self._checkpoints = kept = Checkpoints(root, keep=keep, store=backups)
        self._watch = watch = DriftWatch(root, clock)
        self._health = Health(probe, kept.part)
        runs, scratch = Runs(root), Scratch(root, kept)
        self._endings = endings = Endings(room=room, runs=runs, checkpoints=kept, health=self._health, clock=clock)
        self._previews = previews = Previews(root, room, watch, runs, clock)
        self._deploys = deploys = Deploys(
            room=room, runs=runs, checkpoints=kept, watch=watch, endings=endings, permits=permits, clock=clock
        )
        self._rollbacks = Rollbacks(
            room=room, checkpoints=kept, scratch=scratch, previews=previews, watch=watch, deploys=deploys, runs=runs
        )
        self._repairs = Repairs(
            room=room, checkpoints=kept, scratch=scratch, previews=previews, watch=watch, deploys=deploys, clock=clock
        )
        self._statuses = Statuses(places, watch, environ)
        self._configuration = Configuration(room, permits)
        self._history = History(room, runs)
        self._reconciler = Reconciler(room, runs, endings, self._history)
        self._unlocking = Unlocking(room, permits)
        self._diagnostician = Diagnostician(runs, self._health)

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
        return [self._statuses.of(item) for item in self._declared.values()]

    async def preview(self, name: str, listen: Listener | None = None, *, only: Sequence[str] = ()) -> ChangePreview:
        """What a deploy would do, bound to everything it depends on; of `only` some resources, where they are named."""
        return await self._previews.deploy(self.place(name), listen, only)

    def refuse_frozen(self, name: str) -> None:
        """Raises Frozen when a freeze window of the stack covers now."""
        refuse_frozen(self.declaration(name), self._clock)

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
        found = await self._endings.deployment(place)
        if found is None or not found.made:
            empty = place.state is not None and found is not None and place.state.length() > 0
            raise NotDeployed(
                f"{place.name} has no resources." if empty else f"{place.name} isn't deployed.",
                not_done="There is nothing of it yet, and nothing was done.",
                to_do=f"`preview {place.name}` shows what a deploy would make."
                if empty
                else f"Say `deploy {place.name}`.",
            )
        return found

    async def reconcile(self, name: str, permit: str) -> Reckoning:
        """Whether a permit's change was made. Raises LockHeld when somebody else is at work."""
        return await self._reconciler.look(self.place(name), permit)

    async def health(self, name: str) -> HealthReport:
        """Every declared check, once."""
        place = self.place(name)
        return await self._health.once(place, await self.deployed(place))

    async def remaining(self, name: str) -> int:
        """How many resources the state has."""
        found = await self._endings.deployment(self.place(name))
        return len(found.real) if found else 0

    async def outputs(self, name: str) -> dict[str, Any]:
        """The stack's outputs, secrets masked."""
        return (await self.deployed(self.place(name))).outputs

    async def drift(self, name: str) -> DriftReport:
        """What differs between the world and the state."""
        place = self.place(name)
        await self.deployed(place)
        async with self._room.open(place) as child:
            return await self._watch.check(place, child)

    async def preview_rollback(
        self, name: str, wanted: str = "", listen: Listener | None = None, *, only: Sequence[str] = ()
    ) -> ChangePreview:
        """What going back to a checkpoint, or to before the last deploy, would do; with `only` some resources, where
        they are named. Raises UnknownCheckpoint.
        """
        place = self.place(name)
        return await self._rollbacks.preview(place, self.checkpoint(name, wanted), listen, only)

    async def rollback(
        self, name: str, binding: Binding, permit: PermitLike, *, by: str = "", listen: Listener | None = None
    ) -> ChangeReport:
        """Go back to the checkpoint that was approved."""
        return await self._rollbacks.apply(self.place(name), binding, permit, by=by, listen=listen)

    async def preview_repair(
        self, name: str, listen: Listener | None = None, *, only: Sequence[str] = ()
    ) -> ChangePreview:
        """What drifted, and what setting it back would do; of `only` some resources, where they are named."""
        place = self.place(name)
        await self.deployed(place)
        return await self._repairs.preview(place, listen, only)

    async def repair(
        self, name: str, binding: Binding, permit: PermitLike, *, by: str = "", listen: Listener | None = None
    ) -> ChangeReport:
        """Set back what was approved."""
        return await self._repairs.apply(self.place(name), binding, permit, by=by, listen=listen)

    async def grantable_repairs(self, name: str) -> Sequence[str]:
        """The kinds of repair, `Type.property`, that a standing grant may name."""
        place = self.place(name)
        return grantable(place, await self.deployed(place))

    def checkpoints(self, name: str) -> Sequence[Checkpoint]:
        """A stack's checkpoints, newest first."""
        return self._checkpoints.of(self.declaration(name).name)

    def checkpoint(self, name: str, wanted: str = "") -> Checkpoint:
        """One checkpoint: by id, name, commit or moment; without any, the one before the last deploy."""
        stack = self.declaration(name).name
        if not wanted:
            return self._checkpoints.before_last_change(stack)
        zone = self.declaration(name).zone
        return self._checkpoints.find(stack, wanted, now=self._clock.now(), zone=zone)

    def checkpoint_of(self, name: str, permit: str) -> Checkpoint | None:
        """The checkpoint that was taken under a permit."""
        return self._checkpoints.by_permit(self.declaration(name).name, permit)

    async def take_checkpoint(self, name: str, label: str, permit: PermitLike, *, by: str = "") -> Checkpoint:
        """Keep the stack as it is, under a name. Raises NotDeployed."""
        place = self.place(name)
        deployment = await self.deployed(place)
        health = await self._health.once(place, deployment)
        await self._permits.redeem(permit.id, permit.token, tool="stack_checkpoint")
        return await asyncio.to_thread(
            self._checkpoints.take,
            place,
            deployment,
            at=self._clock.now(),
            reason="named",
            state=state_digest(deployment),
            name=label,
            permit=permit.id,
            by=by,
            healthy=health.healthy if health.checks else None,
        )

    def verify_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Read it back. Raises InfraError when it is damaged."""
        self._checkpoints.verify(checkpoint)

    async def as_declared(self, name: str, checkpoint: Checkpoint, only: Collection[str] = ()) -> bool:
        """Whether the stack, or `only` some of its resources, declares what it declared at the checkpoint."""
        place = self.place(name)
        deployment = await self._endings.deployment(place)
        kept = json.loads(self._checkpoints.read(checkpoint, "state.json"))
        then = parse_deployment(kept) if kept else None
        return declared_digest(deployment, only=only) == declared_digest(then, only=only)

    def config(self, name: str) -> Sequence[ConfigKey]:
        """Every key that is set or declared, secrets masked."""
        return self._configuration.keys(self.place(name))

    def config_key(self, name: str, key: str) -> ConfigKey:
        """One key. Raises UnknownKey with the nearest."""
        return self._configuration.key(self.place(name), key)

    def config_value(self, name: str, key: str) -> str:
        """A key's value as text, or `unset`."""
        return self._configuration.current(self.place(name), key)

    def propose_config(self, name: str, key: str, value: str) -> ConfigChange:
        """What setting a key would change. Raises InfraError for secrets and for values that don't fit."""
        return self._configuration.propose(self.place(name), key, value)

    async def set_config(
        self, name: str, change: ConfigChange, permit: PermitLike, *, by: str = "", tool: str = "stack_config_set"
    ) -> str:
        """Make the change that was approved for a tool; the commit in which it is offered, or nothing."""
        return await self._configuration.change(self.place(name), change, permit, by=by, tool=tool)

    def offered_config(self, name: str, branch: str) -> str:
        """The commit on a branch that has the configuration as it is now; otherwise nothing."""
        return self._configuration.offered(self.place(name), branch)

    def uncommitted_config(self, name: str) -> bool:
        """Whether the configuration isn't as the current commit has it."""
        return self._configuration.uncommitted(self.place(name))

    async def history(self, name: str, since: datetime | None = None) -> Sequence[HistoryEntry]:
        """What was done to a stack, newest first."""
        return await self._history.of(self.place(name), since)

    def held(self, name: str) -> Sequence[Holder]:
        """Who holds a stack's lock and may be unlocked. Raises LockHeld when one of them is at work."""
        return self._unlocking.held(self.place(name))

    def still_held(self, name: str, ids: Sequence[str]) -> bool:
        """Whether any of those locks is there."""
        return self._unlocking.still(self.place(name), ids)

    async def unlock(self, name: str, ids: Sequence[str], permit: PermitLike) -> None:
        """Take off exactly the locks that were approved to be."""
        await self._unlocking.unlock(self.place(name), ids, permit)

    def last_failure(self) -> str | None:
        """The stack on which something failed last; when nothing did, one that is locked or was cut off."""
        stuck = (status.name for status in self.list() if status.lock or status.pending)
        return self._diagnostician.last_failure(list(self._declared)) or next(stuck, None)

    async def diagnose(self, name: str) -> Diagnosis:
        """Why something failed on a stack, as far as the evidence shows."""
        try:
            place = self.place(name)
        except ProjectBroken as error:
            return self._diagnostician.of_broken(self.declaration(name).name, error)
        return await self._diagnostician.of(place)

    async def aclose(self) -> None:
        """Close the probe, and end the engine children that wait for another job."""
        await self._room.aclose()
        await self._probe.aclose()
