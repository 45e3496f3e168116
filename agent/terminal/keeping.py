"""`sophia backup` and `sophia restore`: everything that is remembered, in one file."""

from __future__ import annotations

from pathlib import Path

from agent.terminal.console import PlainConsole

__all__ = ["back_up", "bring_back"]


async def back_up(file: Path) -> int:
    """Write the backup and say what is in it."""
    from agent.composition import database_location
    from agent.settings import load
    from memory.backup import backup

    settings = load()
    written = await backup(file, location=database_location(settings), home=settings.home)
    PlainConsole().print(str(written))
    return 0


async def bring_back(file: Path, force: bool) -> int:
    """Restore a backup; what was in flight when it was made is reconciled before anything new happens."""
    from agent.composition import database_location
    from agent.settings import load
    from memory.backup import restore

    settings = load()
    restored = await restore(file, location=database_location(settings), home=settings.home, force=force)
    PlainConsole().print(str(restored))
    return 0
