"""What a change starts from: the state and the world, compared with what was approved, at the last moment."""

from __future__ import annotations

from dataclasses import dataclass

from infra.backend import Deployment
from infra.changes import Change
from infra.digests import state_digest
from infra.engine.client import Session
from infra.places import Place
from infra.previews import compare, state_of
from infra.reports import Stopwatch
from infra.runs import Run
from infra.watch import DriftWatch

__all__ = ["Start", "Starts", "still_so"]


@dataclass(frozen=True)
class Start:
    """What a change starts from."""

    deployment: Deployment | None
    refreshes: bool
    """The engine reads the world itself as it applies the plan."""


class Starts:
    """Looks, once the engine is ours, whether everything is as it was approved."""

    def __init__(self, watch: DriftWatch) -> None:
        self._watch = watch

    async def of(self, change: Change, earlier: Run | None, child: Session, watch: Stopwatch) -> Start:
        """What it starts from; for a run that goes on, as far as that is unknown. Raises PlanMoved.

        The world is read first and the state compared last: somebody else's run may end while the world is read.
        """
        place = change.place
        if earlier is not None:
            return Start(None if earlier.checkpoint else await state_of(place, child), refreshes=False)
        still_so(change)
        report = None
        if change.binding.drift:
            with watch.part("refresh"):
                report = await self._watch.check(place, child)
        with watch.part("compare"):
            deployment = await state_of(place, child)
        drift = report.digest if report else None
        compare(change.binding, state=state_digest(deployment), config=None, program=None, drift=drift)
        pending = bool(deployment and deployment.pending)
        return Start(deployment, refreshes=not change.destroys and (change.binding.refreshes or pending))

    async def refreshes(self, place: Place, child: Session, deployment: Deployment | None) -> bool:
        """Whether the world, as it is read now, has to be read by the engine too when it goes on."""
        return (await self._watch.look(place, child, deployment)).refreshes


def still_so(change: Change) -> None:
    """Raises PlanMoved when the state isn't as it was approved, where that can be seen at once: in a folder.

    It is looked at once more at the last moment before anything is changed; elsewhere that would take longer than the
    moment that it guards.
    """
    if change.place.state:
        now = state_digest(change.place.state.deployment())
        compare(change.binding, state=now, config=None, program=None, drift=None)
