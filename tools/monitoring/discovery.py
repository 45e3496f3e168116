"""What can be watched on a domain: candidates from its own pages, feeds and sitemap, each tried once and politely."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from tools.detection.extraction import Extractor, Job
from tools.detection.links import Link, links_of
from tools.detection.page import Form, PageState
from tools.monitoring.looking import Looking, Seen, failed
from tools.monitoring.targets import same_page
from tools.monitoring.versions import version_of
from tools.web.browser import Browser
from tools.web.door import Fetched, WebSession
from tools.web.failures import FetchError

__all__ = ["Candidate", "Discovery", "Found", "aspect_of", "board_of"]

_ASPECTS = (
    (
        "pricing",
        r"pricing|prices?|plans?(?:-and-pricing)?|packages|cost|preise?|tarife?|prix|tarifs|precios|prezzi|prijzen",
    ),
    (
        "product_updates",
        (
            r"change-?log|release-?notes?|releases?|what-?s-?new|product-updates?|updates|roadmap|neuigkeiten|neuerungen"
            r"|nouveautes|novedades|novita"
        ),
    ),
    (
        "job_postings",
        (
            r"careers?|jobs?|join-us|open-(?:roles|positions)|work-with-us|vacanc(?:y|ies)|hiring|karriere|stellen(?:angebote)?"
            r"|offene-stellen|carrieres?|emplois?|recrutement|nous-rejoindre|empleos?|trabaja-con-nosotros|lavora-con-noi"
            r"|vacatures|werken-bij"
        ),
    ),
    (
        "client_wins",
        (
            r"(?:our-)?customers?|case-?stud(?:y|ies)|success-stories|customer-stories|(?:our-)?clients|testimonials|kunden"
            r"|referenzen|nos-clients|temoignages|clientes|casos-de-exito|clienti|klanten"
        ),
    ),
    (
        "features",
        r"features?|products?|platform|solutions?|capabilities|funktionen|produkte?|fonctionnalites|funciones",
    ),
    ("technology", r"docs|documentation|developers?|api|integrations?|security|technology|help-?cent(?:er|re)|support"),
    ("market_share", r"press(?:-releases?)?|news-?room|news|investors?|about(?:-us)?|company|presse|ueber-uns"),
)
_GUESSES = (
    "/pricing",
    "/changelog",
    "/release-notes",
    "/releases",
    "/careers",
    "/customers",
    "/blog",
    "/feed",
    "/rss.xml",
)
_FEED_PATH = re.compile(r"(?:/feed/?|/rss(?:\.xml)?/?|/atom(?:\.xml)?|\.rss)$", re.IGNORECASE)
_BOARDS = {
    "boards.greenhouse.io": "https://boards-api.greenhouse.io/v1/boards/{}/jobs?content=true",
    "job-boards.greenhouse.io": "https://boards-api.greenhouse.io/v1/boards/{}/jobs?content=true",
    "jobs.lever.co": "https://api.lever.co/v0/postings/{}?mode=json",
    "jobs.ashbyhq.com": "https://api.ashbyhq.com/posting-api/job-board/{}?includeCompensation=true",
    "careers.smartrecruiters.com": "https://api.smartrecruiters.com/v1/companies/{}/postings",
    "jobs.smartrecruiters.com": "https://api.smartrecruiters.com/v1/companies/{}/postings",
    "apply.workable.com": "https://apply.workable.com/api/v1/widget/accounts/{}",
}
_OWN_HOSTS = {
    "recruitee.com": "https://{}.recruitee.com/api/offers/",
    "bamboohr.com": "https://{}.bamboohr.com/careers/list",
}
"""Boards that give each company a host of its own."""
_USUAL = "a usual address"
_EACH = 2
_TRIED = 16


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be worth watching, and for what."""

    url: str
    aspect: str
    why: str
    feed: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate that was tried."""

    candidate: Candidate
    state: PageState
    note: str = ""
    kind: str = "page"
    lines: int = 0


@dataclass
class Discovery:
    """Everything that one look at a domain brought."""

    found: list[Found] = field(default_factory=list)
    elsewhere: list[Candidate] = field(default_factory=list)
    """On other origins: proposed to a person, never fetched on a page's word."""
    problem: str = ""


def aspect_of(path: str) -> str | None:
    """The aspect that a path speaks of by its last telling part, or None."""
    parts = [part for part in re.split(r"[/.]", urlsplit(path).path.lower()) if part]
    for part in reversed(parts[:3]):
        for aspect, words in _ASPECTS:
            if re.fullmatch(words, part):
                return aspect
    return None


