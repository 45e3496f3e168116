"""Events that words announce, where they are new or gone, by what the page is watched for."""

from __future__ import annotations

from collections.abc import Iterator

from tools.detection import vocabulary as said
from tools.detection.closeness import LARGE_OPERATORS, PROPERTY_SYSTEMS, close_to_business
from tools.detection.event import AT_ONCE, LATER, Event, Sides
from tools.detection.judgement import Item
from tools.detection.sizes import LARGE, largest, moves

__all__ = ["announced"]

_SIZE_MOVED, _LICENCES_MOVED = 0.25, 0.1
_HEADINGS = ("h1", "h2", "h3", "h4", "item")


def announced(aspect: str, sides: Sides) -> Iterator[Event]:
    """Everything that the words of a change announce, in no order."""
    yield from _anywhere(sides)
    yield from _ends(sides)
    match aspect:
        case "features":
            yield from _offered(sides)
        case "product_updates":
            yield from _released(sides)
        case "client_wins":
            yield from _clients(sides)
        case "technology":
            yield from _technology(sides)
        case "market_share":
            yield from _company(sides)
        case _:
            pass


def _anywhere(sides: Sides) -> Iterator[Event]:
    for item in sides.items:
        if "licen" in (item.after or "").lower():
            for move in moves(item.before or "", item.after or ""):
                if abs(move.share) >= _LICENCES_MOVED:
                    yield Event(AT_ONCE, f"licences went from {move.before:g} to {move.after:g} {move.noun}")
    for pattern in (said.CORPORATE, said.LEGAL, said.SECURITY, said.CUTS):
        if word := sides.come(pattern):
            yield Event(AT_ONCE, f"it speaks of “{word.lower()}”")
    for word, told in ((sides.come(said.CERTIFIED), "new"), (sides.gone(said.CERTIFIED), "gone")):
        if word:
            weight = LATER if said.RENEWED.search(sides.after) else AT_ONCE
            yield Event(weight, f"“{word}” is {told}")
    if word := sides.come(said.LAUNCH):
        prominent = any(item.kind in _HEADINGS and word in (item.after or "") for item in sides.items)
        yield Event(LATER + (0.04 if prominent else 0.0), f"it speaks of “{word.lower()}”")


def _ends(sides: Sides) -> Iterator[Event]:
    """Something is given up: a product at once, an old version or an interface later."""
    for item in sides.items:
        one = Sides.of([item])
        if word := one.come(said.ENDS):
            sentence = next(
                (each for each in said.SENTENCE.split(one.after) if word in " ".join(each.split())), one.after
            )
            minor = said.MINOR_THING.search(sentence) and not any(close_to_business(sentence))
            yield Event(LATER if minor else AT_ONCE, f"it speaks of “{word.lower()}”")


def _near(item: Item, sides: Sides) -> tuple[str, bool]:
    """Something close to the business that only this side speaks of, and whether it is the newer one."""
    came = next(close_to_business(item.after or "", [sides.before]), "")
    return (came, True) if came else (next(close_to_business(item.before or "", [sides.after]), ""), False)


def _offered(sides: Sides) -> Iterator[Event]:
    yield from _systems(sides, LATER)
    if word := sides.gone(said.EVERYWHERE) or sides.come(said.EVERYWHERE):
        yield Event(
            AT_ONCE - 0.05,
            f"where it is offered is another: “{word.lower()}” is {'gone' if sides.gone(said.EVERYWHERE) else 'new'}",
        )
    for item in sides.items:
        about, new = _near(item, sides)
        if about:
            yield Event(AT_ONCE, f"{about}, close to the business, {'comes' if new else 'goes'}")
        old, now = (
            len(said.CAPITAL.findall(" ".join(said.EXCEPT.findall(text or "")))) for text in (item.before, item.after)
        )
        if now >= old + 2:
            yield Event(AT_ONCE, "what is offered is excepted in more places")


