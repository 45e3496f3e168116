"""A model's server on loopback that takes a second for an answer, and serves both: Sophia and a ready-made agent.

Asked with tools, it calls the next one until the links are followed, as an agent's model does. Asked for a plan, it
gives the whole plan at once. Asked to word a report, it words nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

__all__ = ["LINKS", "SlowModel", "slow_model"]

LINKS = 5
_TOOL = "look_up"


@dataclass
class SlowModel:
    """How it is reached and how often it was asked."""

    url: str
    seconds: float
    calls: int = 0


@asynccontextmanager
async def slow_model(seconds: float) -> AsyncIterator[SlowModel]:
    """Serve while the context is open."""
    model = SlowModel("", seconds)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _answer(model, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=4_000_000)
    model.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server:
        yield model


async def _answer(model: SlowModel, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n"))}
    asked = json.loads(await reader.readexactly(int(fields.get("content-length", 0))))
    model.calls += 1
    await asyncio.sleep(model.seconds)
    message, finish = _message(asked)
    if asked.get("stream"):
        parts = [_chunk(message, None), _chunk({}, finish)]
        body = b"".join(b"data: " + json.dumps(part).encode() + b"\n\n" for part in parts) + b"data: [DONE]\n\n"
        kind = "text/event-stream"
    else:
        body, kind = json.dumps(_document(message, finish)).encode(), "application/json"
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


def _message(asked: dict[str, Any]) -> tuple[dict[str, Any], str]:
    offered = {each["function"]["name"] for each in asked.get("tools", [])}
    if _TOOL in offered:
        return _next_call(sum(message["role"] == "tool" for message in asked["messages"]))
    wanted = json.dumps(asked.get("response_format", {}))
    answer = {"kind": "plan", "steps": _steps()} if '"steps"' in wanted else {"claims": []}
    return {"role": "assistant", "content": json.dumps(answer)}, "stop"


def _next_call(done: int) -> tuple[dict[str, Any], str]:
    if done >= LINKS:
        return {"role": "assistant", "content": f"The last key is k{LINKS + 1}."}, "stop"
    called = {"name": _TOOL, "arguments": json.dumps({"key": f"k{done + 1}"})}
    call = {"index": 0, "id": f"call_{done}", "type": "function", "function": called}
    return {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"


def _steps() -> list[dict[str, Any]]:
    keys: list[Any] = ["k1", *({"$from": f"s{number}.next"} for number in range(1, LINKS))]
    return [{"id": f"s{number}", "tool": _TOOL, "args": {"key": key}} for number, key in enumerate(keys, 1)]


def _chunk(delta: dict[str, Any], finish: str | None) -> dict[str, Any]:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "slow", "choices": choices}


def _document(message: dict[str, Any], finish: str) -> dict[str, Any]:
    choices = [{"index": 0, "message": message, "finish_reason": finish}]
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "slow", "choices": choices}
