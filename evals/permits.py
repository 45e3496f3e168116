"""Permits for the suites that sweep servers of their own, where there is nobody to ask."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["OpenDesk", "OwnPermit"]


@dataclass(frozen=True)
class OwnPermit:
    """A permit under the name that a suite gives it."""

    id: str
    token: str = "evaluation"  # noqa: S105 - a desk that accepts everything needs no secret


class OpenDesk:
    """Accepts every permit."""

    async def redeem(self, permit_id: str, token: str, *, tool: str) -> None:
        """Everything is permitted on a server of our own."""
