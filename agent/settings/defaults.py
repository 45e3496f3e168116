"""What is built in: the file that `sophia init` writes is at once the configuration of those who have none."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from agent.settings.environment import system_user
from agent.settings.schema import as_toml, toml_key

__all__ = ["built_in", "starting_file"]

_TEMPLATE = Path(__file__).with_name("built_in.toml")


def starting_file(user: str | None = None) -> str:
    """The commented `sophia.toml` to begin with, in which the operating-system user is everything."""
    name = user or system_user()
    text = _TEMPLATE.read_text(encoding="utf-8")
    return text.replace("[people.YOU]", f"[people.{toml_key(name)}]").replace('"YOU"', as_toml(name))


def built_in() -> dict[str, Any]:
    """The same as it is parsed."""
    return tomllib.loads(starting_file())
