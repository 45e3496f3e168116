"""Block Kit: sentences escaped so that they can be nothing but text, within the lengths that Slack documents.

https://docs.slack.dev/reference/block-kit/blocks: 50 blocks a message, 3,000 characters a section,
150 a header.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from pydantic import JsonValue

from agent.untrusted_text import visible

if TYPE_CHECKING:
    from agent.report import Report

__all__ = ["Block", "context", "escaped", "header", "in_messages", "report_as_blocks", "report_blocks", "sections"]

Block = dict[str, JsonValue]
LONGEST_SECTION = 3000
LONGEST_HEADER = 150
MOST_BLOCKS = 50
_LONGEST_QUOTE = 600


def escaped(text: str) -> str:
    """Text that Slack shows as it is: no mention, no link, no markup, nothing invisible."""
    plain = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\u200b{char}" if char in "*_~`" else char for char in plain)


def _cut(mrkdwn: str, longest: int) -> Iterable[str]:
    """The text in pieces, cut at a line's end where there is one, and never within an escape such as `&amp;`."""
    while len(mrkdwn) > longest:
        at = mrkdwn.rfind("\n", longest // 2, longest) + 1 or mrkdwn.rfind(" ", longest // 2, longest) + 1 or longest
        escape = mrkdwn.rfind("&", at - 5, at)
        if escape >= 0 and ";" not in mrkdwn[escape:at]:
            at = escape
        yield mrkdwn[:at].rstrip("\n")
        mrkdwn = mrkdwn[at:]
    if mrkdwn.strip():
        yield mrkdwn


def _mrkdwn(text: str) -> Block:
    """`verbatim`: Slack makes no links and no mentions of what merely looks like one."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def sections(mrkdwn: str) -> list[Block]:
    """Text that is escaped already, in as many sections as it takes."""
    return [{"type": "section", "text": _mrkdwn(piece)} for piece in _cut(mrkdwn, LONGEST_SECTION)]


def context(mrkdwn: str) -> Block:
    """A line of small print."""
    return {"type": "context", "elements": [_mrkdwn(next(iter(_cut(mrkdwn, LONGEST_SECTION)), "…"))]}


def header(text: str) -> Block:
    """A heading; plain text, which needs no escaping."""
    shown = visible(text).replace("\n", " ")
    short = shown if len(shown) <= LONGEST_HEADER else f"{shown[: LONGEST_HEADER - 1]}…"
    return {"type": "header", "text": {"type": "plain_text", "text": short, "emoji": False}}


def report_blocks(report: Report) -> list[Block]:
    """What wasn't done first, then the findings with their citations, then how it was made; as many as it takes."""
    blocks = sections(escaped(report.question)) if report.question else []
    for sentence in report.not_done():
        blocks += sections(f":x: {escaped(sentence)}")
    for sentence in report.nothing_to_do():
        blocks += sections(escaped(sentence))
    for finding in report.findings():
        blocks += sections(escaped(finding.sentence))
        for citation in finding.citations:
            shown = finding.beside(citation, _LONGEST_QUOTE).splitlines()
            blocks.append(context(escaped(" ".join(shown))))
    if report.undo:
        blocks.append(context(escaped("; ".join(report.undo))))
    made = f"{report.status} · planned by {report.planner or 'nobody'} · {report.seconds:.1f} s · {report.turn}"
    return [*blocks, context(escaped(made))]


def in_messages(blocks: Sequence[Block]) -> list[list[Block]]:
    """The blocks in messages that Slack takes."""
    return [list(blocks[at : at + MOST_BLOCKS]) for at in range(0, len(blocks), MOST_BLOCKS)]


def report_as_blocks(report: Report) -> list[Block]:
    """One message; what doesn't fit is counted."""
    blocks = report_blocks(report)
    if len(blocks) <= MOST_BLOCKS:
        return blocks
    left = len(blocks) - (MOST_BLOCKS - 1)
    return [*blocks[: MOST_BLOCKS - 2], context(f"… and {left} more"), blocks[-1]]
