"""GETs for health checks: the addresses that a stack itself says are its own, loopback among them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from infra.ports import ProbeAnswer

if TYPE_CHECKING:
    import httpx

__all__ = ["HttpxProbe"]

_BODY_LIMIT = 64 * 1024


class HttpxProbe:
    """Follows no redirect, sends no cookie or credential, takes no proxy from the environment."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def get(self, url: str, *, timeout: float) -> ProbeAnswer:  # noqa: ASYNC109 - the port's name for it
        """What a GET found; never raises for what the other side does."""
        import httpx

        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False)
        begun = time.monotonic()
        try:
            async with self._client.stream("GET", url, timeout=timeout, headers={"Connection": "close"}) as response:
                body = b""
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) >= _BODY_LIMIT:
                        break
                text = body[:_BODY_LIMIT].decode("utf-8", "replace")
                return ProbeAnswer(response.status_code, text, _millis(begun))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return ProbeAnswer(None, "", _millis(begun), _said(error))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()


def _said(error: Exception) -> str:
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return "didn't answer in time"
    if isinstance(error, httpx.ConnectError):
        return "refuses connections"
    return str(error) or type(error).__name__


def _millis(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
