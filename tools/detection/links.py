"""The links of a page, with what is said of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from tools.detection.markup import clean, text_in, tree_of

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["Link", "links_of"]

_FEEDS = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_MOST = 5000


@dataclass(frozen=True, slots=True)
class Link:
    """An absolute address and the words of the link; for a feed that the page's head names, its title."""

    url: str
    text: str
    feed: bool = False


def links_of(html: str, base: str) -> list[Link]:
    """Every link of the page, in order, once an address."""
    root = tree_of(html)
    if root is None:
        return []
    found: dict[str, Link] = {}
    for element in root.iter("a", "link", "iframe", "script"):
        link = _link(element, base)
        if link and link.url not in found and len(found) < _MOST:
            found[link.url] = link
    return list(found.values())


def _link(element: _Element, base: str) -> Link | None:
    feed = element.tag == "link" and element.get("type", "").lower() in _FEEDS
    where = (element.get("href") or element.get("src") or "").strip()
    if not where or (element.tag == "link" and not feed):
        return None
    try:
        url = urljoin(base, where).partition("#")[0]
    except ValueError:
        return None
    if not url.startswith(("http://", "https://")):
        return None
    words = (element.get("title") or "") if feed else text_in(element) if element.tag == "a" else ""
    return Link(url, clean(words)[:200], feed)
