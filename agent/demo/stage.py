"""What the demo is told on: it asks, approves and denies as a person would, shows what came, and checks it by facts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from rich.rule import Rule
from rich.text import Text

from agent.approval import Card
from agent.demo.children import Child
from agent.report import Report
from agent.terminal.asking import show_turn
from agent.terminal.console import PlainConsole
from agent.terminal.rendering import ProgressLines
from agent.terminal.session import Session
from agent.untrusted_text import visible
from memory.approvals import Approval
from memory.turns import Turn

if TYPE_CHECKING:
    from agent.demo.folder import DemoFolder
    from agent.turn.events import TurnEvent

__all__ = ["Check", "Showing", "Stage", "Told"]


class Showing(Enum):
    """How much of a request is shown."""

    ALL = auto()
    """The plan, the progress, the cards and the report, as a person's own request shows them."""
    REPORT = auto()
    """The cards and the report."""
    OUTCOME = auto()
    """What came of it, in sentences."""
    NOTHING = auto()


@dataclass(frozen=True)
class Check:
    """A fact that was looked at."""

    beat: int
    ok: bool
    sentence: str


@dataclass(frozen=True)
class Told:
    """What came of a request so far."""

    turn: Turn
    report: Report | None
    waiting: tuple[Approval, ...]
    seconds: float

    @property
    def status(self) -> str:
        """The turn's status in a word."""
        return str(self.turn.status)

    @property
    def text(self) -> str:
        """Everything that the report says; empty while it waits."""
        return self.report.as_text() if self.report else ""

    def result(self, tool: str) -> dict[str, object]:
        """The last result of a tool in this turn; empty when there is none."""
        steps = self.report.steps if self.report else []
        found = [step.result for step in steps if step.tool == tool and isinstance(step.result, dict)]
        return dict(found[-1]) if found else {}


class _Lines(ProgressLines):
    """A turn's events, without those that only say that something begins."""

    def __call__(self, event: TurnEvent) -> None:
        if event.data.get("event") != "resource.started":
            super().__call__(event)