def _aspect_by_words(words: str) -> str | None:
    """The aspect that the words of a link name: `Release notes`, `Was ist neu`; None for other words."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    said = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return next((aspect for aspect, known in _ASPECTS if re.fullmatch(known, said)), None)


def board_of(url: str) -> str | None:
    """The public interface of the job board that an address belongs to, if it is one that has one."""
    parts = urlsplit(url)
    company, _, maker = (parts.hostname or "").lower().partition(".")
    if maker in _OWN_HOSTS and company not in ("www", "api", "app"):
        return _OWN_HOSTS[maker].format(company)
    token = next((part for part in parts.path.split("/") if part and part not in ("embed", "job_board")), "")
    pattern = _BOARDS.get((parts.hostname or "").lower())
    return pattern.format(token) if pattern and re.fullmatch(r"[\w\-.]{1,80}", token) else None


class Explorer:
    """Looks at one domain through one session."""

    def __init__(self, session: WebSession, extractor: Extractor, browser: Browser, origins: frozenset[str]) -> None:
        self._session, self._origins = session, origins
        self._looking = Looking(session, extractor, browser)

    async def explore(self, start: str) -> Discovery:
        """Look at the first page, its feeds and the sitemap; try what looks worth watching."""
        try:
            home = await self._session.fetch(start)
        except FetchError as error:
            return Discovery(problem=error.reason)
        first = Candidate(same_page(home.final_url), "market_share", "the first page")
        built = await self._read(home)
        links = await asyncio.to_thread(links_of, built.fetched.body.decode("utf-8", "replace"), home.final_url)
        links += [Link(url, "in the sitemap") for url in await self._sitemap(home.final_url)]
        near = [link for link in links if _origin(link.url) in self._origins]
        chosen = _chosen([*near, *(Link(urljoin(home.final_url, path), _USUAL) for path in _GUESSES)])
        result = Discovery(elsewhere=_elsewhere(links, self._origins))
        result.found = [_found(first, built)]
        same = version_of(built.reading.page)
        tried = await asyncio.gather(*(self._try(candidate, same) for candidate in chosen))
        result.found += [found for found in tried if found]
        return result

    async def _sitemap(self, home: str) -> list[str]:
        places = [urljoin(home, "/sitemap.xml")]
        try:
            robots = await self._session.fetch(urljoin(home, "/robots.txt"), body_bytes=100_000)
            if robots.status == 200:
                named = re.findall(r"(?im)^\s*sitemap\s*:\s*(\S+)", robots.body.decode("utf-8", "replace"))
                places = [place for place in named if _origin(place) in self._origins][:3] or places
        except FetchError:
            pass
        found: list[str] = []
        for place in places:
            found += await self._sitemap_at(place, deeper=True)
        return found

    async def _sitemap_at(self, place: str, *, deeper: bool) -> list[str]:
        try:
            fetched = await self._session.fetch(place, body_bytes=2_000_000)
        except FetchError:
            return []
        text = fetched.body.decode("utf-8", "replace") if fetched.status == 200 else ""
        found = [url.strip() for url in re.findall(r"<loc>\s*([^<\s]{1,2000})\s*</loc>", text)[:5000]]
        if "<sitemapindex" not in text or not deeper:
            return [url for url in found if aspect_of(url)]
        inner = [url for url in found if _origin(url) in self._origins][:3]
        return [url for part in inner for url in await self._sitemap_at(part, deeper=False)]

    async def _try(self, candidate: Candidate, first: str) -> Found | None:
        """What is there; None at a guessed address without a page of its own: gone, or the first page again."""
        try:
            fetched = await self._session.fetch(candidate.url)
        except FetchError as error:
            return Found(candidate, *failed(error))
        seen = await self._read(fetched)
        found = _found(candidate, seen)
        missing = found.state in (PageState.GONE, PageState.SOFT_404) or version_of(seen.reading.page) == first
        return None if missing and candidate.why == _USUAL else found

    async def _read(self, fetched: Fetched) -> Seen:
        job = Job(content_type=fetched.content_type, status=fetched.status, at=fetched.at, truncated=fetched.truncated)
        return await self._looking.read(job, fetched)


def _found(candidate: Candidate, seen: Seen) -> Found:
    page = seen.reading.page
    kind = {Form.FEED: "feed", Form.BOARD: "jobs", Form.DATA: "data"}.get(page.form, "page")
    return Found(candidate, seen.reading.state, seen.note, kind, len(page.substance))


def _origin(url: str) -> str:
    from tools.web.addresses import origin_of
    from tools.web.failures import FetchRefused

    try:
        return origin_of(url)
    except FetchRefused:
        return ""


def _chosen(links: Iterable[Link]) -> list[Candidate]:
    """The most telling addresses of each aspect: shallow ones first, feeds beside them, guesses last."""
    by_aspect: dict[str, list[Candidate]] = {}
    seen: set[str] = set()
    for link in sorted(links, key=_rank):
        url = same_page(link.url)
        feed = link.feed or bool(_FEED_PATH.search(urlsplit(url).path))
        aspect = aspect_of(url) or ("product_updates" if feed else _aspect_by_words(link.text))
        if aspect is None or url in seen:
            continue
        seen.add(url)
        slot = by_aspect.setdefault("feed" if feed else aspect, [])
        if len(slot) < _EACH:
            slot.append(Candidate(url, aspect, link.text or "a link", feed))
    chosen = [candidate for slot in by_aspect.values() for candidate in slot]
    return chosen[:_TRIED]


def _rank(link: Link) -> tuple[bool, bool, int, int]:
    return link.text == _USUAL, not link.feed, urlsplit(link.url).path.count("/"), len(link.url)


def _elsewhere(links: Iterable[Link], origins: frozenset[str]) -> list[Candidate]:
    found: dict[str, Candidate] = {}
    for link in links:
        if _origin(link.url) in origins:
            continue
        board = board_of(link.url)
        if board:
            found.setdefault(board, Candidate(board, "job_postings", f"the job board behind {link.url}"))
        elif link.feed:
            found.setdefault(link.url, Candidate(link.url, "product_updates", "a feed that the first page names", True))
        elif re.match(r"(?:help|docs|support|status|releases|updates|changelog)\.", urlsplit(link.url).hostname or ""):
            place = f"{_origin(link.url)}/"
            found.setdefault(place, Candidate(place, "technology", link.text or "a link on the first page"))
    return list(found.values())[:10]
