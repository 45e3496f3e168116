"""“Delegate this to bob”: leaving the decision about an approval to somebody, in words.

It gives nobody any power: whoever is named must have the role and decide for themselves. That is why a sentence is
enough for it, as it never is for an approval.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from agent.errors import RequesterMustFix
from agent.people import People, Person

__all__ = ["Wish", "approval_meant", "delegation_in", "person_meant"]

_WHAT: Final = r"(?:(?P<ref>a_[a-z0-9]+)|this|that|it|(?:the|this|my) (?:approval|decision))"
_WHO: Final = r"@?(?P<who>\w[\w.'\-]*(?: [\w.'\-]+)?)"
_BEFORE, _AFTER = r"(?:please |(?:can|could|would) you )?", r"(?:,? please)?[.!?]?"
_SENTENCES: Final = tuple(
    re.compile(_BEFORE + sentence + _AFTER, re.IGNORECASE)
    for sentence in (
        rf"(?:delegate|reassign)(?: {_WHAT})? to {_WHO}",
        rf"(?:hand|pass|leave|give)(?: over)? {_WHAT}(?: over| on)? to {_WHO}",
        rf"let {_WHO} (?:decide|approve)(?: on| about)? {_WHAT}(?: for me| instead(?: of me)?)?",
        rf"let {_WHO} decide(?P<ref>)(?: for me| instead(?: of me)?)?",
    )
)


class Wish(NamedTuple):
    """What somebody wants to leave to whom."""

    ref: str
    """The approval's id; empty for the one that is at hand."""
    who: str


def delegation_in(text: str) -> Wish | None:
    """The wish of a sentence that says this and nothing else."""
    said = " ".join(text.split())
    for sentence in _SENTENCES:
        if found := sentence.fullmatch(said):
            return Wish((found["ref"] or "").lower(), found["who"].rstrip(".,"))
    return None


def person_meant(who: str, people: People) -> Person:
    """The person who is named. Raises RequesterMustFix when that is nobody, or more than one."""
    wanted = who.casefold()
    found = [person for person in people.all() if wanted in _names(person)]
    if len(found) != 1:
        known = ", ".join(person.name for person in people.all())
        problem = f"{'Several people are' if found else 'Nobody is'} called {who!r}."
        raise RequesterMustFix(problem, not_done="Nothing was delegated.", to_do=f"There are {known}.")
    return found[0]


def _names(person: Person) -> tuple[str, str, str]:
    full = person.full_name.casefold()
    return person.name.casefold(), full, full.partition(" ")[0]


def approval_meant(ref: str, at_hand: Sequence[str]) -> str:
    """The approval of this id, or the only one at hand. Raises RequesterMustFix when that isn't clear."""
    if not ref and len(at_hand) != 1:
        raise RequesterMustFix(
            "Which approval is meant isn't clear.",
            not_done="Nothing was delegated.",
            to_do=f"Name its id; waiting here: {', '.join(at_hand) or 'none'}.",
        )
    return ref or at_hand[0]
