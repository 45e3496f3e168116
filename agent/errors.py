"""Errors, named by who acts next. Each says what was tried, what did not happen, and what to do."""

from __future__ import annotations

__all__ = [
    "ApproverMustAct",
    "Bug",
    "ModelCanFix",
    "NotAllowed",
    "OperatorMustAct",
    "RequesterMustFix",
    "SophiaError",
]


class SophiaError(Exception):
    """Base of all errors that a person is shown."""

    exit_status = 1

    def __init__(self, tried: str, *, not_done: str = "", to_do: str = "") -> None:
        super().__init__(tried)
        self.tried = tried
        self.not_done = not_done
        self.to_do = to_do

    def __str__(self) -> str:
        return " ".join(part for part in (self.tried, self.not_done, self.to_do) if part)


class ModelCanFix(SophiaError):
    """The planner answered with something that another answer can mend."""


class RequesterMustFix(SophiaError):
    """The request, an argument or the command line is wrong."""

    exit_status = 2


class ApproverMustAct(SophiaError):
    """Nothing goes on until an approver decides."""

    exit_status = 3


class NotAllowed(SophiaError):
    """The person may not do this; somebody else may."""

    exit_status = 4


class OperatorMustAct(SophiaError):
    """The configuration, a credential, a service or the machine needs attention."""


class Bug(SophiaError):
    """Sophia is wrong."""
