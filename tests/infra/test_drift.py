from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.drift import Difference, Knowledge, classify, differences, unseen
from infra.models import Reading

URN = "urn:pulumi:dev::demo::aws:s3/bucket:Bucket::logs"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def reading(
    declared: dict[str, Any], old: dict[str, Any], new: dict[str, Any] | None, *, relevant: bool = True
) -> Reading:
    return Reading(urn=URN, type="aws:s3/bucket:Bucket", inputs=declared, old=old, new=new, relevant=relevant)


def judged(found: Reading, known: Knowledge) -> list[Difference]:
    return [classify(item, path, old, new, known) for item, path, old, new in differences([found])]


@pytest.fixture
def known(tmp_path: Path) -> Knowledge:
    return Knowledge(tmp_path / "known.json")


@pytest.mark.parametrize(
    "declared, old, new",
    [
        ({"tags": ["a", "b"]}, {"tags": ["a", "b"]}, {"tags": ["b", "a"]}),
        ({"port": 80}, {"port": 80}, {"port": "80"}),
        ({"public": False}, {"public": False}, {"public": "false"}),
        ({"policy": '{"a": 1, "b": 2}'}, {"policy": '{"a": 1, "b": 2}'}, {"policy": '{"b":2,"a":1}'}),
        ({"name": "logs"}, {"name": "old"}, {"name": "logs"}),
        ({"tags": {"a": "1"}}, {"tags": {"a": "1", "b": None}}, {"tags": {"a": "1"}}),
    ],
)
def test_what_is_the_same_in_meaning_is_routine(known, declared, old, new):
    assert {item.verdict for item in judged(reading(declared, old, new), known)} <= {"routine", "undeclared"}


def test_a_declared_value_that_stays_different_is_drift(known):
    found = reading({"acl": "private"}, {"acl": "private", "arn": "x"}, {"acl": "public", "arn": "x"})
    assert [item.verdict for item in judged(found, known)] == ["undecided"]
    known.note_steady(URN, "acl")
    (item,) = judged(found, known)
    assert item.verdict == "drift"
    assert item.sentence == 'logs (Bucket): acl should be "private" and is "public".'


def test_what_is_gone_is_drift_at_once(known):
    (item,) = judged(reading({}, {"arn": "x"}, None), known)
    assert (item.verdict, item.sentence) == ("drift", "logs (Bucket) is gone.")


def test_what_no_update_would_follow_from_never_alerts(known):
    (item,) = judged(reading({}, {"etag": "1"}, {"etag": "2"}, relevant=False), known)
    assert item.verdict == "undeclared"


def test_what_answers_differently_within_a_check_is_learned(known):
    found = reading({}, {"seen": 1}, {"seen": 2})
    known.note_restless(URN, "seen")
    assert [item.verdict for item in judged(found, known)] == ["routine"]


def test_a_declared_value_has_to_be_restless_twice(known):
    found = reading({"count": 2}, {"count": 2}, {"count": 5})
    known.note_restless(URN, "count")
    assert [item.verdict for item in judged(found, known)] == ["undecided"]
    known.note_restless(URN, "count")
    assert [item.verdict for item in judged(found, known)] == ["routine"]


def test_what_has_another_value_at_every_check_is_learned_and_kept(known, tmp_path):
    for hour in range(4):
        known.note(URN, "rotated", f"value {hour}", NOON + timedelta(hours=hour))
    known.save()
    later = Knowledge(tmp_path / "known.json")
    assert [item.verdict for item in judged(reading({}, {"rotated": "a"}, {"rotated": "b"}), later)] == ["routine"]


def test_since_is_when_the_value_was_first_seen(known):
    known.note(URN, "acl", "private", NOON)
    known.note(URN, "acl", "public", NOON + timedelta(hours=1))
    known.note(URN, "acl", "public", NOON + timedelta(hours=5))
    (item,) = judged(reading({"acl": "private"}, {"acl": "private"}, {"acl": "public"}), known)
    assert item.since == NOON + timedelta(hours=1)


def test_a_broken_file_of_knowledge_is_forgotten(tmp_path):
    (tmp_path / "known.json").write_text("{")
    assert not Knowledge(tmp_path / "known.json").steady(URN, "acl")


@pytest.mark.parametrize(
    "declared, old, new, verdict",
    [
        ("1024Mi", "1024Mi", "1Gi", "routine"),
        ("3600s", "3600s", "1h0m0s", "routine"),
        ("5m", "5m", "5M", "undecided"),
        ("US-EAST-1", "US-EAST-1", "us-east-1", "routine"),
        ([{"port": 80}], [{"port": 80}], [{"port": 80, "protocol": "tcp"}], "routine"),
        ([{"port": 80}], [{"port": 80}], [{"port": 80}, {"port": 22}], "undecided"),
        (None, "2026-03-01", "2026-03-02", "routine"),
        ("2026-03-01", "2026-03-01", "2026-03-02", "undecided"),
        (None, True, False, "undecided"),
    ],
)
def test_what_providers_write_differently(known, declared, old, new, verdict):
    found = reading({} if declared is None else {"it": declared}, {"it": old}, {"it": new})
    assert [item.verdict for item in judged(found, known)] == [verdict]


def test_a_computed_value_beside_a_declared_one_counts_when_it_stays(known):
    found = reading({"acl": "private"}, {"acl": "private", "status": "up"}, {"acl": "public", "status": "down"})
    assert {item.path: item.verdict for item in judged(found, known)} == {"acl": "undecided", "status": "undeclared"}
    known.note(URN, "status", "down", NOON)
    assert {item.path: item.verdict for item in judged(found, known)}["status"] == "undecided"
    known.note_rest(set(), NOON + timedelta(hours=1))
    assert {item.path: item.verdict for item in judged(found, known)}["status"] == "undeclared"


def test_what_the_world_calls_a_property_adds_no_line_to_a_card() -> None:
    urn = "urn:pulumi:dev::shop::demo:net:Bucket::store"
    told = Difference(urn=urn, type="demo:net:Bucket", path="tags.a\nrisk  none seen", expected="ä", found="b\nc")
    assert told.sentence == 'store (Bucket): tags.a⟨U+000A⟩risk  none seen should be "ä" and is "b\\nc".'


SECRET = {"user": "app", "password": "[secret]", "tags": {"key": "[secret]"}}


@pytest.mark.parametrize(
    "keys, moved, idle, path",
    [
        ((), {}, False, "password or tags.key"),
        (("password",), {"etag": "2"}, False, "password"),
        ((), {"etag": "2"}, True, "password or tags.key"),
        ((), {"etag": "2"}, False, ""),
        ((), {"user": "root"}, False, ""),
    ],
)
def test_a_secret_that_differs_unseen_is_drift_where_nothing_else_explains_it(known, keys, moved, idle, path):
    if idle:
        known.note_idle(URN, "etag")
    found = reading(SECRET, SECRET | {"etag": "1"}, SECRET | {"etag": "1"} | moved).model_copy(update={"keys": keys})
    assert [(item.path, item.verdict) for item in unseen(found, known)] == [(path, "drift")] * bool(path)
    assert list(unseen(found.model_copy(update={"relevant": False}), known)) == []
