"""CSS selectors, as far as a person needs them to name a part of a page.

selectors := selector ("," selector)*
selector  := compound ((">" | " ") compound)*
compound  := (TAG | "*")? ("#" ID | "." CLASS | "[" ATTRIBUTE (("=" | "^=" | "*=") VALUE)? "]")*
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["SelectorError", "select"]

_TOKEN = re.compile(
    r"""\s*(?P<child>>)\s*|(?P<space>\s+)|(?P<tag>[a-zA-Z][\w-]*|\*)|\#(?P<id>[\w-]+)|\.(?P<class>[\w-]+)
    |\[\s*(?P<name>[\w-]+)\s*(?:(?P<how>[\^*]?=)\s*["']?(?P<value>[^"'\]]*)["']?\s*)?\]""",
    re.VERBOSE,
)


class SelectorError(ValueError):
    """A selector that isn't in the grammar above."""


@dataclass(frozen=True, slots=True)
class _Test:
    name: str
    how: str
    value: str

    def holds(self, element: _Element) -> bool:
        found = str(element.tag) if self.name == "" else element.get(self.name)
        if found is None:
            return False
        match self.how:
            case "has":
                return True
            case "~=":
                return self.value in found.split()
            case "^=":
                return found.startswith(self.value)
            case "*=":
                return self.value in found
        return found == self.value


_Compound = tuple[_Test, ...]


def _parse(selector: str) -> list[tuple[bool, _Compound]]:
    """The compounds from left to right, each with whether it must be a child of what stands before it."""
    steps: list[tuple[bool, list[_Test]]] = [(False, [])]
    at, text = 0, selector.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found or found.end() == at:
            raise SelectorError(f"{selector!r} can't be read from {text[at:]!r} on")
        at = found.end()
        if found["child"] or found["space"]:
            steps.append((bool(found["child"]), []))
        else:
            steps[-1][1].append(_test(found))
    if not all(tests for _, tests in steps):
        raise SelectorError(f"{selector!r} names nothing in one place")
    return [(child, tuple(tests)) for child, tests in steps]


def _test(found: re.Match[str]) -> _Test:
    if found["tag"]:
        return _Test("", "has" if found["tag"] == "*" else "=", found["tag"].lower())
    if found["id"]:
        return _Test("id", "=", found["id"])
    if found["class"]:
        return _Test("class", "~=", found["class"])
    return _Test(found["name"].lower(), found["how"] or "has", found["value"] or "")


def _matches(element: _Element, steps: list[tuple[bool, _Compound]]) -> bool:
    child, tests = steps[-1]
    if not all(test.holds(element) for test in tests):
        return False
    if len(steps) == 1:
        return True
    around = element.getparent()
    while around is not None:
        if _matches(around, steps[:-1]):
            return True
        if child:
            return False
        around = around.getparent()
    return False


def select(root: _Element, selector: str) -> Iterator[_Element]:
    """The outermost elements that fit, in the page's order. Raises SelectorError."""
    alternatives = [_parse(part) for part in selector.split(",")]
    chosen: set[_Element] = set()
    for element in root.iter():
        if any(_matches(element, steps) for steps in alternatives):
            if not any(around in chosen for around in element.iterancestors()):
                yield element
            chosen.add(element)
