"""Signed heads of the audit log, kept in files apart from the database: who rewrites one must rewrite the other.

The folder holds `key` (an Ed25519 private key, mode 0600), `head.json` (the newest signed head) and `heads.jsonl` (one
of every 256 entries). A head that was signed stays true for ever: the log may only grow beyond it.
"""

from __future__ import annotations

import fcntl
import logging
import os
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["SignedHead", "Witness"]

EVERY = 256
"""Between two heads that are kept for ever."""
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


class Witness:
    """Signs heads and keeps them. Several processes may share a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key: Ed25519PrivateKey | None = None
        self._signer = ThreadPoolExecutor(1, "sophia-witness")
        self._waiting: tuple[int, bytes, datetime] | None = None
        self._handing_over = threading.Lock()
        self._hurry = threading.Event()

    @property
    def exists(self) -> bool:
        """Whether anything was ever signed here."""
        return (self.folder / "key").exists()

    def sign_soon(self, size: int, root: bytes, at: datetime) -> None:
        """Sign this head, or a newer one that comes within 10 ms, in a thread of our own that ends with the process."""
        with self._handing_over:
            idle = self._waiting is None
            self._waiting = max((size, root, at), self._waiting or (0, b"", at), key=lambda head: head[0])
        if idle:
            self._signer.submit(self._sign_newest)

    def settle(self) -> None:
        """Wait until all that was to be signed soon is signed."""
        self._hurry.set()
        self._signer.submit(self._hurry.clear).result()

    def _sign_newest(self) -> None:
        self._hurry.wait(0.01)
        with self._handing_over:
            head, self._waiting = self._waiting, None
        if head:
            self.sign(*head)

    def sign(self, size: int, root: bytes, at: datetime) -> None:
        """Sign and keep this head unless a newer one is kept. A failing disk is logged: the entries are stored."""
        try:
            with self._alone():
                newest = self.newest()
                if newest is None or newest.size < size:
                    self._keep(self._signed(size, root, at), newest.size if newest else 0)
        except OSError as error:
            _log.warning("the audit log's head of %d entries could not be signed: %s", size, error)

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
        history = self.folder / "heads.jsonl"
        for line in history.read_text().splitlines() if history.exists() else ():
            try:
                yield SignedHead.model_validate_json(line)
            except ValidationError:
                yield None

    def signed_by_us(self, head: SignedHead) -> bool:
        """Whether our key made the head's signature."""
        from cryptography.exceptions import InvalidSignature

        if not self.exists:
            return False
        try:
            self._private().public_key().verify(bytes.fromhex(head.signature), head.signed_bytes())
        except (InvalidSignature, ValueError):
            return False
        return True

    def _signed(self, size: int, root: bytes, at: datetime) -> SignedHead:
        key = self._private()
        name = sha256(key.public_key().public_bytes_raw()).hexdigest()[:16]
        head = SignedHead(size=size, root=root.hex(), at=at, key=name, signature="")
        return head.model_copy(update={"signature": key.sign(head.signed_bytes()).hex()})

    def _keep(self, head: SignedHead, before: int) -> None:
        line = head.model_dump_json()
        _replace(self.folder / "head.json", line.encode())
        if before // EVERY != head.size // EVERY:
            with (self.folder / "heads.jsonl").open("a") as history:
                history.write(line + "\n")

    def _private(self) -> Ed25519PrivateKey:
        if self._key is None:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

            path = self.folder / "key"
            if not path.exists():
                _replace(path, Ed25519PrivateKey.generate().private_bytes_raw())
            self._key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
        return self._key

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _replace(path: Path, data: bytes) -> None:
    """Write a file of mode 0600 so that readers see the old one or the new one, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)  # noqa: PTH105 - the same thing, and os.fdopen is at hand
    except BaseException:
        os.unlink(name)  # noqa: PTH108
        raise
