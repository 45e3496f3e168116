"""From whatever a server streams to well-formed chunks of chat completions.

Compatible servers differ: some ignore `stream` and send one JSON document, some send lines without `data:`, a whole
message after the pieces, arguments as objects, content as parts, an error inside a stream that began well. All of it is
read here, once, so that the client library only ever sees what it expects, and never more than is allowed.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from typing import Any

from agent.planning.model.errors import AnswerTooLong, ModelRefused, QuotaUsedUp, RateLimited, ServerFailing
from agent.planning.model.exchange import Exchange

__all__ = ["canonical", "stopped_by_error"]

_LINE_END = re.compile(rb"\r\n|\n|\r")
_DONE = b"[DONE]"
_FIELDS = frozenset({b"event", b"id", b"retry", b""})
"""Of server-sent events, beside `data`; the empty one is a comment that keeps the connection open."""
_REFUSED = frozenset({"content_filter", "refusal", "safety"})


async def canonical(source: AsyncIterator[bytes], exchange: Exchange) -> AsyncGenerator[bytes, None]:
    """Canonical server-sent events. Raises the errors of this package for what can't be read as an answer."""
    async for document in _documents(source, exchange):
        chunk = _chunk(document, exchange)
        if chunk is not None:
            yield b"data: " + json.dumps(chunk).encode() + b"\n\n"
        if exchange.content_bytes > exchange.allowance.content_bytes:
            raise AnswerTooLong(exchange.address.model, exchange.address.host)
    if not exchange.chunks:
        raise ServerFailing(exchange.address.model, exchange.address.host, "its answer is empty")
    yield b"data: [DONE]\n\n"


async def _documents(source: AsyncIterator[bytes], exchange: Exchange) -> AsyncIterator[Any]:
    """Every JSON document of a stream, or the one that the body is. Each line is looked at once."""
    event: list[bytes] = []
    bare: list[bytes] = []
    async for line in _lines(source, exchange):
        field, _, value = line.partition(b":")
        content = value.strip() if field == b"data" else line.strip()
        if content == _DONE:
            exchange.done = True
            return
        if field in _FIELDS and (content or not event):
            continue
        if not content:
            whole, event = _json(b"\n".join(event)), []
        else:
            whole = _json(content)
            if whole is None:
                (event if field == b"data" else bare).append(content)
        if whole is not None:
            yield whole
    if (rest := _json(b"\n".join(event or bare))) is not None:
        yield rest


async def _lines(source: AsyncIterator[bytes], exchange: Exchange) -> AsyncIterator[bytes]:
    """Lines without their ends, bounded."""
    received = 0
    rest = bytearray()
    async for part in source:
        received += len(part)
        if received > exchange.allowance.wire_bytes:
            raise AnswerTooLong(exchange.address.model, exchange.address.host)
        rest += part
        if _LINE_END.search(part):
            *lines, last = _LINE_END.split(bytes(rest))
            rest = bytearray(last)
            for line in lines:
                yield line
    yield bytes(rest)


def _json(text: bytes) -> Any | None:
    """The document; None when it isn't one, or not yet."""
    if text[:1] not in b"{[" or text[-1:] not in b"}]":
        return None
    try:
        return json.loads(text.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def _chunk(document: Any, exchange: Exchange) -> dict[str, Any] | None:
    if not isinstance(document, dict):
        return None
    if document.get("error"):
        raise stopped_by_error(document["error"], exchange)
    _note_usage(document.get("usage"), exchange)
    choice = next(_mappings(document.get("choices")), None)
    if choice is None or choice.get("index", 0) not in (0, None):
        return None
    exchange.chunks += 1
    finish = choice.get("finish_reason")
    delta = _delta(choice, exchange)
    if finish in _REFUSED:
        raise ModelRefused(exchange.address.model)
    if isinstance(finish, str) and finish:
        exchange.finish = finish[:40]
    return {
        "id": "answer",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": exchange.address.model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": exchange.finish or None}],
    }


def _delta(choice: Mapping[str, Any], exchange: Exchange) -> dict[str, Any]:
    """What this piece adds. A whole message counts only when no pieces came before it."""
    piece = choice.get("delta")
    if not isinstance(piece, Mapping):
        piece = choice.get("message") if exchange.content_bytes == 0 else {}
    if not isinstance(piece, Mapping):
        piece = {"content": choice.get("text")}
    if _text(piece.get("refusal")).strip():
        raise ModelRefused(exchange.address.model)
    content = _text(piece.get("content"))
    calls = list(_calls(piece))
    exchange.content_bytes += len(content.encode("utf-8", "replace"))
    exchange.content_bytes += sum(len(call["function"]["arguments"]) for call in calls)
    return {"role": "assistant", "content": content} | ({"tool_calls": calls} if calls else {})


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in _mappings(content) if isinstance(part.get("text"), str))


def _calls(piece: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    legacy = piece.get("function_call")
    calls = list(_mappings(piece.get("tool_calls"))) or ([{"function": legacy}] if isinstance(legacy, dict) else [])
    for place, call in enumerate(calls):
        function = call.get("function")
        if not isinstance(function, Mapping):
            continue
        name, arguments, index = function.get("name"), function.get("arguments"), call.get("index")
        yield {
            "index": index if isinstance(index, int) and 0 <= index < 100 else place,
            "id": call["id"] if isinstance(call.get("id"), str) else None,
            "type": "function",
            "function": {
                "name": name if isinstance(name, str) else None,
                "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments or {}),
            },
        }


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (part for part in (value if isinstance(value, list) else ()) if isinstance(part, Mapping))


def _note_usage(usage: Any, exchange: Exchange) -> None:
    if isinstance(usage, Mapping):
        exchange.reported = {
            name: count
            for name in ("prompt_tokens", "completion_tokens")
            if isinstance(count := usage.get(name), int) and not isinstance(count, bool) and count >= 0
        }


def stopped_by_error(error: Any, exchange: Exchange) -> Exception:
    """The named error for an error object that came where an answer was due."""
    about = " ".join(str(error.get(key)) for key in ("code", "type")) if isinstance(error, Mapping) else ""
    address = exchange.address
    if "insufficient_quota" in about or "billing" in about:
        return QuotaUsedUp(address.model, address.host)
    if "rate_limit" in about or about.startswith("429"):
        return RateLimited(address.model, address.host, None)
    return ServerFailing(address.model, address.host, "it sent an error instead of an answer")
