"""One answer to be read, and what reading it gives. Pure: the same job gives the same reading in any process."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from tools.detection.judgement import Judgement, judge
from tools.detection.keys import key
from tools.detection.learning import Learned, Wishes
from tools.detection.page import Block, Form, Page, PageState
from tools.detection.states import state_of

__all__ = ["Job", "Known", "Reading", "read"]


class Known(BaseModel):
    """The last readable version of the page, to compare with."""

    title: str
    blocks: list[Block]
    at: datetime


class Job(BaseModel):
    """One answer to be read. Its body goes beside it."""

    content_type: str
    status: int
    at: datetime
    truncated: bool = False
    built: bool = False
    """Whether a browser has run the page's scripts."""
    selector: str | None = None
    """The part of the page that is watched; all of it for None."""
    aspect: str = ""
    """What the page is watched for; empty where that isn't known."""
    known: Known | None = None
    learned: Learned = Learned()
    wishes: Wishes = Wishes()


class Reading(BaseModel):
    """What it was, what it says, and what changed since the version that was known."""

    state: PageState
    note: str = ""
    page: Page = Page()
    judgement: Judgement | None = None
    learned: Learned


def read(job: Job, body: bytes) -> Reading:
    """Do the whole of it, here and now."""
    if job.truncated and 200 <= job.status < 300:
        return Reading(state=PageState.TRUNCATED, note="only its beginning was read", learned=job.learned)
    page = _page(job, body)
    if isinstance(page, Reading):
        return page
    usual = sum(len(key(block.text)) for block in job.known.blocks) if job.known else 0
    verdict = state_of(job.status, page, truncated=job.truncated, usual=usual, part=bool(job.selector), built=job.built)
    if verdict.state is not PageState.OK:
        return Reading(state=verdict.state, note=verdict.note, page=page, learned=job.learned)
    if job.known is None:
        return Reading(state=PageState.OK, page=page, learned=job.learned.after((), page=page))
    before = Page(title=job.known.title, blocks=tuple(job.known.blocks))
    if page.form is Form.PAGE and job.learned.doubts(before, page):
        note = "the whole page was replaced by another; believed when it stays so"
        return Reading(state=PageState.MOVED, note=note, page=page, learned=job.learned.doubting(page))
    if page.form is Form.PAGE and job.learned.breaks_off(before, page):
        learned = job.learned.model_copy(update={"open_ended": job.learned.open_ended + 1})
        return Reading(state=PageState.TRUNCATED, note="it breaks off in the middle", page=page, learned=learned)
    judgement, learned = judge(before, page, job.learned, job.known.at, job.at, job.wishes, job.aspect)
    return Reading(state=PageState.OK, page=page, judgement=judgement, learned=learned)


def _page(job: Job, body: bytes) -> Page | Reading:
    """What it says, or the reading of what can't be read."""
    from tools.detection.charset import decode
    from tools.detection.reading import read_html
    from tools.detection.selector import SelectorError
    from tools.detection.sorts import foreign_sort, read_feed, read_json

    text = decode(body, job.content_type)
    foreign = foreign_sort(body, text)
    if foreign:
        return _unread(job, f"it isn't a page but {foreign}", PageState.NO_PAGE)
    other = read_feed(text) or read_json(text)
    if other:
        return other
    try:
        page = read_html(text, job.selector)
    except SelectorError as error:
        return _unread(job, f"the selector of this target: {error}")
    if job.selector and not page.blocks and job.status == 200:
        return _unread(job, f"the selector of this target, {job.selector!r}, matches nothing on it")
    return page


def _unread(job: Job, why: str, state: PageState = PageState.ERROR) -> Reading:
    return Reading(state=state, note=why, learned=job.learned)
