"""What HTML elements mean for a reader: which start a block, which aren't seen, which part of a page they stand for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.detection.page import Zone

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["BLOCKS", "HEADINGS", "MOUNTS", "UNSEEN", "clean", "hidden", "openable", "text_in", "tree_of", "zone_of"]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


BLOCKS = _names(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre section summary table tbody td tfoot th
    thead tr ul legend option optgroup"""
)
UNSEEN = _names(
    """script style noscript template svg math iframe object embed canvas audio video picture source track map area
    input select textarea button datalist meter progress link meta param base title"""
)
HEADINGS = _names("h1 h2 h3 h4")
MOUNTS = _names("root app __next __nuxt app-root react-root gatsby ___gatsby svelte")
"""The ids of the empty elements that scripts build applications in."""
_ZONES = {
    "main": Zone.MAIN,
    "article": Zone.MAIN,
    "header": Zone.HEADER,
    "nav": Zone.NAVIGATION,
    "aside": Zone.ASIDE,
    "footer": Zone.FOOTER,
    "dialog": Zone.DIALOG,
    "form": Zone.FORM,
}
_ROLES = {
    "main": Zone.MAIN,
    "banner": Zone.HEADER,
    "navigation": Zone.NAVIGATION,
    "menu": Zone.NAVIGATION,
    "complementary": Zone.ASIDE,
    "contentinfo": Zone.FOOTER,
    "dialog": Zone.DIALOG,
    "alertdialog": Zone.DIALOG,
    "search": Zone.FORM,
}
_HIDDEN_STYLE = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|(?<![\w-])color\s*:\s*transparent"
    r"|(?<![\w-])(?:left|right|top|text-indent)\s*:\s*-\d{4,}(?:px|em))",
    re.IGNORECASE,
)
_CONTROLLED = (
    "//*[not(@aria-haspopup)]/@aria-controls | //@data-bs-target | //@data-target"
    " | //a[@role='tab' or @role='button' or @data-toggle or @data-bs-toggle]/@href[starts-with(., '#')]"
)
_OVERLONG_TAG = re.compile(r"<([a-zA-Z][\w:-]{0,40})\s[^<>]{60000,}>")
"""The parser's time grows with the square of a tag's attributes; a tag of this length says nothing to a reader."""
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff]"
)


def clean(text: str) -> str:
    """Text as a reader sees it: one space for white space of any kind, and nothing invisible."""
    joined = " ".join(text.split())
    if joined.isascii() and joined.isprintable():
        return joined
    return " ".join(_INVISIBLE.sub("", joined).split())


def tree_of(html: str) -> _Element | None:
    """The tree that a lenient parser makes of it; None when there is nothing."""
    from lxml import etree

    html = _OVERLONG_TAG.sub(r"<\1>", html)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, recover=True)
    try:
        return etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def text_in(element: _Element) -> str:
    """All text in an element, seen or not."""
    return "".join(map(str, element.itertext()))


def hidden(element: _Element) -> bool:
    """Whether the markup itself hides the element. What style sheets and scripts do isn't known."""
    attributes = element.attrib
    if not attributes:
        return False
    if "hidden" in attributes or attributes.get("aria-hidden", "").lower() == "true":
        return True
    style = attributes.get("style")
    return bool(style and _HIDDEN_STYLE.search(style))


def openable(root: _Element) -> frozenset[str]:
    """The ids of what controls of the page open and close, menus left out (WAI-ARIA's `aria-controls`, Bootstrap's)."""
    found = root.xpath(_CONTROLLED)
    assert isinstance(found, list)
    return frozenset(name.lstrip("#") for each in found for name in str(each).split())


def zone_of(element: _Element, around: Zone) -> Zone:
    """The part of the page that an element begins, or the one that it lies in. An article's header is the article's."""
    found = _ROLES.get(element.get("role", "").lower()) or _ZONES.get(str(element.tag))
    if found is None or (found is Zone.HEADER and around is Zone.MAIN):
        return around
    return found
