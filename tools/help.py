"""What Sophia can do."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from memory.labels import Provenance
from tools.declaration import Clock, Effect, Gate, Tool, tool
from tools.result import Finding, Result, Weight


class HelpArguments(BaseModel):
    """Nothing."""

    model_config = ConfigDict(extra="forbid")


class Ability(BaseModel):
    """One thing that can be asked for."""

    tool: str
    summary: str
    example: str
    asks: str


class Abilities(Result):
    """Everything that can be asked for."""

    abilities: list[Ability]
    at: datetime

    def findings(self) -> list[Finding]:
        """A sentence for each tool."""
        provenance = Provenance.observed("sophia", self.at, "the tools that are registered")
        return [
            Finding(
                weight=Weight.OBSERVED,
                sentence=f"“{ability.example}”: {ability.summary}{ability.asks}",
                facts={"tool": ability.tool},
                provenance=provenance,
            )
            for ability in self.abilities
        ]


def _asks(declared: Tool) -> str:
    return {
        Gate.NONE: "",
        Gate.ONE: " (asks one approver first)",
        Gate.TWO: " (asks two different approvers first)",
    }[declared.gate]


@tool(effect=Effect.READ, phrases=("what can you do", "help", "how do I use you", "what do you know"))
async def help(arguments: HelpArguments, *, clock: Clock) -> Abilities:  # noqa: A001 - the contract's name
    """Say what can be asked for, with an example of each."""
    from tools.registry import discover

    return Abilities(
        abilities=[
            Ability(tool=name, summary=declared.summary, example=declared.phrases[0], asks=_asks(declared))
            for name, declared in sorted(discover().items())
        ],
        at=clock.now(),
    )
