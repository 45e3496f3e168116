"""One line for each stack: what its state, history, lock and last drift check tell, without asking the command line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from infra.cli import find_cli
from infra.declaration import StackDeclaration
from infra.errors import InfraError
from infra.hosts import missing_host
from infra.places import Places
from infra.recovery import Holder, holders
from infra.runs import permit_in
from infra.watch import DriftWatch

__all__ = ["StackStatus", "Statuses"]


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
    missing_host: str = ""
    """What would have to be installed so that its program can be run here."""


class Statuses:
    """Looks at stacks where their state lies."""

    def __init__(self, places: Places, watch: DriftWatch, environ: Mapping[str, str]) -> None:
        self._places = places
        self._watch = watch
        self._environ = environ

    def of(self, declared: StackDeclaration) -> StackStatus:
        """A stack's line; what can't be read is said in it."""
        bare = StackStatus(
            name=declared.name,
            environment=declared.environment,
            program=declared.program,
            protected=declared.protected,
            owners=declared.owners,
            deployed=False,
        )
        try:
            place = self._places.of(declared)
            deployment = place.state.deployment() if place.state else None
        except InfraError as error:
            return bare.model_copy(update={"problem": str(error)})
        if place.runtime != "python":  # each command line that is used here brings the host of that
            bare = bare.model_copy(update={"missing_host": missing_host(place, self._folder)})
        if place.state is None:
            elsewhere = "its state isn't in a folder; ask for it by name"
            return bare.model_copy(update={"deployed": True, "problem": elsewhere})
        last = next((item for item in place.state.history(20) if item.kind in ("update", "destroy")), None)
        checked = self._watch.last(declared.name)
        held = holders(place)
        changed = (last.ended or last.started) if last else None
        seen = {
            "deployed": bool(deployment and deployment.made),
            "resources": len(deployment.real) if deployment else 0,
            "last_change": changed,
            "last_message": last.message if last else "",
            "last_permit": permit_in(last.message) if last else "",
            "last_result": last.result if last else "",
            "checked": checked[0] if checked else None,
            "drifted": checked[1] if checked and not (changed and changed > checked[0]) else None,
            "lock": held[0] if held else None,
            "pending": len(deployment.pending) if deployment else 0,
        }
        return bare.model_copy(update=seen)

    def _folder(self) -> Path | None:
        """Where the command line is, if it is here already."""
        found = find_cli(self._environ)
        return found.bin if found else None
