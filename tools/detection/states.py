"""What a capture is: a page, or a wall, a challenge, a shell, an error that looks like a page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.detection.consent import asks
from tools.detection.keys import key
from tools.detection.markup import HEADINGS
from tools.detection.page import Form, Page, PageState
from tools.detection.walls import CHALLENGE, CONSENT, LOGIN, NEEDS_SCRIPT, NOT_FOUND, REFUSED, TROUBLE

__all__ = ["Verdict", "state_of"]

_REFRESH = re.compile(r"url\s*=\s*[\"']?([^\"'\s]+)", re.IGNORECASE)
_LEADS_ON = re.compile(
    r"\bredirect(?:ed|ing)?\b|\b(?:page|site) has moved\b|\bif you are not (?:taken|forwarded)", re.IGNORECASE
)
_SHORT = 700
"""Letters. A page that says something has more; walls, errors and shells have less."""
_WALL = 400
"""Letters up to which a wall or an error may say so anywhere; longer pages may speak of such things in their text."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A state and why, in words for a person."""

    state: PageState
    note: str = ""


def _by_status(status: int) -> Verdict | None:
    if status in (404, 410):
        return Verdict(PageState.GONE, f"the server answers {status}")
    if status in (401, 407):
        return Verdict(PageState.LOGIN_WALL, f"the server answers {status} and wants a login")
    if status in (403, 429, 451):
        return Verdict(PageState.BLOCKED, f"the server answers {status}")
    if status >= 400:
        return Verdict(PageState.ERROR, f"the server answers {status}")
    if not 200 <= status < 300:
        return Verdict(PageState.ERROR, f"the server answers {status}, which brings no page")
    return None


def _by_text(page: Page, usual: int, *, built: bool) -> Verdict | None:
    """A short page is looked at closely; how short counts against what the page usually has."""
    text = f"{page.title}\n{page.text}"
    length = len(key(page.text))
    short = length < _SHORT or length * 5 < usual
    said = text if length < _WALL else "\n".join((page.title, *_first(page)))
    if short and (leads := _REFRESH.search(page.signals.refresh)):
        return Verdict(PageState.MOVED, f"it only leads on to {leads[1][:200]}")
    if length < 300 and _LEADS_ON.search(text):
        return Verdict(PageState.MOVED, "it only says that it leads on to another page")
    if page.signals.challenge or (short and (CHALLENGE.search(said) or REFUSED.search(page.title or text))):
        return Verdict(PageState.BLOCKED, "a challenge or a refusal instead of the page")
    if short and (page.signals.passwords or (LOGIN.search(page.title) and LOGIN.search(page.text))):
        return Verdict(PageState.LOGIN_WALL, "a login instead of the page")
    if short and _wants_consent(page):
        return Verdict(PageState.BLOCKED, "a question for consent instead of the page")
    if (short or length < 4 * _SHORT) and NOT_FOUND.search("\n".join((page.title, *_first(page)))):
        return Verdict(PageState.SOFT_404, "it says that there is no such page, with status 200")
    if short and TROUBLE.search(said):
        return Verdict(PageState.ERROR, "an error message instead of the page")
    if length < 200 and not built and (page.signals.roots or NEEDS_SCRIPT.search(text + page.signals.noscript)):
        return Verdict(PageState.EMPTY_SHELL, "it is built by JavaScript and has no text without it")
    if length < 20:
        return Verdict(PageState.EMPTY_SHELL, "it has no text")
    return None


def _wants_consent(page: Page) -> bool:
    """Whether a page does nothing but ask for consent: its only heading does, and what it says speaks of cookies."""
    headings = [block.text for block in page.substance if block.kind in HEADINGS]
    return (
        len(headings) <= 1
        and bool(CONSENT.search(headings[0] if headings else page.title))
        and any(asks(block) or "cookie" in block.text.lower() for block in page.substance)
    )


def _first(page: Page) -> list[str]:
    return [block.text for block in page.blocks if block.kind in ("h1", "h2", "title")][:2]


def state_of(
    status: int, page: Page, *, truncated: bool = False, usual: int = 0, part: bool = False, built: bool = False
) -> Verdict:
    """The state of a capture that brought a body.

    `usual` is how many letters the page had when it was last ok. Of a `part` that a selector found, little is enough;
    what a browser has `built` waits for no script any more.
    """
    whole = page.form is Form.PAGE and not part
    return (
        _by_status(status)
        or (Verdict(PageState.TRUNCATED, "only its beginning was read") if truncated else None)
        or (_by_text(page, usual, built=built) if whole else None)
        or Verdict(PageState.OK)
    )
