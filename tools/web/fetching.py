"""One GET: robots, pace, redirects hop by hop, conditions, retries, limits."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urljoin

import httpcore
import httpx

from tools.declaration import Clock
from tools.detection.charset import decode
from tools.web import bodies
from tools.web.addresses import Target, kin, parse
from tools.web.door import Conditions, Fetched, Hop
from tools.web.failures import FetchFailed, FetchRefused, NotAllowed, RobotsDisallow
from tools.web.manners import HostStore, Manners, Origin
from tools.web.pace import back_off, retry_after
from tools.web.policy import WebPolicy
from tools.web.purse import pocket
from tools.web.transport import AddressRefused, PinnedTransport

__all__ = ["Fetcher"]

_TRY_ROBOTS_AGAIN = 1 / 6
"""Hours, when robots.txt couldn't be had."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 500, 502, 503, 504})
_KEPT_HEADERS = (
    "content-type",
    "content-language",
    "server",
    "retry-after",
    "x-robots-tag",
    "cf-mitigated",
    "location",
    "www-authenticate",
)


class Fetcher:
    """Everything between a URL and its answer. One for the whole program; safe for concurrent use."""

    def __init__(
        self, transport: PinnedTransport, policy: WebPolicy, clock: Clock, store: HostStore | None = None
    ) -> None:
        self._transport, self._policy, self._clock = transport, policy, clock
        self._manners = Manners(policy, clock, store)

    async def fetch(
        self, url: str, origins: frozenset[str], conditions: Conditions, body_bytes: int | None = None
    ) -> Fetched:
        """The answer at the end of the redirects. Raises the errors of tools.web.failures."""
        started, hops, seen = time.monotonic(), list[Hop](), set[str]()
        here = url
        while True:
            target = self._target(here, origins, url)
            if str(target.url) in seen or len(hops) > self._policy.redirects:
                raise FetchRefused(url, f"its redirects {'go in a circle' if str(target.url) in seen else 'never end'}")
            seen.add(str(target.url))
            await self._obey(target)
            answer = await self._politely(target, conditions, body_bytes or self._policy.body_bytes)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                millis = round((time.monotonic() - started) * 1000)
                return replace(answer, url=url, final_url=here, hops=tuple(hops), millis=millis)
            hops.append(Hop(here, answer.status))
            here = urljoin(here, location)

    def _target(self, here: str, origins: frozenset[str], asked: str) -> Target:
        target = parse(here, ports=self._policy.ports, private_origins=self._policy.private_origins)
        if target.origin not in origins:
            if here == asked:
                raise NotAllowed(asked, here, f"{target.origin} isn't an allowed origin")
            raise NotAllowed(asked, here, f"it redirects to {target.origin}, which isn't an allowed origin")
        return target

    async def _obey(self, target: Target) -> None:
        origin = await self._manners.of(target)
        async with origin.asking:
            if origin.rules is None or origin.rules.expires <= self._clock.now():
                await self._ask_robots(target, origin)
        assert origin.rules is not None
        if not origin.rules.allows(str(target.url), self._policy.product):
            raise RobotsDisallow(str(target.url), f"not fetched: {origin.rules.reason} forbids it")

    async def _ask_robots(self, target: Target, origin: Origin) -> None:
        status, text = await self._robots(target)
        hours = self._policy.robots_hours if status < 500 else _TRY_ROBOTS_AGAIN
        self._manners.learn_robots(origin, status, text, self._clock.now() + timedelta(hours=hours))
        await self._manners.save(origin)

    async def _robots(self, target: Target) -> tuple[int, str]:
        """The status and text of robots.txt at the end of its redirects; where they lead nowhere there is none.

        RFC 9309 (2.3.1.2) has at least five followed, also to another host. Of a foreign host nothing but a robots.txt
        is asked, and a public site leads to no private address.
        """
        here = target.url.copy_with(raw_path=b"/robots.txt")
        for _ in range(self._policy.redirects + 1):
            step = parse(str(here), ports=self._policy.ports, private_origins=self._policy.private_origins)
            answer = await self._politely(step, Conditions(), self._policy.robots_bytes)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                found = 200 <= answer.status < 300
                text = decode(answer.body, answer.content_type or "charset=utf-8") if found else ""
                return answer.status, text
            here = here.join(location)
            if not self._leads_to_robots(target, here):
                break
        return 404, ""

    def _leads_to_robots(self, target: Target, here: httpx.URL) -> bool:
        """Whether a redirect of robots.txt is followed."""
        private = self._policy.private_origins
        try:
            step = parse(str(here), ports=self._policy.ports, private_origins=private)
        except FetchRefused:
            return False
        if step.origin in kin(target.origin):
            return True
        return here.raw_path == b"/robots.txt" and (step.origin not in private or target.origin in private)

    async def _politely(self, target: Target, conditions: Conditions, most: int) -> Fetched:
        """Send with pace, circuit breaker and retries. The answer of the last attempt counts."""
        origin, patience = await self._manners.of(target), self._policy.patience_seconds
        for attempt in range(self._policy.attempts):
            last = attempt == self._policy.attempts - 1
            await self._manners.my_turn(origin, str(target.url))
            async with origin.places:
                answer = await self._attempt(origin, target, conditions, most, last=last)
            if answer is not None and answer.status not in _BUSY:
                return answer
            wait = await self._wait(origin, answer, attempt) if answer else back_off(attempt)
            if answer and (last or wait is None or wait > patience):
                return replace(answer, retry_at=answer.at + timedelta(seconds=wait)) if wait else answer
            patience -= wait or 0.0
            await asyncio.sleep(wait or 0.0)
        raise AssertionError("at least one attempt is made")

    async def _attempt(
        self, origin: Origin, target: Target, conditions: Conditions, most: int, *, last: bool
    ) -> Fetched | None:
        """One answer; None when it failed in a way that another attempt may mend."""
        try:
            answer = await self._once(target, conditions, most)
        except FetchFailed as failure:
            await self._manners.failed(origin)
            if last or failure.kind in ("certificate", "encoding", "time"):
                raise
            return None
        if answer.status not in _BUSY:
            origin.circuit.succeeded()
        return answer

    async def _wait(self, origin: Origin, answer: Fetched, attempt: int) -> float | None:
        """Seconds until the next attempt makes sense; None when the server wants none and doesn't say when."""
        named = retry_after(answer.headers.get("retry-after", ""), answer.at)
        if named is not None and answer.status in (429, 503):
            if named > self._policy.patience_seconds:
                await self._manners.leave_alone(origin, named)
            return named
        if answer.status == 429:
            return None
        await self._manners.failed(origin)
        return back_off(attempt)

    async def _once(self, target: Target, conditions: Conditions, most: int) -> Fetched:
        url = str(target.url)
        if (purse := pocket.get()) is not None:
            await purse.pay("requests", url)
        try:
            async with asyncio.timeout(self._policy.total_seconds):
                return await self._exchange(target, conditions, most)
        except AddressRefused as error:
            raise FetchRefused(url, str(error)) from error
        except TimeoutError as error:
            raise FetchFailed(url, f"no whole answer within {self._policy.total_seconds:g} s", kind="time") from error
        except httpcore.TimeoutException as error:
            raise FetchFailed(url, f"{type(error).__name__}: no answer in time", kind="time") from error
        except bodies.BrokenEncoding as error:
            raise FetchFailed(url, f"the body can't be decoded: {error}", kind="encoding") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as error:
            certificate = "certificate" in str(error).lower()
            raise FetchFailed(
                url, str(error) or type(error).__name__, kind="certificate" if certificate else "connection"
            ) from error

    async def _exchange(self, target: Target, conditions: Conditions, most: int) -> Fetched:
        policy = self._policy
        request = httpx.Request("GET", target.url, headers=self._headers(conditions))
        limits = {
            "connect": policy.connect_seconds,
            "read": policy.read_seconds,
            "write": policy.read_seconds,
            "pool": policy.total_seconds,
        }
        request.extensions["timeout"] = limits
        response = await self._transport.handle_async_request(request)
        try:
            body, truncated = b"", False
            if response.status_code not in _REDIRECTS and response.status_code != 304:
                encoding = response.headers.get("content-encoding", "")
                body, truncated = await bodies.read(response.aiter_raw(), encoding, most)
        finally:
            await response.aclose()
        found = response.headers
        return Fetched(
            url=str(target.url),
            final_url=str(target.url),
            status=response.status_code,
            at=self._clock.now(),
            millis=0,
            body=body,
            content_type=found.get("content-type", ""),
            etag=found.get("etag"),
            last_modified=found.get("last-modified"),
            truncated=truncated,
            headers={name: found[name][:2000] for name in _KEPT_HEADERS if name in found},
        )

    def _headers(self, conditions: Conditions) -> dict[str, str]:
        headers = {
            "user-agent": self._policy.user_agent,
            "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.8,*/*;q=0.5",
            "accept-language": "en",
            "accept-encoding": bodies.ACCEPT_ENCODING,
        }
        if conditions.etag:
            headers["if-none-match"] = conditions.etag
        if conditions.last_modified:
            headers["if-modified-since"] = conditions.last_modified
        return headers

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()
