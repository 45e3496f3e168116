"""The plan: data that says what will be done, in which order, under which conditions, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from agent.condition import ConditionError
from agent.condition import parse as parse_condition
from memory.labels import INTERNAL, Label
from tools.declaration import Effect, Tool

__all__ = [
    "LARGEST_INTEGER",
    "ON_FAILURE",
    "Plan",
    "Problem",
    "Reference",
    "Step",
    "check",
    "dependencies",
    "references",
    "steps_before",
    "worst_effect",
]

MAXIMUM_STEPS = 20
ON_FAILURE = "on_failure"
LARGEST_INTEGER = 2**63 - 1
"""What a position of the turn can hold, and a database."""
_STEP_ID = re.compile(r"s[1-9][0-9]{0,3}")


class Reference(BaseModel):
    """An argument that is a field of an earlier step's result: `{"$from": "s1.outputs.url"}`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    path: str = Field(alias="$from", pattern=r"^s[1-9][0-9]{0,3}(\.[A-Za-z0-9_\-]+)+$")

    @property
    def step(self) -> str:
        """The id of the step that is referred to."""
        return self.path.partition(".")[0]

    @property
    def field(self) -> str:
        """The dotted path within that step's result."""
        return self.path.partition(".")[2]


class Step(BaseModel):
    """One call of a tool. Ids are never reused within a turn, not even by a replan."""

    model_config = ConfigDict(extra="forbid")

    id: str
    tool: str
    args: dict[str, JsonValue] = {}
    needs: list[str] = []
    when: str | None = None
    why: str = ""


class Plan(BaseModel):
    """Steps, who planned them, and what happens to done steps when a later one fails."""

    model_config = ConfigDict(extra="forbid")

    steps: list[Step]
    on_failure: Literal["stop", "undo"] = "stop"
    planner: str = ""
    label: Label = INTERNAL
    """Joined over all that the planner read."""
    step_labels: dict[str, Label] = {}
    """Of single steps, where it is another: what the requester's own words vouch for, and what they don't. Under
    `ON_FAILURE` that of what becomes of done steps."""

    carried: dict[str, Label] = {}
    """Of single literal arguments, as `s1.content`, that hold what was read before this turn: joined to the step's."""

    def label_of(self, step: str) -> Label:
        """The label of what led to this step and to its literal arguments."""
        return self.step_labels.get(step, self.label)

    def followed_by(self, later: Plan) -> Plan:
        """One plan of both, as a replan makes it: every step keeps the label that it had in its own."""
        mine = {step.id: self.label_of(step.id) for step in self.steps}
        return later.model_copy(
            update={
                "steps": [*self.steps, *later.steps],
                "step_labels": mine | later.step_labels,
                "carried": self.carried | later.carried,
            }
        )


class Problem(BaseModel):
    """One thing that is wrong with a plan, in words that help a planner to mend it."""

    step: str | None
    message: str


def references(value: JsonValue) -> Iterator[Reference]:
    """Every reference in an argument, at any depth."""
    if isinstance(value, dict):
        if "$from" in value:
            yield Reference.model_validate(value)
            return
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def _too_large(value: JsonValue) -> bool:
    if isinstance(value, int):
        return abs(value) > LARGEST_INTEGER
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_too_large, parts))


def worst_effect(steps: Sequence[Step], tools: Mapping[str, Tool]) -> Effect | None:
    """The worst effect of any step; None for a plan without steps."""
    found = [tools[step.tool].effect for step in steps if step.tool in tools]
    return max(found, key=lambda effect: effect.rank, default=None)


_SAID = frozenset({"request"})
"""Kinds of text that are planned later as somebody's own words, so that nothing that was read may become one."""


