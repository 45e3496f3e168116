"""The wire to a model: to one address only, with the key that nobody else holds, bounded both ways.

The client library gets no key and never sees what the server really sent: requests are written anew with the few
headers that are needed, errors become this package's own before they reach it, answers arrive in canonical form.
"""

from __future__ import annotations

import json
import math
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import anyio
import httpx2

from agent.errors import SophiaError
from agent.planning.model.canonical import canonical, stopped_by_error
from agent.planning.model.errors import (
    ForeignAddress,
    KeyRefused,
    MissingKey,
    ModelTimeout,
    NoConnection,
    PromptTooLong,
    QuotaUsedUp,
    RateLimited,
    RequestRejected,
    ServerFailing,
    UnknownModel,
)
from agent.planning.model.exchange import Address, Exchange

__all__ = ["PinnedTransport", "Rejected", "carrying", "pool"]

_CARRIED: ContextVar[Exchange] = ContextVar("exchange")

_ERROR_BYTES = 64_000
_STRUCTURE = frozenset({"response_format", "json_schema", "grammar", "tool_choice", "tools", "function"})
_PARAMETERS = _STRUCTURE | {"max_completion_tokens", "max_tokens", "stream_options", "include_usage", "temperature"}
_TOO_LONG = ("context_length", "context length", "context size", "context window", "too long", "too many tokens")
_BAD_KEY = ("api key not valid", "invalid api key", "invalid_api_key", "incorrect api key")
_NO_MODEL = ("model_not_found", "model not found", "not a valid model", "unknown model", "no such model")
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_BROKEN = (httpx2.HTTPError, ssl.SSLError, anyio.EndOfStream)


class Rejected(Exception):
    """No failure yet: another form of the request may be taken.

    The server doesn't take this form of the request. `named` are those of our parameters that it complains about.
    """

    def __init__(self, status: int, named: frozenset[str]) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.named = named


def pool() -> httpx2.AsyncBaseTransport:
    """Connections to share between calls, each closed after its answer: a turn asks once or twice, not all the time."""
    return httpx2.AsyncHTTPTransport(limits=httpx2.Limits(max_connections=8, max_keepalive_connections=0))


@contextmanager
def carrying(exchange: Exchange) -> Iterator[None]:
    """What is sent in this context belongs to this exchange."""
    token = _CARRIED.set(exchange)
    try:
        yield
    finally:
        _CARRIED.reset(token)


class _Body(httpx2.AsyncByteStream):
    """A response's canonical body; closing it closes the real one."""

    def __init__(self, chunks: AsyncGenerator[bytes, None], response: httpx2.Response, exchange: Exchange) -> None:
        self._chunks, self._response, self._exchange = chunks, response, exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        problem: SophiaError | None = None
        try:
            async for chunk in self._chunks:
                yield chunk
        except _BROKEN as error:
            problem = _broken(error, self._exchange)
        if problem is not None:
            raise problem

    async def aclose(self) -> None:
        await self._chunks.aclose()
        await self._response.aclose()


class PinnedTransport(httpx2.AsyncBaseTransport):
    """Carries exchanges over a shared pool of connections: each request that of the context in which it is made."""

    def __init__(self, connections: httpx2.AsyncBaseTransport) -> None:
        self._connections = connections

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send it where it belongs. Raises this package's errors, `Rejected` among them."""
        exchange = _CARRIED.get()
        _check(request.url, exchange.address)
        outgoing = await _outgoing(request, exchange)
        response = await self._sent(outgoing, exchange)
        if isinstance(response, SophiaError):
            raise response
        if response.status_code >= 300:
            exchange.charged = False
            raise _status_error(response.status_code, await _error_object(response), response.headers, exchange)
        await _check_form(response, exchange.address)
        chunks = canonical(_raw(response), exchange)
        return httpx2.Response(
            200, headers={"content-type": "text/event-stream"}, stream=_Body(chunks, response, exchange)
        )

    async def _sent(self, outgoing: httpx2.Request, exchange: Exchange) -> httpx2.Response | SophiaError:
        exchange.charged = True
        try:
            return await self._connections.handle_async_request(outgoing)
        except _BROKEN as error:
            exchange.charged = not isinstance(error, _NOT_SENT)
            return _broken(error, exchange)

    async def aclose(self) -> None:
        """Nothing: the connections are shared."""


def _check(url: httpx2.URL, address: Address) -> None:
    base = httpx2.URL(address.base_url)
    same = (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port)
    if not same or url.path != f"{base.path.rstrip('/')}/chat/completions" or url.query:
        raise ForeignAddress(address.model, address.host, "a stray request")


