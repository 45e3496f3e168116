"""Bodies, read while they stream and counted after decompression, so that a bomb is cut off as it goes off."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import Protocol

__all__ = ["ACCEPT_ENCODING", "BrokenEncoding", "read"]

ACCEPT_ENCODING = "gzip, deflate"
"""Only what can be decoded a bounded piece at a time."""


class BrokenEncoding(Exception):
    """The body isn't in the content encoding that its header names."""


class _Decoder(Protocol):
    def feed(self, data: bytes, most: int) -> bytes:
        """Up to `most` decoded bytes; what can't be handed out yet is kept."""
        ...

    @property
    def pending(self) -> bool:
        """Whether more can be decoded without more input."""
        ...


class _Identity:
    pending = False

    def feed(self, data: bytes, most: int) -> bytes:
        return data[: most + 1]


class _Zlib:
    """gzip, zlib and raw deflate, which servers confuse."""

    def __init__(self, *, gzip: bool) -> None:
        self._inflate = zlib.decompressobj(31 if gzip else 15)
        self._gzip = gzip
        self._first = True

    def feed(self, data: bytes, most: int) -> bytes:
        data = self._inflate.unconsumed_tail + data
        try:
            decoded = self._inflate.decompress(data, max(1, most))
        except zlib.error as error:
            if not self._first or self._gzip:
                raise BrokenEncoding(str(error)) from error
            self._inflate = zlib.decompressobj(-15)
            self._first = False
            return self.feed(data, most)
        self._first = False
        return decoded

    @property
    def pending(self) -> bool:
        return bool(self._inflate.unconsumed_tail)


def _decoder(encoding: str) -> _Decoder:
    names = [
        name.strip().lower() for name in encoding.split(",") if name.strip() and name.strip().lower() != "identity"
    ]
    if not names:
        return _Identity()
    if len(names) > 1:
        raise BrokenEncoding(f"{len(names)} encodings on top of each other")
    match names[0]:
        case "gzip" | "x-gzip":
            return _Zlib(gzip=True)
        case "deflate":
            return _Zlib(gzip=False)
    raise BrokenEncoding(f"unknown content encoding {names[0][:40]!r}")


async def read(parts: AsyncIterator[bytes], encoding: str, most: int) -> tuple[bytes, bool]:
    """The decoded body and whether it was cut off at `most` bytes.

    Raises BrokenEncoding when it can't be decoded.
    """
    decoder = _decoder(encoding)
    body = bytearray()
    async for part in parts:
        body += decoder.feed(part, most - len(body) + 1)
        while decoder.pending and len(body) <= most:
            body += decoder.feed(b"", most - len(body) + 1)
        if len(body) > most:
            return bytes(body[:most]), True
    return bytes(body), False
