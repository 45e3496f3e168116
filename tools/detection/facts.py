"""Typed facts in what changed, each with its quote: postings, releases, features, clients, people, dates.

What a new line on a page is follows from what the page is watched for: on a page of clients a new heading names one, on
a page of features it is one. Prices say by themselves what they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pydantic import BaseModel, ConfigDict

__all__ = ["JOB_TITLE", "LEADERSHIP", "Fact", "jobs_told", "place_of_job", "typed_facts"]

LEADERSHIP = re.compile(
    r"\b(?:chief|c[efot]o|cro|cmo|cpo|ciso|president|vice president|s?vp|evp|head of|director|general manager"
    r"|general counsel|founding|managing director)\b",
    re.IGNORECASE,
)
JOB_TITLE = re.compile(
    r"\b(?:engineer|manager|executive|representative|analyst|designer|specialist|director|counsel|developer|consultant"
    r"|intern|recruiter|accountant|associate|coordinator|administrator|architect|scientist|researcher|lead|officer"
    r"|technician|writer|partner|strategist|advis[eo]r|assistant|vp|head of|president|chief|agent|rep|supervisor"
    r"|handler|trainer|collector|paralegal|attorney|clerk|operator|controller|gardener|owner|editor|marketer"
    r"|negotiator|underwriter|bookkeeper|investigator|planner|buyer|leader|sdr|bdr)s?\b",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"\b(?:v(?:ersion|er\.?)?|release|build)\s?\.?\s?(\d+(?:\.\d+){0,3})\b|^(\d+\.\d+(?:\.\d+){0,2})\b", re.IGNORECASE
)
_APPOINTED = re.compile(
    r"\b(?P<who>[A-ZÀ-Þ][\w’'.-]+(?: [A-ZÀ-Þ][\w’'.-]+){1,2})\b.{0,40}?"
    r"\b(?:joins?|joined|appointed|named|promoted|hired|steps? down|leaves|departs|resigns?|retires?)\b"
)
_APPOINTMENT = re.compile(
    r"\b(?:welcomes?|appoints?|names?|hires?|promotes?)\b.{0,30}?(?P<who>[A-ZÀ-Þ][\w’'.-]+ [A-ZÀ-Þ][\w’'.-]+)"
)
_DATE = re.compile(
    r"\b(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2},? \d{4}"
    r"|\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{4}|\d{4}-\d\d-\d\d)\b",
    re.IGNORECASE,
)
_NAMING = ("h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "figcaption", "row", "td", "item")
_BY_ASPECT = {"features": "feature", "technology": "feature", "client_wins": "client"}
_NAME_LENGTH = 140
_PLAN = re.compile(r"\b(?:plan|tier|package|edition|bundle|suite|licen[cs]e|tarif|offre)\b|プラン", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s+[·|]\s+")


class Fact(BaseModel):
    """One typed fact that changed. `quote` stands byte for byte in the newer version, or in the older when it went."""

    model_config = ConfigDict(frozen=True)

    kind: str
    """`price`, `plan` (what has a price has a name), `job`, `release`, `feature`, `client`, `person` or `date`."""
    subject: str
    before: str | None
    after: str | None
    quote: str
    direction: str = ""
    """`rose` or `fell` where that has a meaning."""
    percent: float | None = None
    position: int | None = None
    """Where the quote begins in its version, in letters."""

    @property
    def words(self) -> str:
        """`Growth plan $399 → $449`, `Data Engineer opened (Engineering · Austin)`."""
        if self.kind == "job":
            return self._job()
        subject = f"{self._called} " if self.subject else ""
        if self.before and self.after:
            return f"{subject}{self.before} → {self.after}"
        what = _CALLED.get(self.kind, "")
        told = self.after or self.before if self.kind in ("price", "plan") else ""
        return f"{what}{subject}{told + ' ' if told else ''}is {'new' if self.after else 'gone'}"

    @property
    def _called(self) -> str:
        """A plan is called one, unless its name says so: `Growth plan`, `Starter package`."""
        return f"{self.subject} plan" if self.kind == "plan" and not _PLAN.search(self.subject) else self.subject

    def _job(self) -> str:
        detail = f" ({self.after or self.before})" if (self.after or self.before) not in ("", self.subject) else ""
        if self.before and self.after:
            return f"{self.subject} changed ({self.before} → {self.after})"
        return f"{self.subject} {'opened' if self.after else 'closed'}{detail}"


_CALLED = {"release": "release ", "feature": "feature ", "client": "client ", "person": ""}


def place_of_job(text: str, team: str) -> str:
    """The place in a posting's line, `title · team · place · pay`; empty when it says none."""
    parts = _SEPARATOR.split(text)
    at = 2 if team and len(parts) > 1 and parts[1] == team else 1
    return parts[at] if len(parts) > at else ""


