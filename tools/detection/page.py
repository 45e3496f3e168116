"""What extraction makes of a page: its visible text in blocks, and what tells real pages from walls and shells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

__all__ = ["SUBSTANCE", "Block", "Form", "Page", "PageState", "Signals", "Zone"]


class PageState(StrEnum):
    """What a capture turned out to be. Only ok followed by ok can be a change."""

    OK = "ok"
    UNCHANGED = "unchanged"
    MOVED = "moved"
    GONE = "gone"
    BLOCKED = "blocked"
    LOGIN_WALL = "login_wall"
    SOFT_404 = "soft_404"
    EMPTY_SHELL = "empty_shell"
    TRUNCATED = "truncated"
    NO_PAGE = "no_page"
    """A PDF, an image, an archive: nothing that is read."""
    ERROR = "error"

    @property
    def readable(self) -> bool:
        """Whether the page could be read."""
        return self in (PageState.OK, PageState.UNCHANGED)


class Zone(StrEnum):
    """Which part of a page a block stands in, by its markup alone."""

    MAIN = "main"
    BODY = "body"
    HEADER = "header"
    NAVIGATION = "navigation"
    ASIDE = "aside"
    FOOTER = "footer"
    DIALOG = "dialog"
    FORM = "form"


class Form(StrEnum):
    """How what was read is organised."""

    PAGE = "page"
    FEED = "feed"
    """Items, of which old ones leave by themselves."""
    BOARD = "board"
    """Postings that are opened and closed."""
    DATA = "data"
    """Records that an application asks its server for."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item or table row: text without line breaks, as a reader sees it."""

    text: str
    kind: str
    """The tag: `p`, `h2`, `li`, `tr` …"""
    zone: Zone = Zone.BODY
    under: str = ""
    """The text of the nearest heading above."""
    linked: bool = False
    """Whether all of it is the text of links."""
    id: str = ""
    """What a board or a feed calls the posting or item; empty on pages."""


class Signals(BaseModel):
    """Counted while the page was read; what it is is decided from these and the answer's status."""

    model_config = ConfigDict(frozen=True)

    html_bytes: int = 0
    script_bytes: int = 0
    scripts: int = 0
    links: int = 0
    passwords: int = 0
    """Visible password fields."""
    frames: int = 0
    challenge: str = ""
    """The mark of a challenge or CAPTCHA page, if there is one."""
    noscript: str = ""
    refresh: str = ""
    """Where a meta refresh leads."""
    closed: bool = True
    """Whether the document ends as it says itself: `</html>` stands near its end."""
    hidden: int = 0
    """Letters that the markup itself hides from readers."""
    roots: int = 0
    """Empty elements that scripts mount applications on."""


SUBSTANCE = frozenset({Zone.MAIN, Zone.BODY, Zone.ASIDE})
"""The zones that a page speaks in: what is around them changes with the site, not with the page."""


class Page(BaseModel):
    """A page as text. `text` is what is stored and quoted; blocks are its lines."""

    model_config = ConfigDict(frozen=True)

    title: str = ""
    language: str = ""
    form: Form = Form.PAGE
    blocks: tuple[Block, ...] = ()
    signals: Signals = Signals()

    @property
    def text(self) -> str:
        """The blocks' texts, one a line."""
        return "\n".join(block.text for block in self.blocks)

    @property
    def prose(self) -> float:
        """The share of the substance that is running text: unlinked blocks of more than a line."""
        substance = self.substance
        running = sum(len(block.text) for block in substance if not block.linked and len(block.text) >= 80)
        return running / (sum(len(block.text) for block in substance) or 1)

    @property
    def substance(self) -> list[Block]:
        """The blocks that the page itself says."""
        return [block for block in self.blocks if block.zone in SUBSTANCE]