async def _outgoing(request: httpx2.Request, exchange: Exchange) -> httpx2.Request:
    """The same request with our headers only."""
    body = await request.aread()
    exchange.prompt_bytes = len(body)
    headers = {
        "accept": "text/event-stream, application/json",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "user-agent": "Sophia",
    }
    if exchange.address.key is not None:
        headers["authorization"] = f"Bearer {exchange.address.key.get_secret_value()}"
    return httpx2.Request("POST", request.url, headers=headers, content=body, extensions=request.extensions)


async def _check_form(response: httpx2.Response, address: Address) -> None:
    kind = response.headers.get("content-type", "").lower()
    packed = response.headers.get("content-encoding", "identity").lower() != "identity"
    if packed or "html" in kind:
        await response.aclose()
        what = "it packs its answers although asked not to" if packed else "it answers with a web page"
        raise ServerFailing(address.model, address.host, what)


async def _raw(response: httpx2.Response) -> AsyncIterator[bytes]:
    async for part in response.aiter_raw():
        yield part


async def _error_object(response: httpx2.Response) -> Any:
    """What an error's body says, for looking up known words in it; never shown."""
    body = b""
    try:
        async for part in response.aiter_raw():
            body += part
            if len(body) > _ERROR_BYTES:
                break
    except _BROKEN:
        body = b""
    finally:
        await response.aclose()
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {"message": body.decode("utf-8", "replace")}
    inner = document.get("error", document) if isinstance(document, dict) else document
    return inner if isinstance(inner, dict) else {"message": str(inner)}


def _status_error(status: int, error: Any, headers: Mapping[str, str], exchange: Exchange) -> Exception:
    """The named error for a status that isn't success."""
    address = exchange.address
    if status < 400:
        return ForeignAddress(address.model, address.host, f"it redirects elsewhere (HTTP {status})")
    said = json.dumps(error).lower()
    if status in (401, 403) or (status == 400 and any(sign in said for sign in _BAD_KEY)):
        return (
            KeyRefused(address.model, address.host, status) if address.key else MissingKey(address.model, address.host)
        )
    wait = _retry_after(headers)
    if status in (402, 429):
        named = stopped_by_error(error, exchange)
        out_of_quota = status == 402 or isinstance(named, QuotaUsedUp)
        unpaid = QuotaUsedUp(address.model, address.host)
        return unpaid if out_of_quota else RateLimited(address.model, address.host, wait)
    if status >= 500:
        return _failing(status, said, wait, exchange)
    return _rejection(status, said, exchange)


def _failing(status: int, said: str, wait: float | None, exchange: Exchange) -> Exception:
    """A server that fails over the form of the request is asked in another form; any other is asked again."""
    named = _named(said)
    if status == 501 or named & _STRUCTURE:
        return Rejected(status, named)
    return ServerFailing(exchange.address.model, exchange.address.host, f"HTTP {status}", wait)


def _rejection(status: int, said: str, exchange: Exchange) -> Exception:
    address = exchange.address
    if status == 413 or any(sign in said for sign in _TOO_LONG):
        return PromptTooLong(f"{address.model} at {address.host} has less room (HTTP {status})")
    if status == 404 or any(sign in said for sign in _NO_MODEL):
        return UnknownModel(address.model, address.host)
    if status in (408, 409, 425):
        return ServerFailing(address.model, address.host, f"HTTP {status}")
    if status in (400, 415, 422):
        return Rejected(status, _named(said))
    return RequestRejected(address.model, address.host, status)


def _named(said: str) -> frozenset[str]:
    return frozenset(name for name in _PARAMETERS if name in said)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from `retry-after-ms` or `retry-after` (a number or a date); None for anything else."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        try:
            seconds = float(value) * scale
        except ValueError:
            continue
        return seconds if math.isfinite(seconds) and seconds >= 0 else None
    try:
        at = parsedate_to_datetime(headers.get("retry-after", ""))
    except (ValueError, TypeError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _broken(error: Exception, exchange: Exchange) -> SophiaError:
    """The named error for a connection that wasn't made, or broke."""
    address = exchange.address
    if isinstance(error, httpx2.TimeoutException):
        if isinstance(error, _NOT_SENT):
            return NoConnection(address.model, address.host, "it doesn't answer")
        return ModelTimeout(address.model, address.host, exchange.allowance.seconds)
    if isinstance(error, httpx2.ConnectError):
        return NoConnection(address.model, address.host, "no connection")
    return NoConnection(address.model, address.host, "the connection broke off")
