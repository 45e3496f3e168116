"""The one way to Slack's Web API: paced, patient when Slack asks for it, and plain about what is known of a call."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from agent.settings import Settings
from agent.slack.errors import SlackAway, refusal

__all__ = ["SlackDoor", "new_client", "slack_door"]

_log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 20
PATIENCE = 6
"""How often a call is made again because Slack asked to wait."""
LONGEST_WAIT_SECONDS = 60.0
BURST, PER_SECOND = 5, 1.0
"""Messages to one channel: one a second, with short bursts (https://docs.slack.dev/apis/web-api/rate-limits)."""
MOST_PAGES = 20
_PAGE = 900
"""Items a page; Slack takes up to 999."""
_FORGET_BUCKETS = 1000


def slack_door(settings: Settings) -> SlackDoor:
    """The door, by a client of its own."""
    return SlackDoor(new_client(settings))


def new_client(settings: Settings) -> AsyncWebClient:
    """Slack's own client, without retries of its own: whether a lost call happened is found out first."""
    token = settings.slack.bot_token
    assert token is not None, "Slack is connected by a bot token"
    return AsyncWebClient(
        token=token.get_secret_value(), base_url=settings.slack.api_url, timeout=TIMEOUT_SECONDS, retry_handlers=[]
    )


class SlackDoor:
    """Calls methods of the Web API.

    Raises SlackRefused when it certainly didn't happen, SlackAway when that isn't known.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self.client = client
        self._buckets: dict[str, tuple[float, float]] = {}
        self._session: aiohttp.ClientSession | None = None

    def nameless(self) -> AsyncWebClient:
        """A client without the token, for what takes it from elsewhere and only complains of two."""
        return AsyncWebClient(base_url=self.client.base_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])

    async def aclose(self) -> None:
        """Close the connections that are kept open."""
        if self._session is not None:
            await self._session.close()

    async def call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method with JSON arguments; None is left out."""
        given = {name: value for name, value in arguments.items() if value is not None}
        if method == "chat.postMessage":
            await self._paced(str(given.get("channel")))
        for _ in range(PATIENCE):
            try:
                answer = await self._send(method, given)
            except SlackApiError as error:
                wait = await self._refused(method, error)
                _log.info("Slack asks to wait %.0f s before %s", wait, method)
                await asyncio.sleep(wait)
            else:
                return answer
        raise refusal(method, "ratelimited")

    async def scopes(self) -> set[str]:
        """What the bot token may do, as Slack says with every answer."""
        answer = await self.client.auth_test()
        found = {name.lower(): value for name, value in answer.headers.items()}.get("x-oauth-scopes", "")
        return {scope.strip() for scope in str(found).split(",") if scope.strip()}

    async def _send(self, method: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession()
            self.client.session = self._session
        reads = method.partition(".")[2] in ("list", "info", "members", "history", "replies", "test", "open")
        try:
            if reads and not method.startswith("views."):
                found = await self.client.api_call(method, params=_flat(given))
            else:
                found = await self.client.api_call(method, json=dict(given))
        except (aiohttp.ClientError, TimeoutError, OSError, SlackRequestError) as error:
            raise SlackAway(
                f"Slack did not answer {method} ({type(error).__name__}).",
                to_do="It is tried again by itself; nothing is posted twice.",
            ) from error
        return found.data if isinstance(found.data, dict) else {}

    @staticmethod
    async def _refused(method: str, error: SlackApiError) -> float:
        """Seconds to wait before the same call may be made again. Raises for every other refusal."""
        response: Any = error.response
        if response.status_code == 429:
            after = {name.lower(): value for name, value in response.headers.items()}.get("retry-after", "1")
            return min(float(after) if str(after).isdigit() else 1.0, LONGEST_WAIT_SECONDS)
        if response.status_code >= 500:
            raise SlackAway(
                f"Slack answered {method} with {response.status_code}.", to_do="It is tried again by itself."
            ) from error
        told: Any = response.data if isinstance(response.data, dict) else {}
        raise refusal(
            method, str(told.get("error", "unknown")), str(told.get("needed", "")), str(told.get("provided", ""))
        ) from error

    async def _paced(self, channel: str) -> None:
        """Wait until the channel's bucket has room; what waits is served in the order in which it came."""
        if len(self._buckets) > _FORGET_BUCKETS:
            self._buckets.clear()
        now = time.monotonic()
        tokens, at = self._buckets.get(channel, (float(BURST), now))
        tokens = min(float(BURST), tokens + (now - at) * PER_SECOND) - 1
        self._buckets[channel] = (tokens, now)
        if tokens < 0:
            await asyncio.sleep(-tokens / PER_SECOND)

    async def pages(self, method: str, key: str, **arguments: Any) -> AsyncIterator[Any]:
        """The items under `key` of a method that answers in pages. Raises SlackRefused where there are too many."""
        cursor = None
        for _ in range(MOST_PAGES):
            answer = await self.call(method, cursor=cursor, limit=_PAGE, **arguments)
            for item in answer.get(key, []):
                yield item
            cursor = answer.get("response_metadata", {}).get("next_cursor") or None
            if cursor is None:
                return
        raise refusal(method, "too_many_pages")


def _flat(given: Mapping[str, Any]) -> dict[str, Any]:
    """What goes into a form: booleans as words."""
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()}
