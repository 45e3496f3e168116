"""From a step to a call: its arguments resolved, validated, labelled, and named by digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from agent.condition import Condition
from agent.condition import parse as parse_condition
from agent.errors import ModelCanFix, NotAllowed
from agent.plan import Plan, Reference, Step, references
from memory.labels import Confidentiality, Envelope, Label, join
from tools.declaration import Slot, Tool

__all__ = ["Call", "canonical", "condition_holds", "digest_of", "looks_back", "resolve", "resolve_for_use"]


def canonical(value: JsonValue) -> bytes:
    """The one byte form of a JSON value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(value: JsonValue) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


@dataclass(frozen=True)
class Call:
    """A step whose arguments are known, each with the label of where it came from."""

    step: Step
    tool: Tool
    arguments: BaseModel
    values: dict[str, JsonValue]
    labels: dict[str, Label]
    influence: Label
    """Joined over the planning and the condition: what led to making the call at all."""

    @property
    def digest(self) -> str:
        """What the ledger and an approval know the call by: tool and resolved arguments."""
        return digest_of({"tool": self.tool.name, "arguments": self.values})

    @property
    def in_words(self) -> str:
        """The tool and what it was told, short enough for a line; what it takes for granted is left out."""
        told = [value for name, value in self.values.items() if name in self.step.args]
        given = [str(value) for value in told if isinstance(value, str | int | float) and value != ""]
        return f"{self.tool.name} {' '.join(given)}"[:120].rstrip()

    def slot(self, name: str) -> Slot:
        """The declared role and kind of an argument."""
        return self.tool.slots[name]


def _look_up(path: str, envelope: Envelope) -> JsonValue:
    found: JsonValue = envelope.value
    for part in path.split("."):
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            raise KeyError(path)
    return found


def _substitute(value: JsonValue, results: Mapping[str, Envelope]) -> JsonValue:
    if isinstance(value, dict):
        if "$from" in value:
            reference = Reference.model_validate(value)
            return _look_up(reference.field, results[reference.step])
        return {key: _substitute(part, results) for key, part in value.items()}
    if isinstance(value, list):
        return [_substitute(part, results) for part in value]
    return value


def _condition_fields(condition: Condition, results: Mapping[str, Envelope]) -> dict[str, JsonValue]:
    fields: dict[str, JsonValue] = {}
    for step, field in condition.references():
        if field and step in results:
            try:
                fields[f"{step}.{field}"] = _look_up(field, results[step])
            except KeyError:
                continue
    return fields


def looks_back(step: Step) -> bool:
    """Whether resolving the step takes results of earlier ones."""
    return step.when is not None or any(True for value in step.args.values() for _ in references(value))


def condition_holds(step: Step, statuses: Mapping[str, str], results: Mapping[str, Envelope]) -> bool:
    """Whether the step's condition holds; a step without one is always to be run."""
    if step.when is None:
        return True
    condition = parse_condition(step.when)
    return condition.holds(statuses, _condition_fields(condition, results))


def _influence(step: Step, plan_label: Label, results: Mapping[str, Envelope]) -> Label:
    read = [plan_label]
    if step.when:
        asked = parse_condition(step.when).references()
        read += [results[other].label_of(field or "") for other, field in asked if other in results]
    return join(read)


def resolve(step: Step, plan: Plan, tools: Mapping[str, Tool], results: Mapping[str, Envelope]) -> Call:
    """Put the results of earlier steps in the place of references, validate, and label every argument.

    Raises ModelCanFix when a referred value is missing or doesn't validate.
    """
    declared = tools[step.tool]
    planned = plan.label_of(step.id)
    values: dict[str, JsonValue] = {}
    labels: dict[str, Label] = {}
    for name, value in step.args.items():
        sources = [
            results[reference.step].label_of(reference.field)
            for reference in references(value)
            if reference.step in results
        ]
        try:
            values[name] = _substitute(value, results)
        except KeyError as error:
            raise ModelCanFix(
                f"Step {step.id} refers to {error.args[0]}, which no earlier step returned.",
                not_done=f"{declared.name} was not called.",
            ) from error
        carried = plan.carried.get(f"{step.id}.{name}")
        labels[name] = join([*sources, planned, *([carried] if carried else [])])
    try:
        arguments = declared.arguments.model_validate(values)
    except ValidationError as error:
        raise ModelCanFix(
            f"Step {step.id}: " + "; ".join(_unfit(step, detail) for detail in error.errors()),
            not_done=f"{declared.name} was not called.",
        ) from error
    return Call(
        step=step,
        tool=declared,
        arguments=arguments,
        values=arguments.model_dump(mode="json"),
        labels={name: labels.get(name, planned) for name in declared.arguments.model_fields},
        influence=_influence(step, planned, results),
    )


def _unfit(step: Step, detail: ErrorDetails) -> str:
    """What doesn't validate, and why; of what an earlier step returned nothing is repeated."""
    place = ".".join(map(str, detail["loc"]))
    taken = detail["loc"] and any(True for _ in references(step.args.get(str(detail["loc"][0]))))
    return f"{place}: what it refers to isn't fit for it" if taken else f"{place}: {detail['msg']}"


def resolve_for_use(step: Step, plan: Plan, tools: Mapping[str, Tool], results: Mapping[str, Envelope]) -> Call:
    """The same for a call that is going to be shown or made.

    Raises NotAllowed, too, when a secret would have a part in it: its words go into cards, logs and errors.
    """
    call = resolve(step, plan, tools, results)
    for label in (call.influence, *call.labels.values()):
        if label.confidentiality is Confidentiality.SECRET:
            raise NotAllowed(
                f"{call.tool.name} would take a secret that an earlier step returned.",
                not_done="It was not called, and the secret stays where it is.",
            )
    return call
