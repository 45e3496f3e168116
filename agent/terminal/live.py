"""Steps that run, as a tree that lives in the terminal: their resources, each with its state and how long it took."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.text import Text
from rich.tree import Tree

from agent.terminal.rendering import MARKS, ProgressLines
from agent.untrusted_text import visible
from tools.declaration import Tool

if TYPE_CHECKING:
    from rich.live import Live

    from agent.turn.events import TurnEvent

__all__ = ["ProgressTree"]

_PER_SECOND = 4
_SPARE_LINES = 6
"""Lines of the screen that the living tree leaves to what is above it."""
_STATES = {"resource.started": "running", "resource.finished": "succeeded", "resource.failed": "failed"}


@dataclass
class _Row:
    """A resource, or something that was said of one."""

    label: Text
    parent: str
    status: str = ""
    """Of `MARKS`; empty for what was said."""
    began: float = 0.0
    seconds: float | None = None

    @property
    def open(self) -> bool:
        """To be seen however little room there is: it isn't done, or it says what is wrong."""
        return self.status != "succeeded"


@dataclass
class _Step:
    """A step that runs: its line, and its resources by their URN in the order in which they began."""

    label: Text
    began: float
    rows: dict[str, _Row] = field(default_factory=dict)


class ProgressTree(ProgressLines):
    """Shows a turn's events as they happen; a step that runs is a tree at the lower end of the screen until it ends.

    When it ends, its whole tree is printed for good. For a terminal that understands cursor movements and that nothing
    else writes to meanwhile.
    """

    def __init__(self, console: Console, tools: Mapping[str, Tool]) -> None:
        super().__init__(console, tools)
        self._steps: dict[str, _Step] = {}
        self._lock = threading.Lock()
        """The screen is drawn by a thread of its own, four times a second."""
        self._live: Live | None = None

    def __call__(self, event: TurnEvent) -> None:
        """Show one event."""
        step = str(event.data.get("step", ""))
        if event.kind == "step" and event.data.get("status") == "running":
            self._begin(step, event)
        elif event.kind == "step" and step in self._steps:
            self._end(step, event)
        elif event.kind == "progress" and step in self._steps:
            with self._lock:
                _note(self._steps[step], event)
        else:
            super().__call__(event)

    def close(self) -> None:
        """Leave on the screen what was reached, when a turn is broken off."""
        for step in tuple(self._steps):
            self._put(step, self._steps[step].label, "running", None)

    def _begin(self, step: str, event: TurnEvent) -> None:
        with self._lock:
            self._steps[step] = _Step(self.named(event), time.monotonic())
        if self._live is None:
            from rich.live import Live

            self._live = Live(
                console=self.console, transient=True, refresh_per_second=_PER_SECOND, get_renderable=self.drawn
            )
            self._live.start()

    def _end(self, step: str, event: TurnEvent) -> None:
        seconds = event.data.get("seconds")
        took = seconds if isinstance(seconds, float) else None
        self._put(step, self.named(event), str(event.data.get("status")), took)

    def _put(self, step: str, label: Text, status: str, seconds: float | None) -> None:
        """Print a step's tree for good, and draw no more when it was the last one."""
        with self._lock:
            ended = self._steps.pop(step)
        if not self._steps and self._live is not None:
            self._live.stop()
            self._live = None
        self.console.print(_tree(_marked(status, label, seconds), ended.rows, time.monotonic(), None))

    def drawn(self) -> Group:
        """What is to be seen of the steps that run, now."""
        with self._lock:
            steps = list(self._steps.values())
            now = time.monotonic()
            room = max(1, (self.console.height - _SPARE_LINES) // max(1, len(steps)))
            return Group(*(_tree(_marked("running", s.label, now - s.began), s.rows, now, room) for s in steps))


def _note(step: _Step, event: TurnEvent) -> None:
    """Take up one progress event: a resource that begins or ends, or something that is said."""
    urn, kind = str(event.data.get("urn", "")), str(event.data.get("event"))
    status = _STATES.get(kind)
    if status is None or not urn:
        key = f"said {len(step.rows)}"
        step.rows[key] = _Row(Text(visible(event.text), "dim"), urn if urn in step.rows else "")
        return
    name = visible(f"{event.data.get('op', '')} {event.data.get('name', '')}".strip())
    row = step.rows.setdefault(urn, _Row(Text(name), str(event.data.get("parent", "")), began=time.monotonic()))
    seconds = event.data.get("seconds")
    row.label, row.status = Text(name), status
    row.seconds = seconds if isinstance(seconds, int | float) else None
    row.began = time.monotonic() if status == "running" else row.began


def _marked(status: str, label: Text, seconds: float | None) -> Text:
    mark, style = MARKS.get(status, ("·", ""))
    took = f"  {seconds:.1f} s" if seconds is not None else ""
    return Text.assemble((f"{mark} ", style), label, (took, "dim"))


def _tree(head: Text, rows: Mapping[str, _Row], now: float, room: int | None) -> Tree:
    """A step with its resources, each below its parent where that is shown. With less room than there are rows, those
    that are done longest are only counted.
    """
    shown = dict(rows)
    if room is not None and len(shown) > room:
        done = [key for key, row in shown.items() if not row.open]
        for key in done[: len(shown) - room]:
            del shown[key]
    root = Tree(head, guide_style="dim")
    if len(shown) < len(rows):
        root.add(Text(f"{len(rows) - len(shown)} more are done", "dim"))
    nodes: dict[str, Tree] = {}
    for key, row in list(shown.items())[: room or None]:
        seconds = now - row.began if row.status == "running" else row.seconds
        label = _marked(row.status, row.label, seconds) if row.status else row.label
        nodes[key] = nodes.get(row.parent, root).add(label)
    return root
