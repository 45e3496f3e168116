"""HTML to blocks of visible text, in one walk over the tree and without knowing any site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.detection.furniture import placed
from tools.detection.markup import BLOCKS, HEADINGS, MOUNTS, clean, hidden, openable, text_in, tree_of, zone_of
from tools.detection.offers import offered
from tools.detection.page import Block, Page, Signals, Zone
from tools.detection.seen import drawn, raised, struck, unseen, visible_though
from tools.detection.selector import select
from tools.detection.split import mended

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["read_html"]

_TAIL = 4000
"""Letters at the end of a document: comments and scripts may come after its last tag."""
_MOST_TEXT = 4_000_000
_ROW_LENGTH = 1500
"""A table row with more text than this is layout, not data."""
_CHALLENGES = ("/cdn-cgi/challenge-platform/h/", "/_Incapsula_Resource", "captcha-delivery.com", "/px/captcha")

Place = tuple[str, Zone, bool]
"""The kind and zone of a block, and whether we are within a link."""
Todo = list[tuple["_Element | None", Place, str | None]]
"""What is still to be walked: elements to open, tails to say, blocks to go back to."""


class _Reader:
    def __init__(self, page: _Element) -> None:
        self.page = page
        self._opened: frozenset[str] | None = None
        self.blocks: list[Block] = []
        self.collecting: list[str] = []
        self.hidden = 0
        self.root: _Element | None = None
        self._kind = "p"
        self._zone = Zone.BODY
        self._heading = ""
        self._size = 0
        self._linked = True

    def reveals(self, element: _Element) -> bool:
        """Whether a reader can open what the markup hides at first: the panel of an accordion or of a tab."""
        if element.get("role", "").lower() == "tabpanel":
            return True
        name = element.get("id")
        if not name:
            return False
        if self._opened is None:
            self._opened = openable(self.page)
        return name in self._opened

    def say(self, text: str | None, linked: bool) -> None:
        if text and self._size < _MOST_TEXT:
            self.collecting.append(text)
            self._size += len(text)
            if not linked and self._linked and not text.isspace():
                self._linked = False

    def start(self, kind: str, zone: Zone) -> None:
        """End the block that is being collected and open another."""
        if self.collecting:
            text = clean("".join(self.collecting))
            self.collecting.clear()
            if text:
                self._keep(text)
        self._kind, self._zone, self._linked = kind, zone, True

    def _keep(self, text: str) -> None:
        self.blocks.append(Block(text, self._kind, self._zone, self._heading, self._linked))
        if self._kind in HEADINGS:
            self._heading = text[:200]


def _walk(root: _Element, reader: _Reader, zone: Zone) -> None:
    """Depth first, without recursion. The root is in this zone, whatever it is called."""
    reader.root = root
    todo: Todo = [(root, ("body", zone, False), None)]
    while todo:
        element, place, tail = todo.pop()
        if element is not None:
            _open(element, place, reader, todo)
        elif tail is not None:
            reader.say(tail, place[2])
        else:
            reader.start(place[0], place[1])
    reader.start("", Zone.BODY)


def _open(element: _Element, place: Place, reader: _Reader, todo: Todo) -> None:
    tag, kind = str(element.tag), place[0]
    if _passed_over(element, tag, place, reader):
        return
    if tag == "br" and kind != "row":
        reader.start(kind, place[1])
        return
    inner = _entered(element, tag, place, reader, todo)
    if reader.collecting and (tag == "sup" or tag not in BLOCKS):
        reader.say(_between(reader.collecting[-1], element, tag), linked=True)
    reader.say(element.text, inner[2])
    for child in reversed(element):
        if child.tail:
            todo.append((None, inner, child.tail))
        todo.append((child, inner, None))


def _passed_over(element: _Element, tag: str, place: Place, reader: _Reader) -> bool:
    """Whether nothing of an element is read but what a picture says."""
    if unseen(element, tag, place[0]):
        if shown := drawn(element, tag, place[0]):
            _draw(shown, place, reader)
        return True
    if struck(element, tag):
        return True
    if hidden(element) and not reader.reveals(element) and not visible_though(element):
        reader.hidden += len("".join(text_in(element).split()))
        return True
    return False


def _entered(element: _Element, tag: str, place: Place, reader: _Reader, todo: Todo) -> Place:
    """The place of what is in the element. A block begins, and at its end the one around it goes on."""
    kind, zone, linked = place
    if kind == "row" and tag in BLOCKS:
        reader.say(" | " if tag in ("td", "th") and reader.collecting else " ", linked=True)
    elif tag in BLOCKS:
        todo.append((None, place, None))
        kind = "row" if tag == "tr" and _is_data(element) else tag
        zone = zone if element is reader.root else zone_of(element, zone)
        reader.start(kind, zone)
    elif tag == "a":
        linked = True
    elif element.get("role") and element is not reader.root:
        zone = zone_of(element, zone)
    return kind, zone, linked


def _between(before: str, element: _Element, tag: str) -> str:
    """What parts an element from the text before it, where looks do: raised digits, `Staff` `Paris`."""
    if tag == "sup":
        return raised(before, element)
    text = element.text or ""
    joined = before[-1:].islower() and (text[:1].isupper() or text[:1] in tuple("$€£¥"))
    return " " if joined else ""


def _draw(words: str, place: Place, reader: _Reader) -> None:
    """What a picture says: in the cell that it stands in, or as a block of its own."""
    kind, zone, linked = place
    if kind == "row":
        reader.say(words, linked)
        return
    reader.start("figure", zone)
    reader.say(words, linked)
    reader.start(kind, zone)


def _is_data(row: _Element) -> bool:
    """Whether a table row is read as one line: tables also serve to lay out whole pages."""
    return row.find(".//table") is None and sum(map(len, row.itertext())) < _ROW_LENGTH


def read_html(html: str, selector: str | None = None) -> Page:
    """Read a page, or the parts of it that a CSS selector names.

    Hidden elements, scripts and controls are left out; rows of data stay in one piece. Raises SelectorError.
    """
    root = tree_of(html)
    if root is None:
        return Page(signals=Signals(html_bytes=len(html)))
    reader = _Reader(root)
    if selector:
        for part in select(root, selector):
            _walk(part, reader, Zone.MAIN)
    else:
        _walk(root, reader, Zone.BODY)
    blocks = mended(reader.blocks if selector else placed(reader.blocks))
    return Page(
        title=_title(root),
        language=root.get("lang", "")[:20],
        blocks=tuple(blocks if selector else [*blocks, *offered(root, blocks)]),
        signals=_signals(root, html, reader.hidden),
    )


def _title(root: _Element) -> str:
    found = root.find(".//title")
    return clean(text_in(found))[:300] if found is not None else ""


def _signals(root: _Element, html: str, unseen: int) -> Signals:
    """Counted from the tree as it was sent, hidden or not."""
    scripts = list(root.iter("script"))
    passwords = [field for field in root.iter("input") if field.get("type", "").lower() == "password"]
    refreshing = [meta for meta in root.iter("meta") if meta.get("http-equiv", "").lower() == "refresh"]
    return Signals(
        html_bytes=len(html),
        hidden=unseen,
        closed="</html" in html[-_TAIL:].lower(),
        scripts=len(scripts),
        script_bytes=sum(len(script.text or "") for script in scripts),
        links=sum(1 for _ in root.iter("a")),
        passwords=sum(not any(hidden(around) for around in field.iterancestors()) for field in passwords),
        frames=sum(1 for _ in root.iter("iframe")),
        challenge=_challenge(root),
        noscript=clean(" ".join(text_in(part) for part in root.iter("noscript")))[:500],
        refresh=refreshing[0].get("content", "")[:500] if refreshing else "",
        roots=sum(1 for part in root.iter("div", "main", "section") if part.get("id") in MOUNTS and not len(part)),
    )


def _challenge(root: _Element) -> str:
    """The script or frame of a challenge that takes the page's place, not of a CAPTCHA beside one form."""
    for part in root.iter("script", "iframe", "form"):
        where = part.get("src") or part.get("action") or ""
        if any(mark in where for mark in _CHALLENGES):
            return str(where)[:200]
    return ""
