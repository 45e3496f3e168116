"""The links of a page, with what is said of each."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

from tools.detection.markup import clean

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
    from lxml import etree
    from lxml import html as lxml_html

    try:
        root = lxml_html.document_fromstring(html)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []
    found: dict[str, Link] = {}
    for element in root.iter("a", "link", "iframe", "script"):
        where = element.get("href") or element.get("src") or ""
        feed = element.tag == "link" and element.get("type", "").lower() in _FEEDS
        if not where or (element.tag == "link" and not feed) or len(found) >= _MOST:
            continue
        try:
            url = urljoin(base, where.strip()).partition("#")[0]
        except ValueError:
            continue
        if url.startswith(("http://", "https://")) and url not in found:
            words = (
                element.get("title") or ""
                if feed
                else "".join(map(str, element.itertext()))
                if element.tag == "a"
                else ""
            )
            found[url] = Link(url, clean(words)[:200], feed)
    return list(found.values())
