"""Taking a dead lock off a stack; one whose holder is at work is left alone."""

from __future__ import annotations

from collections.abc import Sequence

from infra.engine.protocol import Job
from infra.engine.room import EngineRoom
from infra.errors import InfraError, LockHeld, PlanMoved
from infra.places import Place
from infra.ports import PermitDesk, PermitLike
from infra.recovery import Holder, holders

__all__ = ["Unlocking"]


class Unlocking:
    """Looks at locks and takes them off."""

    def __init__(self, room: EngineRoom, permits: PermitDesk) -> None:
        self._room = room
        self._permits = permits

    @staticmethod
    def held(place: Place) -> list[Holder]:
        """Who holds the stack, and may be unlocked. Raises LockHeld when one of them is at work."""
        if place.state is None:
            raise InfraError(
                f"The lock of {place.name} is kept by its backend and can't be seen from here.",
                not_done="Nothing was changed.",
                to_do=f"Look there who holds it; `pulumi cancel {place.declaration.pulumi_name}` takes it off.",
            )
        found = holders(place)
        alive = [holder for holder in found if holder.alive]
        if alive:
            raise LockHeld(
                f"{place.name} is being deployed right now by {alive[0].sentence}.",
                not_done="It was not unlocked.",
                to_do="Wait for it to end, or stop it there.",
            )
        return found

    async def unlock(self, place: Place, ids: Sequence[str], permit: PermitLike) -> None:
        """Take off exactly those locks. Raises PlanMoved when others are there by now."""
        found = {holder.lock.id for holder in self.held(place)}
        if found != set(ids):
            raise PlanMoved(
                f"The lock of {place.name} isn't the one that was approved to be taken off.",
                not_done="It was not unlocked.",
                to_do="Look again.",
            )
        async with self._room.open(place) as child:
            await self._permits.redeem(permit.id, permit.token, tool="stack_unlock")
            await child.run(Job("cancel"))

    @staticmethod
    def still(place: Place, ids: Sequence[str]) -> bool:
        """Whether any of those locks is there."""
        return bool({lock.id for lock in (place.state.locks() if place.state else [])} & set(ids))
