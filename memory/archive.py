"""Archives: one file (tar in zstd) whose last member lists all others with their digests: a part is no whole."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO, Any

from memory.errors import BackupUnusable

__all__ = ["ArchiveWriter", "unpack", "unusable", "writing"]

FORMAT = 1
MANIFEST = "manifest.json"
_BLOCK = 1 << 20


class ArchiveWriter:
    """An archive that is being written."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._digests: dict[str, str] = {}

    def add(self, name: str, path: Path) -> None:
        """Add a file as it is now. What grows meanwhile is cut off at the length that it had."""
        with path.open("rb") as file:
            info = tarfile.TarInfo(name)
            status = os.fstat(file.fileno())
            info.size, info.mode, info.mtime = status.st_size, status.st_mode & 0o777, status.st_mtime
            reader = _Digesting(file, info.size)
            self._tar.addfile(info, reader)
        self._digests[name] = reader.digest.hexdigest()

    def finish(self, about: dict[str, Any]) -> None:
        """Add the list of all that was added, and what is to be said about it."""
        data = json.dumps({"format": FORMAT, **about, "digests": self._digests}, indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(data), 0o600
        self._tar.addfile(info, io.BytesIO(data))


class _Digesting(io.RawIOBase):
    """Reads exactly so many bytes of a file (zeros, should it have become shorter), and digests them."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left = file, size
        self.digest = sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._file.read(wanted)
        data += bytes(wanted - len(data))
        self._left -= len(data)
        self.digest.update(data)
        return data


@contextmanager
def writing(path: Path) -> Iterator[ArchiveWriter]:
    """Write an archive of mode 0600. It appears under its name only when it is whole."""
    import zstandard

    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with (
            os.fdopen(handle, "wb") as file,
            zstandard.ZstdCompressor(level=6).stream_writer(file, closefd=False) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            yield ArchiveWriter(tar)
        _synchronise(unfinished)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _synchronise(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def unpack(path: Path, folder: Path) -> dict[str, Any]:
    """Unpack an archive and compare every file with its digest; what was said about it.

    Raises BackupUnusable when it is no archive of ours, damaged, cut off, or of a newer format. FileNotFoundError and
    the like are the caller's.
    """
    import zstandard

    try:
        with (
            path.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as packed,
            tarfile.open(fileobj=packed, mode="r|") as tar,
        ):
            tar.extractall(folder, filter="data")
        about: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        if about["format"] > FORMAT:
            raise unusable(path, "it was made by a newer version of Sophia")
        for name, digest in about["digests"].items():
            with (folder / name).open("rb") as file:
                if file_digest(file, "sha256").hexdigest() != digest:
                    raise unusable(path, f"{name} in it is damaged")
    except (tarfile.TarError, zstandard.ZstdError, EOFError, FileNotFoundError, ValueError, KeyError) as error:
        if not path.exists():
            raise
        raise unusable(path, f"it is no whole backup of Sophia's ({type(error).__name__})") from error
    return about


def unusable(path: Path, why: str) -> BackupUnusable:
    """The error of a file that isn't restored, and why."""
    return BackupUnusable(
        f"{path} can't be restored: {why}.", not_done="Nothing was changed.", to_do="Use another one."
    )