def _systems(sides: Sides, coming: float) -> Iterator[Event]:
    """The systems that managers keep their ledgers in, where one is newly named or no longer."""
    if gone := sides.gone(PROPERTY_SYSTEMS):
        yield Event(AT_ONCE, f"{gone} is no longer named")
    if come := sides.come(PROPERTY_SYSTEMS):
        yield Event(coming, f"{come} is newly named")


def _released(sides: Sides) -> Iterator[Event]:
    for item in sides.items:
        about, new = _near(item, sides)
        if about and new and not item.before and not said.SMALL.search(item.after or ""):
            yield Event(AT_ONCE, f"{about}, close to the business, is among what is new")
        if (
            item.after
            and not item.before
            and said.ENDING.search(item.under)
            and not said.MINOR_THING.search(item.after)
        ):
            yield Event(AT_ONCE, f"“{item.after[:60]}” is given up")
    if word := sides.come(said.LASTED):
        yield Event(AT_ONCE, f"it speaks of “{word.lower()}”")
    if word := sides.come(said.OUTAGE):
        long = said.LONG.search(sides.after) or "major" in word.lower() or "charge" in word.lower()
        yield Event(AT_ONCE if long else LATER, f"it speaks of “{word.lower()}”")


def _clients(sides: Sides) -> Iterator[Event]:
    for item in sides.items:
        old, now = largest(item.before or ""), largest(item.after or "")
        if max(old, now) >= LARGE and min(old, now) < LARGE / 2:
            yield Event(AT_ONCE, f"a client with {max(old, now):,.0f} homes is {'new' if now > old else 'gone'}")
    for known, told in ((sides.come(LARGE_OPERATORS), "new"), (sides.gone(LARGE_OPERATORS), "gone")):
        if known:
            yield Event(AT_ONCE, f"{known}, one of the largest operators, is {told}")
    yield from _partners(sides)


def _partners(sides: Sides) -> Iterator[Event]:
    for item in sides.items:
        one = Sides.of([item])
        for side, other in ((one.after, one.before), (one.before, one.after)):
            system = PROPERTY_SYSTEMS.search(side)
            if (
                system
                and said.PARTNER.search(side)
                and not (PROPERTY_SYSTEMS.search(other) and said.PARTNER.search(other))
            ):
                told = "new" if side is one.after else "gone"
                yield Event(AT_ONCE, f"a partnership with {system.group()} is {told}")


def _technology(sides: Sides) -> Iterator[Event]:
    yield from _partners(sides)
    if (old := sides.gone(said.VENDORS)) and (new := sides.come(said.VENDORS)):
        yield Event(AT_ONCE, f"“{new}” takes the place of “{old}”")
    elif word := sides.come(said.REPLACED):
        yield Event(AT_ONCE - 0.05, f"it speaks of “{word.lower()}”")
    yield from _systems(sides, AT_ONCE)
    for item in sides.items:
        if item.before and item.after and said.RUNS_ON.search(item.before) and said.RUNS_ON.search(item.after):
            was, now = (
                set(said.CAPITAL.findall(" ".join(said.RUNS_ON.findall(text)))) for text in (item.before, item.after)
            )
            if was and now and not was & now:
                yield Event(AT_ONCE - 0.05, f"what it runs on is {min(now)}, and was {min(was)}")


def _company(sides: Sides) -> Iterator[Event]:
    yield from _partners(sides)
    for word in filter(None, (sides.come(said.CHIEF), sides.gone(said.CHIEF))):
        yield Event(AT_ONCE, f"the {word} is another, or newly named")
    if word := sides.come(said.MARKETS):
        yield Event(AT_ONCE - 0.08, f"it speaks of “{word}”")
    for item in sides.items:
        for move in moves(item.before or "", item.after or ""):
            weight = AT_ONCE if abs(move.share) >= _SIZE_MOVED else 0.3 if abs(move.share) >= 0.03 else 0.1
            yield Event(weight, f"a size moved by {move.share:+.0%}")
