"""What a capture is: a page, or a wall, a challenge, a shell, an error that looks like a page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tools.detection.keys import key
from tools.detection.page import Form, Page, PageState

__all__ = ["Verdict", "state_of"]

_NOT_FOUND = re.compile(
    r"\b(?:404|page not found|not found|page (?:can(?:no|['’])t|could not|couldn['’]t) be found"
    r"|page (?:doesn.t|does not) exist|no longer (?:available|exists)|nothing (?:was )?found here"
    r"|we can.t find (?:the|that) page)\b",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"\b(?:log ?in|sign ?in|log on|sign on|create an account|forgot(?:ten)? (?:your )?password|single sign-on)\b",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"(?:verify(?:ing)? (?:that )?you are (?:a )?human|are you a robot|checking your browser"
    r"|checking if the site connection is secure|enable javascript and cookies to continue|complete the security check"
    r"|attention required!|just a moment\.\.\.|access (?:to this page has been )?denied|request (?:was )?blocked"
    r"|unusual traffic|pardon our interruption|press (?:&|and) hold|ddos protection|you have been blocked|bot detection"
    r"|captcha)",
    re.IGNORECASE,
)
_NEEDS_SCRIPT = re.compile(
    r"(?:enable javascript|javascript (?:is )?(?:required|disabled|must be enabled)|requires javascript"
    r"|turn on javascript|without javascript|doesn.t work properly without)",
    re.IGNORECASE,
)
_TROUBLE = re.compile(
    r"\b(?:internal server error|bad gateway|service unavailable|gateway time-?out|temporarily unavailable"
    r"|(?:under|scheduled|down for) maintenance|be (?:right )?back soon|something went wrong"
    r"|an error (?:has )?occurred|application error|error establishing a database connection)\b",
    re.IGNORECASE,
)
_REFRESH = re.compile(r"url\s*=\s*[\"']?([^\"'\s]+)", re.IGNORECASE)
_LEADS_ON = re.compile(
    r"\bredirect(?:ed|ing)?\b|\b(?:page|site) has moved\b|\bif you are not (?:taken|forwarded)", re.IGNORECASE
)
_SHORT = 700
"""Letters. A page that says something has more; walls, errors and shells have less."""


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


def _by_text(page: Page, usual: int) -> Verdict | None:
    """A short page is looked at closely; how short counts against what the page usually has."""
    text = f"{page.title}\n{page.text}"
    length = len(key(page.text))
    short = length < _SHORT or length * 5 < usual
    top = text[:1500]
    if short and (leads := _REFRESH.search(page.signals.refresh)):
        return Verdict(PageState.MOVED, f"it only leads on to {leads[1][:200]}")
    if length < 300 and _LEADS_ON.search(text):
        return Verdict(PageState.MOVED, "it only says that it leads on to another page")
    if page.signals.challenge or (short and _CHALLENGE.search(top)):
        return Verdict(PageState.BLOCKED, "a challenge or a refusal instead of the page")
    if short and (page.signals.passwords or (_LOGIN.search(page.title) and _LOGIN.search(page.text))):
        return Verdict(PageState.LOGIN_WALL, "a login instead of the page")
    if (short or length < 4 * _SHORT) and _NOT_FOUND.search("\n".join((page.title, *_first(page)))):
        return Verdict(PageState.SOFT_404, "it says that there is no such page, with status 200")
    if short and _TROUBLE.search(top):
        return Verdict(PageState.ERROR, "an error message instead of the page")
    if length < 200 and (page.signals.roots or _NEEDS_SCRIPT.search(text + page.signals.noscript)):
        return Verdict(PageState.EMPTY_SHELL, "it is built by JavaScript and has no text without it")
    if length < 20:
        return Verdict(PageState.EMPTY_SHELL, "it has no text")
    return None


def _first(page: Page) -> list[str]:
    return [block.text for block in page.blocks if block.kind in ("h1", "h2", "title")][:2]


def state_of(status: int, page: Page, *, truncated: bool = False, usual: int = 0, part: bool = False) -> Verdict:
    """The state of a capture that brought a body.

    `usual` is how many letters the page had when it was last ok. Of a `part` that a selector found, little is enough.
    """
    whole = page.form is Form.PAGE and not part
    return (
        _by_status(status)
        or (Verdict(PageState.TRUNCATED, "only its beginning was read") if truncated else None)
        or (_by_text(page, usual) if whole else None)
        or Verdict(PageState.OK)
    )
