"""What sort of thing a body is, by its first bytes and not by what its header claims."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tools.detection.markup import clean
from tools.detection.page import Block, Form, Page, Zone
from tools.detection.records import read_records
from tools.detection.vacancies import read_postings

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["foreign_sort", "read_feed", "read_json"]

_BINARY = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"GIF8", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"RIFF", "a media file"),
    (b"PK\x03\x04", "an archive or office document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"\x00\x00\x00", "a media file"),
)
_FEED = re.compile(
    r"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<\?[^>]*>\s*)*<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]", re.DOTALL
)
_SVG = re.compile(
    r"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]", re.DOTALL | re.IGNORECASE
)
_MOST_ITEMS = 2000


def foreign_sort(body: bytes, text: str) -> str | None:
    """What it is in words, when it is nothing that is read; None for text."""
    head = body[:8]
    for mark, name in _BINARY:
        if head.startswith(mark):
            return name
    if _SVG.match(text[:5000]):
        return "an image"
    sample = text[:2000]
    strange = sum(char == "\ufffd" or (char < " " and char not in "\t\n\r\f") for char in sample)
    return "no text" if sample and strange > 0.1 * len(sample) else None


def _local(element: _Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""  # type: ignore[redundant-expr]  # comments


def _child(element: _Element, *names: str) -> str:
    for child in element:
        if _local(child) in names:
            return "".join(map(str, child.itertext()))
    return ""


def _plain(text: str) -> str:
    return clean(re.sub(r"<[^>]{0,2000}>", " ", text)) if "<" in text else clean(text)


def read_feed(text: str) -> Page | None:
    """An RSS or Atom feed, or a sitemap, as a page with a block for each item; None for what is none of them."""
    if not _FEED.match(text[:20_000]):
        return None
    from lxml import etree

    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode(), parser)
    except etree.XMLSyntaxError:
        return None
    if root is None:
        return None
    blocks: list[Block] = []
    for element in root.iter():
        if _local(element) in ("item", "entry", "url", "sitemap") and len(blocks) < _MOST_ITEMS:
            blocks.append(_item(element))
    title = next((_child(part, "title") for part in root.iter() if _local(part) in ("channel", "feed")), "")
    return Page(title=_plain(title)[:300], form=Form.FEED, blocks=tuple(block for block in blocks if block.text))


def _item(element: _Element) -> Block:
    if _local(element) in ("url", "sitemap"):  # https://www.sitemaps.org/protocol.html
        where = clean(_child(element, "loc"))
        return Block(text=where[:600], kind="item", zone=Zone.MAIN, id=where[:200])
    title = _plain(_child(element, "title"))
    about = _plain(_child(element, "description", "summary", "content", "encoded"))[:600]
    when = _plain(_child(element, "pubdate", "published", "updated", "date"))
    text = " — ".join(part for part in (title, about if about != title else "", when) if part)
    return Block(text=text, kind="item", zone=Zone.MAIN, id=_item_id(element))


def _item_id(element: _Element) -> str:
    """What the feed calls it: RSS's guid, Atom's id, else where its link leads."""
    named = _child(element, "guid", "id", "link").strip()
    return (named or next((child.get("href", "") for child in element if _local(child) == "link"), ""))[:200]


def read_json(text: str) -> Page | None:
    """JSON as a page with a block for each posting of a board, item of a feed, or record of other data."""
    if text.lstrip()[:1] not in ("[", "{"):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(data, dict) and "jsonfeed.org" in str(data.get("version", "")):
        return _json_feed(data)
    return read_postings(data) or read_records(data)


def _json_feed(data: dict[str, object]) -> Page:
    """By https://www.jsonfeed.org/version/1.1/."""
    rows = data.get("items")
    items = [item for item in rows if isinstance(item, dict)] if isinstance(rows, list) else []
    blocks = [_json_item(item) for item in items[:_MOST_ITEMS]]
    return Page(title=_words(data.get("title"))[:300], form=Form.FEED, blocks=tuple(b for b in blocks if b.text))


def _json_item(item: dict[str, object]) -> Block:
    title = _words(item.get("title"))
    about = _words(item.get("summary") or item.get("content_text") or item.get("content_html"))[:600]
    when = _words(item.get("date_published"))
    text = " — ".join(part for part in (title, about if about != title else "", when) if part)
    return Block(text=text, kind="item", zone=Zone.MAIN, id=_words(item.get("id") or item.get("url"))[:200])


def _words(value: object) -> str:
    return _plain(value) if isinstance(value, str) else ""
