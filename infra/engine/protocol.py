"""What client and child say to each other: one JSON object a line, over the child's standard input and output."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Job", "Workspace"]


@dataclass(frozen=True)
class Workspace:
    """Where the child works."""

    stack: str
    work_dir: str
    cli_root: str
    cli_version: str
    exists: bool = False
    """The stack is known to exist, so nobody has to ask the CLI."""
    create: bool = False
    """It may be created."""
    lab_program: str = ""
    lab_root: str = ""
    lab_site: str = ""
    secrets_provider: str = ""
    config_file: str = ""
    """Instead of the working directory's own."""
    state_file: str = ""
    """Where the state is, also packed with `.gz` added; empty when it isn't in a folder."""

    def to_json(self) -> dict[str, Any]:
        """As it is sent."""
        return asdict(self)


@dataclass(frozen=True)
class Job:
    """One thing to do: an operation's name and its arguments."""

    op: str
    arguments: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As it is sent."""
        return asdict(self)
