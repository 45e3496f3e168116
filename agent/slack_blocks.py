"""Block Kit: sentences escaped so that they can be nothing but text, within the lengths that Slack documents.

https://docs.slack.dev/reference/block-kit/blocks: 50 blocks a message, 3,000 characters a section,
150 a header.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import JsonValue

from agent.untrusted_text import visible

if TYPE_CHECKING:
    from agent.report import Report

__all__ = [
    "Block",
    "context",
    "escaped",
    "header",
    "in_messages",
    "moment",
    "report_blocks",
    "sections",
    "unescaped",
]

Block = dict[str, JsonValue]
LONGEST_SECTION = 3000
LONGEST_HEADER = 150
MOST_BLOCKS = 50
_LONGEST_QUOTE = 600
_LONGEST_LINK = 1000
_MARKUP = re.compile(r"[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._-]+(?::\d+)?(?:[/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%\[\]-]*)?")
"""What RFC 3986 allows in it, with nothing that ends a link in Slack or passes for a user of the host."""
_TAKEN_APART = re.compile("\u200b(?=[*_~`])")


def escaped(text: str) -> str:
    """Text that Slack shows as it is: no mention, no link, no markup, nothing invisible but what takes markup apart.

    An underscore within a word makes no markup and stays as it is, so that ids can be copied.
    """
    plain = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKUP.sub("\u200b\\g<0>", plain)


def moment(at: datetime) -> str:
    """A time that Slack shows in the zone of whoever looks; in UTC where it can't.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC>"


def _link(url: str) -> str:
    """An address that can be followed and is shown as what it is; as text when it isn't an address of the web."""
    return f"<{url.replace('&', '&amp;')}>" if len(url) <= _LONGEST_LINK and _ADDRESS.fullmatch(url) else escaped(url)


def unescaped(text: str) -> str:
    """What somebody copied from a message of Sophia's, without what took markup apart there."""
    return _TAKEN_APART.sub("", text)


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
            quote = finding.quoted(citation, _LONGEST_QUOTE)
            where = f"{_link(citation.url)}, captured {moment(citation.captured_at)}"
            blocks.append(context(f"{escaped(quote)} {where}" if quote else where))
    if report.verified:
        blocks.append(context(escaped("verified: " + "; ".join(report.verified))))
    if report.undo:
        blocks.append(context(escaped("; ".join(report.undo))))
    made = f"{report.status} · planned by {report.planner or 'nobody'} · {report.seconds:.1f} s · {report.turn}"
    return [*blocks, context(escaped(made))]


def in_messages(blocks: Sequence[Block]) -> list[list[Block]]:
    """The blocks in messages that Slack takes."""
    return [list(blocks[at : at + MOST_BLOCKS]) for at in range(0, len(blocks), MOST_BLOCKS)]
