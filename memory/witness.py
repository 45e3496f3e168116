"""Signed heads of the audit log, kept in files apart from the database: who rewrites one must rewrite the other.

The folder holds `key` (an Ed25519 private key, mode 0600), `head.json` (the newest signed head) and `heads.jsonl` (one
of every 256 entries). A head that was signed stays true for ever: the log may only grow beyond it. Until its first head
is kept, a key is `key.new`: so a `key` without heads means that somebody took them away, never that a disk failed.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from memory.errors import StoreError
from memory.merkle import EMPTY
from memory.waiting_lock import lock_in_time

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["SignedHead", "Witness"]

EVERY = 256
"""Between two heads that are kept for ever."""
PATIENCE_SECONDS = 5.0
"""So long another process may hold the folder before a head is left to the next."""
_SOON, _LATER = 0.01, 0.1
_log = logging.getLogger(__name__)


class SignedHead(BaseModel):
    """The size and root that the log had at a time, signed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int
    root: str
    """Hexadecimal."""
    at: datetime
    key: str
    """The first 16 hexadecimal digits of the public key's SHA-256."""
    signature: str

    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return f"sophia audit head\n{self.size}\n{self.root}\n{self.at.isoformat()}\n{self.key}\n".encode()


class _Head(NamedTuple):
    """One that is to be signed."""

    size: int
    root: bytes
    at: datetime
    durable: bool
    """Whether its entries survive a power cut as it is."""


class Witness:
    """Signs heads and keeps them. Several processes may share a folder."""

    def __init__(self, folder: Path, harden: Callable[[], None]) -> None:
        """`harden` makes all that is committed survive a power cut; it raises OSError or an error of the store."""
        self.folder = folder
        self._harden = harden
        self._key: Ed25519PrivateKey | None = None
        self._signer = ThreadPoolExecutor(1, "sophia-witness")
        self._waiting: _Head | None = None
        self._handing_over = threading.Lock()
        self._hurry = threading.Event()

    @property
    def exists(self) -> bool:
        """Whether anything was ever signed here."""
        return (self.folder / "key").exists()

    def begin(self, at: datetime) -> None:
        """Sign the log that has no entry yet, so that from its first entry on heads are there or were taken away."""
        if not (self.folder / "head.json").exists():
            self.sign(_Head(0, EMPTY, at, durable=True))

    def sign_soon(self, size: int, root: bytes, at: datetime, *, durable: bool) -> None:
        """Sign this head, or a newer one that comes soon after, in a thread of our own that ends with the process.

        One that isn't `durable` waits for longer, and is made so first: a head that outlived its entries in a power
        cut would accuse somebody of having cut off the log.
        """
        head = _Head(size, root, at, durable)
        with self._handing_over:
            idle = self._waiting is None
            if self._waiting is None or self._waiting.size < size:
                self._waiting = head
        if idle:
            self._signer.submit(self._sign_newest)

    def settle(self) -> None:
        """Wait until all that was to be signed soon is signed."""
        self._hurry.set()
        self._signer.submit(self._hurry.clear).result()

    def _sign_newest(self) -> None:
        waiting = self._waiting
        self._hurry.wait(_SOON if waiting and waiting.durable else _LATER)
        with self._handing_over:
            head, self._waiting = self._waiting, None
        if head:
            self.sign(head)

    def sign(self, head: _Head) -> None:
        """Sign and keep this head unless a newer one is kept. A failing disk is logged: the entries are stored."""
        try:
            if not head.durable:
                self._harden()
            with self._alone():
                newest = self.newest()
                if newest is None or newest.size < head.size:
                    self._keep(self._signed(head), newest.size if newest else 0)
        except (OSError, ValueError, StoreError) as error:
            _log.warning("the audit log's head of %d entries could not be signed: %s", head.size, error)

    def newest(self) -> SignedHead | None:
        """The newest head, or None when there is none or it can't be read."""
        try:
            return SignedHead.model_validate_json((self.folder / "head.json").read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def heads(self) -> Iterator[SignedHead | None]:
        """All heads that are kept; None for each line that can't be read."""
        if (self.folder / "head.json").exists():
            yield self.newest()
        yield from self.kept()

    def kept(self) -> Iterator[SignedHead | None]:
        """The heads that are kept for ever. The rest of a line that a crash tore is none; a new one takes its place."""
        history = self.folder / "heads.jsonl"
        for line in history.read_text().splitlines(keepends=True) if history.exists() else ():
            if not line.endswith("\n"):
                return
            try:
                yield SignedHead.model_validate_json(line)
            except ValidationError:
                yield None

    def lacks_kept_heads(self) -> bool:
        """Whether the newest head is there, and the one that was kept when the log came to its size isn't."""
        newest = self.newest()
        if newest is None or newest.size < EVERY:
            return False
        return not any(head and head.size // EVERY == newest.size // EVERY for head in self.kept())

    def signed_by_us(self, head: SignedHead) -> bool:
        """Whether our key made the head's signature."""
        from cryptography.exceptions import InvalidSignature

        if not (self.exists or self._unproven.exists()):
            return False
        try:
            self._private().public_key().verify(bytes.fromhex(head.signature), head.signed_bytes())
        except (InvalidSignature, ValueError):
            return False
        return True

    def _signed(self, head: _Head) -> SignedHead:
        key = self._private()
        name = sha256(key.public_key().public_bytes_raw()).hexdigest()[:16]
        signed = SignedHead(size=head.size, root=head.root.hex(), at=head.at, key=name, signature="")
        return signed.model_copy(update={"signature": key.sign(signed.signed_bytes()).hex()})

    def _keep(self, head: SignedHead, before: int) -> None:
        line = head.model_dump_json()
        if before // EVERY != head.size // EVERY:
            _add_line(self.folder / "heads.jsonl", line.encode() + b"\n")
        _replace(self.folder / "head.json", line.encode())
        if not self.exists:
            self._unproven.rename(self.folder / "key")
            _sync_folder(self.folder)

    @property
    def _unproven(self) -> Path:
        """The key before anything that it signed is kept."""
        return self.folder / "key.new"

    def _private(self) -> Ed25519PrivateKey:
        if self._key is None:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

            path = self.folder / "key" if self.exists else self._unproven
            if not path.exists():
                _replace(path, Ed25519PrivateKey.generate().private_bytes_raw())
            self._key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
        return self._key

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / "lock").open("w") as lock:
            lock_in_time(lock, PATIENCE_SECONDS)
            yield


def _replace(path: Path, data: bytes) -> None:
    """Write a file of mode 0600 so that readers see the old one or the new one, never a part; so does a power cut."""
    new = not path.exists()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)  # noqa: PTH105 - the same thing, and os.fdopen is at hand
    except BaseException:
        os.unlink(name)  # noqa: PTH108
        raise
    if new:
        _sync_folder(path.parent)


def _add_line(path: Path, line: bytes) -> None:
    """Append it, in place of what a crash left of another one, and wait for the disk."""
    new = not path.exists()
    with path.open("a+b") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    if new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """A new name in a folder is only safe from a power cut when the folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