@dataclass
class Stage:
    """One telling of the story."""

    console: PlainConsole
    folder: DemoFolder
    session: Session
    beat: int = 0
    checks: list[Check] = field(default_factory=list)
    durations: dict[int, float] = field(default_factory=dict)
    _showing: Showing = Showing.ALL

    def __post_init__(self) -> None:
        lines = _Lines(self.console, self.session.sophia.tools)
        self.session.sophia.events.listen(lambda event: lines(event) if self._showing is Showing.ALL else None)

    @property
    def failed(self) -> list[Check]:
        """What wasn't as it should have been."""
        return [check for check in self.checks if not check.ok]

    @contextmanager
    def telling(self, beat: int, title: str, look: str, again: str) -> Iterator[None]:
        """A beat: its heading and what to look at, and at its end its duration and the command that reruns it."""
        self.beat = beat
        self.console.print()
        self.console.print(Rule(Text(f"{beat}. {title}", "bold"), align="left"))
        self.say(look, "italic")
        begun = time.monotonic()
        try:
            yield
        except asyncio.CancelledError:
            self.say(f"{beat}. {title}: stopped", "bold yellow")
            raise
        else:
            self.durations[beat] = time.monotonic() - begun
            bad = any(check.beat == beat for check in self.failed)
            mark = Text("✗", "bold red") if bad else Text("✓", "bold green")
            self.console.print(Text.assemble(mark, (f" {beat}. {title}: {self.durations[beat]:.1f} s", "bold")))
            self.console.print(Text.assemble(("  again: ", "dim"), again))

    def say(self, sentence: str, style: str = "") -> None:
        """A sentence of the narrator."""
        self.console.print(Text(visible(sentence), style))

    def command(self, words: str) -> None:
        """The command that does what follows."""
        self.console.print(Text.assemble(("$ ", "bold blue"), (visible(words), "bold")))

    def check(self, ok: bool, sentence: str) -> bool:
        """Note whether a fact is as it should be."""
        self.checks.append(Check(self.beat, ok, sentence))
        self.console.print(Text.assemble(("✓ ", "green") if ok else ("✗ ", "bold red"), visible(sentence)))
        return ok

    async def ask(self, text: str, showing: Showing = Showing.ALL) -> Told:
        """Ask as a person does, and show what came: a report, or the cards that wait."""
        if showing is not Showing.NOTHING:
            self.command(f"sophia ask {_quoted(text)}")
        begun = time.monotonic()
        sophia = self.session.sophia
        turn = await sophia.receive(
            text,
            self.session.person,
            thread=f"demo-{self.beat}",
            surface="terminal",
            audience=self.session.audience,
        )
        return await self._driven(turn.id, begun, showing)

    async def approve(self, told: Told, showing: Showing = Showing.ALL) -> Told:
        """Approve what waits, as the approver does, and go on."""
        return await self._decided(told, showing, approve=True, reason="")

    async def deny(self, told: Told, reason: str) -> Told:
        """Deny what waits, and go on."""
        return await self._decided(told, Showing.ALL, approve=False, reason=reason)

    async def _decided(self, told: Told, showing: Showing, *, approve: bool, reason: str) -> Told:
        begun = time.monotonic()
        for approval in told.waiting:
            self.command(
                f"sophia approvals approve {approval.id}"
                if approve
                else f"sophia approvals deny {approval.id} --reason {_quoted(reason)}"
            )
            await self.session.sophia.decide(approval.id, self.session.person, approve=approve, reason=reason)
        return await self._driven(told.turn.id, begun, showing)

    async def _driven(self, turn: str, begun: float, showing: Showing) -> Told:
        self._showing = showing
        try:
            found = await self.session.sophia.drive(turn)
        finally:
            self._showing = Showing.ALL
        if showing in (Showing.ALL, Showing.REPORT):
            await show_turn(found, self.session, self.console, as_json=False)
        told = await self._told(found, time.monotonic() - begun)
        if showing is Showing.OUTCOME:
            self.outcome(told)
        return told

    def outcome(self, told: Told) -> None:
        """What came of a request, in sentences."""
        for approval in told.waiting:
            self.say(f"  waits for an approval: {Card.model_validate(approval.card).summary}", "yellow")
        for sentence in told.text.splitlines():
            self.say(f"  {sentence}", "dim")

    async def _told(self, turn: Turn, seconds: float) -> Told:
        sophia = self.session.sophia
        report = await sophia.report(turn.id) if turn.status.ended else None
        approvals = await sophia.approvals.of_turn(turn.id)
        waiting = tuple(found for found in approvals if found.status == "waiting")
        return Told(turn, report, waiting, seconds)

    async def look_up(self, turn: str) -> Told:
        """What came of a turn that another process worked on."""
        return await self._told(await self.session.sophia.turns.get(turn), 0.0)

    async def latest(self, thread: str) -> Told:
        """What came of the last request of a thread, whoever worked on it."""
        turns = await self.session.sophia.turns.latest(thread, 1)
        return await self.look_up(turns[-1].id)

    def child(self, *words: str, showing: Showing = Showing.ALL) -> Child:
        """Another process that is Sophia, started like a person's; what it says is shown beside a bar."""
        self.command(" ".join(["sophia", *map(_quoted, words)]))
        return Child(words, self.folder.environment(), self._overheard if showing is Showing.ALL else _unheard)

    def _overheard(self, line: str) -> None:
        if not line.endswith(") started"):
            self.console.print(Text(f"│ {line}", "dim"), no_wrap=True, overflow="ellipsis")


def _unheard(_line: str) -> None:
    """For processes whose outcome is told otherwise."""


def _quoted(word: str) -> str:
    import shlex

    return shlex.quote(word) if "'" in word or not any(c in word for c in ' "') else f"'{word}'"
