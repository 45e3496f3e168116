"""Lists of pages that people attach to a request: fetched from Slack, kept among the lists that a request can name.

https://docs.slack.dev/reference/objects/file-object: `url_private_download` is read with the bot's token and the scope
files:read. The token goes to Slack's own hosts only, and follows no redirect.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from agent.errors import RequesterMustFix
from agent.settings import Settings
from agent.slack.errors import SlackAway, refusal
from agent.slack.requests import SharedFile
from agent.watch_lists import MOST_BYTES, kept_list

__all__ = ["SharedLists"]

_SECONDS = 30
_ENDINGS = frozenset({".csv", ".tsv"})
"""Other text hangs on messages for many reasons."""


class SharedLists:
    """Keeps attached lists."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def named(self, text: str, files: Sequence[SharedFile]) -> str:
        """The request with the names under which the lists attached to it are kept, unless it names nothing to be done.

        Raises RequesterMustFix for a list that is too large or isn't text, SlackRefused and SlackAway as a call does.
        """
        lists = [file for file in files if Path(file.name).suffix.lower() in _ENDINGS]
        if not text or not lists:
            return text
        home = Path(self._settings.home)
        names = [
            await asyncio.to_thread(kept_list, home, f"{file.id}-{_plain(file.name)}", await self._content(file))
            for file in lists
        ]
        return f"{text} {' '.join(names)}"

    async def _content(self, file: SharedFile) -> bytes:
        if not self._slacks_own(file.url):
            raise RequesterMustFix(
                f"{file.name} isn't kept by Slack itself, and I read nothing else with its token.",
                not_done="Nothing was read.",
                to_do="Attach the file to the message.",
            )
        if file.size > MOST_BYTES:
            raise _too_large(file)
        token = self._settings.slack.bot_token
        assert token is not None, "Slack is connected by a bot token"
        headers = {"Authorization": f"Bearer {token.get_secret_value()}"}
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(file.url, headers=headers, allow_redirects=False) as answer,
            ):
                return await self._read(file, answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SlackAway(f"Slack did not give {file.name}.", to_do="It is tried again by itself.") from error

    @staticmethod
    async def _read(file: SharedFile, answer: aiohttp.ClientResponse) -> bytes:
        """The bytes. Without the scope Slack shows its page for signing in, or leads there."""
        if answer.status >= 500 or answer.status == 429:
            raise SlackAway(f"Slack answered {answer.status} for {file.name}.", to_do="It is tried again by itself.")
        if answer.status != 200 or answer.content_type == "text/html":
            raise refusal(f"reading {file.name}", "missing_scope", "files:read")
        content = await answer.content.read(MOST_BYTES + 1)
        while len(content) <= MOST_BYTES and (more := await answer.content.read(MOST_BYTES)):
            content += more
        if len(content) > MOST_BYTES:
            raise _too_large(file)
        return content

    def _slacks_own(self, url: str) -> bool:
        """Whether it lies where the Web API lies: the same origin, or over TLS a host below the API's."""
        api, found = urlsplit(self._settings.slack.api_url), urlsplit(url)
        try:
            same = (api.scheme, api.hostname, api.port) == (found.scheme, found.hostname, found.port)
            plain = found.username is None and found.password is None and found.port in (None, 443)
        except ValueError:
            return False
        below = (found.hostname or "").endswith(f".{api.hostname}")
        return same or (plain and found.scheme == "https" and below)


def _plain(name: str) -> str:
    """A name that is one word of a request, and one of a folder."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-.")[-60:]


def _too_large(file: SharedFile) -> RequesterMustFix:
    return RequesterMustFix(
        f"{file.name} is larger than {MOST_BYTES // 1_000_000} MB.",
        not_done="Nothing was read.",
        to_do="Attach a shorter list.",
    )
