"""A power cut: what was synced is on the disk, and what came later isn't.

While a process works, what its disk has for sure is copied aside: the database with its log whenever a durable commit
has returned, a file whenever it was synced. This is the worst that a power cut may leave.
"""

from __future__ import annotations

import shutil
from pathlib import Path

__all__ = ["cut_back", "keep", "keep_all"]

_BESIDE = ".being-kept"
_DATABASE = ("sophia.db", "sophia.db-wal")


def keep(folder: Path, path: Path | None) -> None:
    """Copy what a world's disk has for sure: a file, or its database for None; of a folder the names that are new."""
    home, kept = folder / "home", folder / "synced"
    if path is not None and path.is_dir():
        for file in path.iterdir():
            if file.is_file() and not (kept / file.relative_to(home)).exists():
                keep(folder, file)
        return
    for source in [path] if path else [home / name for name in _DATABASE]:
        target = kept / source.relative_to(home)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.exists():
            beside = target.with_name(f"{target.name}{_BESIDE}")
            shutil.copyfile(source, beside)
            beside.replace(target)  # another thread may strike at this moment


def keep_all(folder: Path) -> None:
    """What an earlier start has left was written long ago."""
    for path in (folder / "home").rglob("*"):
        if path.is_file() and not path.name.endswith("-shm"):
            keep(folder, path)


def cut_back(folder: Path, *, files_kept: bool = False) -> None:
    """Leave a world as a power cut leaves it; `files_kept`: by chance the disk had all but the database."""
    home, kept = folder / "home", folder / "synced"
    if not files_kept:
        shutil.rmtree(home)
        shutil.copytree(kept, home, ignore=shutil.ignore_patterns(f"*{_BESIDE}"))
        return
    for name in _DATABASE:
        (home / name).unlink(missing_ok=True)
        if (kept / name).exists():
            shutil.copyfile(kept / name, home / name)
    (home / "sophia.db-shm").unlink(missing_ok=True)
