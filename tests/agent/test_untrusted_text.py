"""What hides or deceives is written out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.untrusted_text import visible


@pytest.mark.parametrize(
    "text, shown",
    [
        ("deploy development", "deploy development"),
        ("Zürich, naïve, Łódź\nnext line", "Zürich, naïve, Łódź\nnext line"),
        ("Привет, мир", "Привет, мир"),
        ("pr\u043eduction", "pr\u043e⟨U+043E⟩duction"),
        ("safe\u202egnp.exe", "safe⟨U+202E⟩gnp.exe"),
        ("a\u200bb", "a⟨U+200B⟩b"),
        ("\x1b[31mred", "⟨U+001B⟩[31mred"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
    ],
)
def test_what_a_person_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_that_controls_a_terminal_gets_through(text: str) -> None:
    shown = visible(text)
    assert all(char in "\n\t" or char.isprintable() or char.isspace() for char in shown)
    assert "\x1b" not in shown
