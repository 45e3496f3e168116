"""The configuration as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, PrivateAttr, SecretStr

from agent.errors import OperatorMustAct
from agent.settings.focus import Budget, Business, Competitor, Market
from agent.settings.machine import Checkpoints, Embedder, Limits, Model, Network, PersonEntry, Slack, Storage
from agent.settings.part import Part, Text, named
from agent.settings.recurring import Schedules
from agent.settings.stacks import Channel, Stack

__all__ = ["DERIVED", "NAMED", "Settings"]

DERIVED = frozenset({"source", "home", "built_in", "notices"})
"""Fields that loading sets and no file may."""
NAMED = ("competitors", "channels", "stacks", "people")
"""Sections whose tables have names of their own."""


class Settings(Part):
    """Everything that can be set. Made by `load`, handed in from the composition root."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, title="sophia.toml")

    read_only: bool = Field(default=False, examples=[True])
    """Nothing but reads, whoever asks."""
    demo: bool = Field(default=False, examples=[True])
    """One person may wear two hats, and every card says so."""
    regulations: tuple[Text, ...] = Field((), examples=[["PCI DSS", "GLBA", "FDCPA"]])
    business: Business = Business()
    competitors: Annotated[Mapping[str, Competitor], named] = {}
    market: Market = Market()
    channels: Annotated[Mapping[str, Channel], named] = {}
    stacks: Annotated[Mapping[str, Stack], named] = {}
    people: Annotated[Mapping[str, PersonEntry], named] = {}
    budget: Budget = Budget()
    limits: Limits = Limits()
    schedules: Schedules = Schedules()
    model: Model = Model()
    embedder: Embedder = Embedder()
    storage: Storage = Storage()
    checkpoints: Checkpoints = Checkpoints()
    network: Network = Network()
    slack: Slack = Slack()

    source: Path | None = None
    """The file it was read from; None for what is built in."""
    home: Path = Path(".sophia")
    """The data folder."""
    built_in: frozenset[str] = frozenset()
    """Sections that nobody configured and that are what comes with Sophia."""
    notices: tuple[str, ...] = ()
    """What is odd without being wrong."""

    _passphrases: Mapping[str, SecretStr] = PrivateAttr(default_factory=dict)

    def passphrase(self, stack: str) -> SecretStr | None:
        """The passphrase of a stack's secrets, if the stack names a variable for it and that is set."""
        variable = self.stacks[stack].passphrase_env
        return self._passphrases.get(variable) if variable else None

    def holding(self, passphrases: Mapping[str, SecretStr]) -> Settings:
        """These settings with the passphrases that the environment holds, by the name of their variable."""
        copy = self.model_copy()
        copy._passphrases = dict(passphrases)  # noqa: SLF001 - its own
        return copy

    def prepare_home(self) -> Path:
        """Make the data folder, for nobody else to read. Raises OperatorMustAct when that can't be done."""
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise OperatorMustAct(
                f"The data folder {self.home} can't be made: {error.strerror or error}.",
                not_done="Nothing was started.",
                to_do="Make it writable, or name another one in SOPHIA_HOME.",
            ) from error
        return self.home
