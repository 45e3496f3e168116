"""What was applied to a stack last: to all of it, and to what was deployed or rolled back alone since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

__all__ = ["Applied", "Origin", "made_before", "read_applied"]


def made_before(root: Path, stack: str) -> bool:
    """Whether something of the stack was applied from here, and not destroyed since."""
    found = read_applied(root, stack)
    return found is not None and bool(found.program)


def read_applied(root: Path, stack: str) -> Applied | None:
    """What was noted as applied last; None when nothing was."""
    try:
        return Applied.model_validate_json((root / "applied" / f"{stack}.json").read_text())
    except (FileNotFoundError, ValueError):
        return None


class Origin(BaseModel):
    """The program and configuration that resources were made from."""

    model_config = ConfigDict(frozen=True)

    config: str
    """The configuration file's text."""
    program: str
    commit: str = ""


class Applied(Origin):
    """What the last successful runs of ours applied."""

    history: int
    """The number of entries in Pulumi's history after it; another number now means that somebody else came after."""
    permit: str = ""
    at: datetime
    alone: dict[str, Origin] = {}
    """URN → what that resource was made from, where it isn't what the rest was made from."""
    latest: tuple[str, ...] = ()
    """The URNs of the last change, where that was of a part: the stack's outputs tell of them."""

    @property
    def origin(self) -> Origin:
        """What all was made from that isn't named in `alone`."""
        return Origin(config=self.config, program=self.program, commit=self.commit)

    @property
    def programs(self) -> set[str]:
        """The digests of every program that may be asked for again."""
        return {self.program, *(origin.program for origin in self.alone.values())}

    def of(self, urns: Iterable[str]) -> Origin | None:
        """What these resources were made from; None when not all of them from the same."""
        found = {self.alone.get(urn, self.origin) for urn in urns}
        return found.pop() if len(found) == 1 else None if found else self.origin

    def after(self, later: Self, only: Sequence[str]) -> Self:
        """What is applied when a later run did that to `only` some resources."""
        alone = {urn: origin for urn, origin in self.alone.items() if origin != self.origin}
        alone |= dict.fromkeys(only, later.origin)
        kept = {urn: origin for urn, origin in alone.items() if origin != self.origin}
        now = {"history": later.history, "permit": later.permit, "at": later.at}
        return self.model_copy(update={**now, "alone": kept, "latest": tuple(only)})
