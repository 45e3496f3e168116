"""What a program and the engine say in one run: as much of it as somebody reads, and no secret of the stack's.

A program may print a million lines. The first are passed on as they come, the last at the end, and how many were left
out in between is said.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["SIGNATURE", "Sayings", "cut", "plain_secrets"]

_FIRST_LINES = {"info": 60, "info#err": 60, "warning": 100}
_FIRST_LINES_OF_ERRORS = 400
"""What a diagnosis reads."""
_LAST = 20
"""Messages of each kind that are told at the end, when some were left out: they say how it ended."""
_LONGEST = 16_000
"""Letters of one message, of which its middle is left out."""
_PAUSE_SECONDS = 2.0
"""At least so long between two looks for new secrets."""
SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key by which Pulumi marks a secret in a state."""
_PROGRAM_S_OWN = "__provider"
"""A dynamic provider's code, which isn't anybody's secret."""

Said = dict[str, str]


def cut(text: str, longest: int = _LONGEST) -> str:
    """A text without its middle, where it is longer than it may be."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}\n… {len(text) - 2 * half:,} letters left out …\n{text[-half:]}"


def plain_secrets(value: Any) -> Iterator[str]:
    """Every secret's text in a state that was exported with them."""
    if isinstance(value, dict):
        if SIGNATURE in value:
            yield from _texts(value.get("plaintext"))
        else:
            for name, part in value.items():
                if name != _PROGRAM_S_OWN:
                    yield from plain_secrets(part)
    elif isinstance(value, list):
        for part in value:
            yield from plain_secrets(part)


def _texts(plain: Any) -> Iterator[str]:
    try:
        value = json.loads(plain) if isinstance(plain, str) else plain
    except ValueError:
        value = plain
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict | list):
            waiting += part.values() if isinstance(part, dict) else part
        elif part is not None and not isinstance(part, bool):
            yield str(part)


@dataclass
class _Heard:
    """What was said with one severity."""

    lines: int = 0
    last: deque[Said] = field(default_factory=lambda: deque(maxlen=_LAST))
    left_out: int = 0
    """Lines that were not passed on."""


class Sayings:
    """Passes on what is said in a run, and keeps it.

    `emit` gets each saying. `learn` is called before something is passed on that may hold a secret which came about in
    this very run, and makes those known that the state has by then.
    """

    def __init__(self, emit: Callable[[dict[str, Any]], None], learn: Callable[[], None]) -> None:
        self._emit = emit
        self._learn = learn
        self._held: list[Said] = []
        self._looked: float | None = None
        self._heard: dict[str, _Heard] = {}
        self.kept: list[Said] = []

    def add(self, severity: str, message: str, urn: str) -> None:
        """Take one saying."""
        said = {"severity": severity, "message": cut(message.strip()), "urn": urn}
        heard = self._heard.setdefault(severity, _Heard())
        lines = said["message"].count("\n") + 1
        if heard.lines + lines > _FIRST_LINES.get(severity, _FIRST_LINES_OF_ERRORS) and heard.lines:
            heard.left_out += lines
            heard.last.append(said)
            return
        heard.lines += lines
        self._held.append(said)
        self.pass_on()

    def pass_on(self, *, at_once: bool = False) -> None:
        """Tell what was said, once the secrets are known that it may hold."""
        now = time.monotonic()
        if not self._held or not (at_once or self._looked is None or now - self._looked >= _PAUSE_SECONDS):
            return
        self._learn()
        self._looked = time.monotonic()
        self._tell(self._held)
        self._held = []

    def end(self) -> None:
        """Tell what is still to be told: how much was left out, and what was said last."""
        for severity, heard in self._heard.items():
            self._held += _rest(severity, heard)
        self._heard.clear()
        self.pass_on(at_once=True)

    def _tell(self, sayings: Iterable[Said]) -> None:
        for said in sayings:
            self.kept.append(said)
            self._emit({"kind": "said", **said})


def _rest(severity: str, heard: _Heard) -> list[Said]:
    last = list(heard.last)
    out = heard.left_out - sum(said["message"].count("\n") + 1 for said in last)
    words = f"… {out:,} more lines are left out here; `pulumi preview` in the project's directory prints all of them"
    return [{"severity": severity, "message": words, "urn": ""}] * (out > 0) + last
