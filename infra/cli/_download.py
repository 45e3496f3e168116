"""The official release archive: fetched, checked against its pinned checksum, unpacked."""

import hashlib
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from infra.cli._sources import Archive

__all__ = ["DownloadRefusedError", "download"]

_TIMEOUT_SECONDS = 5.0
"""For connecting and for each read: a machine without internet should fall through to the next source soon."""

_CHUNK_BYTES = 1 << 20
_REPORT_EVERY_BYTES = 16 << 20


class DownloadRefusedError(Exception):
    """What arrived isn't what was pinned."""


def download(archive: Archive, bin_folder: Path, progress: Callable[[str], None]) -> None:
    """Fill `bin_folder` from the archive.

    Raises OSError when it can't be reached or read, DownloadRefusedError when its checksum differs; nothing has
    been unpacked then.
    """
    progress(f"downloading Pulumi {archive.version}")
    with tempfile.TemporaryFile() as file:
        digest = _fetch(archive.url, file, progress)
        if digest != archive.sha256:
            raise DownloadRefusedError(
                f"{archive.url} has the SHA-256 {digest}, not the pinned {archive.sha256}; it was thrown away"
            )
        file.seek(0)
        _unpack(file, bin_folder)


def _fetch(url: str, into: IO[bytes], progress: Callable[[str], None]) -> str:
    import urllib.request  # TLS takes longer to load than everything else here, and most calls download nothing

    digest = hashlib.sha256()
    received, reported = 0, 0
    with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310 - a pinned URL
        total = int(response.headers.get("Content-Length") or 0)
        while chunk := response.read(_CHUNK_BYTES):
            into.write(chunk)
            digest.update(chunk)
            received += len(chunk)
            if received - reported >= _REPORT_EVERY_BYTES:
                reported = received
                progress(f"downloaded {received >> 20} of {total >> 20 or '?'} MB")
    if total and received != total:
        raise OSError(f"{url} ended after {received} of {total} bytes")
    return digest.hexdigest()


def _unpack(file: IO[bytes], bin_folder: Path) -> None:
    """The archive's `pulumi/NAME` (or `pulumi/bin/NAME`) becomes `bin_folder/NAME`."""
    bin_folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=file, mode="r:gz") as archive:
        for member in archive:
            if member.isfile():
                member.name = Path(member.name).name
                archive.extract(member, bin_folder, filter="data")
