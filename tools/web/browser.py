"""Pages that are built by JavaScript, built in a headless Chromium that reaches nothing but what the door fetches.

Every request of the page is answered by a session of the door, so address, pace, robots.txt, limits and time-outs
are those of any other fetch. Only GETs to the page's own origin are answered; everything else is refused, and what no
route sees (sockets, prefetching, peer connections) is sent to a proxy that doesn't exist.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.web.addresses import kin, origin_of
from tools.web.door import Fetched, WebSession
from tools.web.failures import FetchError

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import BrowserContext, Page, Playwright, Route

__all__ = ["Browser", "Rendered"]

_NEEDED = frozenset({"document", "script", "xhr", "fetch"})
"""What text may come from. Images, fonts, style sheets and media bring none."""
_ARGUMENTS = (
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=256",
    "--disable-dev-shm-usage",
    "--disable-gpu",
)
_MOST_REQUESTS = 60
_CLOSING_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Rendered:
    """What became of it: the page's HTML after its scripts have run, or nothing and why."""

    html: bytes = b""
    note: str = ""


class _Requests:
    """Answers the requests of one page."""

    def __init__(self, session: WebSession, shell: Fetched) -> None:
        self._session, self._shell = session, shell
        self._allowed = kin(origin_of(shell.final_url)) | kin(origin_of(shell.url))
        self._left = _MOST_REQUESTS
        self.refused: set[str] = set()

    async def answer(self, route: Route) -> None:
        from playwright.async_api import Error

        # a page that is closed in the middle of an answer wants it no more
        with contextlib.suppress(Error):
            fetched = await self._fetched(route)
            if fetched is None:
                await route.abort("blockedbyclient")
            else:
                kind = fetched.content_type or "text/plain"
                await route.fulfill(status=fetched.status, content_type=kind, body=fetched.body)

    async def _fetched(self, route: Route) -> Fetched | None:
        request = route.request
        if request.is_navigation_request() and request.url == self._shell.final_url:
            return self._shell
        if request.resource_type not in _NEEDED or request.method != "GET" or self._left <= 0:
            return None
        try:
            origin = origin_of(request.url)
            if origin not in self._allowed:
                self.refused.add(origin)
                return None
            self._left -= 1
            return await self._session.fetch(request.url)
        except FetchError:
            return None


class Browser:
    """One headless Chromium, started for the first page that needs it; one page at a time."""

    def __init__(self, executable: str | None, *, seconds: float = 25.0, body_bytes: int = 10_000_000) -> None:
        """`executable` is Chromium's path; None for the one that Playwright has downloaded, if it has."""
        self._executable, self._seconds, self._body_bytes = executable, seconds, body_bytes
        self._place = asyncio.Lock()
        self._absent = ""
        """Why there is none; then it isn't looked for again."""
        self._driver: Playwright | None = None
        self._chromium: Chromium | None = None
        self._home: tempfile.TemporaryDirectory[str] | None = None

    async def render(self, session: WebSession, shell: Fetched) -> Rendered:
        """Build the page that the shell is the beginning of. Whatever goes wrong is said in the note."""
        try:
            from playwright.async_api import Error
        except ImportError:
            return Rendered(note="not rendered: there is no Playwright")
        if self._executable and not await asyncio.to_thread(Path(self._executable).exists):
            self._absent = f"not rendered: there is no {self._executable}"
        async with self._place:
            if self._absent:
                return Rendered(note=self._absent)
            try:
                async with asyncio.timeout(self._seconds):
                    chromium = await self._started()
                    context = await chromium.new_context(service_workers="block", accept_downloads=False)
                    rendered = await self._built(context, session, shell)
                    await context.close()
            except TimeoutError:
                await self._end()
                return Rendered(note=f"its scripts weren't done within {self._seconds:g} s")
            except (Error, OSError) as error:
                if self._chromium is None:
                    self._absent = "not rendered: no Chromium could be started"
                await self._end()
                return Rendered(note=self._absent or f"Chromium failed on it: {str(error).splitlines()[0][:120]}")
        return rendered

    async def _started(self) -> Chromium:
        from playwright.async_api import async_playwright

        if self._chromium is not None and self._chromium.is_connected():
            return self._chromium
        await self._end()
        self._driver = await async_playwright().start()
        self._home = tempfile.TemporaryDirectory(prefix="sophia-chromium-", ignore_cleanup_errors=True)
        self._chromium = await self._driver.chromium.launch(
            executable_path=self._executable,
            args=list(_ARGUMENTS),
            chromium_sandbox=os.geteuid() != 0,
            env={"HOME": self._home.name, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        )
        return self._chromium

    async def _built(self, context: BrowserContext, session: WebSession, shell: Fetched) -> Rendered:
        requests = _Requests(session, shell)
        await context.route("**/*", requests.answer)
        page = await context.new_page()
        await page.goto(shell.final_url, wait_until="load", timeout=0)
        await self._settled(page)
        html = (await page.content()).encode("utf-8", "replace")
        await context.unroute_all(behavior="ignoreErrors")
        others = f"; {', '.join(sorted(requests.refused)[:3])} refused" if requests.refused else ""
        if len(html) > self._body_bytes:
            return Rendered(note="what its scripts build is larger than the limit")
        return Rendered(html, f"rendered by a browser{others}")

    async def _settled(self, page: Page) -> None:
        """Wait until no request is open; a page that never rests is taken as it is after some time."""
        from playwright.async_api import TimeoutError as NeverIdle

        with contextlib.suppress(NeverIdle):
            await page.wait_for_load_state("networkidle", timeout=self._seconds * 400)

    async def _end(self) -> None:
        """End the processes, also those that don't answer any more."""
        from playwright.async_api import Error

        chromium, driver, home = self._chromium, self._driver, self._home
        self._chromium = self._driver = self._home = None
        for close in (chromium.close if chromium else None, driver.stop if driver else None):
            if close is not None:
                with contextlib.suppress(Error, TimeoutError, OSError):
                    async with asyncio.timeout(_CLOSING_SECONDS):
                        await close()
        if home is not None:
            home.cleanup()

    async def aclose(self) -> None:
        """End the browser, if it was started."""
        if self._driver is not None:
            await self._end()
