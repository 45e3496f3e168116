"""What a change starts from: the state and the world, compared with what was approved, at the last moment."""

from __future__ import annotations

from dataclasses import dataclass

from infra.backend import Deployment
from infra.changes import Change
from infra.digests import state_digest
from infra.drift import DriftReport
from infra.engine.client import Session
from infra.places import Place
from infra.previews import compare, export
from infra.reports import Stopwatch
from infra.runs import Run
from infra.watch import DriftWatch

__all__ = ["Start", "Starts", "still_so"]


@dataclass(frozen=True)
class Start:
    """What a change starts from."""

    deployment: Deployment | None
    at_rest: bool
    """The state is provably as a refresh would leave it: to refresh once more would only take time."""


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
            return Start(None if earlier.checkpoint else await _state(place, child), at_rest=False)
        still_so(change)
        report = None
        if not change.destroys and not (place.state and not (place.state.deployment() or Deployment()).real):
            with watch.part("refresh"):
                report = await self._watch.check(place, child)
        with watch.part("compare"):
            deployment = await _state(place, child)
        drift = report.digest if report else None
        compare(change.binding, state=state_digest(deployment), config=None, program=None, drift=drift)
        return Start(deployment, at_rest=_at_rest(deployment, report))


async def _state(place: Place, child: Session) -> Deployment | None:
    return place.state.deployment() if place.state else await export(child)


def _at_rest(deployment: Deployment | None, report: DriftReport | None) -> bool:
    """Whether a refresh would change nothing of the state: nothing is in it, or every resource was just read as it has
    them. What was cut off isn't read, and of what is secret the engine doesn't say whether it is the same.
    """
    if deployment is not None and (deployment.pending or deployment.keeps_secrets):
        return False
    return report.as_in_state if report else not (deployment or Deployment()).real


def still_so(change: Change) -> None:
    """Raises PlanMoved when the state isn't as it was approved, where that can be seen at once: in a folder.

    It is looked at once more at the last moment before anything is changed; elsewhere that would take longer than the
    moment that it guards.
    """
    if change.place.state:
        now = state_digest(change.place.state.deployment())
        compare(change.binding, state=now, config=None, program=None, drift=None)