def jobs_told(facts: Iterable[Fact]) -> str:
    """`9 opened (7 Sales, 2 Engineering), 1 closed`, for several postings; empty for few."""
    jobs = [fact for fact in facts if fact.kind == "job"]
    opened = [fact for fact in jobs if not fact.before]
    closed = [fact for fact in jobs if not fact.after]
    if len(opened) + len(closed) < 3:
        return ""
    said = [f"{len(some)} {word}{_teams(some)}" for some, word in ((opened, "opened"), (closed, "closed")) if some]
    return ", ".join(said)


def _teams(jobs: Sequence[Fact]) -> str:
    teams = Counter(_SEPARATOR.split(job.after or job.before or "")[0] for job in jobs)
    titles = {job.subject for job in jobs}
    named = [f"{count} {team}" for team, count in teams.most_common(3) if team and team not in titles]
    return f" ({', '.join(named)})" if named else ""


def typed_facts(aspect: str, items: Iterable[tuple[str | None, str | None, str, str]]) -> list[Fact]:
    """The facts that are no prices, of differences given as before, after, kind of block, heading."""
    rows = list(items)
    listed = _listed(rows) if aspect == "job_postings" else frozenset[str]()
    return [fact for row in rows if (fact := _typed(aspect, *row, listed))]


def _listed(rows: Sequence[tuple[str | None, str | None, str, str]]) -> frozenset[str]:
    """The kinds of block that are postings here: most of those that came or went name a job."""
    short = [
        (kind, text) for before, after, kind, _ in rows if kind in _NAMING and _as_title(text := after or before or "")
    ]
    named = Counter(kind for kind, text in short if JOB_TITLE.search(text))
    return frozenset(kind for kind, count in Counter(kind for kind, _ in short).items() if named[kind] * 2 > count)


def _as_title(text: str) -> bool:
    return len(text) < _NAME_LENGTH and not text.rstrip().endswith((".", "!", "?", ":"))


def _typed(
    aspect: str, before: str | None, after: str | None, kind: str, under: str, listed: frozenset[str]
) -> Fact | None:
    text = after or before or ""
    if kind in listed and _as_title(text):
        kind = "posting"
    for reading in (_job, _release, _person, _date, _named):
        if found := reading(aspect, before, after, kind, under):
            return found.model_copy(update={"quote": text[:500]})
    return None


def _job(aspect: str, before: str | None, after: str | None, kind: str, under: str) -> Fact | None:
    """A posting of a board; on a page of postings, a short line with the title of a job in it."""
    text = after or before or ""
    if kind != "posting" and not (aspect == "job_postings" and len(text) < _NAME_LENGTH and JOB_TITLE.search(text)):
        return None
    if kind != "posting" and (kind == "blockquote" or text.rstrip().endswith((".", "!", "?"))):
        return None
    title, *_ = _SEPARATOR.split(text)

    def rest(line: str | None) -> str | None:
        return line and (" · ".join(_SEPARATOR.split(line)[1:]) or title)

    return Fact(kind="job", subject=title, before=rest(before), after=rest(after), quote="")


def _release(aspect: str, before: str | None, after: str | None, kind: str, under: str) -> Fact | None:
    text = after or ""
    found = _VERSION.search(text)
    if before or not found or not (aspect == "product_updates" or kind in ("h1", "h2", "h3", "item")):
        return None
    return Fact(kind="release", subject=found[1] or found[2], before=None, after=text[:200], quote="")


def _person(aspect: str, before: str | None, after: str | None, kind: str, under: str) -> Fact | None:
    text = after or ""
    found = _APPOINTED.search(text) or _APPOINTMENT.search(text)
    if before or not found or not LEADERSHIP.search(text):
        return None
    return Fact(kind="person", subject=found["who"], before=None, after=text[:200], quote="")


def _date(aspect: str, before: str | None, after: str | None, kind: str, under: str) -> Fact | None:
    if not (before and after) or _DATE.sub("", before) != _DATE.sub("", after):
        return None
    old, new = _DATE.search(before), _DATE.search(after)
    if not old or not new or old.group() == new.group():
        return None
    subject = before[: old.start()].strip(" :–-")[-60:] or under[:60]
    return Fact(kind="date", subject=subject, before=old.group(), after=new.group(), quote="")


def _named(aspect: str, before: str | None, after: str | None, kind: str, under: str) -> Fact | None:
    """A heading or an item of a list that came or went, where the page is one of such things."""
    text, what = after or before or "", _BY_ASPECT.get(aspect)
    if what is None or (before and after) or kind not in _NAMING or not 2 < len(text) <= _NAME_LENGTH:
        return None
    return Fact(kind=what, subject=text, before=before, after=after, quote="")


def subjects(facts: Iterable[Fact]) -> Iterator[str]:
    """What the facts are about, once each."""
    yield from dict.fromkeys(fact.subject for fact in facts if fact.subject)
