"""Stacks whose previews are made once by Pulumi and remembered, which halves what an attack costs.

Nobody approves anything while an attack runs, so that nothing changes what a preview would say. What would change a
stack goes to the real ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.ports import stack_ports
from agent.settings import Settings
from infra.errors import InfraError
from infra.previews import ChangePreview
from infra.stacks import Stacks
from memory.ledger import Ledger
from tools.declaration import Clock

__all__ = ["PreviewedOnce"]

_Key = tuple[str, tuple[str, ...]]
_REMEMBERED: dict[_Key, ChangePreview | InfraError] = {}
"""By stack and resources, for as long as the process runs: every Sophia in it has the same stacks."""


class PreviewedOnce:
    """The real stacks but for `preview`."""

    def __init__(self, settings: Settings, ledger: Ledger, clock: Clock) -> None:
        self._real: Stacks = stack_ports(settings, ledger, clock)[Stacks]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def preview(self, name: str, listen: Any = None, *, only: Sequence[str] = ()) -> ChangePreview:
        """What a deploy would do."""
        key = (name, tuple(only))
        if key not in _REMEMBERED:
            try:
                _REMEMBERED[key] = await self._real.preview(name, listen, only=only)
            except InfraError as error:
                _REMEMBERED[key] = error
        found = _REMEMBERED[key]
        if isinstance(found, InfraError):
            raise found.with_traceback(None)
        return found
