"""Every key and element of a TOML document is found in its line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import tomlkit
from hypothesis import given
from hypothesis import settings as running
from hypothesis import strategies as some

from agent.settings.positions import Positions

DOCUMENT = '''\
# a comment with a [table] = "in it"
title = "x"   # another

[owner] # third
name.first = "a"
"quoted key" = 'b # no comment'
text = """
[not.a.table]
x = 1 ""\\"
"""

[[fruits]]
name = "apple"
sizes = [1,
  2, # two
  { deep = [ "a", "b" ], more = {x.y = 1} },
]
[fruits.physical]
color = "red"

[[fruits]]
name = "banana"
[[fruits.kinds]]
name = "plantain"

[a.b.c]
d = 2026-01-01T00:00:00Z
'''


def test_lines_of_a_document() -> None:
    lines = DOCUMENT.splitlines()
    found = Positions(DOCUMENT)

    def line(*path: str | int) -> str:
        number = found.line(path)
        assert number is not None
        return lines[number - 1]

    assert line("title").startswith("title")
    assert line("owner") == "[owner] # third"
    assert line("owner", "name", "first").startswith("name.first")
    assert line("owner", "quoted key").startswith('"quoted')
    assert line("fruits", 0, "sizes", 1).strip().startswith("2")
    assert "deep" in line("fruits", 0, "sizes", 2, "deep", 1)
    assert "more" in line("fruits", 0, "sizes", 2, "more", "x", "y")
    assert line("fruits", 0, "physical", "color") == 'color = "red"'
    assert line("fruits", 1, "name") == 'name = "banana"'
    assert line("fruits", 1, "kinds", 0, "name") == 'name = "plantain"'
    assert line("a", "b", "c", "d").startswith("d = 2026")
    assert [text for _, text in found.comments] == [
        '# a comment with a [table] = "in it"',
        "# another",
        "# third",
        "# two",
    ]


def test_what_is_missing_is_looked_for_around_it() -> None:
    found = Positions("[a]\nb = 1")
    assert found.line(("a", "nothing", 3)) == 1
    assert found.line(("nothing",)) is None


_CHARACTERS = some.characters(codec="utf-8", exclude_categories=["Cs"])
_KEYS = some.text(_CHARACTERS, min_size=1, max_size=6)
_SCALARS = (
    some.text(_CHARACTERS, max_size=12)
    | some.integers(-(10**9), 10**9)
    | some.booleans()
    | some.floats(allow_nan=False)
    | some.dates()
)
_VALUES = some.recursive(
    _SCALARS, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(_KEYS, inner, max_size=3), max_leaves=15
)


def _paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _paths(part, (*path, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _paths(part, (*path, number))


@running(max_examples=200, deadline=None)
@given(some.dictionaries(_KEYS, _VALUES, max_size=5))
def test_the_scanner_sees_what_the_parser_sees(values: dict[str, object]) -> None:
    text = tomlkit.dumps(values)
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # the writer's mistake
    assert set(Positions(text)) == set(_paths(parsed))
