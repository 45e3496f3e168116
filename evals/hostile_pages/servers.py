"""Servers on loopback that speak HTTP by hand, so that they can speak it wrongly: one origin a case."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Answer", "Place", "Server", "certificate", "reply", "serving"]

Answer = Callable[["Server", str, asyncio.StreamWriter], Awaitable[None]]
"""Answers a request for a path, in whatever way."""


@dataclass
class Server:
    """One that is running, and the paths that it was asked for."""

    answer: Answer
    origin: str = ""
    asked: list[str] = field(default_factory=list)
    connections: set[asyncio.Task[None]] = field(default_factory=set)

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin to speak on a new connection."""
        speaking = asyncio.create_task(self._speak(reader, writer))
        self.connections.add(speaking)
        speaking.add_done_callback(self.connections.discard)
        speaking.add_done_callback(lambda _: None if writer.is_closing() else writer.transport.abort())

    async def aclose(self) -> None:
        """Fall silent."""
        left = list(self.connections)
        for speaking in left:
            speaking.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, for one request."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, IndexError):
            path = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode("latin-1")
            self.asked.append(path)
            await self.answer(self, path, writer)
            writer.close()


@dataclass(frozen=True)
class Place:
    """Where a case is served: over TLS or not, and under which name instead of the address."""

    answer: Answer
    tls: bool = False
    host: str = "127.0.0.1"


async def reply(
    writer: asyncio.StreamWriter, body: bytes, kind: str = "text/html; charset=utf-8", status: int = 200, more: str = ""
) -> None:
    """A whole answer, as HTTP has it."""
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
    head += f"connection: close\r\n{more}\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


@asynccontextmanager
async def serving(places: Sequence[Place], folder: Path) -> AsyncIterator[list[Server]]:
    """All of them, until the block ends."""
    async with AsyncExitStack() as stack:
        servers = []
        for place in places:
            tls = await asyncio.to_thread(certificate, folder) if place.tls else None
            server = Server(place.answer)
            listening = await asyncio.start_server(server.connected, "127.0.0.1", 0, ssl=tls, limit=1 << 20)
            stack.push_async_callback(server.aclose)
            stack.callback(listening.close)
            port = listening.sockets[0].getsockname()[1]
            server.origin = f"http{'s' if place.tls else ''}://{place.host}:{port}"
            servers.append(server)
        yield servers


def certificate(folder: Path) -> ssl.SSLContext:
    """TLS with a certificate that nobody vouches for, made out to somebody else."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody.else")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    pem += made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    file = folder / "somebody-else.pem"
    file.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
