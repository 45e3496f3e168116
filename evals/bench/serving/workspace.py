"""A Slack that takes what it is told, in the process that measures; it signs what it sends as Slack does.

It refuses nothing: what Slack refuses is the tests' business. Here only time counts.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
from aiohttp import web

__all__ = ["ANN", "SECRET", "TEAM", "TOKEN", "Line", "Posted", "Workspace", "workspace"]

TEAM, ANN, MYSELF = "T0BENCH001", "U0ANN00001", "U0SOPHIA01"
TOKEN, SECRET = "xoxb-bench", "bench-signing-secret"


class Posted(NamedTuple):
    """A message that was posted or changed."""

    at: float
    """On this process's clock."""
    effect: str
    """What Sophia knows it by."""
    text: str
    new: bool


class Workspace:
    """Channels as many as are wanted, and everything that was posted in them, with its moment."""

    def __init__(self) -> None:
        self.url = ""
        self.posts: dict[str, list[Posted]] = {}
        """By channel."""
        self.changed = asyncio.Event()
        self._numbers = itertools.count(1)
        self._start = int(time.time())

    async def answer(self, request: web.Request) -> web.Response:
        """One call of the Web API."""
        method = request.match_info["method"]
        given = await request.json() if request.content_type == "application/json" else dict(request.query)
        return web.json_response({"ok": True, **self._answered(method, given)})

    def _answered(self, method: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        channel = str(given.get("channel", ""))
        match method:
            case "auth.test":
                return {"team_id": TEAM, "team": "Bench", "user_id": MYSELF, "bot_id": "B0SOPHIA"}
            case "chat.postMessage" | "chat.update":
                effect = str(given.get("metadata", {}).get("event_payload", {}).get("effect", ""))
                shown = json.dumps(given.get("blocks"), ensure_ascii=False)
                posted = Posted(time.perf_counter(), effect, shown, method == "chat.postMessage")
                self.posts.setdefault(channel, []).append(posted)
                self.changed.set()
                return {"channel": channel, "ts": given.get("ts") or self.moment()}
            case "conversations.info":
                return {"channel": {"id": channel, "name": channel.lower(), "is_member": True}}
            case "conversations.open":
                return {"channel": {"id": f"D{given.get('users')}"}}
            case "users.list":
                return {"members": [{"id": ANN}]}
            case "conversations.members":
                return {"members": [ANN, MYSELF]}
            case _:
                return {}

    def moment(self) -> str:
        """A `ts` that no other message has."""
        return f"{self._start}.{next(self._numbers):06d}"

    def mention(self, text: str, channel: str) -> dict[str, Any]:
        """The event of a message that mentions Sophia."""
        return self.message(f"<@{MYSELF}> {text}", channel)

    def message(self, text: str, channel: str) -> dict[str, Any]:
        """The event of a message."""
        number = next(self._numbers)
        said = {"type": "message", "user": ANN, "team": TEAM, "text": text, "ts": self.moment(), "channel": channel}
        return {
            "type": "event_callback",
            "team_id": TEAM,
            "event_id": f"Ev{number:08d}",
            "event": {**said, "channel_type": "channel"},
        }

    async def until(self, holds: Callable[[], bool], seconds: float) -> None:
        """Wait, from post to post, until something holds. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not holds():
                self.changed.clear()
                await self.changed.wait()

    def ended(self, channel: str) -> bool:
        """Whether a request's end was shown there."""
        return any("done ·" in post.text for post in self.posts.get(channel, []))

    def begun(self, channel: str) -> set[str]:
        """The turns that were begun there, by the message that says what was understood."""
        return {post.effect for post in self.posts.get(channel, []) if post.effect.endswith(":plan")}


@asynccontextmanager
async def workspace() -> AsyncIterator[Workspace]:
    """The workspace, while the block runs."""
    found = Workspace()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", found.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield found
    finally:
        await runner.cleanup()


class Line:
    """What Slack sends, to one address."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def deliver(self, event: Mapping[str, Any]) -> float:
        """Send it, signed; seconds until it was acknowledged. Raises RuntimeError when it wasn't."""
        body, stamp = json.dumps(event), str(int(time.time()))
        signature = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={signature}",
            "Content-Type": "application/json",
        }
        began = time.perf_counter()
        async with self._session.post(self._url, data=body.encode(), headers=headers) as answer:
            await answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {await answer.text()}")
        return time.perf_counter() - began

    async def deliver_all(self, events: list[dict[str, Any]], per_second: float) -> list[float]:
        """Send them at an even pace, whether they are acknowledged or not; seconds of each, sorted."""
        began, tasks = time.perf_counter(), []
        for number, event in enumerate(events, 1):
            tasks.append(asyncio.create_task(self.deliver(event)))
            await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))
        return sorted(await asyncio.gather(*tasks))
