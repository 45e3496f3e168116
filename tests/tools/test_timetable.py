"""Reading when, and when that is: over the nights in which the clocks change, in three zones."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.errors import ToolError
from tools.timetable.reading import read_when
from tools.timetable.rules import Cron, Interval, Once, rule_of, shortest_gap, upcoming

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
"""A Monday, 9:30 in New York."""
NEW_YORK = "America/New_York"


def times(when: str, count: int = 3, *, now: datetime = NOW, zone: str = NEW_YORK) -> list[str]:
    rule = read_when(when, zone, now)
    return [f"{at.astimezone(ZoneInfo(rule.zone)):%a %m-%d %H:%M %Z}" for at in upcoming(rule, now, count)]


@pytest.mark.parametrize(
    "when, cron, zone",
    [
        ("every morning at 7 eastern", "0 7 * * *", NEW_YORK),
        ("every 4 hours on weekdays", "0 */4 * * 1-5", NEW_YORK),
        ("on the first Monday of the month", "0 9 * * 1#1", NEW_YORK),
        ("0 */4 * * *", "0 */4 * * *", NEW_YORK),
        ("0 9 * * MON-FRI Europe/Berlin", "0 9 * * mon-fri", "Europe/Berlin"),
        ("cron `30 6 1 * *` UTC", "30 6 1 * *", "UTC"),
        ("@daily", "0 0 * * *", NEW_YORK),
        ("do that every Monday at 9", "0 9 * * 1", NEW_YORK),
        ("each night at 2am from now on", "0 2 * * *", NEW_YORK),
        ("nightly", "0 3 * * *", NEW_YORK),
        ("every evening at 7", "0 19 * * *", NEW_YORK),
        ("every sunday night at 11", "0 23 * * 0", NEW_YORK),
        ("Each Friday at 18 hours", "0 18 * * 5", NEW_YORK),
        ("Monday to Friday at 7pm Berlin time", "0 19 * * 1-5", "Europe/Berlin"),
        ("weekdays except friday at 8 a.m. pacific", "0 8 * * 1,2,3,4", "America/Los_Angeles"),
        ("every hour between 9 and 5 on weekdays", "0 9-17 * * 1-5", NEW_YORK),
        ("hourly at :15", "15 * * * *", NEW_YORK),
        ("twice a day at 9 and 17", "0 9,17 * * *", NEW_YORK),
        ("twice an hour", "*/30 * * * *", NEW_YORK),
        ("every quarter hour", "*/15 * * * *", NEW_YORK),
        ("on the 1st and 15th of the month at 6:30", "30 6 1,15 * *", NEW_YORK),
        ("on the last day of the month at 23:00", "0 23 L * *", NEW_YORK),
        ("every last Friday of the month at 4 pm", "0 16 * * L5", NEW_YORK),
        ("every 1st and 3rd Wednesday of the month", "0 9 * * 3#1,3#3", NEW_YORK),
        ("quarterly", "0 9 1 */3 *", NEW_YORK),
        ("every year on March 3 at 10", "0 10 3 3 *", NEW_YORK),
        ("in january and july on the 1st", "0 9 1 1,7 *", NEW_YORK),
        ("every weekday at 2:30am", "30 2 * * 1-5", NEW_YORK),
        ("every monday and thursday at 9:15pm london time", "15 21 * * 1,4", "Europe/London"),
        ("daily at 17.30", "30 17 * * *", NEW_YORK),
        ("cron '0 9 * * 1#1'", "0 9 * * 1#1", NEW_YORK),
    ],
)
def test_words_are_read_as_a_rule(when: str, cron: str, zone: str) -> None:
    assert read_when(when, NEW_YORK, NOW) == Cron(expressions=(cron,), zone=zone)


def test_several_times_or_hours_make_several_expressions() -> None:
    assert times("every day at 9 and 17:30") == ["Mon 11-23 17:30 EST", "Tue 11-24 09:00 EST", "Tue 11-24 17:30 EST"]
    rule = read_when("every 15 minutes during business hours on weekdays", NEW_YORK, NOW)
    assert rule == Cron(expressions=("*/15 9-16 * * 1-5", "0 17 * * 1-5"), zone=NEW_YORK)


def test_every_other_week_or_day_is_counted_from_the_first_time() -> None:
    assert times("every other Tuesday at 10") == ["Tue 11-24 10:00 EST", "Tue 12-08 10:00 EST", "Tue 12-22 10:00 EST"]
    assert times("every 3 days at noon") == ["Mon 11-23 12:00 EST", "Thu 11-26 12:00 EST", "Sun 11-29 12:00 EST"]


def test_what_does_not_divide_a_day_is_counted_from_now() -> None:
    rule = read_when("every 5 hours", NEW_YORK, NOW)
    assert rule == Interval(minutes=300, since=NOW, zone=NEW_YORK)
    assert upcoming(rule, NOW + timedelta(hours=7), 2) == [NOW + timedelta(hours=10), NOW + timedelta(hours=15)]


@pytest.mark.parametrize(
    "when, at",
    [
        ("tomorrow at 9", "Tue 11-24 09:00 EST"),
        ("tomorrow morning", "Tue 11-24 09:00 EST"),
        ("tonight", "Mon 11-23 20:00 EST"),
        ("at 17:00", "Mon 11-23 17:00 EST"),
        ("at 8", "Tue 11-24 08:00 EST"),
        ("next Monday at 10", "Mon 11-30 10:00 EST"),
        ("on the 5th of December at 15:00 pacific", "Sat 12-05 15:00 PST"),
        ("december 5 at 3pm", "Sat 12-05 15:00 EST"),
        ("2026-12-01T09:00", "Tue 12-01 09:00 EST"),
        ("on the 15th at noon", "Tue 12-15 12:00 EST"),
        ("in 2 hours", "Mon 11-23 11:30 EST"),
    ],
)
def test_a_single_time(when: str, at: str) -> None:
    assert times(when) == [at]


@pytest.mark.parametrize(
    "when, why",
    [
        ("every minute", "too often"),
        ("* * * * *", "too often"),
        ("58,59 23 31 12 *", "too often"),
        ("every 30 seconds", "too often"),
        ("99 9 * * *", "no cron expression"),
        ("*/61 * * * *", "no cron expression"),
        ("R * * * *", "no cron expression"),
        ("* * * *", "has 4 fields"),
        ("0 0 9 * * *", "has 6 fields"),
        ("@fortnightly", "no cron word"),
        ("0 0 30 2 *", "never comes"),
        ("every morning at 7 Mars/Olympus", "no time zone"),
        ("every morning at 7 Europe/Berln", "Near it are Europe/Berlin"),
        ("every morning at 7 narnia time", "no time zone “narnia”"),
        ("0 9 * * * Foo", "no time zone “Foo”"),
        ("every day at 9 Europe/Berlin and UTC", "2 time zones"),
        ("yesterday at 9", "in the past: that was Sunday 2026-11-22 09:00 EST"),
        ("2025-01-01 09:00", "in the past"),
        ("on november 3 2026", "in the past"),
        ("every second Monday", "two things"),
        ("12/05/2026 at 9", "day or with the month first"),
        ("at 9am on mondays and at 5pm on fridays", "different times"),
        ("every morning at 19:00", "isn't in the morning"),
        ("every day at 25:00", "no time of day"),
        ("every day until friday", "I don't understand “until”"),
        ("every friday the 13th", "don't go together"),
        ("three times a day", "doesn't say when"),
        ("every 2 hours at 7", "doesn't go with"),
        ("every 7 months", "doesn't divide"),
        ("every 999999999999 days", "too rarely"),
        ("whenever you like", "don't understand"),
        ("5", "don't understand"),
        ("", "isn't said when"),
        ("every day " * 100, "too long"),
    ],
)
def test_what_makes_no_sense_is_refused_with_why(when: str, why: str) -> None:
    with pytest.raises(ToolError, match=re.escape(why)) as caught:
        read_when(when, NEW_YORK, NOW)
    assert caught.value.acts == "requester"
    assert caught.value.to_do


def local(rule: Cron, after: datetime, count: int) -> list[str]:
    zone = ZoneInfo(rule.zone)
    return [f"{at.astimezone(zone):%d %H:%M %z}" for at in upcoming(rule, after, count)]


def test_a_time_that_the_clocks_skip_comes_once_at_the_change() -> None:
    new_york = Cron(expressions=("30 2 * * *",), zone=NEW_YORK)
    assert local(new_york, datetime(2026, 3, 7, 12, tzinfo=UTC), 2) == ["08 03:00 -0400", "09 02:30 -0400"]
    berlin = Cron(expressions=("15 2 * * *",), zone="Europe/Berlin")
    assert local(berlin, datetime(2026, 3, 28, 12, tzinfo=UTC), 2) == ["29 03:00 +0200", "30 02:15 +0200"]
    lord_howe = Cron(expressions=("15 2 * * *",), zone="Australia/Lord_Howe")
    assert local(lord_howe, datetime(2026, 10, 3, 0, tzinfo=UTC), 2) == ["04 02:30 +1100", "05 02:15 +1100"]


def test_a_time_that_the_clocks_repeat_comes_once() -> None:
    new_york = Cron(expressions=("30 1 * * *",), zone=NEW_YORK)
    assert local(new_york, datetime(2026, 10, 31, 12, tzinfo=UTC), 2) == ["01 01:30 -0400", "02 01:30 -0500"]
    berlin = Cron(expressions=("30 2 * * *",), zone="Europe/Berlin")
    assert local(berlin, datetime(2026, 10, 24, 12, tzinfo=UTC), 2) == ["25 02:30 +0200", "26 02:30 +0100"]
    lord_howe = Cron(expressions=("45 1 * * *",), zone="Australia/Lord_Howe")
    assert local(lord_howe, datetime(2026, 4, 4, 0, tzinfo=UTC), 2) == ["05 01:45 +1100", "06 01:45 +1030"]


def test_every_hour_goes_on_every_hour_whatever_the_clocks_do() -> None:
    for zone in (NEW_YORK, "Europe/Berlin"):
        for month in (3, 10, 11):
            rule = Cron(expressions=("30 * * * *",), zone=zone)
            found = upcoming(rule, datetime(2026, month, 1, tzinfo=UTC), 31 * 24)
            assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(hours=1)}


def test_every_twenty_minutes_goes_on_in_the_repeated_hour() -> None:
    rule = Cron(expressions=("*/20 * * * *",), zone=NEW_YORK)
    found = upcoming(rule, datetime(2026, 11, 1, 4, 50, tzinfo=UTC), 9)
    assert found[0] == datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(minutes=20)}


def test_a_time_of_day_stays_on_the_wall_when_the_clocks_change() -> None:
    rule = read_when("every morning at 7 eastern", "UTC", NOW)
    assert isinstance(rule, Cron)
    assert local(rule, datetime(2026, 3, 7, 0, tzinfo=UTC), 3) == ["07 07:00 -0500", "08 07:00 -0400", "09 07:00 -0400"]


def test_a_single_time_in_the_skipped_hour_is_the_change() -> None:
    rule = read_when("2027-03-14 02:30", NEW_YORK, NOW)
    assert isinstance(rule, Once)
    assert rule.at == datetime(2027, 3, 14, 7, tzinfo=UTC)


_ZONES = st.sampled_from([NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana"])
_CRONS = st.builds(
    "{} {} * * {}".format,
    st.sampled_from(["0", "30", "*/20", "7,37", "59"]),
    st.sampled_from(["*", "*/4", "0", "1", "2", "0-3", "23"]),
    st.sampled_from(["*", "0", "1-5", "6,0"]),
)


@settings(deadline=None, max_examples=60)
@given(_CRONS, _ZONES, st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)), st.integers(1, 7_200))  # noqa: DTZ001
def test_times_go_forward_and_none_is_passed_over(cron: str, zone: str, start: datetime, seconds: int) -> None:
    rule = Cron(expressions=(cron,), zone=zone)
    after = start.replace(tzinfo=UTC)
    first, second = upcoming(rule, after, 2)
    assert after < first < second
    later = after + timedelta(seconds=seconds)
    expected = next(at for at in upcoming(rule, after, 12) if at > later)
    assert rule.following(later) == expected


def test_a_rule_is_kept_as_json_and_comes_back() -> None:
    for when in ("every other Monday", "every 5 hours", "tomorrow at 9"):
        rule = read_when(when, NEW_YORK, NOW)
        assert rule_of(rule.model_dump(mode="json")) == rule


def test_the_shortest_gap_is_seen_in_rare_rules_too() -> None:
    assert shortest_gap(Cron(expressions=("0,3 9 29 2 *",), zone="UTC"), NOW) == timedelta(minutes=3)
    assert shortest_gap(Once(at=NOW, zone="UTC"), NOW) is None
