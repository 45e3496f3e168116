"""Connections that go to the address that was checked, and to no other.

The check lies in the dialling itself: a name is resolved, every address in the answer is checked, and the socket is
opened to one of those very addresses. TLS still verifies the name. So there is no moment between check and use.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterable

import httpcore
import httpx

from tools.web.addresses import forbidden
from tools.web.policy import WebPolicy

__all__ = ["AddressRefused", "PinnedTransport", "Resolver"]


class AddressRefused(Exception):
    """The name leads into address space that nothing is fetched from."""


class Resolver:
    """Names to addresses, by the operating system."""

    async def resolve(self, host: str, port: int) -> list[str]:
        """Every address of the host, in the system's order. Raises OSError when there is none."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _CheckedDialling(httpcore.AsyncNetworkBackend):
    def __init__(self, resolver: Resolver, private: frozenset[tuple[str, int]]) -> None:
        self._dial = httpcore.AnyIOBackend()
        self._resolver = resolver
        self._private = private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        async with asyncio.timeout(timeout):
            addresses = await self._checked(host, port)
            failure: Exception | None = None
            for address in addresses[:4]:
                try:
                    return await self._dial.connect_tcp(address, port, timeout, local_address, socket_options)
                except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                    failure = error
            raise failure or httpcore.ConnectError("the name has no address")

    async def _checked(self, host: str, port: int) -> list[str]:
        try:
            addresses = await self._resolver.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name can't be resolved: {error}") from error
        if (host.lower().rstrip("."), port) in self._private:
            return addresses
        for address in addresses:
            why = forbidden(address)
            if why:
                raise AddressRefused(f"{host} leads to {address}, {why}")
        return addresses

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefused(f"{path} is a Unix socket")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: httpcore.Response) -> None:
        self._response = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._response.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self._response.aclose()


class PinnedTransport(httpx.AsyncBaseTransport):
    """One pool of HTTP/1.1 and HTTP/2 connections whose every dialling is checked. Raises httpcore's errors."""

    def __init__(self, policy: WebPolicy, resolver: Resolver | None = None) -> None:
        private = frozenset(
            (url.raw_host.decode("ascii").lower(), url.port or (443 if url.scheme == "https" else 80))
            for url in map(httpx.URL, policy.private_origins)
        )
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(),
            max_connections=policy.connections,
            max_keepalive_connections=policy.connections,
            keepalive_expiry=20.0,
            http2=True,
            network_backend=_CheckedDialling(resolver or Resolver(), private),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request without a body; the response's body is still to be read."""
        response = await self._pool.handle_async_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        return httpx.Response(response.status, headers=response.headers, stream=_Body(response))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
