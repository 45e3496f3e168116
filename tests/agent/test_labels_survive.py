"""A marked value keeps its mark on every path: references, conditions, plans that are stored, results, a restart."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from agent.calls import resolve
from agent.plan import Plan, Step
from memory.database import Database
from memory.labels import INTERNAL, UNKNOWN, Confidentiality, Envelope, Integrity, Label, Provenance, join
from memory.results import Results
from tests.agent import shelf
from tools.registry import discover

TOOLS = shelf.registry()
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SEEN = Provenance.observed("https://page.example", NOW, "GET 200")
LABELS = st.builds(
    Label,
    integrity=st.sampled_from(Integrity),
    confidentiality=st.sampled_from(Confidentiality),
    sources=st.lists(st.text(max_size=8), max_size=3).map(tuple),
)


def keeps(label: Label, mark: Label) -> bool:
    """Whether nothing of the mark was lost: as untrusted, as secret, and from all its sources."""
    return label.join(mark) == label


@settings(deadline=None)
@given(LABELS, LABELS, LABELS)
def test_joining_loses_nothing_in_whatever_order(one: Label, two: Label, three: Label) -> None:
    both = one.join(two)
    assert keeps(both, one)
    assert keeps(both, two)
    assert both == two.join(one)
    assert both.join(three) == one.join(two.join(three)) == join([three, two, one])
    assert one.join(one) == one


@settings(deadline=None)
@given(LABELS, LABELS, LABELS, st.booleans())
def test_references_conditions_and_plans_pass_it_on(page: Label, planner: Label, earlier: Label, deep: bool) -> None:
    found = {"s1": Envelope(value={"text": "cup", "count": 3, "parts": [{"text": "cup"}]}, label=page, provenance=SEEN)}
    taken = {"$from": "s1.parts.0.text" if deep else "s1.text"}
    plan = Plan(
        steps=[
            Step(id="s1", tool="read_page"),
            Step(id="s2", tool="notify", args={"channel": "#ops", "content": taken}),
            Step(id="s3", tool="notify", args={"channel": "#ops", "content": "hi"}, when="s1.count > 2"),
            Step(id="s4", tool="notify", args={"channel": "#ops", "content": "hi"}, when="s1 succeeded"),
        ],
        step_labels={"s4": planner},
        carried={"s4.content": earlier},
    )
    kept = Plan.model_validate_json(plan.model_dump_json(by_alias=True))  # a checkpoint, a restart, a replan
    assert kept == plan
    said, asked, last = (resolve(step, kept, TOOLS, found) for step in kept.steps[1:])
    assert keeps(said.labels["content"], page)
    assert keeps(asked.influence, page)
    assert keeps(last.influence, planner.join(page))
    assert keeps(last.labels["content"], planner.join(earlier))
    assert keeps(last.labels["channel"], planner)


@settings(deadline=None)
@given(LABELS, st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_an_envelope_is_the_same_after_json(label: Label, value: object) -> None:
    made = Envelope.model_validate({"value": value, "label": label, "provenance": SEEN})
    assert Envelope.model_validate_json(made.model_dump_json()) == made


async def test_stores_give_it_back_after_a_restart(migrated: str) -> None:
    choice = random.Random(7)
    kept: dict[str, Envelope] = {}
    async with await Database.open(migrated, migrate=False) as database:
        for number in range(30):
            label = Label(
                integrity=choice.choice(list(Integrity)),
                confidentiality=choice.choice(list(Confidentiality)),
                sources=tuple(choice.choices(["https://page.example", "person:ann", "\u202e", ""], k=2)),
            )
            made = Envelope(value="x" * choice.choice([1, 3_000]), label=label, provenance=SEEN)
            kept[await Results(database).put("t_1", f"s{number}", made, NOW)] = made
    async with await Database.open(migrated, migrate=False) as database:
        assert {ref: await Results(database).get(ref) for ref in kept} == kept
        assert list((await Results(database).envelopes("t_1")).values()) == list(kept.values())


def test_what_has_no_label_is_nothing_that_is_kept() -> None:
    with pytest.raises(ValidationError):
        Envelope.model_validate({"value": "x", "provenance": SEEN})
    assert not UNKNOWN.trusted
    assert not UNKNOWN.join(INTERNAL).trusted


@pytest.mark.parametrize(
    "tool",
    [
        "competitor_changes",
        "competitor_diff",
        "competitor_recall",
        "competitor_discover",
        "competitor_dry_run",
        "competitor_sweep",
        "stack_diagnose",
    ],
)
def test_what_others_wrote_is_untrusted_however_it_was_kept(tool: str) -> None:
    """Pages come back from the database, the vector store and its rebuilding by these tools alone; logs by the last."""
    assert not discover()[tool].label.trusted
