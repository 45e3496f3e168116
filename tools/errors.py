"""Errors of tools, named by who acts next. Raised before the world was touched; what failed halfway is a result."""

from __future__ import annotations

from typing import Literal

__all__ = ["Forbidden", "NotNow", "StateMoved", "ToolError"]

Acts = Literal["requester", "approver", "operator", "bug"]


class ToolError(Exception):
    """What was tried, what did not happen, what to do, and who has to do it."""

    def __init__(self, tried: str, *, not_done: str = "", to_do: str = "", acts: Acts = "requester") -> None:
        super().__init__(tried)
        self.tried = tried
        self.not_done = not_done
        self.to_do = to_do
        self.acts: Acts = acts

    def __str__(self) -> str:
        return " ".join(part for part in (self.tried, self.not_done, self.to_do) if part)


class NotNow(ToolError):
    """What has to be looked at doesn't answer now, and will later."""


class StateMoved(ToolError):
    """What was previewed and approved is no longer so; only a new preview can be approved."""


class Forbidden(ToolError):
    """What the organisation's rules don't allow, whoever asks: a protected stack, a freeze, ruin on a schedule."""
