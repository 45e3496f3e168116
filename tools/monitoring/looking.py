"""Reading what a fetch brought; an empty shell as a browser builds it, where there is one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tools.detection.extraction import Extractor, Job, Reading
from tools.detection.page import PageState
from tools.web.browser import Browser
from tools.web.door import Fetched, WebSession
from tools.web.failures import CircuitOpen, FetchError, NotAllowed, RobotsDisallow

__all__ = ["Looking", "Seen", "failed"]

_UTF8 = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as it could be read."""

    fetched: Fetched
    reading: Reading
    note: str
    rendered: bool = False
    """Whether a browser built it: then the same bytes from the server don't mean the same page."""


class Looking:
    """Reads answers of one session."""

    def __init__(self, session: WebSession, extractor: Extractor, browser: Browser) -> None:
        self._session, self._extractor, self._browser = session, extractor, browser

    async def read(self, job: Job, fetched: Fetched) -> Seen:
        """What the answer says."""
        reading = await self._extractor.read(job, fetched.body)
        if reading.state is PageState.EMPTY_SHELL and reading.page.signals.scripts:
            return await self._built(job, fetched, reading)
        return Seen(fetched, reading, reading.note)

    async def _built(self, job: Job, shell: Fetched, empty: Reading) -> Seen:
        """What a browser makes of an empty shell; the shell itself where none can."""
        rendered = await self._browser.render(self._session, shell)
        if rendered.html:
            reading = await self._extractor.read(
                job.model_copy(update={"content_type": _UTF8, "built": True}), rendered.html
            )
            if reading.state is not PageState.EMPTY_SHELL:
                whole = replace(shell, body=rendered.html, etag=None, last_modified=None)
                note = "; ".join(filter(None, (reading.note, rendered.note)))
                return Seen(whole, reading, note, rendered=True)
        return Seen(shell, empty, "; ".join(filter(None, (empty.note, rendered.note))))


def failed(error: FetchError) -> tuple[PageState, str]:
    """The state of a page that couldn't be fetched, and why in words."""
    when = f" (not before {error.retry_at:%H:%M} UTC)" if error.retry_at else ""
    return _state_of_failure(error), f"{error.reason}{when}"


def _state_of_failure(error: FetchError) -> PageState:
    match error:
        case RobotsDisallow():
            return PageState.BLOCKED
        case NotAllowed():
            return PageState.MOVED
        case CircuitOpen(asked=True):
            return PageState.BLOCKED
        case _:
            return PageState.ERROR
