"""A watched page that is named by whose it is and what it is about: `EliseAI's pricing page`."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from agent.planning.offline.slots import aspect, competitors
from agent.planning.offline.things import Found, Things
from agent.planning.planner import WatchedPage

__all__ = ["watched_page"]


def watched_page(things: Things, pages: Mapping[str, WatchedPage]) -> Found:
    """The one page of a named competitor that its address or its aspect tells; all of them when it may be several.

    Nothing without a competitor: what a page is about doesn't say whose it is.
    """
    owners = set(competitors(things).values)
    theirs = {url: page for url, page in pages.items() if page.competitor in owners}
    spoken = {token.text for token in things.tokens}
    meant = [url for url in theirs if _last(url) in spoken]
    if not meant:
        abouts = set(aspect(things).values)
        meant = [url for url, page in theirs.items() if not abouts or page.aspect in abouts]
    return Found((meant[0],)) if len(meant) == 1 else Found(unclear=tuple(meant or theirs))


def _last(url: str) -> str:
    """The last part of the path: `news`."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2].lower()
