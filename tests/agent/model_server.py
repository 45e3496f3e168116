"""An OpenAI-compatible server on loopback that answers as it is told: well, oddly, or with every intention to harm."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Self

__all__ = ["ModelServer", "Received", "Reply"]


@dataclass(frozen=True)
class Received:
    """A request as it came over the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def prompt(self) -> str:
        """Everything that was said to the model."""
        return "\n".join(message["content"] for message in self.json["messages"])


Reply = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class ModelServer:
    """Replies in turn, the last one for ever. `async with ModelServer() as server:`."""

    replies: list[Reply] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    url: str = ""

    def answers(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.received.clear()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=4_000_000)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/v1"
        self._tasks: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            await self._one(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = first.split(" ")
        received = Received(method, path, headers, body)
        self.received.append(received)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        await reply(received, writer)
        await writer.drain()


async def send(
    writer: asyncio.StreamWriter,
    status: int,
    body: bytes,
    headers: dict[str, str] | None = None,
    *,
    length: bool = True,
) -> None:
    """A whole response."""
    given = {"content-type": "application/json", "connection": "close"} | (headers or {})
    given |= {"content-length": str(len(body))} if length else {}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    writer.write(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + body)
    await writer.drain()


async def begin_stream(writer: asyncio.StreamWriter, kind: str = "text/event-stream") -> None:
    writer.write(
        f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n".encode()
    )
    await writer.drain()


async def write(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    await writer.drain()


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices} | more


def event(document: Any) -> bytes:
    return b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"


def stream(parts: Iterable[bytes], *, complete: bool = True) -> Reply:
    """A stream of exactly these bytes; without `complete` the connection breaks after them."""

    async def reply(_: Received, writer: asyncio.StreamWriter) -> None:
        await begin_stream(writer)
        for part in parts:
            await write(writer, part)
        if complete:
            writer.write(b"0\r\n\r\n")

    return reply


def _pieces(text: str, size: int = 7) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)] or [""]


def says(text: str, finish: str = "stop", usage: tuple[int, int] | None = (100, 20)) -> Reply:
    """As the reference server streams it."""
    events = [event(chunk({"role": "assistant", "content": ""}))]
    events += [event(chunk({"content": piece})) for piece in _pieces(text)]
    events.append(event(chunk({}, finish)))
    if usage:
        counts = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
        events.append(event(chunk({}) | {"choices": [], "usage": counts}))
    return stream([*events, b"data: [DONE]\n\n"])


def calls(*functions: tuple[str, str]) -> Reply:
    """Only tool calls, their arguments in pieces."""
    events = []
    for index, (name, arguments) in enumerate(functions):
        opening = {"index": index, "id": f"call_{index}", "type": "function"}
        events.append(event(chunk({"tool_calls": [opening | {"function": {"name": name, "arguments": ""}}]})))
        events += [
            event(chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}))
            for piece in _pieces(arguments)
        ]
    return stream([*events, event(chunk({}, "tool_calls")), b"data: [DONE]\n\n"])


def refuses(text: str = "I can't help with that.") -> Reply:
    return stream([event(chunk({"refusal": text})), event(chunk({}, "stop")), b"data: [DONE]\n\n"])


def one_document(message: dict[str, Any], finish: str = "stop", *, pretty: bool = False, **more: Any) -> Reply:
    """A server that doesn't stream."""
    document = {
        "id": "c",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }

    async def reply(_: Received, writer: asyncio.StreamWriter) -> None:
        await send(writer, 200, json.dumps(document | more, indent=2 if pretty else None).encode())

    return reply


def status(code: int, error: Any = None, **headers: str) -> Reply:
    body = json.dumps({"error": error}).encode() if not isinstance(error, bytes) else error

    async def reply(_: Received, writer: asyncio.StreamWriter) -> None:
        await send(writer, code, body, {name.replace("_", "-"): value for name, value in headers.items()})

    return reply


def picky(about: str, says_then: Reply, *, code: int = 400, silent: bool = False) -> Reply:
    """Turns down every request that has this parameter."""

    async def reply(received: Received, writer: asyncio.StreamWriter) -> None:
        if about in received.json:
            message = "Bad request" if silent else f"Unsupported parameter: '{about}'"
            await send(writer, code, json.dumps({"error": {"message": message}}).encode())
        else:
            await says_then(received, writer)

    return reply


def body(data: bytes, kind: str = "application/json", **headers: str) -> Reply:
    """Success with whatever this is."""

    async def reply(_: Received, writer: asyncio.StreamWriter) -> None:
        given = {"content-type": kind} | {name.replace("_", "-"): value for name, value in headers.items()}
        await send(writer, 200, data, given)

    return reply


def packed(text: str) -> Reply:
    return body(gzip.compress(event(chunk({"content": text}, "stop"))), "text/event-stream", content_encoding="gzip")


def endless(part: bytes, pause: float = 0.0) -> Reply:
    """Never stops by itself."""

    async def reply(_: Received, writer: asyncio.StreamWriter) -> None:
        await begin_stream(writer)
        while True:
            await write(writer, part)
            if pause:
                await asyncio.sleep(pause)

    return reply


def silent(seconds: float = 60) -> Reply:
    """Takes the request and says nothing."""

    async def reply(_: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)

    return reply


def hangs_up() -> Reply:
    async def reply(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.close()

    return reply


def echoes(code: int) -> Reply:
    """Sends back all that it was sent, headers included, as its error."""

    async def reply(received: Received, writer: asyncio.StreamWriter) -> None:
        said = json.dumps(received.headers) + received.body.decode()
        error = {"error": {"message": said, "code": said, "type": said, "param": said}}
        await send(
            writer, code, json.dumps(error).encode(), {"x-request-id": received.headers.get("authorization", "")}
        )

    return reply
