"""From a driver's error to one of ours that says what happened in a sentence."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from memory.errors import (
    DatabaseBroken,
    DatabaseBusy,
    DatabaseUnreachable,
    StorageFull,
    StorageReadOnly,
    StoreError,
)

if TYPE_CHECKING:
    import psycopg

__all__ = ["disk_faults", "explain", "may_be_repeated"]

_SERIALIZATION = {"40001", "40P01"}
_BROKEN = (errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE)
"""What a disk says that fails, is gone, or is another one's and went away."""
_LOST = {"57P01", "57P02", "08000", "08001", "08003", "08004", "08006"}


Fault: TypeAlias = "DBAPIError | sqlite3.Error | psycopg.Error"
"""What SQLAlchemy raises, and what the drivers raise where a connection is used directly."""


def _cause(error: Fault) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error


def _sqlite_error(error: Fault) -> sqlite3.Error | None:
    found = _cause(error)
    return found if isinstance(found, sqlite3.Error) else None


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _state(error: Fault) -> str:
    return getattr(_cause(error), "sqlstate", None) or ""


def _lost(error: Fault) -> bool:
    """Whether there was no connection to carry a statement, or none that brought its answer."""
    if _state(error) in _LOST:
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (not _state(error) and error.statement is None)
    from psycopg import OperationalError

    return isinstance(error, OperationalError) and not _state(error)


def may_be_repeated(error: Fault) -> bool:
    """Whether the database gave the transaction up as a whole, so that running it again can't do anything twice.

    A connection that was lost while it committed isn't such a case: nobody knows whether it did.
    """
    found = _sqlite_error(error)
    if found or not isinstance(error, DBAPIError):
        return found is not None and _code(found) == sqlite3.SQLITE_BUSY
    return _state(error) in _SERIALIZATION or (error.connection_invalidated and error.statement is not None)


def explain(error: Fault, location: Path | URL) -> Exception:
    """Ours, when it is about the store; the driver's own, when the statement was wrong (a bug, or a constraint)."""
    found = _sqlite_error(error)
    return (_of_sqlite(found, location) if found else _of_postgresql(error, location)) or error


@contextmanager
def disk_faults(path: Path) -> Iterator[None]:
    """Turn a disk's refusals to write under `path` into our errors."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageFull(f"The disk of {path} is full.", to_do="Make room there, then run it again.") from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise StorageReadOnly(
                f"{path} can't be written.", to_do="Make the folder writable for this user."
            ) from error
        if error.errno in _BROKEN:
            raise StorageFull(
                f"The disk of {path} failed ({error.strerror}).",
                to_do="Look whether it is full or broken, then run it again.",
            ) from error
        raise


def _of_sqlite(error: sqlite3.Error, location: Path | URL) -> StoreError | None:
    match _code(error):
        case sqlite3.SQLITE_FULL:
            return StorageFull(f"The disk of {location} is full.", to_do="Make room there, then run it again.")
        case sqlite3.SQLITE_READONLY:
            return StorageReadOnly(
                f"{location} can't be written.", to_do="Make the file and its folder writable for this user."
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseBusy(
                f"Another process held {location} for too long.",
                to_do="End that process or wait for it, then run it again.",
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return DatabaseBroken(
                f"{location} isn't a sound SQLite database ({error}).",
                to_do="Move it away and restore a backup: sophia restore FILE.",
            )
        case sqlite3.SQLITE_IOERR:
            return _input_output(error, location)
        case sqlite3.SQLITE_CANTOPEN:
            return _cannot_open(location)
    return None


def _input_output(error: sqlite3.Error, location: Path | URL) -> StoreError:
    return StorageFull(
        f"The disk of {location} failed ({error}).", to_do="Look whether it is full or broken, then run it again."
    )


def _cannot_open(location: Path | URL) -> StoreError:
    if isinstance(location, Path) and location.parent.is_dir():
        return StorageReadOnly(
            f"{location} can't be opened or created.", to_do="Make the file and its folder writable for this user."
        )
    return DatabaseUnreachable(f"{location} can't be opened: its folder doesn't exist.", to_do="Create the folder.")


def _of_postgresql(error: Fault, location: Path | URL) -> StoreError | None:
    shown = location.render_as_string(hide_password=True) if isinstance(location, URL) else str(location)
    state = _state(error)
    if state in ("53100", "53200"):
        return StorageFull(f"The server of {shown} has no room.", to_do="Make room there, then run it again.")
    if state in ("25006", "42501"):
        return StorageReadOnly(f"{shown} refuses writes ({_first_line(error)}).", to_do="Give the user its rights.")
    if state in ("55P03", *_SERIALIZATION):
        return DatabaseBusy(f"Another transaction held {shown} for too long.", to_do="Run it again.")
    if _lost(error):
        return DatabaseUnreachable(
            f"{shown} doesn't answer ({_first_line(error)}).",
            to_do="Look whether the server runs and the URL is right.",
        )
    if state in ("28000", "28P01", "3D000"):
        return DatabaseUnreachable(f"{shown} doesn't let us in ({_first_line(error)}).", to_do="Correct the URL.")
    return None


def _first_line(error: Fault) -> str:
    return str(_cause(error)).strip().partition("\n")[0]
