"""The whole machine with a planner that nobody trusts: what happened of what it planned, seen without its own notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from agent.composition import open_sophia
from agent.errors import SophiaError
from agent.planning.planner import Planner
from tests.agent import shelf

__all__ = ["Happened", "carry_out"]


@dataclass
class Happened:
    """What the world and the log say after some requests that nobody approved anything of."""

    turns: list[str] = field(default_factory=list)
    """How each turn stands, or the name of the error that it ended with."""
    asked: int = 0
    """Approvals that wait for somebody."""
    things: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    paused: bool = False

    @property
    def anything(self) -> bool:
        """Whether anything happened at all."""
        return bool(self.things or self.said or self.effects or self.paused)


async def carry_out(
    folder: Path, planner: Planner, requests: Iterable[str], *, reader: Planner | None = None
) -> Happened:
    """Ask for each, in a conversation of its own, with nobody there to approve. One thing is on the shelf before."""
    from memory.switches import Switches

    things = shelf.Shelf(folder / "shelf")
    (things.folder / "cup").write_text("of before")
    happened = Happened()
    async with open_sophia(
        shelf.settings_in(folder),
        planner=planner,
        reader=reader or shelf.Scripted({}),
        tools=shelf.registry(),
        ports={shelf.Shelf: lambda: things},
    ) as sophia:
        ann = sophia.people.get("ann")
        assert ann is not None
        for number, text in enumerate(requests):
            turn = await sophia.receive(text, ann, thread=f"c_{number}", surface="terminal", audience="person:ann")
            try:
                turn = await sophia.drive(turn.id)
            except SophiaError as error:
                happened.turns.append(type(error).__name__)
                continue
            happened.turns.append(str(turn.status))
            happened.asked += sum(a.status == "waiting" for a in await sophia.approvals.of_turn(turn.id))
        happened.effects = [e.kind for e in await sophia.audit.entries() if e.kind.startswith("effect.")]
        happened.paused = (await sophia.ports.get(Switches).state()).paused
    happened.things = [path.name for path in things.folder.iterdir() if path.name != "cup"]
    happened.things += [] if things.mark("cup") == "of before" else ["the cup is gone"]
    happened.said = [path.read_text() for path in (folder / "home" / "outbox").rglob("*.jsonl")]
    return happened
