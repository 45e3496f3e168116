"""The desk at which effect clients redeem a permit before they act."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Desk", "PermitDesk"]


class PermitDesk(Protocol):
    """The ledger, as effect clients see it."""

    async def redeem(self, permit_id: str, token: str, *, tool: str) -> None:
        """Use the permit, once. Raises PermissionError when it isn't a valid, unused permit for this tool."""
        ...


class Desk:
    """A desk that does nothing but redeem, whatever stands behind it mints, too."""

    __slots__ = ("redeem",)

    def __init__(self, redeem: Redeem) -> None:
        self.redeem = redeem


class Redeem(Protocol):
    """As `PermitDesk.redeem`."""

    async def __call__(self, permit_id: str, token: str, *, tool: str) -> None:
        """Use the permit, once. Raises PermissionError."""
        ...
