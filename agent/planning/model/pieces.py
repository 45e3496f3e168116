"""An answer as it is put together from what is streamed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.planning.model.errors import ServerFailing
from agent.planning.model.exchange import Address
from agent.untrusted_text import visible

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk

__all__ = ["Listener", "Pieces", "ToolCall"]

Listener = Callable[[str, str], None]
"""Told what happens: `("text", a piece of the answer)` and `("wait", why and how long)`."""


@dataclass(frozen=True)
class ToolCall:
    """A function that the model wants called: for us, just another way to write an answer."""

    name: str
    arguments: str


class Pieces:
    """An answer put together from its pieces, handed on to whoever listens.

    A server knows the key that it was sent. An answer that holds it is refused, and what is handed on stays behind by
    the key's length, so that not even its beginning is shown.
    """

    def __init__(self, listener: Listener, address: Address) -> None:
        self._listener = listener
        self._address = address
        self._key = address.key.get_secret_value() if address.key else ""
        self._unheard = ""
        self._text: list[str] = []
        self._calls: dict[int, list[str]] = {}
        self._names: dict[int, str] = {}

    def __repr__(self) -> str:
        return f"<an answer of {self._address.model}>"

    def add(self, chunk: AIMessageChunk) -> None:
        if isinstance(chunk.content, str) and chunk.content:
            self._text.append(chunk.content)
            self._hear(chunk.content)
        for call in chunk.tool_call_chunks:
            index = call["index"] or 0
            self._names[index] = self._names.get(index) or call["name"] or ""
            self._calls.setdefault(index, []).append(call["args"] or "")
            self._hear(call["args"] or "")

    def _hear(self, piece: str, held_back: int | None = None) -> None:
        self._unheard += piece
        if self._key and self._key in self._unheard:
            raise ServerFailing(self._address.model, self._address.host, "its answer holds the key that it was sent")
        ready = max(0, len(self._unheard) - (len(self._key) if held_back is None else held_back))
        heard, self._unheard = self._unheard[:ready], self._unheard[ready:]
        if heard:
            self._listener("text", visible(heard))

    def finish(self) -> None:
        """Hand on the rest."""
        self._hear("", held_back=0)

    @property
    def text(self) -> str:
        return "".join(self._text)

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        return tuple(ToolCall(self._names[index], "".join(parts)) for index, parts in sorted(self._calls.items()))
