"""Backup and restore of everything that is remembered, by one file.

A backup holds all rows, and the files of the data folder but for what can be made again (the search index, positions of
turns) and for the lab, which is the world and not a memory of it. It can be restored on either kind of database.

A restore replaces the database in one transaction and begins a new epoch: permits from before can't be redeemed, open
approvals are closed, turns that were being worked on end, and effects in flight must be reconciled with the world.
"""

from __future__ import annotations

import asyncio
import fnmatch
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, inspect, text

from memory import migrations
from memory.archive import unpack, unusable, writing
from memory.audit import Audit
from memory.database import Database
from memory.dump import dump, load, tables
from memory.engines import location_of
from memory.errors import BackupUnusable, DatabaseUnreachable
from memory.faults import disk_faults
from memory.new_epoch import InFlight, begin_in
from memory.passages import index_words_anew
from memory.restoring import MARK, marked

__all__ = ["LEFT_OUT", "Backup", "Restored", "backup", "restore"]

POSITIONS = "positions.db*"
"""Where turns stood; nothing goes on from there after a restore."""
_HEADS = "audit/head*.json*"
"""Signed heads of the log that is replaced; they would accuse the one that comes back of being cut off."""
LEFT_OUT = (
    POSITIONS,
    "index",
    "chroma",
    "infra/lab",
    "infra/pulumi-home",
    "*.lock",
    "*.sock",
    "*.pid",
    "replaced-*",
    MARK,
)
"""Paths in the data folder that aren't backed up, and stay as they are in a restore."""
_ROWS, _FILES = "rows", "files"


class Backup(BaseModel):
    """What was written."""

    model_config = ConfigDict(frozen=True)

    file: Path
    size: int
    rows: int
    files: int
    revision: str
    made_at: datetime

    def __str__(self) -> str:
        return f"{self.file}: {self.rows} rows and {self.files} files, {self.size / 1e6:.1f} MB."


class Restored(BaseModel):
    """What was brought back, and what became of what was in flight when the backup was made."""

    model_config = ConfigDict(frozen=True)

    rows: int
    files: int
    made_at: datetime
    in_flight: InFlight
    replaced: Path | None
    """Where the files are that were there before."""

    def __str__(self) -> str:
        when = f"{self.made_at:%Y-%m-%d %H:%M} UTC"
        aside = f" The files that were replaced are in {self.replaced}." if self.replaced else ""
        return f"Restored {self.rows} rows and {self.files} files as of {when}. {self.in_flight}{aside}"


async def backup(
    file: Path,
    *,
    location: str | Path,
    home: Path,
    now: datetime | None = None,
    left_out: Sequence[str] = LEFT_OUT,
) -> Backup:
    """Back up the database and the data folder into `file`, while others may go on working.

    Raises BackupUnusable when the file exists or its folder doesn't, and the errors of the database.
    """
    _check_target(file, location)
    made_at = now or datetime.now(UTC)
    async with await Database.open(location) as database:
        loop = asyncio.get_running_loop()
        return await asyncio.to_thread(_write, loop, database, file, home, made_at, left_out)


def _check_target(file: Path, location: str | Path) -> None:
    if file.exists() or not file.parent.is_dir():
        problem = "exists already" if file.exists() else "is in a folder that doesn't exist"
        raise BackupUnusable(f"{file} {problem}.", not_done="No backup was made.", to_do="Give another file.")
    place = location_of(location)
    if isinstance(place, Path) and not place.exists():
        raise DatabaseUnreachable(f"There is no database at {place}.", not_done="No backup was made.")


def _write(
    loop: asyncio.AbstractEventLoop,
    database: Database,
    file: Path,
    home: Path,
    made_at: datetime,
    left_out: Sequence[str],
) -> Backup:
    with disk_faults(file), _folder_in(file.parent, ".backup-") as made, writing(file) as archive:
        files = 0
        for name in _files(home, database.location, [*left_out, f"{file.name}*", f".{file.name}*", ".backup-*"]):
            with suppress(FileNotFoundError):  # gone since it was listed: written anew under its name, or taken away
                archive.add(f"{_FILES}/{name}", home / name)  # signed heads before the rows that they are about
                files += 1
        reading = asyncio.run_coroutine_threadsafe(database.read(lambda c: dump(c, made)), loop)
        rows = reading.result()
        for name in rows:
            archive.add(f"{_ROWS}/{name}.jsonl", made / f"{name}.jsonl")
        about = {"revision": migrations.HEAD, "made_at": made_at.isoformat(), "rows": rows, "files": files}
        archive.finish(about)
    size = file.stat().st_size
    return Backup(file=file, size=size, rows=sum(rows.values()), files=files, revision=migrations.HEAD, made_at=made_at)


