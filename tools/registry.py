"""Finds every tool in this folder and checks that they fit together."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import tools
from tools.declaration import DeclarationError, Tool, Undo

__all__ = ["Registry", "discover"]


class Registry(Mapping[str, Tool]):
    """Every tool by name, checked as a whole.

    Raises DeclarationError when two tools share a name or an undo doesn't fit the tool that it names.
    """

    def __init__(self, found: Iterable[Tool]) -> None:
        self._tools: dict[str, Tool] = {}
        for declared in found:
            if declared.name in self._tools:
                raise DeclarationError(
                    f"{declared.name} is declared in {self._tools[declared.name].module} and in {declared.module}"
                )
            self._tools[declared.name] = declared
        for declared in self._tools.values():
            if declared.undo:
                self._check_undo(declared, declared.undo)

    def __getitem__(self, name: str) -> Tool:
        return self._tools[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tools)

    def __len__(self) -> int:
        return len(self._tools)

    def _check_undo(self, declared: Tool, undo: Undo) -> None:
        other = self._tools.get(undo.tool)
        if other is None:
            raise DeclarationError(f"{declared.name}: its undo names {undo.tool}, which is no tool")
        unknown = sorted(set(undo.arguments) - set(other.arguments.model_fields))
        missing = sorted(
            name
            for name, info in other.arguments.model_fields.items()
            if info.is_required() and name not in undo.arguments
        )
        sources = {
            "arguments": set(declared.arguments.model_fields),
            "result": set(declared.result.model_fields) | set(declared.result.model_computed_fields),
        }
        dangling = sorted(
            path
            for path in undo.arguments.values()
            if path.partition(".")[2] not in sources.get(path.partition(".")[0], set())
        )
        if unknown or missing or dangling:
            raise DeclarationError(
                f"{declared.name}: its undo doesn't fit {undo.tool}"
                + (f"; not taken by it: {', '.join(unknown)}" if unknown else "")
                + (f"; missing: {', '.join(missing)}" if missing else "")
                + (f"; from nowhere: {', '.join(dangling)}" if dangling else "")
            )


def _declared_here() -> Iterator[Tool]:
    for info in pkgutil.iter_modules(tools.__path__):
        if info.ispkg:
            continue
        module = importlib.import_module(f"tools.{info.name}")
        yield from (
            value for value in vars(module).values() if isinstance(value, Tool) and value.module == module.__name__
        )


@cache
def discover() -> Registry:
    """All tools of this folder's files (packages in it are machinery). Adding a file adds its tools."""
    return Registry(_declared_here())
