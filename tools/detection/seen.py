"""What of an element a reader sees though its tag, its style or its lack of words would have it otherwise.

Prices in buttons and lists to choose from, headings that are buttons, the other price of a switch, ticks in tables and
the logos of clients: each is told by markup alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.detection.markup import UNSEEN, clean, text_in
from tools.detection.money import prices_in

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["drawn", "raised", "struck", "unseen", "visible_though"]

_CONTROLS = ("button", "select")
_TITLES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary"})
_PRICED = 80
"""Letters that the words of a control with a price, or of a price that a switch hides, have at most."""
_QUESTION = 15
"""Letters from which on the button of an accordion is the title of its panel and no sign."""
_LOGOS = 3
"""Pictures side by side, without words, from which on they are a wall of logos."""
_ALT = 60
_STRUCK = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
_STRUCK_CLASSES = frozenset({"line-through", "strikethrough", "strike-through", "text-decoration-line-through"})
_OF_A_LOGO = re.compile(r"\s*\b(?:company |client |customer |partner )?logos?\b\s*(?:of|for)?\s*", re.IGNORECASE)
_NO_LOGO = re.compile(
    r"\.(?:png|jpe?g|svg|webp|gif)$|^\W*$|^(?:image|img|icon|photo|picture|avatar|star)s?\b", re.IGNORECASE
)


def unseen(element: _Element, tag: str, kind: str) -> bool:
    """Whether nothing of the element is read. `kind` is the block's that it stands in."""
    if tag not in UNSEEN:
        return tag == "img"
    if tag == "template":
        return element.get("shadowrootmode") is None
    return not (tag in _CONTROLS and _telling(element, tag, kind))


def _telling(element: _Element, tag: str, kind: str) -> bool:
    """Whether a control says something: it is a heading, the question of an accordion, or names a price."""
    if tag == "button" and kind in _TITLES:
        return True
    words = text_in(element)
    if tag == "button" and element.get("aria-expanded") is not None and element.get("aria-haspopup") is None:
        return len(clean(words)) >= _QUESTION
    if not any(letter.isdigit() for letter in words):
        return False
    return all(len(part) <= _PRICED for part in words.split("\n")) and bool(prices_in(clean(words)[:2000]))


def visible_though(element: _Element) -> bool:
    """Whether a reader sees what is hidden, or can switch to it: a price beside another."""
    words = clean(text_in(element)) if len(element) <= 6 else ""
    if not words or len(words) > _PRICED or not prices_in(words):
        return False
    if element.get("aria-hidden", "").lower() == "true" and "hidden" not in element.attrib and not element.get("style"):
        return True
    around = element.getparent()
    others = (text_in(other) for other in around if other is not element) if around is not None else ()
    return any(len(other) <= 2 * _PRICED and prices_in(clean(other)) for other in others)


def struck(element: _Element, tag: str) -> bool:
    """Whether it is a price that is crossed out beside the one that holds."""
    crossed = (
        tag in ("del", "s", "strike")
        or not _STRUCK_CLASSES.isdisjoint(element.get("class", "").split())
        or bool(_STRUCK.search(element.get("style", "")))
    )
    words = clean(text_in(element)) if crossed else ""
    around = element.getparent()
    if not words or len(words) > _PRICED or around is None or not prices_in(words):
        return False
    return len(prices_in(clean(text_in(around))[:2000])) > len(prices_in(words))


def raised(before: str, element: _Element) -> str:
    """What stands between a number and small raised text: a point before cents, else a space, lest digits join."""
    cents = re.fullmatch(r"\s*\d\d\s*", element.text or "") and prices_in(before.strip() or "0")
    return ("." if cents else " ") if before[-1:].isdigit() else ""


def drawn(element: _Element, tag: str, kind: str) -> str:
    """What a picture says in place of words: a tick or a cross in a cell, the name in a wall of logos. Else nothing."""
    if tag == "img":
        said = clean(element.get("alt") or "")
    elif tag == "svg":
        said = clean(element.get("aria-label") or next((text_in(part) for part in element if part.tag == "title"), ""))
    else:
        return ""
    if not said or len(said) > _ALT:
        return ""
    if kind == "row":
        cell = next((part for part in element.iterancestors() if part.tag in ("td", "th")), None)
        return said if cell is not None and not clean(text_in(cell)) else ""
    return _logo(element, said) if tag == "img" else ""


def _logo(element: _Element, said: str) -> str:
    name = clean(_OF_A_LOGO.sub(" ", said))
    if _NO_LOGO.search(name) or not re.search(r"[^\W\d_]{2}", name):
        return ""
    own, around = element, element.getparent()
    while around is not None and sum(1 for _ in around.iter("img")) == 1 and not clean(text_in(around)):
        own, around = around, around.getparent()
    if around is None or own.tag == "body":
        return ""
    beside = list(around.iterchildren("*"))
    alone = [
        part for part in beside if part.tag == "img" or (part.find(".//img") is not None and not clean(text_in(part)))
    ]
    return name if len(alone) >= _LOGOS and len(alone) >= 0.8 * len(beside) else ""
