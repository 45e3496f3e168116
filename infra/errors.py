"""What goes wrong with stacks, named by who acts next. Each says what was tried, what did not happen, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Literal

__all__ = [
    "Acts",
    "EngineFailure",
    "EngineHung",
    "Frozen",
    "InfraError",
    "LockHeld",
    "NotChanged",
    "NotDeployed",
    "PlanMoved",
    "ProjectBroken",
    "ProtectedStack",
    "UnknownCheckpoint",
    "UnknownKey",
    "UnknownStack",
    "WrongPassphrase",
]

Acts = Literal["requester", "approver", "operator", "bug"]


class InfraError(Exception):
    """Base. `acts` says who acts next."""

    acts: Acts = "operator"

    def __init__(self, tried: str, *, not_done: str = "", to_do: str = "") -> None:
        super().__init__(tried)
        self.tried, self.not_done, self.to_do = tried, not_done, to_do
        self.why = tried
        """For what says already what failed: the reason, which is put after a colon."""

    def __str__(self) -> str:
        parts = (part for part in (self.tried, self.not_done, self.to_do) if part)
        return " ".join(part if part.endswith((".", "!", "?", "…")) else f"{part}." for part in parts)


class _Unknown(InfraError):
    acts: Acts = "requester"
    what = "name"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        self.known = tuple(known)
        self.nearest = tuple(get_close_matches(name, known, n=3, cutoff=0.5))
        hint = f"Nearest: {', '.join(self.nearest)}." if self.nearest else ""
        listed = f"Known: {', '.join(known[:12])}{' …' if len(known) > 12 else ''}." if known else "There are none."
        super().__init__(
            f"There is no {self.what} {name!r}.",
            not_done="Nothing was done.",
            to_do=" ".join(filter(None, (hint, listed))),
        )


class UnknownStack(_Unknown):
    """No stack of that name or alias is declared."""

    what = "stack"


class UnknownCheckpoint(_Unknown):
    """No checkpoint answers to that."""

    what = "checkpoint"

    @classmethod
    def for_want_of_any(cls, stack: str) -> UnknownCheckpoint:
        """The stack has none."""
        error = cls("", ())
        error.tried = f"There is nothing that {stack} could go back to: no checkpoint was taken of it."
        error.to_do = f"Every deploy from here takes one first; `checkpoint {stack}` takes one now."
        return error


class UnknownKey(_Unknown):
    """No such output or configuration key."""

    what = "key"


class NotDeployed(InfraError):
    """The stack has no resources yet."""

    acts: Acts = "requester"


class NotChanged(InfraError):
    """There is nothing to go back from."""

    acts: Acts = "requester"


class ProtectedStack(InfraError):
    """What the declaration forbids for a protected stack."""

    acts: Acts = "operator"


class Frozen(InfraError):
    """A freeze window covers now."""

    acts: Acts = "requester"


class PlanMoved(InfraError):
    """The stack, its configuration, its program or the world isn't as it was when the approval was given."""

    acts: Acts = "requester"


class LockHeld(InfraError):
    """Somebody else is deploying."""

    acts: Acts = "requester"
    owners: tuple[tuple[str, str, int], ...] = ()
    """User, host and pid of who holds the lock, where the command line says so."""


class WrongPassphrase(InfraError):
    """The stack's secrets can't be read with the passphrase that was given."""


class ProjectBroken(InfraError):
    """The project directory, its virtual environment or its settings don't fit."""


class EngineHung(InfraError):
    """The engine didn't end in time and was stopped."""


class EngineFailure(InfraError):
    """The engine said no. `kind` is its class, `log` the lines it wrote, `result` what it had done by then."""

    def __init__(
        self,
        tried: str,
        *,
        kind: str = "failed",
        log: Sequence[str] = (),
        not_done: str = "",
        to_do: str = "",
        why: str = "",
    ) -> None:
        """`why` is the reason alone, where `tried` says more than that."""
        super().__init__(tried, not_done=not_done, to_do=to_do)
        self.why = why or tried
        self.kind = kind
        self.log = tuple(log)
        self.result: dict[str, Any] = {}
