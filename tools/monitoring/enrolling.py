"""What a watch that a person approves leaves in memory: whose page it is, the effect's mark, the grant for alerts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from memory.competitors import Page
from memory.grants import Grant, grant_of
from tools.declaration import Permit, Requester
from tools.errors import ToolError
from tools.monitoring.targets import Targets, known_names, resolve

__all__ = ["ALERTS_A_DAY", "alerts_grant", "mark_of", "whose_page"]

ALERTS_A_DAY = 20
_GRANT = timedelta(days=365)
_TEMPLATE = "{competitor}, {aspect}: {summary} ({url})"


def whose_page(url: str, named: str | None, targets: Targets, pages: Sequence[Page]) -> str:
    """The competitor's name: as it was said, or whose other pages have the same origin, or the host's own name."""
    names = known_names(targets, pages)
    if named:
        try:
            found = resolve([named], names)
        except ToolError:
            return named.strip()
        assert found
        return found[0]
    from tools.web.addresses import kin, origin_of

    same = kin(origin_of(url))
    for page in pages:
        if same & kin(origin_of(page.url)):
            return page.competitor
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return names.get(re.sub(r"[\W_]+", "", host.partition(".")[0]), host)


def mark_of(permit: str) -> str:
    """Who approved a page, as it is kept: the effect that did it."""
    return f"effect {permit}"


def alerts_grant(
    page: Page, channel: str, requester: Requester, permit: Permit, now: datetime, *, of_several: bool = False
) -> Grant:
    """What lets the page's changes be told without asking again. `of_several`: the effect watches other pages, too."""
    return Grant(
        id=grant_of(f"{permit.id} {page.url}" if of_several else permit.id),
        tool="notify",
        destination=channel,
        template=_TEMPLATE,
        about=f"changes of {page.competitor} on {page.url}",
        owner=requester.person,
        approved_by=mark_of(permit.id),
        uses=ALERTS_A_DAY,
        window_seconds=int(timedelta(days=1).total_seconds()),
        created_at=now,
        expires_at=now + _GRANT,
    )
