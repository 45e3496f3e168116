"""What a person sees in Slack: the plan as a list whose steps tick off, the card of an approval, the dialogs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from agent.approval import Card
from agent.plan import Plan, Step
from agent.slack_blocks import Block, context, escaped, header, moment, sections
from memory.approvals import Approval, ApprovalStatus
from tools.declaration import Tool

__all__ = [
    "APPROVE",
    "DELEGATE",
    "DENY",
    "SHOW_PLAN",
    "approval_card",
    "delegate_dialog",
    "deny_dialog",
    "plan_dialog",
    "plan_lines",
    "plan_list",
]

APPROVE, DENY, DELEGATE, SHOW_PLAN = "sophia_approve", "sophia_deny", "sophia_delegate", "sophia_plan"
MOST_OPTIONS = 100
"""https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element"""
_LONGEST_OPTION = 75
_LONGEST_CARD = 2900
_ROOM = 40
"""Blocks for what a card says of the call, of the 50 that a message may have; the dialog holds as many of the changes,
beside the plan."""
_MOST_VOTES = 6
_ENDED: Final[Mapping[ApprovalStatus, str]] = {
    ApprovalStatus.USED: "approved",
    ApprovalStatus.SUPERSEDED: "no longer asked for",
}
_MARKS: Final[Mapping[str, str]] = {
    "": ":white_large_square:",
    "running": ":hourglass_flowing_sand:",
    "waiting": ":raised_hand:",
    "succeeded": ":white_check_mark:",
    "failed": ":x:",
    "refused": ":no_entry:",
    "skipped": ":heavy_minus_sign:",
    "undone": ":leftwards_arrow_with_hook:",
}


def _argument(value: JsonValue) -> str:
    if isinstance(value, dict) and "$from" in value:
        return f"⟨{value['$from']}⟩"
    text = str(value)
    return text if len(text) <= 120 else f"{text[:119]}…"


def _call(step: Step) -> str:
    given = ", ".join(f"{name}: {_argument(value)}" for name, value in step.args.items() if value is not None)
    return f"*{escaped(step.tool)}*" + (f" ({escaped(given)})" if given else "")


def plan_lines(plan: Plan, states: Mapping[str, str], tools: Mapping[str, Tool]) -> list[str]:
    """A line for each step: its mark, what is called with what, its effect, its condition and why.

    Why is what a planner says, which may be anything: in quotes.
    """
    lines = []
    for step in plan.steps:
        declared = tools.get(step.tool)
        effect = f" · {declared.effect}" if declared and declared.effect.writes else ""
        when = f" · when {escaped(step.when)}" if step.when else ""
        why = f" · “{escaped(step.why)}”" if step.why else ""
        lines.append(f"{_MARKS.get(states.get(step.id, ''), _MARKS[''])} {_call(step)}{effect}{when}{why}")
    return lines


def plan_list(
    request: str, plan: Plan | None, states: Mapping[str, str], tools: Mapping[str, Tool], state: str
) -> list[Block]:
    """What was understood of a request, and how far it is; `state` is the line below."""
    short = request if len(request) <= 300 else f"{request[:299]}…"
    if plan is None:
        return [*sections(f"Looking at “{escaped(short)}”"), context(escaped(state))]
    understood = f"Understood from “{escaped(short)}”:\n" + "\n".join(plan_lines(plan, states, tools))
    return [*sections(understood), context(escaped(state))]


def _button(action: str, label: str, value: str, style: str = "") -> dict[str, JsonValue]:
    look: dict[str, JsonValue] = {"style": style} if style else {}
    return {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": label, "emoji": False},
        "value": value,
        **look,
    }


def approval_card(approval: Approval, names: Mapping[str, str], note: str = "", channel: str = "") -> list[Block]:
    """The card of an approval, with buttons while it waits; `names` are people as Slack mentions them.

    `channel` is the id of the channel in which it was asked for, where the card stands elsewhere. Who asks and why it
    has to be approved come first, then the whole call; the rest of the changes is in the dialog of the plan. Where the
    call isn't whole, or the changes aren't even there, no button approves: nobody approves here what isn't shown here.
    """
    card = Card.model_validate(approval.card)
    call = ", ".join(f"{name}={value!r}" for name, value in card.arguments.items() if value is not None)
    rows = [
        ("What", card.summary),
        ("Asked by", f"{card.requested_by}: {card.request}"),
        ("Needs", f"{card.people} approver" + ("s, two different people" if card.people > 1 else "")),
        ("Because", "\n".join(card.reasons)),
        ("Risk", card.risk),
        ("Undo", card.undo),
        ("Read from", ", ".join(card.sources)),
        ("Note", note),
        ("Call", f"{card.tool}({call})"),
        ("Changes", "\n".join(card.details)),
    ]
    blocks: list[Block] = [header(f"Approval: {card.title}")]
    for name, text in rows:
        if text:
            blocks += sections(f"*{name}*  {escaped(text)}")
    changes = sum(block["type"] == "section" for block in sections(escaped("\n".join(card.details))))
    whole = len(blocks) - changes <= _ROOM and changes <= _ROOM
    if len(blocks) > _ROOM:
        blocks = [*blocks[:_ROOM], context("… the rest: Show plan")]
    if channel:
        blocks += sections(f"*Asked in*  <#{channel}>")
    blocks += sections(f"*Expires*  {moment(approval.expires_at)}")
    blocks += [context(line) for line in _votes(approval, names)][-_MOST_VOTES:]
    if approval.status is not ApprovalStatus.WAITING:
        ended = _ENDED.get(approval.status, str(approval.status))
        return [*blocks, context(f"*{ended}* · {escaped(approval.id)}")]
    if not whole:
        blocks.append(context(f"Too long to be approved here: sophia approvals show {escaped(approval.id)}"))
    buttons: list[JsonValue] = [_button(APPROVE, "Approve", approval.id, "primary")] if whole else []
    buttons += [
        _button(DENY, "Deny…", approval.id, "danger"),
        _button(DELEGATE, "Delegate…", approval.id),
        _button(SHOW_PLAN, "Show plan", approval.id),
    ]
    return [*blocks, {"type": "actions", "block_id": f"sophia_{approval.id}", "elements": buttons}]


def _votes(approval: Approval, names: Mapping[str, str]) -> list[str]:
    lines = []
    for vote in approval.votes:
        who = names.get(vote.person) or escaped(vote.person)
        word = ":white_check_mark: approved" if vote.approve else ":no_entry: denied"
        why = f": {escaped(vote.reason)}" if vote.reason else ""
        lines.append(f"{word} by {who}, {moment(vote.at)}{why}")
    for each in approval.delegations:
        by, to = (names.get(person) or escaped(person) for person in (each.person, each.to))
        lines.append(f":arrow_right: left by {by} to {to}, {moment(each.at)}")
    left = approval.people - len(approval.votes)
    if approval.votes and approval.status is ApprovalStatus.WAITING and left > 0:
        lines.append("A different person must give the next approval.")
    return lines


def deny_dialog(approval: Approval, private: str) -> dict[str, JsonValue]:
    """Asks for the reason of a denial."""
    title = Card.model_validate(approval.card).title
    return {
        "type": "modal",
        "callback_id": DENY,
        "private_metadata": private,
        "title": _plain("Deny"),
        "submit": _plain("Deny"),
        "close": _plain("Back"),
        "blocks": [
            *sections(escaped(title)[:_LONGEST_CARD]),
            {
                "type": "input",
                "block_id": "reason",
                "label": _plain("Why?"),
                "element": {
                    "type": "plain_text_input",
                    "action_id": "reason",
                    "multiline": True,
                    "min_length": 1,
                    "max_length": 1000,
                },
            },
        ],
    }


def delegate_dialog(approval: Approval, private: str, people: Mapping[str, str]) -> dict[str, JsonValue]:
    """Asks to whom the decision is left; `people` are those who may decide, name → how they are called."""
    title = Card.model_validate(approval.card).title
    options: list[JsonValue] = [
        {"text": _plain(called[:_LONGEST_OPTION]), "value": name} for name, called in people.items()
    ]
    return {
        "type": "modal",
        "callback_id": DELEGATE,
        "private_metadata": private,
        "title": _plain("Delegate"),
        "submit": _plain("Delegate"),
        "close": _plain("Back"),
        "blocks": [
            *sections(escaped(title)[:_LONGEST_CARD]),
            {
                "type": "input",
                "block_id": "to",
                "label": _plain("Who decides?"),
                "hint": _plain("They decide for themselves, with their own click. You still may, too."),
                "element": {"type": "static_select", "action_id": "to", "options": options[:MOST_OPTIONS]},
            },
        ],
    }


def plan_dialog(request: str, lines: Sequence[str], details: Sequence[str]) -> dict[str, JsonValue]:
    """Shows all that a preview said, then the plan."""
    blocks = sections(f"“{escaped(request[:1000])}”") + sections("\n".join(escaped(line) for line in details))
    blocks += sections("\n".join(lines))
    return {"type": "modal", "title": _plain("Plan"), "close": _plain("Close"), "blocks": [*blocks[:100]]}


def _plain(text: str) -> dict[str, JsonValue]:
    return {"type": "plain_text", "text": text, "emoji": False}
