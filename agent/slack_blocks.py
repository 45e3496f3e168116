"""Reports as Block Kit: the same sentences as in the terminal, escaped so that they can be nothing but text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import JsonValue

from agent.untrusted_text import visible

if TYPE_CHECKING:
    from agent.report import Report

__all__ = ["escaped", "report_as_blocks"]

LONGEST_SECTION = 3000
"""Characters in the text of a section block, by Slack's documentation."""
MOST_BLOCKS = 50


def escaped(text: str) -> str:
    """Text that Slack shows as it is: no mention, no link, no markup, nothing invisible."""
    plain = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\u200b{char}" if char in "*_~`" else char for char in plain)


def _section(text: str) -> dict[str, JsonValue]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:LONGEST_SECTION]}}


def _context(text: str) -> dict[str, JsonValue]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text[:LONGEST_SECTION]}]}


def report_as_blocks(report: Report) -> list[dict[str, JsonValue]]:
    """What wasn't done first, then the findings with their citations, then how it was made."""
    blocks = [_section(escaped(report.question))] if report.question else []
    blocks += [_section(f":x: {escaped(sentence)}") for sentence in report.not_done()]
    blocks += [_section(escaped(sentence)) for sentence in report.nothing_to_do()]
    for finding in report.findings():
        blocks.append(_section(escaped(finding.sentence)))
        for citation in finding.citations:
            where = f"{citation.url}, captured {citation.captured_at:%Y-%m-%d %H:%M} UTC"
            blocks.append(_context(f"“{escaped(citation.quote)}” {escaped(where)}"))
    made = _context(escaped(f"{report.status} · planned by {report.planner or 'nobody'} · {report.seconds:.1f} s"))
    if len(blocks) > MOST_BLOCKS - 2:
        left = len(blocks) - (MOST_BLOCKS - 2)
        blocks = [*blocks[: MOST_BLOCKS - 2], _context(f"… and {left} more")]
    return [*blocks, made]
