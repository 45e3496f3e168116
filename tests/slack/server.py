"""A Slack of the tests' own: the Web API, signed HTTP events and Socket Mode, on loopback.

It refuses what `refusals.py` lists, keeps what was posted, and on demand is away, loses answers, limits rates and
delivers twice. People act through it: what they write and press reaches Sophia as Slack would send it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections import deque
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from agent.slack.manifest import SCOPES as MANIFEST_SCOPES
from tests.slack.refusals import fine_blocks, fine_metadata, fine_view

TEAM, BOT, BOT_USER, SECRET = "T0PAYREADY", "B0SOPHIA01", "U0SOPHIA01", "8f742231b10e8888abcd99yyyzzz85a5"
BOT_TOKEN, APP_TOKEN = "xoxb-test-token", "xapp-test-token"
SCOPES = ",".join(MANIFEST_SCOPES)


class Refused(Exception):
    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer = {"ok": False, "error": error, **more}


class SlackServer:
    """The workspace."""

    def __init__(self) -> None:
        members = [BOT_USER, "U0ANN00001", "U0BOB00001", "U0CYD00001", "U0STRANGER"]
        self.channels: dict[str, dict[str, Any]] = {
            "C0GENERAL1": {"id": "C0GENERAL1", "name": "general", "members": members},
            "C0OPS00001": {"id": "C0OPS00001", "name": "ops", "members": members},
            "C0ARCHIVE1": {"id": "C0ARCHIVE1", "name": "old", "members": members, "is_archived": True},
            "C0OUTSIDE1": {"id": "C0OUTSIDE1", "name": "outside", "members": []},
            "C0SHARED01": {"id": "C0SHARED01", "name": "shared", "members": members, "is_ext_shared": True},
            "C0GUESTS01": {"id": "C0GUESTS01", "name": "guests", "members": [*members, "U0GUEST001"]},
        }
        self.users = {user: {"id": user, "team_id": TEAM} for user in members}
        self.users["U0GUEST001"] = {"id": "U0GUEST001", "team_id": TEAM, "is_restricted": True}
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.ephemeral: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.prompts: list[dict[str, Any]] = []
        self.statuses: list[str] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.triggers: dict[str, bool] = {"good": True}
        self.faults: deque[tuple[str, str]] = deque()
        self.revoked = False
        self.missing_scope = ""
        self.endless: set[str] = set()
        """Methods that always have one more page."""
        self.away = False
        self.changed = asyncio.Event()
        self.url = self.events_url = ""
        self._count = itertools.count(1)
        self._sockets: list[web.WebSocketResponse] = []
        self._socket_ready = asyncio.Event()
        self.acknowledged: set[str] = set()
        self._start = int(time.time())

    # --- the server ---

    async def start(self) -> None:
        app = web.Application(client_max_size=20_000_000)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files/{file}", self._download)
        app.router.add_get("/socket", self._socket)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._session = aiohttp.ClientSession()

    async def stop(self) -> None:
        for socket in self._sockets:
            await socket.close()
        await self._session.close()
        await self._runner.cleanup()

    def fail(self, method: str, how: str, times: int = 1) -> None:
        """`429`, `lost` (done, and no answer), `refuse` (no connection kept), `500`, or an error's name."""
        self.faults.extend([(method, how)] * times)

    def _fault(self, method: str) -> str:
        if self.away:
            return "refuse"
        for fault in self.faults:
            if fault[0] == method:
                self.faults.remove(fault)
                return fault[1]
        return ""

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.content_type == "application/json":
            given = await request.json()
        else:
            given = {name: _typed(value) for name, value in (await request.post()).items()} | dict(request.query)
        fault = self._fault(method)
        if fault == "refuse":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fault == "429":
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"})
        if fault == "500":
            return web.Response(status=500, text="oops")
        self.calls.append((method, given))
        try:
            answer = {"ok": True, **self._answer(method, given, request, fault)}
            if method in self.endless:
                answer["response_metadata"] = {"next_cursor": "more"}
        except Refused as error:
            answer = error.answer
        if fault == "lost":
            assert request.transport is not None
            request.transport.abort()
        self.changed.set()
        return web.json_response(answer, headers={"X-OAuth-Scopes": SCOPES})

    def _answer(self, method: str, given: dict[str, Any], request: web.Request, fault: str) -> dict[str, Any]:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in (BOT_TOKEN, APP_TOKEN):
            raise Refused("invalid_auth" if token else "not_authed")
        if self.revoked:
            raise Refused("token_revoked")
        if fault and fault != "lost":
            raise Refused(
                fault, **({"needed": "channels:history", "provided": "chat:write"} if fault == "missing_scope" else {})
            )
        handler = getattr(self, "_" + method.replace(".", "_").lower(), None)
        if handler is None:
            raise Refused("unknown_method")
        return dict(handler(given))

    def _channel(self, given: Mapping[str, Any], name: str = "channel") -> dict[str, Any]:
        found = self.channels.get(str(given.get(name)))
        if found is None:
            raise Refused("channel_not_found")
        return found

    # --- the Web API ---

    def _auth_test(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"team_id": TEAM, "team": "Pay Ready", "user_id": BOT_USER, "user": "sophia", "bot_id": BOT}

    def _checked(self, given: dict[str, Any]) -> None:
        channel = self._channel(given)
        if channel.get("is_archived"):
            raise Refused("is_archived")
        if BOT_USER not in channel["members"]:
            raise Refused("not_in_channel")
        if not given.get("text") and not given.get("blocks"):
            raise Refused("no_text")
        if len(given.get("text", "")) > 40_000:
            raise Refused("msg_too_long")
        if given.get("blocks") is not None and not fine_blocks(given["blocks"]):
            raise Refused("invalid_blocks")
        if given.get("metadata") is not None and not fine_metadata(given["metadata"]):
            raise Refused("invalid_metadata_format")

    def _chat_postmessage(self, given: dict[str, Any]) -> dict[str, Any]:
        self._checked(given)
        ts = self._ts()
        kept = {name: given[name] for name in ("text", "blocks", "metadata", "thread_ts") if given.get(name)}
        self.messages.setdefault(given["channel"], []).append(
            {"ts": ts, "user": BOT_USER, "bot_id": BOT, "type": "message", **kept}
        )
        return {"channel": given["channel"], "ts": ts}

    def _ts(self) -> str:
        return f"{self._start}.{next(self._count):06d}"

    def message(self, channel: str, ts: str) -> dict[str, Any] | None:
        return next((found for found in self.messages.get(channel, []) if found["ts"] == ts), None)

    def _chat_update(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.message(self._channel(given)["id"], str(given.get("ts")))
        if found is None:
            raise Refused("message_not_found")
        self._checked(given)
        found.update({name: given[name] for name in ("text", "blocks", "metadata") if given.get(name)})
        found["edited"] = {"user": BOT_USER, "ts": self._ts()}
        return {"channel": given["channel"], "ts": found["ts"]}

    def _chat_postephemeral(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("user") not in self._channel(given)["members"]:
            raise Refused("user_not_in_channel")
        self._checked(given)
        self.ephemeral.append(given)
        return {"message_ts": self._ts()}

    def _conversations_list(self, given: dict[str, Any]) -> dict[str, Any]:
        direct = "im" in str(given.get("types", "public_channel")).split(",")
        return {"channels": [self._shown(each) for each in self.channels.values() if direct or not each.get("is_im")]}

    def _conversations_info(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"channel": self._shown(self._channel(given))}

    def _shown(self, channel: Mapping[str, Any]) -> dict[str, Any]:
        shown = {name: value for name, value in channel.items() if name != "members"}
        return {**shown, "is_member": BOT_USER in channel["members"]}

    def _conversations_members(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"members": self._channel(given)["members"]}

    def _conversations_open(self, given: dict[str, Any]) -> dict[str, Any]:
        user = str(given["users"])
        if user not in self.users:
            raise Refused("user_not_found")
        return {"channel": {"id": self.direct(user)}}

    def direct(self, user: str) -> str:
        channel = "D" + user[1:]
        self.channels.setdefault(channel, {"id": channel, "members": [BOT_USER, user], "is_im": True})
        return channel

    def _users_list(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"members": list(self.users.values())}

    def _users_info(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"user": self.users[given["user"]]}

    def _conversations_history(self, given: dict[str, Any]) -> dict[str, Any]:
        found = self.messages.get(self._channel(given)["id"], [])
        return {"messages": self._page([each for each in found if "thread_ts" not in each], given)}

    def _conversations_replies(self, given: dict[str, Any]) -> dict[str, Any]:
        channel, thread = self._channel(given)["id"], str(given.get("ts"))
        found = self.messages.get(channel, [])
        if not any(each["ts"] == thread for each in found):
            raise Refused("thread_not_found")
        return {"messages": self._page([e for e in found if thread in (e["ts"], e.get("thread_ts"))], given)}

    @staticmethod
    def _page(found: list[dict[str, Any]], given: Mapping[str, Any]) -> list[dict[str, Any]]:
        hidden = () if str(given.get("include_all_metadata", "")).lower() in ("true", "1") else ("metadata",)
        return [{name: value for name, value in each.items() if name not in hidden} for each in reversed(found)]

    def _views_open(self, given: dict[str, Any]) -> dict[str, Any]:
        if not self.triggers.get(str(given.get("trigger_id"))):
            raise Refused("expired_trigger_id")
        if not fine_view(given.get("view")):
            raise Refused("invalid_arguments")
        self.views.append(given["view"])
        return {"view": {"id": f"V{next(self._count)}", **given["view"]}}

    def _assistant_threads_setsuggestedprompts(self, given: dict[str, Any]) -> dict[str, Any]:
        self.prompts.append(given)
        return {}

    def _assistant_threads_setstatus(self, given: dict[str, Any]) -> dict[str, Any]:
        if not str(self._channel(given, "channel_id")["id"]).startswith("D"):
            raise Refused("invalid_thread_ts")
        self.statuses.append(str(given["status"]))
        return {}

    def _files_getuploadurlexternal(self, given: dict[str, Any]) -> dict[str, Any]:
        name = f"F{next(self._count)}"
        self.files[name] = {"id": name, "length": int(given["length"])}
        return {"upload_url": f"{self.url}/upload/{name}", "file_id": name}

    async def _upload(self, request: web.Request) -> web.Response:
        content = await request.read()
        file = self.files[request.match_info["file"]]
        if len(content) != file["length"]:
            return web.Response(status=400)
        file["content"] = content
        return web.Response(text="OK")

    async def _download(self, request: web.Request) -> web.Response:
        """Without the token, or its scope, Slack shows the page for signing in, as if that were the file."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token != BOT_TOKEN or self.missing_scope == "files:read":
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        return web.Response(body=self.files[request.match_info["file"]]["content"], content_type="text/plain")

    def shared(self, name: str, content: bytes) -> dict[str, Any]:
        """A file that somebody attaches, as it hangs on their message."""
        file = f"F{next(self._count):010d}"
        self.files[file] = {"id": file, "content": content}
        url = f"{self.url}/files/{file}"
        return {"id": file, "name": name, "size": len(content), "url_private_download": url}

    def _files_completeuploadexternal(self, given: dict[str, Any]) -> dict[str, Any]:
        for each in given["files"]:
            self.files[each["id"]]["title"] = each["title"]
        files = [self.files[each["id"]] | {"content": ""} for each in given["files"]]
        message = {"ts": self._ts(), "user": BOT_USER, "bot_id": BOT, "thread_ts": given["thread_ts"], "files": files}
        self.messages.setdefault(given["channel_id"], []).append(message)
        return {"files": files}

    def _apps_connections_open(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.url.replace("http", "ws") + "/socket"}

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        self._sockets.append(socket)
        self._socket_ready.set()
        async for received in socket:
            if received.type is aiohttp.WSMsgType.TEXT and received.data.startswith("{"):
                self.acknowledged.add(json.loads(received.data).get("envelope_id", ""))
                self.changed.set()
        return socket

    # --- people ---

    async def deliver(self, body: dict[str, Any], *, form: bool = False, at: float | None = None) -> int:
        """Send something to Sophia, signed; the status of the answer."""
        if self.events_url == "socket":
            return await self._over_socket(body)
        if "command" in body:
            raw = urlencode(body)
        elif form:
            raw = urlencode({"payload": json.dumps(body)})
        else:
            raw = json.dumps(body)
        stamp = str(int(at if at is not None else time.time()))
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=raw)
        kind = "application/x-www-form-urlencoded" if form or "command" in body else "application/json"
        headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": str(signature), "Content-Type": kind}
        async with self._session.post(self.events_url, data=raw.encode(), headers=headers) as answer:
            await answer.read()
            return answer.status

    async def _over_socket(self, body: dict[str, Any]) -> int:
        await self._socket_ready.wait()
        envelope = f"envelope-{next(self._count)}"
        kind = "slash_commands" if "command" in body else "events_api" if "event" in body else "interactive"
        await self._sockets[-1].send_json({"envelope_id": envelope, "type": kind, "payload": body})
        await self.until(lambda: envelope in self.acknowledged)
        return 200

    def event(self, event: dict[str, Any]) -> dict[str, Any]:
        """The envelope of an event."""
        return {
            "type": "event_callback",
            "team_id": TEAM,
            "api_app_id": "A0SOPHIA01",
            "event_id": f"Ev{next(self._count):08d}",
            "event_time": int(time.time()),
            "event": event,
        }

    def written(self, user: str, text: str, channel: str, thread: str = "", **more: Any) -> dict[str, Any]:
        """A message that a person writes: it is in the channel, and this is its event."""
        message = {"type": "message", "user": user, "team": TEAM, "text": text, "ts": self._ts(), **more}
        if thread:
            message["thread_ts"] = thread
        self.messages.setdefault(channel, []).append(message)
        kind = "im" if channel.startswith("D") else "channel"
        return self.event({**message, "channel": channel, "channel_type": kind, "event_ts": message["ts"]})

    async def say(self, user: str, text: str, channel: str = "C0GENERAL1", thread: str = "") -> str:
        """Write a message; Slack sends it as a message and, with a mention, as that too. The thread it is in."""
        body = self.written(user, text, channel, thread)
        assert await self.deliver(body) == 200
        if f"<@{BOT_USER}>" in text and not channel.startswith("D"):
            mention = {name: value for name, value in body["event"].items() if name != "channel_type"}
            assert await self.deliver(self.event({**mention, "type": "app_mention"})) == 200
        return str(body["event"].get("thread_ts") or body["event"]["ts"])

    async def command(self, user: str, text: str, channel: str = "C0GENERAL1") -> int:
        body = {
            "command": "/sophia",
            "text": text,
            "user_id": user,
            "team_id": TEAM,
            "channel_id": channel,
            "trigger_id": self.trigger(),
            "response_url": f"{self.url}/response",
        }
        return await self.deliver(body)

    def trigger(self, *, expired: bool = False) -> str:
        name = f"trigger-{next(self._count)}"
        self.triggers[name] = not expired
        return name

    async def press(self, user: str, channel: str, message: Mapping[str, Any], action: str, **more: Any) -> int:
        """Press a button of a message."""
        button = next(
            b for block in message["blocks"] for b in block.get("elements", []) if b.get("action_id") == action
        )
        body = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "trigger_id": self.trigger(),
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel},
            "channel": {"id": channel},
            "message": dict(message),
            "actions": [{**button, "block_id": "b", "action_ts": self._ts()}],
            **more,
        }
        return await self.deliver(body, form=True)

    async def submit(self, user: str, view: Mapping[str, Any], given: str) -> int:
        """Send a dialog off, with what was written or chosen in its one input."""
        asked = next(block for block in view["blocks"] if block["type"] == "input")
        filled: dict[str, Any] = {"type": asked["element"]["type"], "value": given}
        if asked["element"]["type"] == "static_select":
            filled["selected_option"] = {"value": filled.pop("value")}
        state = {"values": {asked["block_id"]: {asked["element"]["action_id"]: filled}}}
        body = {
            "type": "view_submission",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "trigger_id": self.trigger(),
            "view": {**view, "state": state},
        }
        return await self.deliver(body, form=True)

    # --- what is there ---

    def thread(self, channel: str, thread: str) -> list[dict[str, Any]]:
        """What Sophia wrote in a thread."""
        return [e for e in self.messages.get(channel, []) if e.get("thread_ts") == thread and e.get("bot_id")]

    def text(self, channel: str, thread: str) -> str:
        return "\n".join(shown(message) for message in self.thread(channel, thread))

    async def pause(self) -> None:
        """Let something happen."""
        self.changed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.changed.wait(), 0.2)

    async def until(self, holds: Any, seconds: float = 60.0) -> Any:
        """Wait, from change to change, until something holds."""
        give_up = time.monotonic() + seconds
        while not (found := holds()):
            assert time.monotonic() < give_up, f"it did not come: {self.messages}\n{self.ephemeral}"
            await self.pause()
        return found


def shown(message: Mapping[str, Any]) -> str:
    """The text of a message's blocks."""
    parts = []
    for block in message.get("blocks", []):
        if "text" in block:
            parts.append(block["text"]["text"])
        parts += [
            each["text"] if isinstance(each["text"], str) else each["text"]["text"]
            for each in block.get("elements", [])
        ]
    return "\n".join(parts) or str(message.get("text", ""))


def _typed(value: Any) -> Any:
    try:
        return json.loads(value) if str(value)[:1] in "[{" else value
    except ValueError:
        return value
