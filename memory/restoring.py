"""That a restore is going on: its files and its rows can't be exchanged at one moment, so a crash between is marked.

Files are put in place before the rows are committed. While the mark is there, the data folder is between two states and
nothing may work on it; the same restore, run again, brings it to its end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from memory.errors import BackupUnusable

__all__ = ["MARK", "check", "marked"]

MARK = "restoring"
"""A file in the data folder: the backup that is being restored."""


@contextmanager
def marked(home: Path, file: Path) -> Iterator[None]:
    """Mark the folder while the block runs; a block that fails has taken everything back."""
    mark = home / MARK
    with mark.open("w", encoding="utf-8") as written:
        written.write(str(file.absolute()))
        written.flush()
        os.fsync(written.fileno())
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)


def check(home: Path) -> None:
    """Raise BackupUnusable where a restore was cut off."""
    mark = home / MARK
    if mark.exists():
        file = mark.read_text(encoding="utf-8", errors="replace").strip() or "FILE"
        raise BackupUnusable(
            f"A restore of {file} was cut off, and {home} is between two states.",
            not_done="Nothing was done.",
            to_do=f"Run it again: sophia restore {file} --force",
        )
