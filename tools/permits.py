"""The desk at which effect clients redeem a permit before they act."""

from __future__ import annotations

from typing import Protocol

__all__ = ["PermitDesk"]


class PermitDesk(Protocol):
    """The ledger, as effect clients see it."""

    async def redeem(self, permit_id: str, token: str, *, tool: str) -> None:
        """Use the permit, once. Raises PermissionError when it isn't a valid, unused permit for this tool."""
        ...
