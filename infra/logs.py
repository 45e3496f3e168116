"""Logs of a stack's services and providers, as the commands that its declaration names print them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime

from infra.engine.masking import Masks
from infra.places import Place

__all__ = ["log_lines"]

_SECONDS = 20.0
_MOST_LINES = 2000


async def log_lines(place: Place, since: datetime) -> list[tuple[str, int, str]]:
    """Source, line number and text of every line since a moment, secrets masked.

    A command that fails or takes longer than 20 s says so in one line of its own, which no known failure matches.
    """
    printed = await asyncio.gather(*(_printed(place, command, since) for command in place.declaration.logs))
    masks, found = Masks(place.environ), []
    for command, text in zip(place.declaration.logs, printed, strict=True):
        lines = text.splitlines()
        first = max(len(lines) - _MOST_LINES, 0)
        found += [(f"log `{command[0]}`", first + at, masks.text(line)) for at, line in enumerate(lines[first:], 1)]
    return found


async def _printed(place: Place, command: tuple[str, ...], since: datetime) -> str:
    said = [part.replace("{since}", since.isoformat()) for part in command]
    try:
        process = await asyncio.create_subprocess_exec(
            *said,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=place.work_dir,
            env=dict(place.environ),
        )
    except OSError as error:
        return f"(it can't be run: {error.strerror})"
    try:
        async with asyncio.timeout(_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return f"(it didn't end within {_SECONDS:.0f} s)"
    return output.decode(errors="replace")
