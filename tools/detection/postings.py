"""Postings: the lines of a board, and short titles on a page of postings, with what stands below each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from tools.detection.fact import SEPARATOR, Fact

__all__ = ["JOB_TITLE", "as_title", "jobs_told", "listed", "place_of_job", "posting", "with_details"]

Row = tuple[str | None, str | None, str, str]
"""Before, after, kind of block, heading."""
JOB_TITLE = re.compile(
    r"\b(?:engineer|manager|executive|representative|analyst|designer|specialist|director|counsel|developer"
    r"|consultant"
    r"|intern|recruiter|accountant|associate|coordinator|administrator|architect|scientist|researcher|lead|officer"
    r"|technician|writer|partner|strategist|advis[eo]r|assistant|vp|head of|president|chief|agent|rep|supervisor"
    r"|handler|trainer|collector|paralegal|attorney|clerk|operator|controller|gardener|owner|editor|marketer"
    r"|negotiator|underwriter|bookkeeper|investigator|planner|buyer|leader|sdr|bdr|hacker|generalist|programmer"
    r"|tester"
    r"|evangelist|producer|auditor|nurse|driver|teacher|dispatcher|estimator|superintendent|apprentice|trainee"
    r"|entwickler|leiter|berater|mitarbeiter|sachbearbeiter|referent|kaufmann|kauffrau|werkstudent|praktikant"
    r"|développeur|responsable|ingénieur|chargée?|gestionnaire|comptable|commercial|stagiaire|alternant|conseiller"
    r"|desarrollador|ingeniero|gerente|vendedor|becario|asesor|sviluppatore|ingegnere|ontwikkelaar|medewerker"
    r"|stagiair|desenvolvedor|engenheiro|analista)(?:e|s|in|innen|es)?\b"
    r"|\w(?:entwickler|leiter|berater|ingenieur|manager|techniker)(?:in)?\b|エンジニア|マネージャー|デザイナー|営業",
    re.IGNORECASE,
)
_FOR_ALL = re.compile(r"\((?:[mfwdhxi][/|*]){1,3}[mfwdhxi]\)|\ball genders\b|\bh/f\b", re.IGNORECASE)
"""What only postings say of whom they are for: `(m/w/d)`, `(H/F)`."""
_NO_POSTING = re.compile(
    r"^(?:view|see|apply|learn|read|meet|join|explore|find|search|filter|clear|show|all|our|about|why|life"
    r"|benefits?|perks"
    r"|faqs?|contact|privacy|terms|back|home|careers?|jobs?|open (?:positions|roles|jobs)|locations?"
    r"|departments?|teams?"
    r"|sign|log|share|follow|next|previous|more|alle|mehr|jetzt|voir|postuler|ver|\d+)\b",
    re.IGNORECASE,
)
_NAMING = ("h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "figcaption", "row", "td", "item", "link")
_LONGEST, _DETAIL, _DETAILS = 140, 50, 3
_NO_DETAIL = re.compile(
    r"\bposted\b|\bago\b|\btoday\b|\bapply\b|^\W*\w{0,4}-?\d{3,}\W*$|^(?:view|see|learn|read)\b", re.IGNORECASE
)


def as_title(text: str) -> bool:
    """Whether a text may be the name of something: short, and no sentence."""
    return len(text) < _LONGEST and not text.rstrip().endswith((".", "!", "?", ":"))


def listed(rows: Sequence[Row]) -> frozenset[str]:
    """The kinds of block that are postings here: most of those that came or went name a job."""
    short = [
        (kind, text) for before, after, kind, _ in rows if kind in _NAMING and as_title(text := after or before or "")
    ]
    named = Counter(kind for kind, text in short if _names_one(text))
    return frozenset(kind for kind, count in Counter(kind for kind, _ in short).items() if named[kind] * 2 > count)


def _names_one(text: str) -> bool:
    return bool(JOB_TITLE.search(text) or _FOR_ALL.search(text))


def posting(aspect: str, before: str | None, after: str | None, kind: str, under: str) -> Fact | None:
    """A posting of a board; on a page of postings, a short line with the title of a job in it, or a short link."""
    text = after or before or ""
    named = aspect == "job_postings" and len(text) < _LONGEST and (_names_one(text) or _is_link(kind, text))
    if kind != "posting" and not named:
        return None
    if kind != "posting" and (kind == "blockquote" or text.rstrip().endswith((".", "!", "?"))):
        return None
    (was, said), (title, says) = _title_and_rest(before), _title_and_rest(after)
    if before and after and (said or was) == (says or title):
        said, says = was, title
    return Fact(
        kind="job", subject=title or was, before=before and (said or was), after=after and (says or title), quote=""
    )


def _title_and_rest(line: str | None) -> tuple[str, str]:
    title, *rest = SEPARATOR.split(line or "")
    return title, " · ".join(rest)


def _is_link(kind: str, text: str) -> bool:
    return kind == "link" and as_title(text) and len(text.split()) >= 2 and not _NO_POSTING.search(text)


def with_details(rows: Sequence[Row], found: Sequence[Fact | None]) -> list[Fact]:
    """The facts; a posting that says nothing besides its title with the short lines that came, or went, below it."""
    facts: list[Fact] = []
    bare, said = False, list[str]()
    for (before, after, kind, _), fact in zip(rows, found, strict=True):
        if fact:
            facts.append(fact)
            bare = fact.kind == "job" and fact.subject in (fact.before, fact.after) and not (fact.before and fact.after)
            said = []
            continue
        text = after or before or ""
        if not bare or kind == "dt" or len(text) > _DETAIL or _NO_DETAIL.search(text) or len(said) == _DETAILS:
            continue
        if (after is None) is (facts[-1].after is None):
            said.append(text)
            told = " · ".join(said)
            facts[-1] = facts[-1].model_copy(update={"after" if after else "before": told})
    return facts


def place_of_job(text: str, team: str) -> str:
    """The place in a posting's line, `title · team · place · pay`; empty when it says none."""
    parts = SEPARATOR.split(text)
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
    teams = Counter(SEPARATOR.split(job.after or job.before or "")[0] for job in jobs)
    titles = {job.subject for job in jobs}
    named = [f"{count} {team}" for team, count in teams.most_common(3) if team and team not in titles]
    return f" ({', '.join(named)})" if named else ""
