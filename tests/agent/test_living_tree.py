"""A step that runs, as a terminal shows it: a tree of resources that lives until the step ends."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from agent.terminal.live import ProgressTree
from agent.turn.events import TurnEvent
from infra.models import EngineEvent
from tools.declaration import ProgressEvent
from tools.infrastructure.telling import heard

STACK = "urn:pulumi:dev::shop"
BOX = f"{STACK}::shop:index:Box::front"
QUEUE = f"{STACK}::shop:index:Box$shop:index:Queue::orders"


class Screen:
    """A terminal of 100 columns; what is left on it once whatever was drawn over is gone, and everything ever sent."""

    def __init__(self, lines: int = 40) -> None:
        self.file = io.StringIO()
        console = Console(file=self.file, force_terminal=True, width=100, height=lines, color_system=None)
        self.tree = ProgressTree(console, {})
        self._listen = heard(self._progress)

    def step(self, status: str, seconds: float | None = None, step: str = "s1", text: str = "") -> None:
        data = {"step": step, "status": status, "seconds": seconds, "call": "stack_up shop"}
        self.tree(TurnEvent(turn="t_1", kind="step", text=text, data=data))

    def engine(self, kind: str, urn: str, **more: object) -> None:
        self._listen(EngineEvent.model_validate({"kind": kind, "urn": urn, "op": "create"} | more))

    def _progress(self, event: ProgressEvent) -> None:
        data = {"step": "s1", "event": event.kind} | event.data
        self.tree(TurnEvent(turn="t_1", kind="progress", text=event.text, data=data))

    def drawn(self) -> str:
        with self.tree.console.capture() as capture:
            self.tree.console.print(self.tree.drawn())
        return capture.get()

    def left(self) -> str:
        return re.split(r"\x1b\[\?25h", self.file.getvalue())[-1]


def test_resources_live_below_their_step_and_stay_when_it_ends() -> None:
    screen = Screen()
    screen.step("running")
    screen.engine("started", BOX)
    screen.engine("started", QUEUE, parent=BOX)
    drawn = screen.drawn()
    assert re.search(r"… s1 stack_up shop  \d\.\d s\n└── … create front \(Box\)  \d\.\d s", drawn)
    assert re.search(r"    └── … create orders \(Queue\)  \d\.\d s", drawn)

    screen.engine("finished", QUEUE, seconds=1.25)
    screen.engine("said", QUEUE, severity="warning", message="slow")
    screen.engine("failed", BOX, seconds=2.5)
    screen.step("failed", 3.0, text="The engine failed on shop: no room. And so on.")
    left = screen.left()
    assert "✗ s1 stack_up shop  3.0 s\n└── ✗ create front (Box)  2.5 s" in left
    assert "    └── ✓ create orders (Queue)  1.2 s\n        └── warning: slow" in left
    assert "no room" not in left  # the report says why, once


def test_where_there_is_no_room_what_is_done_is_counted_and_what_isn_t_is_seen() -> None:
    screen = Screen(lines=16)
    screen.step("running")
    for number in range(200):
        screen.engine("started", f"{STACK}::shop:index:Box::box{number}")
    for number in range(5, 200):
        screen.engine("finished", f"{STACK}::shop:index:Box::box{number}", seconds=0.1)
    drawn = screen.drawn()
    assert len(drawn.splitlines()) <= 16
    assert all(f"… create box{number} (Box)" in drawn for number in range(5))
    assert "190 more are done" in drawn
    screen.step("succeeded", 4.0)
    assert screen.left().count("✓ create box") == 195


@pytest.mark.parametrize("kind", ["started", "said"])
def test_what_others_wrote_moves_nothing_on_the_screen(kind: str) -> None:
    screen = Screen()
    screen.step("running")
    screen.engine(kind, f"{STACK}::shop:index:Box::a\x1b[2Jb", message="x\x1b[2J[red]y", severity="info")
    screen.step("succeeded", 0.1)
    assert "\x1b[2J" not in screen.file.getvalue()
    assert kind != "said" or "[red]y" in screen.left()


def test_steps_side_by_side_end_one_by_one_and_what_is_broken_off_is_left() -> None:
    screen = Screen()
    screen.step("running")
    screen.step("running", step="s2")
    screen.step("succeeded", 1.0, step="s2")
    screen.engine("started", BOX)
    screen.tree.close()
    left = screen.left()
    assert "✓ s2 stack_up shop  1.0 s" in screen.file.getvalue()
    assert "… s1 stack_up shop\n└── … create front (Box)" in left
