"""Channels without Slack: every message is a line of a file, and is shown in the terminal that works on it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from memory.waiting_lock import lock_in_time
from tools.declaration import Clock, Permit
from tools.delivery import Delivered
from tools.errors import ToolError
from tools.permits import PermitDesk

__all__ = ["Outbox"]

PATIENCE_SECONDS = 10.0
"""So long another process may hold a channel's file before the message fails."""


class Outbox:
    """Delivers to `CHANNEL.jsonl` in a folder: one message a line, appended and synced, once for each effect."""

    def __init__(self, folder: Path, desk: PermitDesk, clock: Clock, show: Callable[[Delivered], None]) -> None:
        self._folder = folder
        self._desk = desk
        self._clock = clock
        self._show = show

    def _file(self, channel: str) -> Path:
        return self._folder / f"{channel.lstrip('#')}.jsonl"

    async def deliver(self, permit: Permit, channel: str, content: str) -> Delivered:
        """Append the message, unless this effect's message is there already."""
        await self._desk.redeem(permit.id, permit.token, tool="notify")
        message = Delivered(
            channel=channel,
            content=content,
            effect=permit.id,
            at=self._clock.now(),
            where=f"outbox/{self._file(channel).name}",
        )
        try:
            delivered = await asyncio.to_thread(self._append, self._file(channel), message)
        except OSError as error:
            raise ToolError(
                f"Writing to {message.where} failed: {error.strerror or error}.",
                not_done=f"{channel} was not told.",
                to_do="Make room or mend the permissions of Sophia's data folder, then ask again.",
                acts="operator",
            ) from error
        self._show(delivered)
        return delivered

    async def find(self, channel: str, effect: str) -> Delivered | None:
        """The message of this effect, read from the file."""
        return await asyncio.to_thread(_search, self._file(channel), effect)

    async def places(self, channel: str) -> list[str]:
        """This terminal, and the file."""
        return ["this terminal", f"outbox/{self._file(channel).name}"]

    def _append(self, file: Path, message: Delivered) -> Delivered:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a+b") as stream:
            lock_in_time(stream, PATIENCE_SECONDS)
            present = _search(file, message.effect)
            if present:
                return present
            torn = stream.tell() > 0 and not _ends_with_newline(file)
            stream.write((b"\n" if torn else b"") + message.model_dump_json().encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        return message


def _ends_with_newline(file: Path) -> bool:
    with file.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"


def _search(file: Path, effect: str) -> Delivered | None:
    """A line that a crash tore in two is no message."""
    if not file.exists():
        return None
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if effect in line:
                try:
                    found = Delivered.model_validate(json.loads(line))
                except (ValueError, ValidationError):
                    continue
                if found.effect == effect:
                    return found
    return None