class _Checker:
    def __init__(self, plan: Plan, tools: Mapping[str, Tool], finished: Mapping[str, str]) -> None:
        self._plan, self._tools = plan, tools
        self._known = dict(finished) | {step.id: step.tool for step in plan.steps}
        self._finished = finished
        self.problems: list[Problem] = []

    def _say(self, step: Step | None, message: str) -> None:
        self.problems.append(Problem(step=step.id if step else None, message=message))

    def check(self) -> list[Problem]:
        if not self._plan.steps:
            self._say(None, "the plan has no steps")
        if len(self._plan.steps) > MAXIMUM_STEPS:
            self._say(None, f"the plan has {len(self._plan.steps)} steps; {MAXIMUM_STEPS} is the most")
        seen = set(self._finished)
        for step in self._plan.steps:
            if not _STEP_ID.fullmatch(step.id):
                self._say(step, "a step's id is s1, s2, …")
            if step.id in seen:
                self._say(step, "this id was used before")
            seen.add(step.id)
            self._step(step)
        self._order()
        return self.problems

    def _step(self, step: Step) -> None:
        declared = self._tools.get(step.tool)
        if declared is None:
            self._say(step, f"there is no tool {step.tool!r}")
            return
        for need in step.needs:
            if need not in self._known:
                self._say(step, f"it needs {need}, which is no step")
        self._arguments(step, declared)
        self._condition(step)

    def _arguments(self, step: Step, declared: Tool) -> None:
        referred = self._referred(step)
        literal = {name: value for name, value in step.args.items() if name not in referred}
        try:
            declared.arguments.model_validate(literal)
        except ValidationError as error:
            for detail in error.errors():
                name = str(detail["loc"][0]) if detail["loc"] else ""
                if name not in referred:
                    self._say(step, f"{name or 'arguments'}: {detail['msg']}")
        for name in sorted(referred):
            if name not in declared.arguments.model_fields:
                self._say(step, f"{name}: {declared.name} takes no such argument")
            elif declared.slots[name].kind in _SAID:
                self._say(step, f"{name}: what is to be asked for is said, not taken from what a step returned")

    def _referred(self, step: Step) -> set[str]:
        """The arguments that take something from an earlier step. Says which of them refer to what isn't there."""
        referred: set[str] = set()
        for name, value in step.args.items():
            try:
                found = list(references(value))
            except ValidationError:
                self._say(step, f'{name}: a reference is {{"$from": "STEP.FIELD"}} and nothing else')
                referred.add(name)
                continue
            if _too_large(value):
                self._say(step, f"{name}: no number is larger than {LARGEST_INTEGER}")
            for reference in found:
                self._reference(step, name, reference)
            if found:
                referred.add(name)
        return referred

    def _reference(self, step: Step, argument: str, reference: Reference) -> None:
        if reference.step not in self._known or reference.step == step.id:
            self._say(step, f"{argument}: {reference.path} refers to {reference.step}, which is no earlier step")
            return
        problem = self._field(reference.step, reference.field)
        if problem:
            self._say(step, f"{argument}: {problem}")

    def _condition(self, step: Step) -> None:
        if step.when is None:
            return
        try:
            condition = parse_condition(step.when)
        except ConditionError as error:
            self._say(step, f"when: {error}")
            return
        for other, field in condition.references():
            if other not in self._known or other == step.id:
                self._say(step, f"when: {other} is no earlier step")
            elif field and (problem := self._field(other, field)):
                self._say(step, f"when: {problem}")

    def _field(self, step: str, path: str) -> str | None:
        declared = self._tools.get(self._known[step])
        if declared is None:
            return None
        schema = result_schema(declared)
        node: Any = schema
        for part in path.split("."):
            node = _resolved(node, schema)
            if part in node.get("properties", {}):
                node = node["properties"][part]
            elif isinstance(node.get("additionalProperties"), dict) or node.get("additionalProperties") is True:
                extra = node["additionalProperties"]
                node = extra if isinstance(extra, dict) else {}
            elif node == {} or (node.get("type") == "array" and part.isdigit()):
                node = node.get("items", {})
            else:
                return f"{step}.{path} doesn't exist: {declared.name} returns {', '.join(schema['properties'])}"
        return None

    def _order(self) -> None:
        try:
            list(TopologicalSorter({step.id: set(dependencies(step)) for step in self._plan.steps}).static_order())
        except CycleError as error:
            self._say(None, "these steps wait for each other: " + " → ".join(error.args[1]))


def result_schema(declared: Tool) -> dict[str, Any]:
    """The JSON schema of what the tool returns, computed fields included."""
    return TypeAdapter(declared.result).json_schema(mode="serialization")


def _resolved(node: Any, schema: dict[str, Any]) -> dict[str, Any]:
    while isinstance(node, dict):
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
        elif "anyOf" in node:
            node = next((part for part in node["anyOf"] if part.get("type") != "null"), {})
        else:
            return node
    return {}


def dependencies(step: Step) -> Iterator[str]:
    """The ids of the steps that must have ended before this one can be resolved."""
    yield from step.needs
    for value in step.args.values():
        try:
            yield from (reference.step for reference in references(value))
        except ValidationError:
            continue
    if step.when:
        try:
            yield from (other for other, _ in parse_condition(step.when).references())
        except ConditionError:
            return


def steps_before(step: Step, plan: Plan) -> set[str]:
    """The ids of all the plan's steps that have ended before this one begins, whatever it waits for them by."""
    by_id = {each.id: each for each in plan.steps}
    seen: set[str] = set()
    left = list(dependencies(step))
    while left:
        other = left.pop()
        if other in by_id and other not in seen:
            seen.add(other)
            left += dependencies(by_id[other])
    return seen


def check(plan: Plan, tools: Mapping[str, Tool], finished: Mapping[str, str] | None = None) -> list[Problem]:
    """Everything that is wrong with a plan, all at once; an empty list when it may be carried out.

    `finished` maps the ids of steps that ran before a replan to their tools: their results may be referred to and
    their ids may not be used again.
    """
    return _Checker(plan, tools, finished or {}).check()
