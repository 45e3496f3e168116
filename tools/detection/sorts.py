"""What sort of thing a body is, by its first bytes and not by what its header claims."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tools.detection.markup import clean
from tools.detection.page import Block, Form, Page, Zone

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["foreign_sort", "read_board", "read_feed"]

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
_FEED = re.compile(r"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<\?[^>]*>\s*)*<(?:rss|feed|rdf:RDF)[\s>]", re.DOTALL)
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
    """An RSS or Atom feed as a page with a block for each item; None for what isn't one."""
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
        if _local(element) in ("item", "entry") and len(blocks) < _MOST_ITEMS:
            blocks.append(_item(element))
    title = next((_child(part, "title") for part in root.iter() if _local(part) in ("channel", "feed")), "")
    return Page(title=_plain(title)[:300], form=Form.FEED, blocks=tuple(block for block in blocks if block.text))


def _item(element: _Element) -> Block:
    title = _plain(_child(element, "title"))
    about = _plain(_child(element, "description", "summary", "content", "encoded"))[:600]
    when = _plain(_child(element, "pubdate", "published", "updated", "date"))
    text = " — ".join(part for part in (title, about if about != title else "", when) if part)
    return Block(text=text, kind="item", zone=Zone.MAIN, id=_item_id(element))


def _item_id(element: _Element) -> str:
    """What the feed calls it: RSS's guid, Atom's id, else where its link leads."""
    named = _child(element, "guid", "id", "link").strip()
    return (named or next((child.get("href", "") for child in element if _local(child) == "link"), ""))[:200]


def read_board(text: str) -> Page | None:
    """A job board's public JSON as a page with a block for each posting; None for what isn't one."""
    start = text.lstrip()[:1]
    if start not in "[{" or not start:
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    postings = data.get("jobs") if isinstance(data, dict) else data
    if not isinstance(postings, list):
        return None
    found = [_posting(item) for item in postings[:_MOST_ITEMS] if isinstance(item, dict)]
    named = [block for block in found if block.text]
    return Page(form=Form.BOARD, blocks=tuple(named)) if named or not postings else None


def _posting(item: dict[str, object]) -> Block:
    """Greenhouse calls it title, location.name and departments; Lever text and categories; Ashby title and location."""
    title = _text(item.get("title") or item.get("text"))
    categories = item.get("categories")
    inside = categories if isinstance(categories, dict) else {}
    team = _text(item.get("department") or inside.get("team") or inside.get("department") or item.get("team"))
    departments = item.get("departments")
    if not team and isinstance(departments, list) and departments:
        team = _text(departments[0])
    place = _text(item.get("location") or inside.get("location"))
    pay = item.get("compensation")
    wage = _text(pay.get("compensationTierSummary")) if isinstance(pay, dict) else ""
    parts = [title, team, place, wage]
    name = item.get("id") or item.get("jobUrl") or item.get("absolute_url") or ""
    return Block(
        text=" · ".join(part for part in parts if part) if title else "",
        kind="posting",
        zone=Zone.MAIN,
        under=team,
        id=str(name)[:200] if isinstance(name, str | int) else "",
    )


def _text(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("name")
    return clean(value)[:300] if isinstance(value, str) else ""
