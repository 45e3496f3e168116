from __future__ import annotations

from datetime import UTC, datetime

import pytest

from infra.moments import find, moment

NOW = datetime(2026, 11, 24, 15, 10, tzinfo=UTC)
"""A Tuesday; ten past ten in New York."""


@pytest.mark.parametrize(
    "words, when",
    [
        ("before lunch", "2026-11-23 17:00"),
        ("this morning", "2026-11-24 11:00"),
        ("9:30", "2026-11-24 14:30"),
        ("at 11pm", "2026-11-24 04:00"),
        ("yesterday", "2026-11-23 05:00"),
        ("yesterday at 9:30", "2026-11-23 14:30"),
        ("9:30 yesterday", "2026-11-23 14:30"),
        ("yesterday's deploy", "2026-11-23 05:00"),
        ("last night", "2026-11-23 23:00"),
        ("on Monday", "2026-11-23 05:00"),
        ("tuesday", "2026-11-17 05:00"),
        ("two hours ago", "2026-11-24 13:10"),
        ("3 days ago", "2026-11-21 15:10"),
        ("2026-11-20", "2026-11-20 05:00"),
        ("2026-11-20T08:00Z", "2026-11-20 08:00"),
    ],
)
def test_moments_are_the_last_of_their_name_in_the_person_s_zone(words, when):
    found = moment(words, NOW, "America/New_York")
    assert found is not None
    assert f"{found:%Y-%m-%d %H:%M}" == when


@pytest.mark.parametrize("words", ["good", "release-41", "c_20261124T100000_abcdef", "launch", "before the migration"])
def test_names_are_no_moments(words):
    assert moment(words, NOW, "UTC") is None
    assert find(f"go back to {words}") == ""


@pytest.mark.parametrize(
    "said, words",
    [
        ("roll production back to how it was before lunch", "before lunch"),
        ("put it back as it was at 9:30", "9:30"),
        ("revert development to what it was two hours ago", "two hours ago"),
        ("undo the last deploy", ""),
    ],
)
def test_a_moment_is_found_in_a_request(said, words):
    assert find(said) == words
