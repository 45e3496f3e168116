"""How a tool's functions get what their signatures name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tools.declaration import DeclarationError, Permit, Preview, Progress, Requester, Tool, parameters

__all__ = ["CallScope", "Ports"]


@dataclass(frozen=True)
class CallScope:
    """The ports that belong to one call."""

    progress: Progress
    requester: Requester
    permit: Permit | None = None
    bound: Preview | None = None

    def given(self) -> dict[type, Any]:
        """By the type that signatures name."""
        found: dict[type, Any] = {Progress: self.progress, Requester: self.requester}
        if self.permit is not None:
            found[Permit] = self.permit
        if self.bound is not None:
            found[Preview] = self.bound
        return found


@dataclass
class Ports:
    """One instance of each port, made when it is first needed."""

    makers: Mapping[type, Callable[[], Any]]
    _made: dict[type, Any] = field(default_factory=dict)

    def check(self, tools: Mapping[str, Tool]) -> None:
        """Raises DeclarationError when a tool names a port that nobody provides."""
        for declared in tools.values():
            missing = [port.__name__ for port in declared.ports() if port not in self.makers]
            if missing:
                raise DeclarationError(f"{declared.name} needs {', '.join(sorted(missing))}, which nothing provides")

    def get(self, port: type) -> Any:
        """The instance of this port."""
        if port not in self._made:
            self._made[port] = self.makers[port]()
        return self._made[port]

    def made(self) -> list[Any]:
        """Those that exist, in the order of their making, to be closed."""
        return list(self._made.values())

    def arguments(self, handler: Callable[..., Any], scope: CallScope) -> dict[str, Any]:
        """The keyword arguments for this handler: exactly what its signature names."""
        given = scope.given()
        return {name: given[port] if port in given else self.get(port) for name, port in parameters(handler).items()}
