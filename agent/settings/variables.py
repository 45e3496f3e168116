"""How an environment variable becomes a part of the configuration, by pydantic-settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from agent.settings.environment import BETWEEN, PREFIX
from agent.settings.positions import Path
from agent.settings.schema import place
from agent.settings.whole import DERIVED, Settings

__all__ = ["part_of_settings"]


class _Variables(Settings, BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=BETWEEN, defer_build=True)


class _One(EnvSettingsSource):
    """Reads one variable that it is given, whatever the process's environment holds."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(_Variables)
        self.env_vars: Mapping[str, str | None] = {name.lower(): value}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """A list or a table as JSON; anything else counts as a list whose elements are separated by commas."""
        return _decoded(value)


def _decoded(value: Any) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return [part.strip() for part in str(value).split(",") if part.strip()]


def part_of_settings(name: str, value: str) -> dict[str, Any]:
    """`SOPHIA_BUDGET__MONTHLY`, `4000` → `{"budget": {"monthly": "4000"}}`; empty when nothing has that name."""
    found = _One(name, value)()
    return {key: _with_lists(part, (key,)) for key, part in found.items() if key not in DERIVED}


def _with_lists(value: Any, path: Path) -> Any:
    """Lists in tables that have names of their own, which pydantic-settings leaves as text."""
    if isinstance(value, dict):
        return {key: _with_lists(part, (*path, key)) for key, part in value.items()}
    at = place(path)
    return _decoded(value) if isinstance(value, str) and at and at.wants_list else value
