"""What a case went through, for its page: the plan, the labels, the guard's verdicts, and how long it took.

A suite gives as much of it as there is, as lists of rows under the names of `PARTS`; the page shows each as a table.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

import zstandard
from pydantic import JsonValue

from agent.calls import resolve
from agent.classify import Snapshot, classify
from agent.errors import SophiaError
from agent.guard import decide
from agent.plan import Plan, Step, references
from agent.settings import Settings
from evals.crash.judging import Place
from memory.labels import Confidentiality, Envelope, Label, Provenance, join
from tools.declaration import Tool

__all__ = ["PARTS", "Rows", "foreseen", "label_text", "lived", "printed", "snapshot_of", "stand_ins"]

PARTS: Final = ("plan", "labels", "verdicts", "timings")
Rows = list[dict[str, JsonValue]]

_TURNS = "SELECT id, request, plan FROM turns ORDER BY created_at, seq"
_VERDICTS = "SELECT payload FROM audit_entries WHERE kind = 'verdict' ORDER BY \"index\""
_LABELS = "SELECT turn, step, packed, {hex} FROM results ORDER BY id"
_HEX = {"sqlite": "hex(envelope)", "postgresql": "encode(envelope, 'hex')"}


def label_text(label: Label) -> str:
    """`untrusted, internal; from https://…`."""
    sources = f"; from {', '.join(label.sources)}" if label.sources else ""
    return f"{label.integrity}, {label.confidentiality}{sources}"


def lived(place: Place) -> dict[str, Rows]:
    """Of turns that were carried out: what the database kept of them. Ids are those of its turns."""
    kind = "postgresql" if place.url else "sqlite"
    return {
        "plan": list(_planned(place)),
        "labels": [
            {"turn": turn, "step": step, "label": label_text(_envelope(packed, str(data)).label)}
            for turn, step, packed, data in place.query(_LABELS.format(hex=_HEX[kind]))
        ],
        "verdicts": [_verdict(json.loads(str(row[0]))) for row in place.query(_VERDICTS)],
    }


def _planned(place: Place) -> Iterator[dict[str, JsonValue]]:
    for turn, request, planned in place.query(_TURNS):
        plan = json.loads(str(planned)) if planned else None
        if plan is None:
            yield {"turn": turn, "request": request, "step": "", "tool": "(none)"}
            continue
        for step in Plan.model_validate(plan).steps:
            yield {"turn": turn, "request": request} | _step(step)


def _step(step: Step) -> dict[str, JsonValue]:
    return {"step": step.id, "tool": step.tool, "args": step.args, "when": step.when, "why": step.why}


def _envelope(packed: JsonValue, data: str) -> Envelope:
    raw = bytes.fromhex(data)
    return Envelope.model_validate(json.loads(zstandard.decompress(raw) if packed else raw))


def _verdict(payload: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: payload.get(name) for name in ("turn", "step", "tool", "answer", "rules")}


def foreseen(plan: Plan, tools: Mapping[str, Tool], settings: Settings) -> dict[str, Rows]:
    """Of a plan that isn't carried out: what the guard would say, were the results what their tools declare."""
    snapshot = snapshot_of(settings)
    labels: Rows = []
    verdicts: Rows = []
    for step in plan.steps:
        try:
            call = resolve(step, plan, tools, stand_ins(step, tools, plan))
        except SophiaError as error:
            verdicts.append({"step": step.id, "tool": step.tool, "answer": "can't be resolved", "rules": str(error)})
            continue
        verdict = decide(classify(call, snapshot))
        labels.append({"step": step.id, "label": label_text(join([call.influence, *call.labels.values()]))})
        verdicts.append(
            {"step": step.id, "tool": step.tool, "answer": verdict.answer, "rules": ", ".join(verdict.rules)}
        )
    return {"plan": printed(plan), "labels": labels, "verdicts": verdicts}


def printed(plan: Plan) -> Rows:
    """A plan's steps."""
    return [_step(step) for step in plan.steps]


def snapshot_of(settings: Settings) -> Snapshot:
    """The world as the configuration says that it is."""
    return Snapshot(
        channels={name: Confidentiality(channel.clearance) for name, channel in settings.channels.items()},
        protected_stacks=frozenset(name for name, stack in settings.stacks.items() if stack.protected),
    )


def stand_ins(step: Step, tools: Mapping[str, Tool], plan: Plan) -> dict[str, Envelope]:
    """What the earlier steps might have found, as far as this one takes it from them: text that was read."""
    seen = Provenance.observed("https://page.example", datetime(2026, 11, 23, tzinfo=UTC), "GET 200")
    found: dict[str, Envelope] = {}
    for other in plan.steps:
        value: dict[str, JsonValue] = {}
        for reference in references(step.args):
            if reference.step == other.id:
                value[reference.field.partition(".")[0]] = "what was read"
        found[other.id] = Envelope(value=value, label=tools[other.tool].label, provenance=seen)
    return found
