"""Who the competitors are and which of their pages are watched: the configuration joined with what was approved."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from memory.competitors import Competitors, Page
from tools.errors import ToolError
from tools.web.policy import WebPolicy

__all__ = [
    "Competitor",
    "TargetPage",
    "Targets",
    "checked_address",
    "configured_pages",
    "known_names",
    "resolve",
    "same_page",
    "watched_pages",
]


class TargetPage(BaseModel):
    """A page that the configuration names."""

    model_config = ConfigDict(frozen=True)

    url: str
    aspect: str
    selector: str | None = None
    kind: Literal["page", "feed", "jobs"] = "page"
    channel: str | None = None
    threshold: str = ""
    """`significant_change`, or a number from 0 to 1; empty for the competitor's."""


class Competitor(BaseModel):
    """A competitor with the other words that people use for it."""

    model_config = ConfigDict(frozen=True)

    name: str
    aliases: tuple[str, ...] = ()
    pages: tuple[TargetPage, ...] = ()
    channel: str | None = None
    threshold: str = "significant_change"


class Targets(Protocol):
    """The configuration's competitors."""

    def competitors(self) -> Sequence[Competitor]:
        """All of them, in the order of the configuration."""
        ...


def _spelling(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def known_names(targets: Targets, pages: Iterable[Page] = ()) -> dict[str, str]:
    """Every spelling that stands for a competitor → its name."""
    names = {_spelling(page.competitor): page.competitor for page in pages}
    for competitor in targets.competitors():
        for name in (competitor.name, *competitor.aliases):
            names[_spelling(name)] = competitor.name
    return names


def resolve(asked: Sequence[str] | None, names: dict[str, str]) -> list[str] | None:
    """The names of the competitors that were asked for; None for all.

    Raises ToolError with the nearest names for one that nobody knows.
    """
    if not asked:
        return None
    found = []
    for name in asked:
        known = names.get(_spelling(name))
        if known is None:
            near = difflib.get_close_matches(_spelling(name), names, n=3, cutoff=0.6)
            listed = ", ".join(dict.fromkeys(names[item] for item in near)) or ", ".join(sorted(set(names.values())))
            raise ToolError(
                f"No competitor is called {name[:80]!r}.",
                not_done="Nothing was looked up.",
                to_do=f"Known: {listed or 'none; add them to the configuration'}.",
            )
        found.append(known)
    return list(dict.fromkeys(found))


def same_page(url: str) -> str:
    """One spelling for the URLs of one page: no fragment, no default port, lower-case host, no trailing slash."""
    import urllib.parse

    text = url.strip()
    parts = urllib.parse.urlsplit(text if re.match(r"[a-zA-Z][\w+.\-]*://", text) else f"https://{text}")
    host = (parts.hostname or "").rstrip(".")
    try:
        port = parts.port
    except ValueError:
        port = None
    shown = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    place = shown if port in (None, usual) else f"{shown}:{port}"
    login = f"{parts.username or ''}@" if parts.username is not None else ""
    path = parts.path.rstrip("/") or "/"
    return urllib.parse.urlunsplit((parts.scheme.lower(), login + place, path, parts.query, ""))


def checked_address(url: str, policy: WebPolicy) -> str:
    """The page's address in one spelling. Raises ToolError for what the door would never fetch."""
    from tools.web.addresses import parse
    from tools.web.failures import FetchRefused

    try:
        address = same_page(url)
        target = parse(address, ports=policy.ports, private_origins=policy.private_origins)
        target.refuse_private_literal(policy.private_origins)
    except (FetchRefused, ValueError) as error:
        reason = error.reason if isinstance(error, FetchRefused) else str(error)
        raise ToolError(
            f"{url[:200]} can't be fetched: {reason}.", not_done="Nothing was fetched.", to_do="Name a web page."
        ) from error
    return address


def configured_pages(targets: Targets, now: datetime) -> list[Page]:
    """The configuration's pages as rows."""
    return [
        Page(
            url=same_page(page.url),
            competitor=competitor.name,
            aspect=page.aspect,
            kind=page.kind,
            channel=page.channel or competitor.channel,
            selector=page.selector,
            active=True,
            snoozed_until=None,
            proposed_by="configuration",
            approved_by="configuration",
            added_at=now,
            source="settings",
            threshold=page.threshold or competitor.threshold,
        )
        for competitor in targets.competitors()
        for page in competitor.pages
    ]


async def watched_pages(targets: Targets, memory: Competitors, now: datetime) -> list[Page]:
    """What is watched now: the configuration's pages that nobody stopped, and the approved ones.

    A page that the configuration no longer names isn't watched any more; its history stays.
    """
    known = {page.url: page for page in await memory.pages()}
    pages = []
    for page in configured_pages(targets, now):
        row = known.pop(page.url, None)
        if row is None or row.active:
            pages.append(page if row is None else row.model_copy(update=_from_configuration(page)))
    return pages + [page for page in known.values() if page.active and page.source != "settings"]


def _from_configuration(page: Page) -> dict[str, object]:
    names = ("competitor", "aspect", "kind", "channel", "selector", "threshold")
    return {name: getattr(page, name) for name in names}
