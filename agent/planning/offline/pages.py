"""A watched page that is named by whose it is and what it is about: `EliseAI's pricing page`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from agent.planning.offline.slots import aspect, competitors
from agent.planning.offline.things import Found, Things
from agent.planning.planner import WatchedPage

__all__ = ["aspect_beside", "watched_page"]

_CALLED = (
    frozenset({"blog", "blogs", "articles", "insights"}),
    frozenset({"news", "newsroom", "press", "announcements", "media"}),
)
"""Names of pages that are one thing each: release notes aren't the blog, though both tell what is new."""


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
        called = [names for names in _CALLED if names & spoken]
        meant = [
            url
            for url, page in theirs.items()
            if (all(names & _parts(url) for names in called) if called else not abouts or page.aspect in abouts)
        ]
    return Found((meant[0],)) if len(meant) == 1 else Found(unclear=tuple(meant or theirs))


def _parts(url: str) -> set[str]:
    return set(re.split(r"[/.-]", urlsplit(url).netloc + urlsplit(url).path.lower()))


def _last(url: str) -> str:
    """The last part of the path: `news`."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2].lower()


def aspect_beside(things: Things, url: str) -> str | None:
    """`watch A for pricing and B for job postings`: what is said of an address before the next one."""
    at = next((index for index, token in enumerate(things.tokens) if token.has("url") and token.value == url), None)
    if at is None:
        return None
    rest = things.tokens[at + 1 :]
    end = next((index for index, token in enumerate(rest) if token.has("url")), len(rest))
    found = aspect(replace(things, tokens=rest[:end])).values
    return str(found[0]) if found else None
