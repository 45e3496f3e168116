"""Three invented competitors whose pages do what real pages do: hardly ever change, and never stay the same."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from agent.demo.serving import Answer
from agent.demo.watched import RealChange, WatchedCompetitor, WatchedPage

if TYPE_CHECKING:
    from jinja2 import Environment, Template

__all__ = ["InventedSites"]

_FOLDER = Path(__file__).parent / "pages"
_LETTERS = "0123456789abcdef"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Change(_Part):
    """A real change of a page."""

    name: str
    page: str
    day: int
    says: str
    """Words that only the newer version has."""
    about: str


class _Instead(_Part):
    page: str
    days: tuple[int, ...]
    what: str


class _Sometimes(_Part):
    what: str
    days: tuple[int, ...]


class _Calendar(_Part):
    days: int
    change: tuple[_Change, ...]
    instead: tuple[_Instead, ...]
    sometimes: tuple[_Sometimes, ...]


class _Testimonial(_Part):
    words: str
    who: str


class _Site(_Part):
    name: str
    aliases: tuple[str, ...]
    online: tuple[int, int]
    pages: dict[str, str]
    """Page → aspect."""
    testimonials: tuple[_Testimonial, ...]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


class InventedSites:
    """The sites on a day of their calendar. What is random about a page depends on the page and the day alone."""

    def __init__(self, only: Collection[str] = ()) -> None:
        """With `only`, nothing but those pages."""
        self._calendar = _Calendar.model_validate(_read("calendar.toml"))
        self._sites = {name: _Site.model_validate(site) for name, site in _read("sites.toml").items()}
        paths = {f"/{site}/{page}": site for site, each in self._sites.items() for page in each.pages}
        self._paths = {path: site for path, site in paths.items() if not only or path in only}
        self._day, self._at = self._calendar.days, datetime.now(UTC)
        self._described = (
            f"{self.rounds} daily captures of {len(self._paths)} pages of {len(self._sites)} invented competitors, "
            "served on loopback; the clock of the sweeps is set to the captures' days."
        )

    @property
    def described(self) -> str:
        """What they are and how many."""
        return self._described

    @property
    def rounds(self) -> int:
        """How many days there are."""
        return self._calendar.days

    @property
    def changes(self) -> Sequence[RealChange]:
        """What really changes, and when."""
        return [
            RealChange(page=each.page, round=each.day, about=each.about, says=each.says)
            for each in self._calendar.change
        ]

    @property
    def interval(self) -> timedelta:
        """A day between two captures."""
        return timedelta(days=1)

    @property
    def labelled(self) -> bool:
        """Whoever invented them knows what changes."""
        return True

    @property
    def unscored(self) -> set[tuple[str, int]]:
        """None."""
        return set()

    def competitors(self) -> Sequence[WatchedCompetitor]:
        """Who they are, and which of their pages are watched."""
        found = []
        for key, site in self._sites.items():
            pages = [
                WatchedPage(path=path, aspect=aspect)
                for page, aspect in site.pages.items()
                if (path := f"/{key}/{page}") in self._paths
            ]
            if pages:
                found.append(WatchedCompetitor(name=site.name, aliases=site.aliases, pages=tuple(pages)))
        return found

    def set_round(self, number: int, at: datetime) -> None:
        """From now on the pages are those of this day of the calendar, served at this time."""
        self._day, self._at = number, at

    def answer(self, path: str) -> Answer | None:
        """A page as it is today."""
        if path not in self._paths:
            return None
        instead = next((what for what in self._calendar.instead if what.page == path and self._day in what.days), None)
        values = self._values(path)
        if instead:
            body = self._template("instead.html.jinja").render(values | {"what": instead.what})
            return Answer(body.encode(), status=503 if instead.what == "outage" else 200)
        return Answer(self._template(f"{path[1:]}.html.jinja").render(values).encode())

    @cached_property
    def _environment(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        return Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)

    def _template(self, name: str) -> Template:
        return self._environment.get_template(name)

    def _values(self, path: str) -> dict[str, Any]:
        key = self._paths[path]
        site, chance = self._sites[key], random.Random(f"{path} {self._day}")  # noqa: S311 - noise, not a secret
        at = self._at
        return {
            "site": site.name,
            "menu": [(page.title(), f"/{key}/{page}") for page in site.pages],
            "day": self._day,
            "date": f"{at:%B} {at.day}, {at.year}",
            "weekday": f"{at:%A}",
            "time": f"{at:%H:%M}",
            "year": at.year,
            "testimonial": chance.choice(site.testimonials),
            "online": chance.randint(*site.online),
            "nonce": lambda length, of=_LETTERS: "".join(chance.choices(of, k=length)),
            "count": lambda base: f"{base + 37 * self._day + chance.randint(0, 30):,}",
            "shuffled": lambda items: chance.sample(items, len(items)),
            "ago": lambda days: f"{days + self._day} days ago",
            "since": lambda name: any(
                change.name == name and self._day >= change.day for change in self._calendar.change
            ),
            **{each.what: self._day in each.days for each in self._calendar.sometimes},
        }
