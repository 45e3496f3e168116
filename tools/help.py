"""What Sophia can do."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from memory.labels import Provenance
from tools.declaration import Clock, Effect, Gate, Role, Slot, Tool, tool
from tools.result import Finding, Result, Weight


class HelpArguments(BaseModel):
    """Nothing, or the name of the tool that help is wanted with."""

    model_config = ConfigDict(extra="forbid")

    about: Annotated[str, Slot(Role.OPTION, "tool")] = ""


class Ability(BaseModel):
    """One thing that can be asked for."""

    tool: str
    summary: str
    example: str
    more: list[str]
    asks: str

    @property
    def sentence(self) -> str:
        """How it is asked for, and what it does."""
        return f"“{self.example}”: {self.summary}{self.asks}"


class Abilities(Result):
    """What can be asked for: everything, or what help was wanted with."""

    abilities: list[Ability]
    at: datetime

    def findings(self) -> list[Finding]:
        """A sentence for each tool."""
        provenance = Provenance.observed("sophia", self.at, "the tools that are registered")
        return [
            Finding(
                weight=Weight.OBSERVED,
                sentence=sentence,
                facts={"tool": ability.tool},
                provenance=provenance,
            )
            for ability in self.abilities
            for sentence in [ability.sentence, *self._more(ability)]
        ] + [Finding(weight=Weight.OBSERVED, sentence=_APPROVING, provenance=provenance)]

    def _more(self, ability: Ability) -> list[str]:
        if len(self.abilities) > 1 or not ability.more:
            return []
        return [f"The same in other words: {', '.join(f'“{phrase}”' for phrase in ability.more)}."]


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

    tools = discover()
    shown = [tools[arguments.about]] if arguments.about in tools else sorted(tools.values(), key=_place)
    return Abilities(abilities=[_ability(each) for each in shown], at=clock.now())


def _place(declared: Tool) -> tuple[int, bool, str]:
    """What most people come for first; of each area, what only looks before what changes something."""
    area = declared.name.partition("_")[0]
    place = _AREAS.index(area) if area in _AREAS else len(_AREAS)
    return place, declared.effect is not Effect.READ, declared.name


def _ability(declared: Tool) -> Ability:
    first, *others = declared.phrases
    return Ability(
        tool=declared.name, summary=declared.summary, example=first, more=others[:_OTHERS], asks=_asks(declared)
    )


_AREAS = ("stack", "competitor", "schedule")
_OTHERS = 4
"""As many more ways to say it are shown."""
_APPROVING = "What asks first shows a card: `sophia approvals approve ID`, or its button in Slack, lets it happen."
