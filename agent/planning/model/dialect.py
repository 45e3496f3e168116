"""The forms of a request that compatible servers take, found out by asking and remembered."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

__all__ = ["Dialect", "Dialects", "RememberedDialects", "Structure"]


class Structure(StrEnum):
    """How the form of the answer is asked for, strictest first."""

    SCHEMA = "schema"
    TOOL = "tool"
    PROMPTED = "prompted"


_ABOUT_SCHEMA = frozenset({"response_format", "json_schema", "grammar"})
_ABOUT_TOOLS = frozenset({"tool_choice", "tools", "function"})
_WEAKER = {Structure.SCHEMA: Structure.TOOL, Structure.TOOL: Structure.PROMPTED}


@dataclass(frozen=True)
class Dialect:
    """One form of a request."""

    structure: Structure = Structure.SCHEMA
    limit: str = "max_completion_tokens"
    """The parameter that limits the answer; empty when the server takes none."""
    usage: bool = True
    temperature: bool = True

    def without(self, named: frozenset[str]) -> Dialect | None:
        """The next form to try when the server complains of these parameters; None when there is none left."""
        if self.structure is Structure.SCHEMA and named & _ABOUT_SCHEMA:
            return self.weaker()
        if self.structure is Structure.TOOL and named & _ABOUT_TOOLS:
            return self.weaker()
        if self.limit in named:
            return self._other_limit()
        if self.usage and named & {"stream_options", "include_usage"}:
            return replace(self, usage=False)
        if self.temperature and "temperature" in named:
            return replace(self, temperature=False)
        return self._plainer()

    def weaker(self) -> Dialect | None:
        """The same with the form of the answer asked for less strictly; None when it can't be less."""
        return replace(self, structure=_WEAKER[self.structure]) if self.structure in _WEAKER else None

    def _other_limit(self) -> Dialect:
        return replace(self, limit="max_tokens" if self.limit == "max_completion_tokens" else "")

    def _plainer(self) -> Dialect | None:
        """What to leave out when the server doesn't say what it dislikes."""
        if weaker := self.weaker():
            return weaker
        if self.usage or self.temperature:
            return replace(self, usage=False, temperature=False)
        return self._other_limit() if self.limit else None

    def parameters(self, answer_tokens: int, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        """What this form adds to a request. `name` and `schema` describe the answer.

        All that holds the schema goes into `extra_body`, as it is: the client library walks through whatever else it is
        given, at ten milliseconds a schema.
        """
        extra: dict[str, Any] = {}
        given: dict[str, Any] = {"extra_body": extra, "stream_usage": self.usage}
        if self.limit:
            extra[self.limit] = answer_tokens
        if self.temperature:
            given["temperature"] = 0
        if self.structure is Structure.SCHEMA:
            extra["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": name, "strict": False, "schema": schema},
            }
        elif self.structure is Structure.TOOL:
            extra["tools"] = [{"type": "function", "function": {"name": name, "parameters": schema}}]
            extra["tool_choice"] = {"type": "function", "function": {"name": name}}
        return given


class Dialects(Protocol):
    """Where it is remembered what a server takes."""

    def get(self, server: str) -> Dialect:
        """The form that was taken last, or the strictest."""
        ...

    def keep(self, server: str, dialect: Dialect) -> None:
        """This form was taken."""
        ...


@dataclass
class RememberedDialects:
    """Remembers for as long as the process runs, by base URL and model."""

    known: MutableMapping[str, Dialect] = field(default_factory=dict)

    def get(self, server: str) -> Dialect:
        return self.known.get(server, Dialect())

    def keep(self, server: str, dialect: Dialect) -> None:
        self.known[server] = dialect
