"""Releases: a number or a day that heads what is new."""

from __future__ import annotations

import re

from tools.detection.fact import SEPARATOR, Fact

__all__ = ["DATE", "release"]

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|januar|februar|märz|mai|juni|juli|okt|dez|janvier"
    r"|février|mars"
    r"|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto)"
)
DATE = re.compile(
    rf"\b(?:{_MONTH}[a-z]*\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}\.? {_MONTH}[a-zé]*\.? \d{{4}}"
    rf"|\d{{4}}-\d\d-\d\d)\b",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"\b(?:v(?:ersion|er\.?)?|release|build)\s?\.?\s?(\d+(?:\.\d+){0,3})\b|(?:^|(?<=[\s"
    r"|–—-]))[vr]?(\d+\.\d+(?:\.\d+){0,2})\b(?! ?%)",
    re.IGNORECASE,
)
_DATED = re.compile(
    rf"\W*(?:release notes?|releases?|updates?|what.s new|changelog|news)?(?: (?:for|of"
    rf"|in))?\W*(?:{DATE.pattern}|{_MONTH}[a-zé]*\.? \d{{4}}"
    r"|q[1-4] \d{4}|(?:spring|summer|autumn|fall|winter) \d{4}"
    r"|\d{4}年\d{1,2}月(?:\d{1,2}日)?)\W*(?:release(?: notes)?|updates?)?\W*",
    re.IGNORECASE,
)
_HEADS = ("h1", "h2", "h3", "h4", "h5", "dt", "item", "row", "summary", "li")
_SHORT, _AT_FIRST = 80, 14


def release(aspect: str, before: str | None, after: str | None, kind: str, under: str) -> Fact | None:
    """A release that is new, or that took the place of the one before."""
    text = after or ""
    found = _number(text, kind, aspect)
    if not text or (before and (not found or _number(before, kind, aspect) in ("", found))):
        return None
    if not found and aspect == "product_updates" and kind in _HEADS and len(text) < _SHORT and _DATED.fullmatch(text):
        found = text.strip(" :–—-")
    return Fact(kind="release", subject=found, before=None, after=text[:200], quote="") if found else None


def _number(text: str, kind: str, aspect: str) -> str:
    """The number of the release that a line is about; empty when it only speaks of one."""
    if kind not in _HEADS and (len(text) > _SHORT or text.rstrip().endswith(".")):
        return ""
    if aspect != "product_updates" and kind not in ("h1", "h2", "h3", "item"):
        return ""
    for part in SEPARATOR.split(text) if kind == "row" else [text]:
        dated = DATE.match(part)
        found = _VERSION.search(part, dated.end() if dated else 0)
        if found and (found.start() - (dated.end() if dated else 0) <= _AT_FIRST or kind == "item"):
            return str(found[1] or found[2])
    return ""
