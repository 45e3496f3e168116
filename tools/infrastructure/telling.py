"""From the engine's words to a person's: errors, progress, resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from infra.errors import Frozen, InfraError, PlanMoved, ProtectedStack
from infra.models import EngineEvent, resource_name
from infra.ports import Listener
from memory.labels import Provenance
from tools.declaration import Progress, ProgressEvent
from tools.errors import Forbidden, StateMoved, ToolError
from tools.result import Finding, Weight

__all__ = ["counted", "heard", "observed", "pulumi", "told"]

_VERBS = {
    "create": "created", "update": "updated", "replace": "replaced", "delete": "deleted", "import": "imported",
    "forget": "left in place and forgotten by Pulumi",
}  # fmt: skip


@contextmanager
def told(*, acting: bool = False) -> Iterator[None]:
    """Infrastructure's errors become tools' errors, with the same sentences.

    While `acting`, an error of the disk is passed on as it is: something may have happened, and only a look at the
    world can tell.
    """
    try:
        yield
    except PlanMoved as error:
        raise StateMoved(error.tried, not_done=error.not_done, to_do=error.to_do, acts=error.acts) from error
    except (Frozen, ProtectedStack) as error:
        raise Forbidden(error.tried, not_done=error.not_done, to_do=error.to_do, acts=error.acts) from error
    except OSError as error:
        if isinstance(error, PermissionError) and error.errno is None:
            raise ToolError(str(error), not_done="Nothing was changed.", to_do="Ask again.", acts="bug") from error
        if acting:
            raise
        to_do = "See to the disk and its permissions."
        raise ToolError(
            f"A file can't be used: {error}.", not_done="Nothing was changed.", to_do=to_do, acts="operator"
        ) from error
    except InfraError as error:
        raise ToolError(error.tried, not_done=error.not_done, to_do=error.to_do, acts=error.acts) from error


def heard(progress: Progress) -> Listener:
    """A listener that passes the engine's events on as progress."""

    def listen(event: EngineEvent) -> None:
        data = event.model_dump(mode="json", exclude_defaults=True)
        data |= {"name": resource_name(event.urn)} if event.urn else {}
        progress(ProgressEvent(kind=f"resource.{event.kind}", text=event.sentence, data=data))

    return listen


def pulumi(stack: str, at: datetime, how: str) -> Provenance:
    """Where what we know of a stack is from."""
    return Provenance.observed(f"pulumi:{stack}", at, how)


def observed(sentence: str, provenance: Provenance, **facts: object) -> Finding:
    """A finding of something seen."""
    return Finding.model_validate(
        {"weight": Weight.OBSERVED, "sentence": sentence, "facts": facts, "provenance": provenance}
    )


def counted(counts: Mapping[str, int], *, past: bool = False) -> str:
    """`create 3, update 1`, or `3 created, 1 updated`; `nothing` when there is none."""
    if not counts:
        return "nothing"
    if past:
        return ", ".join(f"{count} {_VERBS.get(doing, doing)}" for doing, count in counts.items())
    return ", ".join(f"{doing} {count}" for doing, count in counts.items())
