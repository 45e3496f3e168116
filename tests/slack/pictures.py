"""Real blocks and dialogs as pictures that a person can look at; an approximation of how Slack shows them.

    python -m tests.slack.pictures FOLDER       every kind of card, one PNG each

Slack's own is the Block Kit Builder, which needs an account and a network.
"""

from __future__ import annotations

import html
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["as_html", "photograph"]

_EMOJI = {
    ":white_large_square:": "☐", ":hourglass_flowing_sand:": "⌛", ":raised_hand:": "☝", ":white_check_mark:": "✔",
    ":x:": "✘", ":no_entry:": "⊘", ":heavy_minus_sign:": "–", ":leftwards_arrow_with_hook:": "↩", ":arrow_right:": "→",
}  # fmt: skip
"""By signs that fonts have everywhere."""
_STYLE = """
body { font: 15px/1.46 Lato, "Noto Sans", "Noto Color Emoji", sans-serif; color: #1d1c1d; margin: 0; width: 680px }
.frame { margin: 14px; padding: 12px 16px; border: 1px solid #ddd; border-radius: 8px; background: #fff }
.who { font-weight: 900; margin-bottom: 4px } .who small { font-weight: 400; color: #616061 }
.app { background: #e8e8e8; color: #616061; font-size: 10px; padding: 1px 3px; border-radius: 2px; margin: 0 4px }
h1 { font-size: 18px; margin: 4px 0 } .section { margin: 4px 0; white-space: pre-wrap; overflow-wrap: anywhere }
.context { color: #616061; font-size: 13px; margin: 4px 0; overflow-wrap: anywhere } .actions { margin: 8px 0 }
.button { border: 1px solid #bbb; border-radius: 4px; padding: 5px 12px; font-weight: 700; margin-right: 8px }
.primary { background: #007a5a; color: #fff } .danger { background: #e01e5a; color: #fff }
.input { margin: 8px 0; font-weight: 700 } .input div { border: 1px solid #bbb; border-radius: 4px; padding: 8px;
font-weight: 400; color: #616061 } .mention { background: #e8f5fa; color: #1264a3; border-radius: 3px }
.made { color: #888; font-size: 11px; text-align: right }
"""


def _mrkdwn(text: str, names: Mapping[str, str]) -> str:
    shown = re.sub(
        r"<@(\w+)>", lambda found: f"<span class=mention>@{html.escape(names.get(found[1], found[1]))}</span>", text
    )
    shown = re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", shown)
    shown = re.sub(r"<(https?://[^>]*)>", r"<span class=mention>\1</span>", shown)
    shown = re.sub(r"(?<![\w\u200b])\*(?=\S)([^*\n]+?)(?<=[^\s\u200b])\*", r"<b>\1</b>", shown)
    return re.sub(r":\w+:", lambda found: _EMOJI.get(found[0], found[0]), shown)


def _text(found: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return html.escape(found["text"]) if found["type"] == "plain_text" else _mrkdwn(found["text"], names)


def _block(block: Mapping[str, Any], names: Mapping[str, str]) -> str:
    match block["type"]:
        case "header":
            return f"<h1>{_text(block['text'], names)}</h1>"
        case "section":
            return f"<div class=section>{_text(block['text'], names)}</div>"
        case "context":
            return f"<div class=context>{' '.join(_text(each, names) for each in block['elements'])}</div>"
        case "actions":
            buttons = (
                f"<span class='button {each.get('style', '')}'>{_text(each['text'], names)}</span>"
                for each in block["elements"]
            )
            return f"<div class=actions>{''.join(buttons)}</div>"
        case "input":
            element = block["element"]
            inside = " · ".join(_text(each["text"], names) for each in element.get("options", [])) or "&nbsp;"
            hint = f"<div class=context>{_text(block['hint'], names)}</div>" if "hint" in block else ""
            return f"<div class=input>{_text(block['label'], names)}<div>{inside}</div></div>{hint}"
        case other:
            raise ValueError(f"no picture of {other}")


def as_html(blocks: Sequence[Mapping[str, Any]], names: Mapping[str, str], title: str = "") -> str:
    """A message of Sophia's, or with a title the dialog."""
    head = f"<h1>{html.escape(title)}</h1>" if title else "<div class=who>Sophia<span class=app>APP</span></div>"
    body = "".join(_block(block, names) for block in blocks)
    made = "<div class=made>made from the real blocks; not a screenshot of Slack</div>"
    return f"<meta charset=utf-8><style>{_STYLE}</style><div class=frame>{head}{body}{made}</div>"


def photograph(pages: Mapping[str, str], folder: Path) -> list[Path]:
    """A PNG for each page, by a real browser."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 708, "height": 200}, device_scale_factor=1.5)
        for name, text in pages.items():
            page.set_content(text)
            page.locator(".frame").screenshot(path=folder / f"{name}.png")
        browser.close()
    return [folder / f"{name}.png" for name in pages]


if __name__ == "__main__":
    from tests.slack.cards import every_card

    photograph(every_card(), Path(sys.argv[1]))
