"""Slack as the worlds that crash see it: its Web API on loopback, with a workspace of its own for each world.

What was posted stays when Sophia dies, as it does at Slack; the copy of a world gets a copy of its workspace. People
act in it over `Line`: what they write and press reaches Sophia signed, and again until it was acknowledged.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
import itertools
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp

from agent.slack.cards import APPROVE

__all__ = ["ANN", "BOB", "GENERAL", "MYSELF", "SECRET", "TEAM", "TOKEN", "Line", "Slack", "Workspace"]

TEAM, MYSELF, ANN, BOB = "T0CRASH001", "U0SOPHIA01", "U0ANN00001", "U0BOB00001"
TOKEN, SECRET = "xoxb-crash", "crash-signing-secret"
GENERAL: Final = "C0GENERAL1"
_CHANNELS: Final = {GENERAL: "general", "C0OPS00001": "ops", "C0RIVALS01": "competitive-intel"}
_PEOPLE: Final = {"ann": ANN, "bob": BOB}


class _RefusedError(Exception):
    """Slack's own word for it."""


class Workspace:
    """The messages of one world's channels."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._messages: dict[str, list[dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def answer(self, method: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """One call of the Web API."""
        handler = getattr(self, "_" + method.replace(".", "_").lower(), None)
        try:
            if handler is None:
                raise _RefusedError("unknown_method")
            with self._lock:
                return {"ok": True, **handler(given)}
        except _RefusedError as error:
            return {"ok": False, "error": str(error)}

    def said(self, channel: str) -> Iterator[str]:
        """What Sophia said in a channel, or to `@bob`, and in its threads; `[open]` is a card with buttons."""
        for message in self._of(channel):
            if message.get("bot_id"):
                yield f"[open] {message['text']}" if _button(message) else str(message["text"])

    def open_cards(self) -> list[dict[str, Any]]:
        """The messages in #general that wait for a press, each with its button."""
        return [{**each, "button": _button(each)} for each in self._of("#general") if _button(each)]

    def written(self, user: str, text: str) -> dict[str, Any]:
        """The event of a message that a person writes in #general."""
        message = {"type": "message", "user": user, "team": TEAM, "text": text, "ts": _ts()}
        with self._lock:
            self._messages.setdefault(GENERAL, []).append(message)
        event = {**message, "channel": GENERAL, "channel_type": "channel", "event_ts": message["ts"]}
        return {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{message['ts']}", "event": event}

    def copied(self, name: str) -> Workspace:
        """Another one in which the same was said."""
        other = Workspace(name)
        with self._lock:
            other._messages = copy.deepcopy(self._messages)
        return other

    def _of(self, name: str) -> list[dict[str, Any]]:
        bare = name.lstrip("#@")
        known = {**{told: key for key, told in _CHANNELS.items()}, **{who: f"D{id_}" for who, id_ in _PEOPLE.items()}}
        with self._lock:
            return [*self._messages.get(known[bare], [])]

    @staticmethod
    def _channel(given: Mapping[str, Any]) -> str:
        channel = str(given.get("channel"))
        if channel not in _CHANNELS and channel not in {f"D{user}" for user in _PEOPLE.values()}:
            raise _RefusedError("channel_not_found")
        return channel

    def _auth_test(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"team_id": TEAM, "team": "Crash", "user_id": MYSELF, "bot_id": "B0SOPHIA"}

    def _chat_postmessage(self, given: Mapping[str, Any]) -> dict[str, Any]:
        channel, ts = self._channel(given), _ts()
        kept = {name: given[name] for name in ("text", "blocks", "metadata", "thread_ts") if given.get(name)}
        said = {"type": "message", "user": MYSELF, "bot_id": "B0SOPHIA", "ts": ts, **kept}
        self._messages.setdefault(channel, []).append(said)
        return {"channel": channel, "ts": ts}

    def _chat_update(self, given: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._channel(given)
        found = next((each for each in self._messages.get(channel, []) if each["ts"] == given.get("ts")), None)
        if found is None:
            raise _RefusedError("message_not_found")
        found.update({name: given[name] for name in ("text", "blocks", "metadata") if given.get(name)})
        return {"channel": channel, "ts": found["ts"]}

    def _conversations_history(self, given: Mapping[str, Any]) -> dict[str, Any]:
        found = self._messages.get(self._channel(given), [])
        return {"messages": _page([each for each in found if "thread_ts" not in each], given)}

    def _conversations_replies(self, given: Mapping[str, Any]) -> dict[str, Any]:
        found, thread = self._messages.get(self._channel(given), []), given.get("ts")
        if not any(each["ts"] == thread for each in found):
            raise _RefusedError("thread_not_found")
        return {"messages": _page([each for each in found if thread in (each["ts"], each.get("thread_ts"))], given)}

    def _conversations_list(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"channels": [{"id": key, "name": name, "is_member": True} for key, name in _CHANNELS.items()]}

    def _conversations_info(self, given: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._channel(given)
        return {"channel": {"id": channel, "name": _CHANNELS.get(channel, ""), "is_member": True}}

    def _conversations_members(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._channel(given)
        return {"members": [MYSELF, *_PEOPLE.values()]}

    def _conversations_open(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if given.get("users") not in _PEOPLE.values():
            raise _RefusedError("user_not_found")
        return {"channel": {"id": f"D{given['users']}"}}

    def _users_list(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"members": [{"id": user, "team_id": TEAM} for user in _PEOPLE.values()]}

    def _users_info(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {"user": {"id": given.get("user"), "team_id": TEAM}}


class Slack:
    """The server: each world's workspace lies under a path of its own."""

    def __init__(self) -> None:
        self._workspaces: dict[str, Workspace] = {}
        self._names = itertools.count(1)
        slack = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self._answer()

            def do_GET(self) -> None:
                self._answer()

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body, at = self.rfile.read(length).decode(), urlsplit(self.path)
                _, world, _, method = at.path.split("/")
                told = self.headers.get("Content-Type", "")
                given = json.loads(body) if "json" in told else dict(parse_qsl(body))
                answer = json.dumps(slack.workspace(world).answer(method, {**given, **dict(parse_qsl(at.query))}))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
                """Nothing is said."""

        self._server = _Server(("127.0.0.1", 0), Handler)

    def new(self, like: Workspace | None = None) -> Workspace:
        """Another workspace, empty or with all that is said in this one."""
        name = f"w{next(self._names)}"
        self._workspaces[name] = like.copied(name) if like else Workspace(name)
        return self._workspaces[name]

    def workspace(self, name: str) -> Workspace:
        """The one with this name."""
        return self._workspaces[name]

    def drop(self, workspace: Workspace) -> None:
        """It isn't needed any more."""
        self._workspaces.pop(workspace.name, None)

    def url(self, name: str) -> str:
        """Where its Web API is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{name}/api/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who called has died in the middle: that is what this is for."""


class Line:
    """What people do, on its way to a served Sophia."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session = session
        self._origin = f"http://127.0.0.1:{port}"

    async def ready(self) -> bool:
        """Whether she takes something in."""
        try:
            async with self._session.get(f"{self._origin}/ready") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def deliver(self, body: Mapping[str, Any]) -> bool:
        """Send an event, or a command. False when it was not acknowledged, so that it is to be sent again."""
        if "command" in body:
            return await self._send(urlencode(body), "application/x-www-form-urlencoded")
        return await self._send(json.dumps(body), "application/json")

    async def _send(self, raw: str, kind: str) -> bool:
        stamp = str(int(time.time()))
        signature = hmac.new(SECRET.encode(), f"v0:{stamp}:{raw}".encode(), hashlib.sha256).hexdigest()
        headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}", "Content-Type": kind}
        try:
            async with self._session.post(f"{self._origin}/slack/events", data=raw.encode(), headers=headers) as answer:
                await answer.read()
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def press(self, user: str, card: Mapping[str, Any]) -> bool:
        """Press the button that approves."""
        container = {"type": "message", "message_ts": card["ts"], "channel_id": GENERAL}
        body = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "trigger_id": f"trigger-{_ts()}",
            "container": container,
            "channel": {"id": GENERAL},
            "message": {name: value for name, value in card.items() if name != "button"},
            "actions": [{**card["button"], "block_id": "b", "action_ts": _ts()}],
        }
        return await self._send(urlencode({"payload": json.dumps(body)}), "application/x-www-form-urlencoded")


def _button(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    elements = (element for block in message.get("blocks", []) for element in block.get("elements", []))
    return next((each for each in elements if each.get("action_id") == APPROVE), None)


def _page(found: Sequence[dict[str, Any]], given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Newest first; what a message carries unseen is shown to whoever asks for it alone."""
    hidden = () if str(given.get("include_all_metadata", "")).lower() in ("true", "1") else ("metadata",)
    oldest = float(given.get("oldest") or 0)
    shown = [each for each in reversed(found) if float(each["ts"]) > oldest]
    return [{name: value for name, value in each.items() if name not in hidden} for each in shown]


_COUNT = itertools.count()


def _ts() -> str:
    """A moment that no other message has."""
    return f"{int(time.time())}.{next(_COUNT) % 1_000_000:06d}"
