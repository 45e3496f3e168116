"""The port through which work is made durable: whoever starts something here may die, and it is done all the same."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Liveness"]


class Liveness(Protocol):
    """Sees to it that something that is stored is worked on until it ends or waits for a person."""

    async def arrive(self, key: str) -> None:
        """Have an arrival worked on."""
        ...

    async def drive(self, turn: str, cause: str) -> None:
        """Have a turn driven; `cause` names what gave rise to it, and the same cause starts it once."""
        ...
