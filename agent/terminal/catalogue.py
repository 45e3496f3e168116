"""`sophia tools`: the catalogue, from the same declarations that the planner and the guard read."""

from __future__ import annotations

import json
import sys
from typing import Any

from tools.declaration import Tool
from tools.registry import discover

__all__ = ["describe", "show"]


def describe(declared: Tool) -> dict[str, Any]:
    """A tool as JSON."""
    return {
        "name": declared.name,
        "summary": declared.summary,
        "effect": declared.effect,
        "gate": declared.gate,
        "arguments": {
            name: {
                "role": slot.role,
                "kind": slot.kind,
                "required": declared.arguments.model_fields[name].is_required(),
            }
            for name, slot in declared.slots.items()
        },
        "phrases": list(declared.phrases),
        **declared.handling(),
    }


async def show(as_json: bool) -> int:
    """Print the catalogue."""
    described = [describe(declared) for _, declared in sorted(discover().items())]
    if as_json:
        sys.stdout.write(json.dumps(described, indent=2) + "\n")
        return 0
    from rich.table import Table

    from agent.terminal.console import PlainConsole

    table = Table("tool", "arguments", "effect", "gate", "what it does, and how its effect is handled")
    for tool in described:
        arguments = ", ".join(
            f"{name}: {slot['role']}" if slot["required"] else f"[{name}: {slot['role']}]"
            for name, slot in tool["arguments"].items()
        )
        handling = "\n".join(f"{part}: {tool[part]}" for part in ("preview", "verify", "undo") if tool.get(part))
        table.add_row(tool["name"], arguments, tool["effect"], tool["gate"], f"{tool['summary']}\n{handling}".strip())
    PlainConsole().print(table)
    return 0