def _files(home: Path, database: Any, left_out: Sequence[str]) -> Iterator[str]:
    """Paths of the regular files that are kept, relative to the data folder."""
    own = {str(database) + suffix for suffix in ("", "-wal", "-shm", "-journal")}
    for folder, folders, names in os.walk(home):
        inside = Path(folder).relative_to(home)
        folders[:] = sorted(name for name in folders if not _matches(inside / name, left_out))
        for name in sorted(names):
            path = Path(folder) / name
            kept = str(path) not in own and not _matches(inside / name, left_out)
            if kept and path.is_file() and not path.is_symlink():
                yield str(inside / name)


def _matches(path: Path, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatch(str(path), pattern) or fnmatch.fnmatch(path.name, pattern) for pattern in patterns)


async def restore(
    file: Path, *, location: str | Path, home: Path, force: bool = False, now: datetime | None = None
) -> Restored:
    """Bring back what `backup` wrote; with `force` also in place of what is there.

    Raises BackupUnusable when the file isn't whole or is from a newer version, or something is there, and the errors
    of the database. Nothing was changed then.
    """
    with disk_faults(home), _folder_in(home, ".restore-") as folder:
        about = await asyncio.to_thread(_unpacked, file, folder)
        async with Database(location) as database:
            return await _bring_back(database, about, folder, file, home, force, now or datetime.now(UTC))


@contextmanager
def _folder_in(parent: Path, prefix: str) -> Iterator[Path]:
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=parent, prefix=prefix) as made:
        yield Path(made)


def _unpacked(file: Path, folder: Path) -> dict[str, Any]:
    if not file.is_file():
        raise BackupUnusable(f"There is no file {file}.", not_done="Nothing was changed.", to_do="Give another one.")
    about = unpack(file, folder)
    if about["revision"] > migrations.HEAD:
        raise unusable(file, "it was made by a newer version of Sophia")
    return about


async def _bring_back(
    database: Database, about: dict[str, Any], folder: Path, file: Path, home: Path, force: bool, now: datetime
) -> Restored:
    audit = Audit(database, home / "audit")
    exchange = _Exchange(folder / _FILES, home, home / f"replaced-{now:%Y%m%dT%H%M%S%f}")

    def work(connection: Connection) -> tuple[dict[str, int], InFlight]:
        if not force and (found := _not_empty(connection)):
            raise BackupUnusable(
                f"There is a database with content already ({found}).",
                not_done="Nothing was changed.",
                to_do="Use --force to replace it.",
            )
        with begin_in(connection, audit, f"restored from {file.name}, made {about['made_at']}", now) as begun:
            counts = load(connection, folder / _ROWS, about["revision"])
            index_words_anew(connection)
        exchange.do()
        return counts, begun.in_flight

    with marked(home, file), exchange:
        counts, in_flight = await database.write(work, durable=True)
    await audit.settle()
    return Restored(
        rows=sum(counts.values()),
        files=about["files"],
        made_at=datetime.fromisoformat(about["made_at"]),
        in_flight=in_flight,
        replaced=exchange.aside if exchange.aside.exists() else None,
    )


def _not_empty(connection: Connection) -> str | None:
    there = set(inspect(connection).get_table_names())
    for name in tables():
        if name in there and name not in ("audit_tree", "leases", "wakes", "vector_generations"):
            count = connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar()  # noqa: S608 - our own names
            if count:
                return f"{count} rows in {name}"
    return None


class _Exchange:
    """Puts the files of a backup in place of those in the data folder, and takes that back when the block fails."""

    def __init__(self, new: Path, home: Path, aside: Path) -> None:
        self._new, self._home, self.aside = new, home, aside
        self._placed: list[Path] = []

    def do(self) -> None:
        """Move what is there aside, and the new files in."""
        self._take_back()
        for path in sorted(path for pattern in (POSITIONS, _HEADS) for path in self._home.glob(pattern)):
            name = path.relative_to(self._home)
            if not (self._new / name).exists():
                self._place(None, name)
        for path in sorted(self._new.rglob("*")):
            name = path.relative_to(self._new)
            if path.is_file():
                self._place(path, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is not None:
            self._take_back()

    def _place(self, new: Path | None, name: Path) -> None:
        self._move(self._home / name, self.aside / name)
        self._placed.append(name)
        if new:
            self._move(new, self._home / name)

    def _take_back(self) -> None:
        while self._placed:
            name = self._placed.pop()
            self._move(self._home / name, self._new / name)
            self._move(self.aside / name, self._home / name)
        shutil.rmtree(self.aside, ignore_errors=True)

    def _move(self, source: Path, target: Path) -> None:
        if source.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            source.replace(target)
