"""The store of checkpoints: what finds one, and what stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.checkpoints import Checkpoint, Checkpoints
from infra.declaration import StackDeclaration
from infra.errors import NotChanged, UnknownCheckpoint
from infra.places import Place, Places

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Places(tmp_path, {}).of(StackDeclaration(name="development", program="lab:development"))


def take(store: Checkpoints, place: Place, at: datetime, name: str = "") -> Checkpoint:
    reason = "named" if name else "before deploy"
    return store.take(place, None, at=at, reason=reason, state="", name=name)


@pytest.fixture
def store(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path, keep=3)


def test_a_moment_finds_the_state_of_then(store, place):
    morning = take(store, place, NOON - timedelta(hours=3))
    evening = take(store, place, NOON + timedelta(hours=6))
    now = NOON + timedelta(hours=8)

    def found(words: str) -> str:
        return store.find("development", words, now=now, zone="UTC").id

    assert found("before lunch") == evening.id
    assert found("8:30") == morning.id
    assert found("yesterday") == morning.id
    assert found("the last deploy") == evening.id
    assert found(morning.id) == morning.id
    with pytest.raises(NotChanged, match=r"as it was at 2026-11-24 19:00 UTC"):
        found("an hour ago")
    with pytest.raises(UnknownCheckpoint):
        found("before the migration")


def test_names_and_commits_find_one(store, place):
    kept = take(store, place, NOON, "before-migration")
    path = store._root / "development" / kept.id / "manifest.json"
    path.write_text(kept.model_copy(update={"commit": "1a2b3c4d5e6f"}).model_dump_json())
    assert store.find("development", "Before-Migration").id == kept.id
    assert store.find("development", "1a2b3c4").id == kept.id


def test_those_with_a_name_stay_and_the_oldest_others_go(store, place):
    named = take(store, place, NOON, "good")
    others = [take(store, place, NOON + timedelta(minutes=number)) for number in range(1, 6)]
    left = [item.id for item in store.of("development")]
    assert left == [item.id for item in reversed(others[-3:])] + [named.id]
    store.verify(others[-1])
