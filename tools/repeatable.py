"""Effects that may be made twice because twice is the same as once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pydantic import BaseModel

from tools.declaration import Attempt, Outcome, Reconciliation

__all__ = ["repeatable"]


def repeatable(why: str) -> Callable[[BaseModel, Attempt], Awaitable[Reconciliation]]:
    """A `reconcile` for an idempotent effect: an interrupted attempt is made again. `why` says why that is safe."""

    async def reconcile(arguments: BaseModel, attempt: Attempt) -> Reconciliation:
        return Reconciliation(outcome=Outcome.PARTIAL, evidence=why)

    reconcile.__doc__ = f"Make it again: {why}"
    return reconcile
