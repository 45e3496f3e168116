"""The names that the configuration knows, with the other words that people use for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from agent.planning.planner import Names, WatchedPage
from agent.settings import Competitor, Settings, Stack

__all__ = ["names_of"]

_SHORT = {
    "development": ("dev", "develop"),
    "production": ("prod", "live"),
    "staging": ("stage", "stg"),
    "testing": ("test",),
    "sandbox": ("sbx",),
}
"""What people say for a part of a stack's name."""


def names_of(settings: Settings, watched: Mapping[str, WatchedPage] | None = None) -> Names:
    """Every name with its aliases: those that are written down, and those that people use for such names anyway.

    `watched` are the pages that people have added, by address. A word that could mean two things means neither,
    unless it is written down.
    """
    configured = {page.url.rstrip("/") for each in settings.competitors.values() for page in each.pages}
    return Names(
        stacks=_unambiguous({name: (stack.aliases, _of_stack(stack)) for name, stack in settings.stacks.items()}),
        competitors=_unambiguous(
            {name: (each.aliases, _of_competitor(each)) for name, each in settings.competitors.items()}
        ),
        channels=list(settings.channels),
        people=list(settings.people),
        pages={
            page.url: WatchedPage(competitor=name, aspect=page.aspect)
            for name, each in settings.competitors.items()
            for page in each.pages
        }
        | {url: page for url, page in (watched or {}).items() if url.rstrip("/") not in configured},
    )


def _of_stack(stack: Stack) -> Iterator[str]:
    """`sophia-production` is also `sophia production`, `sophia-prod`, `sophia prod`, …"""
    parts = re.split(r"[-_./ ]+", stack.name)
    spellings = [parts] + [
        [*parts[:at], short, *parts[at + 1 :]]
        for at, part in enumerate(parts)
        for short in _SHORT.get(part.lower(), ())
    ]
    for spelling in spellings:
        yield "-".join(spelling)
        yield " ".join(spelling)


def _of_competitor(competitor: Competitor) -> Iterator[str]:
    """`Hunter Warfield` is also `HunterWarfield`, `hunterwarfield.com` and `hunterwarfield`."""
    yield competitor.name.replace(" ", "")
    for domain in competitor.domains:
        bare = domain.removeprefix("www.")
        yield bare
        yield bare.partition(".")[0]


def _unambiguous(words: Mapping[str, tuple[Iterable[str], Iterable[str]]]) -> dict[str, list[str]]:
    """Name → aliases. Written ones always count; others only when they are nobody else's, nor anybody's name."""
    written = {name: list(dict.fromkeys(told)) for name, (told, _) in words.items()}
    taken = {word.casefold(): name for name, told in written.items() for word in (name, *told)}
    guessed = {name: list(dict.fromkeys(others)) for name, (_, others) in words.items()}
    claims: dict[str, set[str]] = {}
    for name, others in guessed.items():
        for word in others:
            claims.setdefault(word.casefold(), set()).add(name)
    for name, others in guessed.items():
        seen = {word.casefold() for word in (name, *written[name])}
        for word in others:
            folded = word.casefold()
            if folded not in seen and claims[folded] == {name} and taken.get(folded, name) == name:
                written[name].append(word)
                seen.add(folded)
    return written
