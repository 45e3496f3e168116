"""What Slack refuses, each with the address of Slack's documentation, and how the tests' server sees it.

A row is a method, a name, the error, the documentation, arguments that must be refused. The server applies `check`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

DOCS = "https://docs.slack.dev/reference"
POST = f"{DOCS}/methods/chat.postMessage"
MESSAGE = {"channel": "C0GENERAL1", "text": "hello"}


def section(text: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


class Refusal(NamedTuple):
    method: str
    error: str
    docs: str
    arguments: Mapping[str, Any]


def _blocks(*blocks: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**MESSAGE, "blocks": list(blocks)}


def _button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Go"}, **more}


def _modal(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [section()], **more}


def _chooser(options: int, text: str = "x") -> dict[str, Any]:
    choices = [{"text": {"type": "plain_text", "text": text}, "value": str(number)} for number in range(options)]
    element = {"type": "static_select", "action_id": "a", "options": choices}
    return {"type": "input", "block_id": "b", "label": {"type": "plain_text", "text": "Who?"}, "element": element}


BLOCKS = f"{DOCS}/block-kit/blocks"
REFUSALS = [
    Refusal("chat.postMessage", "no_text", POST, {"channel": "C0GENERAL1"}),
    Refusal("chat.postMessage", "channel_not_found", POST, {**MESSAGE, "channel": "C0NOWHERE1"}),
    Refusal("chat.postMessage", "not_in_channel", POST, {**MESSAGE, "channel": "C0OUTSIDE1"}),
    Refusal("chat.postMessage", "is_archived", POST, {**MESSAGE, "channel": "C0ARCHIVE1"}),
    Refusal("chat.postMessage", "msg_too_long", POST, {**MESSAGE, "text": "x" * 40_001}),
    Refusal("chat.postMessage", "invalid_blocks", f"{BLOCKS}", _blocks(*[section()] * 51)),
    Refusal("chat.postMessage", "invalid_blocks", f"{BLOCKS}/section-block", _blocks(section("x" * 3001))),
    Refusal("chat.postMessage", "invalid_blocks", f"{BLOCKS}/section-block", _blocks(section(""))),
    Refusal("chat.postMessage", "invalid_blocks", f"{BLOCKS}/section-block", _blocks(section(colour="red"))),
    Refusal("chat.postMessage", "invalid_blocks", f"{BLOCKS}/section-block", _blocks({"type": "section"})),
    Refusal("chat.postMessage", "invalid_blocks", f"{BLOCKS}/header-block",
            _blocks({"type": "header", "text": {"type": "plain_text", "text": "x" * 151}})),
    Refusal("chat.postMessage", "invalid_blocks", f"{BLOCKS}/header-block",
            _blocks({"type": "header", "text": {"type": "mrkdwn", "text": "x"}})),
    Refusal("chat.postMessage", "invalid_blocks", f"{BLOCKS}/context-block",
            _blocks({"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11})),
    Refusal("chat.postMessage", "invalid_blocks", f"{BLOCKS}/actions-block",
            _blocks({"type": "actions", "elements": [_button(action_id=f"a{n}") for n in range(26)]})),
    Refusal("chat.postMessage", "invalid_blocks", f"{DOCS}/block-kit/block-elements/button-element",
            _blocks({"type": "actions", "elements": [_button(text={"type": "plain_text", "text": "x" * 76})]})),
    Refusal("chat.postMessage", "invalid_blocks", f"{DOCS}/block-kit/block-elements/button-element",
            _blocks({"type": "actions", "elements": [_button(value="x" * 2001)]})),
    Refusal("chat.postMessage", "invalid_blocks", f"{DOCS}/block-kit/block-elements/button-element",
            _blocks({"type": "actions", "elements": [_button(style="green")]})),
    Refusal("chat.postMessage", "invalid_blocks", f"{BLOCKS}", _blocks(section(block_id="x" * 256))),
    Refusal("chat.postMessage", "invalid_blocks", f"{BLOCKS}", _blocks({"type": "sektion", "text": "x"})),
    Refusal("chat.postMessage", "invalid_metadata_format", POST,
            {**MESSAGE, "metadata": {"event_type": "x"}}),
    Refusal("chat.update", "message_not_found", f"{DOCS}/methods/chat.update", {**MESSAGE, "ts": "1.000001"}),
    Refusal("chat.postEphemeral", "user_not_in_channel", f"{DOCS}/methods/chat.postEphemeral",
            {**MESSAGE, "user": "U0NOBODY01"}),
    Refusal("views.open", "expired_trigger_id", f"{DOCS}/methods/views.open", {"trigger_id": "old", "view": _modal()}),
    Refusal("views.open", "invalid_arguments", "https://docs.slack.dev/reference/views/modal-views",
            {"trigger_id": "good", "view": _modal(title={"type": "plain_text", "text": "x" * 25})}),
    Refusal("views.open", "invalid_arguments", "https://docs.slack.dev/reference/views/modal-views",
            {"trigger_id": "good", "view": _modal(private_metadata="x" * 3001)}),
    Refusal("views.open", "invalid_arguments", "https://docs.slack.dev/reference/views/modal-views",
            {"trigger_id": "good", "view": _modal(blocks=[section()] * 101)}),
    Refusal("views.open", "invalid_arguments", f"{DOCS}/block-kit/block-elements/select-menu-element",
            {"trigger_id": "good", "view": _modal(blocks=[_chooser(101)])}),
    Refusal("views.open", "invalid_arguments", f"{DOCS}/block-kit/block-elements/select-menu-element",
            {"trigger_id": "good", "view": _modal(blocks=[_chooser(0)])}),
    Refusal("views.open", "invalid_arguments", f"{DOCS}/block-kit/composition-objects/option-object",
            {"trigger_id": "good", "view": _modal(blocks=[_chooser(1, "x" * 76)])}),
    Refusal("conversations.history", "channel_not_found", f"{DOCS}/methods/conversations.history",
            {"channel": "C0NOWHERE1"}),
    Refusal("conversations.replies", "thread_not_found", f"{DOCS}/methods/conversations.replies",
            {"channel": "C0GENERAL1", "ts": "1.000001"}),
]  # fmt: skip

_FIELDS = {
    "section": {"text", "fields", "accessory", "expand"},
    "header": {"text", "level"},
    "context": {"elements"},
    "actions": {"elements"},
    "divider": set(),
    "input": {"label", "element", "dispatch_action", "hint", "optional"},
    "image": {"alt_text", "image_url", "slack_file", "title"},
}
_TEXT = {"type", "text", "emoji", "verbatim"}


def _text(found: Any, longest: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> bool:
    return (
        isinstance(found, dict)
        and set(found) <= _TEXT
        and found.get("type") in kinds
        and isinstance(found.get("text"), str)
        and 1 <= len(found["text"]) <= longest
    )


def _fine_button(found: Mapping[str, Any]) -> bool:
    return (
        set(found) <= {"type", "action_id", "text", "value", "style", "url", "confirm", "accessibility_label"}
        and _text(found.get("text"), 75, ("plain_text",))
        and len(found.get("value", "")) <= 2000
        and len(found.get("action_id", "")) <= 255
        and found.get("style") in (None, "primary", "danger")
    )


def _fine_element(element: Any) -> bool:
    if not isinstance(element, dict) or len(element.get("action_id", "")) > 255:
        return False
    if element.get("type") != "static_select":
        return element.get("type") == "plain_text_input" and element.get("max_length", 1) <= 3000
    options = element.get("options", [])
    return 1 <= len(options) <= 100 and all(
        _text(each.get("text"), 75, ("plain_text",)) and 1 <= len(each.get("value", "")) <= 150 for each in options
    )


def _fine_block(block: Any) -> bool:
    if not isinstance(block, dict) or block.get("type") not in _FIELDS:
        return False
    if not set(block) <= _FIELDS[block["type"]] | {"type", "block_id"} or len(block.get("block_id", "")) > 255:
        return False
    match block["type"]:
        case "section":
            return _text(block.get("text"), 3000)
        case "header":
            return _text(block.get("text"), 150, ("plain_text",))
        case "context":
            elements = block.get("elements", [])
            return 1 <= len(elements) <= 10 and all(_text(each, 3000) for each in elements)
        case "actions":
            elements = block.get("elements", [])
            names = [each.get("action_id") for each in elements]
            return 1 <= len(elements) <= 25 and len(set(names)) == len(names) and all(map(_fine_button, elements))
        case "input":
            hint = block.get("hint")
            return (
                _text(block.get("label"), 2000, ("plain_text",))
                and (hint is None or _text(hint, 2000, ("plain_text",)))
                and _fine_element(block.get("element"))
            )
    return True


def fine_blocks(blocks: Any, most: int = 50) -> bool:
    return isinstance(blocks, list) and len(blocks) <= most and all(_fine_block(block) for block in blocks)


def fine_view(view: Any) -> bool:
    return (
        isinstance(view, dict)
        and _text(view.get("title"), 24, ("plain_text",))
        and len(view.get("private_metadata", "")) <= 3000
        and len(view.get("callback_id", "")) <= 255
        and fine_blocks(view.get("blocks"), 100)
    )


def fine_metadata(found: Any) -> bool:
    return isinstance(found, dict) and isinstance(found.get("event_type"), str) and "event_payload" in found
