"""Whether a standing grant speaks for a call: its tool, its destination, its fixed arguments, its template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agent.calls import Call
from agent.guard import Standing
from memory.grants import Grant
from tools.declaration import Role

__all__ = ["destinations", "fits", "speaks_for", "standing"]

LONGEST_SLOT = 500
_SLOT = re.compile(r"\{[a-z_]+\}")


def destinations(call: Call) -> list[str]:
    """What a grant for this call could name: its destination and what it acts on."""
    wanted = (Role.DESTINATION, Role.TARGET)
    return [
        str(call.values[name])
        for name, slot in call.tool.slots.items()
        if slot.role in wanted and isinstance(call.values.get(name), str)
    ]


def fits(template: str, text: str) -> bool:
    """Whether the text is the template with each `{slot}` filled by one line of at most 500 characters."""
    pattern = f"[^\\n]{{0,{LONGEST_SLOT}}}".join(map(re.escape, _SLOT.split(template)))
    return re.fullmatch(pattern, text) is not None


def speaks_for(grant: Grant, call: Call) -> bool:
    """Whether the call stays within the grant's fixed arguments and its template."""
    fixed = grant.arguments if isinstance(grant.arguments, dict) else {}
    if any(call.values.get(name) != value for name, value in fixed.items()):
        return False
    carried = [
        str(call.values[name])
        for name, slot in call.tool.slots.items()
        if slot.role is Role.PAYLOAD and call.values.get(name) is not None
    ]
    return all(fits(grant.template, text) for text in carried)


def standing(grants: Iterable[Grant], call: Call) -> tuple[Standing, Grant | None]:
    """What the grants for this tool and destination, whose rate and time hold, say of the call."""
    found: Sequence[Grant] = list(grants)
    for grant in found:
        if speaks_for(grant, call):
            return Standing.WITHIN, grant
    return (Standing.EXCEEDED if found else Standing.NONE), None
