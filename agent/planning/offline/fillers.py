"""Which filler finds the argument of each kind of slot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from agent.planning.offline.partial import resources
from agent.planning.offline.slots import (
    action,
    aspect,
    channel,
    checkpoint,
    competitors,
    domain,
    identifier,
    name,
    rollback_checkpoint,
    since,
    stack,
    thread,
    tokens_of,
    until,
    verdict,
    when,
)
from agent.planning.offline.things import Found, Things

__all__ = ["FILLERS"]


FILLERS: Final[Mapping[str, Callable[[Things], Found]]] = {
    "stack": stack,
    "competitor": competitors,
    "competitors": competitors,
    "aspect": aspect,
    "since": since,
    "until": until,
    "when": when,
    "channel": channel,
    "url": tokens_of("url"),
    "domain": domain,
    "checkpoint": checkpoint,
    "rollback-checkpoint": rollback_checkpoint,
    "name": name,
    "thread": thread,
    "schedule": identifier("schedule.n"),
    "grant": identifier("grant"),
    "alert": identifier("alert"),
    "verdict": verdict,
    "action": action,
    "file": tokens_of("file"),
    "resources": resources,
}
"""Keys, values, contents and requests need the whole clause: see `filling`."""
