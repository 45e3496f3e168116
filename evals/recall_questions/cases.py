"""Questions about the year: what an answer must quote, or that there is none.

Those without an answer ask for what the same competitor doesn't have in the words of what it has, or for what another
has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from evals.recall_questions.history import RIVALS, Year
from evals.rivals import ABILITIES, OPERATORS, ROLES, Content

__all__ = ["Question", "questions"]


@dataclass(frozen=True)
class Question:
    """A question and one text that a right answer quotes; None when it can't be answered."""

    text: str
    answer: str | None
    sort: str


def questions(year: Year) -> list[Question]:
    """All of them."""
    found: list[Question] = []
    for number, rival in enumerate(RIVALS):
        found += _of_pricing(rival, year.now(rival, "pricing"))
        found += _of_abilities(rival, year.now(rival, "features"), number)
        found += _of_releases(rival, year.now(rival, "releases"))
        found += _of_jobs(rival, year.now(rival, "jobs"))
        found += _of_customers(rival, year.now(rival, "customers"))
        found += _of_whole_pages(rival, year)
        found += _of_changes(rival, year)
        found += _of_nothing(rival)
    return found


def _of_pricing(rival: str, content: Content) -> Iterator[Question]:
    forms = (
        "How much does {rival}'s {plan} plan cost?",
        "what does {rival} charge for {plan}?",
        "{rival} {plan} price?",
    )
    for (plan, dollars, units), form in zip(content.plans, forms, strict=False):
        yield Question(form.format(rival=rival, plan=plan), f"${dollars:,}", "price")
        yield Question(f"How many units does the {plan} plan of {rival} cover?", f"{units:,} units", "number")
    yield Question(f"How much does {rival}'s Platinum plan cost?", None, "no such plan")
    yield Question(f"what does {rival} charge for set-up?", None, "no such price")


def _of_abilities(rival: str, content: Content, number: int) -> Iterator[Question]:
    for ability in content.abilities[:3]:
        verb, _, rest = ability.partition(" ")
        yield Question(f"Does {rival}'s platform {verb.rstrip('s')} {rest}?", rest, "ability")
    missing = [ability for ability in ABILITIES if ability not in content.abilities]
    for ability in (missing[number], missing[-1]):
        verb, _, rest = ability.partition(" ")
        yield Question(f"Does {rival}'s features page say that it {verb} {rest}?", None, "no such ability")


def _of_releases(rival: str, content: Content) -> Iterator[Question]:
    version, what = content.releases[0]
    yield Question(f"What came with version {version} of {rival}?", what.split(",")[0], "release")
    yield Question(f"What came with version 9.81 of {rival}?", None, "no such release")


def _of_jobs(rival: str, content: Content) -> Iterator[Question]:
    role, _, town = content.jobs[0]
    yield Question(f"Is {rival} hiring a {role}?", role, "job")
    yield Question(f"Where is {rival}'s job for a {role}?", town, "place of a job")
    other = next(role for role in ROLES if role not in {job[0] for job in content.jobs})
    yield Question(f"Is {rival} hiring a {other}?", None, "no such job")


def _of_customers(rival: str, content: Content) -> Iterator[Question]:
    name, gained = content.stories[0]
    yield Question(f"How much more did {name} recover with {rival}?", f"{gained}%", "customer")
    other = next(name for name in OPERATORS if name not in {story[0] for story in content.stories})
    yield Question(f"How much more did {other} recover with {rival}?", None, "no such customer")


def _of_whole_pages(rival: str, year: Year) -> Iterator[Question]:
    _, dollars, _ = year.now(rival, "pricing").plans[0]
    yield Question(f"what does {rival}'s pricing page say now?", f"${dollars:,}", "whole page")
    yield Question(f"who is {rival} hiring?", year.now(rival, "jobs").jobs[0][0], "whole page")


def _of_changes(rival: str, year: Year) -> Iterator[Question]:
    months = year.contents[rival, "pricing"]
    for before, after in pairwise(months):
        moved = [(old, new) for old, new in zip(before.plans, after.plans, strict=False) if old[1] != new[1]]
        if moved:
            old, new = moved[-1]
            way = "raise" if new[1] > old[1] else "lower"
            yield Question(f"Did {rival} {way} the price of the {new[0]} plan?", f"${new[1]:,}", "change")
            break


def _of_nothing(rival: str) -> Iterator[Question]:
    yield Question(f"Who is the chief executive of {rival}?", None, "never said")
    yield Question(f"How many employees does {rival} have?", None, "never said")
    yield Question(f"When was {rival} founded?", None, "never said")
