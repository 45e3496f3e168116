"""What a question asks for: whose, about when, the state now or what changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

__all__ = ["Asked", "understand"]

_CHANGED = re.compile(
    r"\b(?:chang\w*|new|news|differ\w*|since|updat\w*|rais\w*|rose|lower\w*|cut|increas\w*|decreas\w*|mov(?:e|es|ed|ing)"
    r"|add(?:ed|s)?|remov\w*|drop\w*|launch\w*|announc\w*|releas(?:e|ed)|introduc\w*|gone|became|used to|was|were|did"
    r"|when)\b",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"\b(?:last|past|previous)\s+(?:(\d{1,4})\s+)?(day|week|month|quarter|year)s?\b|\b(\d{1,4})\s+(day|week|month|quarter|year)s?\s+ago\b",
    re.IGNORECASE,
)
_THIS = re.compile(r"\bthis\s+(week|month|quarter|year)\b|\b(today|yesterday)\b", re.IGNORECASE)
_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NO_NEWS = _words(
    """a about ago an and any anything are as at be been by can could current currently day did do does for from
    had has have how i in is it its last many me month much new now of on or our page pages past previous
    quarter s say says since site something tell than that the their them there they this to today us was we
    website week were what when where which who whose why will with would year yesterday you your"""
)


_WANTS = (
    ("number", re.compile(r"\bhow many\b|\bnumber of\b", re.IGNORECASE)),
    (
        "price",
        re.compile(r"\bhow much\b|\bwhat does .{1,60}\bcosts?\b|\bprice of\b|\bwhat .{0,40}\bcharg", re.IGNORECASE),
    ),
    ("date", re.compile(r"^\s*when\b|\bsince when\b|\bwhat date\b|\bin (?:which|what) year\b", re.IGNORECASE)),
    ("person", re.compile(r"^\s*who (?:is|was|are|runs|leads|founded)\b|\bname of the\b", re.IGNORECASE)),
)


_WHOLE = re.compile(
    r"\b(?:what|show|tell|read|summari[sz]e|give)\b.{0,80}\b(?:page|site|board|say|says|list|lists)\b", re.IGNORECASE
)
_HIRING = re.compile(r"\bwho\b.{0,40}\bhiring\b|\b(?:open|which|what) (?:roles|jobs|positions)\b", re.IGNORECASE)
_PAGES = (
    ("pricing", re.compile(r"\b(?:pric(?:e|es|ing)|plans?)\s(?:page|site|list)", re.IGNORECASE)),
    (
        "product_updates",
        re.compile(r"\b(?:releases?|changelog|updates?|release notes) (?:page|site|notes|list)", re.IGNORECASE),
    ),
    ("job_postings", re.compile(r"\b(?:jobs?|careers?|openings?|hiring) (?:page|site|board|list)", re.IGNORECASE)),
    ("features", re.compile(r"\b(?:features?|products?) (?:page|site|list)", re.IGNORECASE)),
    ("client_wins", re.compile(r"\b(?:customers?|clients?|case stud(?:y|ies)) (?:page|site|list)", re.IGNORECASE)),
    ("technology", re.compile(r"\b(?:security|technology|docs|api|integrations?) (?:page|site|list)", re.IGNORECASE)),
    ("market_share", re.compile(r"\b(?:press|news|about|company) (?:page|site|room)", re.IGNORECASE)),
)


class Asked(BaseModel):
    """A question, taken apart."""

    model_config = ConfigDict(frozen=True)

    text: str
    competitors: tuple[str, ...]
    since: datetime | None
    changes: bool
    """Whether it asks for a change rather than for a state."""
    words: frozenset[str]
    """Those that an answer must have something to do with: no names, no everyday words."""
    aspect: str | None = None
    """Of the page that the question names ("does the pricing page say …"): only such pages can answer it."""
    page: str = ""
    """The aspect whose page the question asks for as a whole ("what does the releases page say?"), or its URL."""
    wants: str = ""
    """`price`, `number`, `date` or `person`, where the question asks for one."""


def stems(text: str) -> set[str]:
    """The words of a text, cut to what their inflections share."""
    return {_stem(word) for word in re.findall(r"[^\W_]+|[$€£]", text.casefold()) if word not in _NO_NEWS}


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ies", "ied", "ers", "ed", "es", "er", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def understand(question: str, names: Mapping[str, str], now: datetime) -> Asked:
    """Take a question apart. `names` maps the spellings of competitors, without spaces, to their names."""
    squeezed = re.sub(r"[\W_]+", "", question.casefold())
    competitors = tuple(
        dict.fromkeys(name for spelling, name in names.items() if len(spelling) > 2 and spelling in squeezed)
    )
    named = {word for name in competitors for word in stems(name)} | {
        word for spelling, name in names.items() if name in competitors for word in stems(spelling)
    }
    return Asked(
        text=question,
        competitors=competitors,
        since=_since(question, now),
        changes=bool(_CHANGED.search(question)),
        words=frozenset(stems(question) - named),
        aspect=next((aspect for aspect, words in _PAGES if words.search(question)), None),
        page=_page(question),
        wants=next((wanted for wanted, form in _WANTS if form.search(question)), ""),
    )


def _page(question: str) -> str:
    if found := re.search(r"https?://[^\s?]+(?:\?[^\s?]+)?", question):
        return found[0].rstrip(".,;!?/")
    whole = _WHOLE.search(question)
    named = next((aspect for aspect, words in _PAGES if words.search(whole[0])), "") if whole else ""
    return "job_postings" if not named and _HIRING.search(question) else named


def _since(question: str, now: datetime) -> datetime | None:
    if match := _SPAN.search(question):
        count, unit = (match[1] or "1", match[2]) if match[2] else (match[3], match[4])
        return now - timedelta(days=int(count) * _DAYS[unit.lower()])
    if match := _THIS.search(question):
        days = _DAYS[match[1].lower()] if match[1] else {"today": 1, "yesterday": 2}[match[2].lower()]
        return now - timedelta(days=days)
    return None
