"""A change in words, and how much it matters, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from tools.detection.judgement import Item, Judgement

__all__ = ["Significance", "significance", "summarise"]

_BY_ASPECT = {"pricing": 0.2, "features": 0.1, "product_updates": 0.1, "client_wins": 0.1, "job_postings": 0.05}


@dataclass(frozen=True, slots=True)
class Significance:
    """0 to 1, and what it rests on."""

    value: float
    because: str


def significance(aspect: str, judgement: Judgement) -> Significance:
    """How much the change matters to somebody who watches this aspect."""
    value, reasons = judgement.score, [f"{part} {points:g}" for part, points in judgement.parts.items()]
    extra = _BY_ASPECT.get(aspect, 0.0)
    if aspect == "pricing" and not judgement.facts:
        extra = 0.05
    if extra:
        value += extra
        reasons.append(f"{aspect.replace('_', ' ')} {extra:g}")
    return Significance(round(min(1.0, value), 3), ", ".join(reasons))


def _short(text: str, most: int = 110) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"


def _differing(before: str, after: str) -> tuple[str, str]:
    """The two texts without the words that both begin and end with, but for a little context."""
    old, new = before.split(), after.split()
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    context = max(0, start - 3)
    lead = "…" if context else ""
    tail = "…" if end > 2 else ""
    keep = min(end, 2)

    def cut(words: list[str]) -> str:
        return lead + " ".join(words[context : len(words) - end + keep]) + tail

    return cut(old), cut(new)


def _in_words(item: Item) -> str:
    if item.before and item.after:
        before, after = _differing(item.before, item.after)
        return f"“{_short(before)}” → “{_short(after)}”"
    return f"new: “{_short(item.after)}”" if item.after else f"gone: “{_short(item.before or '')}”"


def summarise(judgement: Judgement, most: int = 3) -> str:
    """One line: typed facts first, then the differing words, then how many more."""
    lines = [fact.words for fact in judgement.facts[:most]]
    told = {fact.quote for fact in judgement.facts[:most]}
    rest = [item for item in judgement.items if (item.after or item.before or "")[:500] not in told]
    rest.sort(key=lambda item: item.kind not in ("h1", "h2", "h3", "h4"))
    room = max(0, most - len(lines))
    lines += [_in_words(item) for item in rest[:room]]
    more = len(judgement.facts[most:]) + len(rest[room:])
    return "; ".join(lines) + (f"; and {more} more" if more else "")
