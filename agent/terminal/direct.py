"""Commands that are one read: the same tool that a conversation would call, called directly."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from agent.terminal.console import PlainConsole
from agent.terminal.session import opened
from agent.turn.ports import CallScope
from agent.untrusted_text import visible
from tools.result import Result

__all__ = ["call", "verify_audit"]


@dataclass(frozen=True)
class _Asker:
    """Who asks, outside of any conversation."""

    person: str
    audience: str
    thread: str = ""
    turn: str = ""


async def _read(tool: str, arguments: dict[str, Any]) -> Result:
    async with opened(None, None) as session:
        declared = session.sophia.tools[tool]
        asking = CallScope(progress=lambda _: None, requester=_Asker(session.person.name, session.audience))
        keywords = session.sophia.ports.arguments(declared.run, asking)
        result: Result = await declared.run(declared.arguments.model_validate(arguments), **keywords)
        return result


def _show(result: Result, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(result.model_dump_json() + "\n")
        return
    console = PlainConsole()
    table = result.as_terminal()
    if table is not None:
        console.print(table)
    for finding in result.findings():
        console.print(Text(visible(finding.sentence)))


async def call(tool: str, arguments: dict[str, Any], as_json: bool) -> int:
    """Call a read and show what it returned."""
    _show(await _read(tool, arguments), as_json)
    return 0


async def verify_audit(as_json: bool) -> int:
    """Verify the audit log; 1 when it was changed."""
    result = await _read("audit_verify", {})
    _show(result, as_json)
    return 0 if result.model_dump()["ok"] else 1
