"""What is close to the business: Pay Ready collects what residents of multifamily housing owe.

The words are those of `evals/importance/rubric.md` with their usual synonyms. Each row is one thing under several
names, so that saying it in another way is not taken for something new.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["LARGE_OPERATORS", "PROPERTY_SYSTEMS", "close_to_business"]

_CONCEPTS = {
    "payment plans": r"(?:re)?payment (?:plan|arrangement|agreement|schedule)s?|instal?lments?|pay(?:s"
    r"|ing)? (?:rent )?"
    r"(?:over time|later)|rent advances?|split(?:ting)? (?:the )?rent|flexible rent",
    "delinquency": r"delinquen\w+|balances?|debts?|past[- ]due|overdue|arrears|(?:unpaid|outstanding"
    r"|open) (?:rent|balances?)|owed|bad debt"
    r"|late (?:rent|payers?|accounts?)|dunning|promises? to pay|hardship|rent(?:al)? assistance|behind on rent",
    "collections": r"collections?(?! of (?:data|parcels|packages))|collectors?|collects? (?:overdue|past|unpaid"
    r"|rent|debts?"
    r"|balances?|payments?)|debt (?:collection|recovery|purchas\w+|sales?)|(?:balance|resident|rent|revenue) recovery"
    r"|recover(?:s|ing)? (?:debts?|rent|balances?|what is owed)|charge[- ]offs?|write[- ]offs?|settlement offers?"
    r"|negotiat\w+",
    "move-out debt": r"(?:post[- ])?move[- ]?outs? (?:debts?|balances?|accounts?|collections?|charges?)"
    r"|former (?:residents?|tenants?)|final account statements?|skipped residents?",
    "credit reporting": r"credit (?:bureau|report|score|build)\w*|(?:rent|debt|payment) reporting|tradelines?",
    "skip tracing": r"skip[- ]trac\w+",
    "legal placement": r"legal placement|law firms?|attorney network|small claims|judgments?|garnish\w+"
    r"|evictions?|liens?|attorney (?:referral|letter)s?",
    "resident payments": r"(?:resident|rent|online|cash|card|instant|recurring|mobile) payments?|autopay|ach\b"
    r"|pay(?:s|ing)? (?:by|with|in) (?:bank|text|cash|card)|payouts?|(?:take|accept|collect|process)(?:s"
    r"|ing)? (?:\w+ )?(?:rent|payments?)|payments? (?:engine|gateway|rail|link|portal)s?",
    "deposits and guarantees": r"deposit (?:alternative|replacement|waiver)s?|guaranteed rent|rent guarantee\w*",
}
_WHOLE = {name: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for name, words in _CONCEPTS.items()}

PROPERTY_SYSTEMS = re.compile(
    r"\b(?:yardi|entrata|realpage|appfolio|mri software|resman|buildium|rent manager|onesite)\b", re.IGNORECASE
)
"""The systems that managers of multifamily housing keep their ledgers in."""

LARGE_OPERATORS = re.compile(
    r"\b(?:greystar|asset living|rpm living|willow bridge|lincoln property|fpi management|cushman & wakefield"
    r"|avenue5|bh management|apartment management consultants|cortland|equity residential|avalonbay|maa"
    r"|mid[- ]america apartment|camden property|camden|udr|essex property|winn ?companies|bozzuto|morgan properties"
    r"|highmark residential|cws apartment|pinnacle|weidner|related companies|starwood|gables residential|mill creek"
    r"|aimco|air communities|invitation homes|independence realty|conam|edward rose|zrs management|hunt companies"
    r"|michaels organization|balfour beatty communities|knightvest|bell partners|bridge property"
    r"|berkshire residential"
    r"|pegasus residential|first communities|drucker (?:\+|and|&) falk|irvine company|rangewater)\b",
    re.IGNORECASE,
)
"""Managers and owners that stand, or lately stood, among the fifty largest of the NMHC."""


def close_to_business(text: str, besides: Iterable[str] = ()) -> Iterator[str]:
    """The things close to the business that a text speaks of and the other texts don't."""
    others = "\n".join(besides)
    for name, words in _WHOLE.items():
        if words.search(text) and not words.search(others):
            yield name
