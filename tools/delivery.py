"""The port through which anything is said in a channel."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel

from tools.declaration import Permit

__all__ = ["Delivered", "Delivery"]


class Delivered(BaseModel):
    """A message that is there: where, since when, and under which effect's id."""

    channel: str
    content: str
    effect: str
    at: datetime
    where: str
    """What a person can open: a file's path, a permalink."""
    content_sha256: str = ""
    """Of what was handed in, where the channel shows it in a form of its own."""
    kept: str = ""
    """Why it isn't there yet, while it is kept to be delivered later, once."""

    def says(self, content: str) -> bool:
        """Whether this is the message that was to say so."""
        return content == self.content or hashlib.sha256(content.encode()).hexdigest() == self.content_sha256


class Delivery(Protocol):
    """Says something in a channel, once for each effect."""

    async def deliver(self, permit: Permit, channel: str, content: str) -> Delivered:
        """Redeem the permit and deliver, or keep it for later where the channel doesn't answer now.

        Raises PermissionError without a valid permit and ToolError when the channel can't be told at all.
        """
        ...

    async def find(self, channel: str, effect: str) -> Delivered | None:
        """The message of this effect if it is kept or there, looked up in the channel itself.

        Raises NotNow when the channel doesn't answer now, ToolError when it can't be looked at.
        """
        ...

    async def places(self, channel: str) -> list[str]:
        """Where a message to this channel would appear, in words."""
        ...
