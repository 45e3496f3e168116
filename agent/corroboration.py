"""What the requester's own words vouch for in a plan that a model made.

A model may be wrong or in an attacker's hand, so what it plans has an effect only as far as the conversation itself,
read without a model, says the same: the same tool with the same arguments, from the same earlier steps, under the same
condition. Everything else that the model planned is labelled untrusted, and the guard asks a person before it has an
effect. Reads need nobody's word.

What a model planned or asked in earlier turns isn't what was said either: "again", "yes" and "the other one" lean on
what was read without a model in those turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter

from pydantic import JsonValue

from agent.condition import parse as parse_condition
from agent.condition import same as same_condition
from agent.conversation import focus_of
from agent.plan import ON_FAILURE, Plan, Reference, Step, dependencies, steps_before
from agent.planning.planner import Call, ConversationContext, PastTurn, Planner, PlanningRequest
from memory.labels import Confidentiality, Integrity, Label
from tools.declaration import Role, Tool

__all__ = ["COMMAND", "as_said", "vouch"]

COMMAND = "command"
"""Who planned what a person gave as a command."""


async def as_said(request: PlanningRequest, reader: Planner, tools: Mapping[str, Tool]) -> PlanningRequest:
    """The same request after the conversation as it is read without a model.

    Turns that a model planned are read anew. What a model asked is no open question of the reader's: who answers it
    hasn't seen the reader's, and would say yes to something else.
    """
    context = request.context
    if all(turn.planner in (reader.name, COMMAND) for turn in context.turns):
        return request
    turns: list[PastTurn] = []
    for turn in context.turns:
        own = turn.planner in (reader.name, COMMAND)
        turns.append(turn if own else await _read_anew(turn, turns, request, reader, tools))
    said = ConversationContext(turns=turns, focus=focus_of(turns, tools))
    if turns[-1].planner in (reader.name, COMMAND):
        said = said.model_copy(update={"open_question": context.open_question, "pending": context.pending})
    return request.model_copy(update={"context": said})


async def _read_anew(
    turn: PastTurn, before: Sequence[PastTurn], request: PlanningRequest, reader: Planner, tools: Mapping[str, Tool]
) -> PastTurn:
    context = ConversationContext(turns=list(before), focus=focus_of(before, tools))
    reading = await reader.plan(request.model_copy(update={"text": turn.q, "context": context}), tools)
    steps = reading.plan.steps if reading.plan else []
    return turn.model_copy(update={"steps": [Call(tool=step.tool, args=step.args) for step in steps]})


class _Matching:
    """Which step of a plan is which step of what was read."""

    def __init__(self, plan: Plan, said: Plan, tools: Mapping[str, Tool], finished: Mapping[str, str]) -> None:
        self._plan, self._said, self._tools = plan, said, tools
        self._finished = frozenset(finished.values())
        self._known = {step.id: step.tool for step in said.steps}
        self.names: dict[str, str] = {}
        """The id that a planned step has in what was read; those that weren't read are missing."""
        for step in _in_order(plan):
            other = next((other for other in said.steps if self._is(step, other)), None)
            if other is not None:
                self.names[step.id] = other.id

    def _is(self, planned: Step, read: Step) -> bool:
        if planned.tool != read.tool or planned.args.keys() != read.args.keys() or read.id in self.names.values():
            return False
        arguments = all(self._same(name, value, read.args[name], read.tool) for name, value in planned.args.items())
        return arguments and self._under(planned, read) and self._after(planned, read)

    def _same(self, name: str, planned: JsonValue, read: JsonValue, tool: str) -> bool:
        """Equal, with references to what is the same step; of what it returned, a message may carry another part."""
        if isinstance(planned, dict) and isinstance(read, dict) and "$from" in planned and "$from" in read:
            one, other = Reference.model_validate(planned), Reference.model_validate(read)
            part = self._tools[tool].slots[name].role is Role.PAYLOAD or one.field == other.field
            return part and self.names.get(one.step) == other.step
        if isinstance(planned, dict) and isinstance(read, dict):
            return planned.keys() == read.keys() and all(
                self._same(name, value, read[key], tool) for key, value in planned.items()
            )
        if isinstance(planned, list) and isinstance(read, list):
            return len(planned) == len(read) and all(
                self._same(name, mine, theirs, tool) for mine, theirs in zip(planned, read, strict=True)
            )
        return type(planned) is type(read) and planned == read

    def _under(self, planned: Step, read: Step) -> bool:
        """Under the same condition, or under one where none was asked for."""
        if read.when is None:
            return True
        return planned.when is not None and same_condition(
            parse_condition(planned.when), parse_condition(read.when), self.names
        )

    def _after(self, planned: Step, read: Step) -> bool:
        """After all that it was to come after; an earlier plan of the same turn counts by its tools."""
        before = {self.names.get(other) for other in steps_before(planned, self._plan)}
        wanted = steps_before(read, self._said) - before
        return all(self._known[other] in self._finished for other in wanted)


def _in_order(plan: Plan) -> Iterator[Step]:
    """The steps, each after those that it waits for."""
    by_id = {step.id: step for step in plan.steps}
    waits = {step.id: [other for other in dependencies(step) if other in by_id] for step in plan.steps}
    return (by_id[step] for step in TopologicalSorter(waits).static_order())


async def vouch(
    plan: Plan,
    request: PlanningRequest,
    reader: Planner,
    tools: Mapping[str, Tool],
    finished: Mapping[str, str] | None = None,
) -> Plan:
    """The same plan with a label for each step that has an effect and that the request itself doesn't say.

    A step that comes before what it should come after, or takes its arguments from another step, isn't what was said.
    Neither is taking back what was done, which has a label of its own. `finished` are the turn's earlier steps, with
    their tools.
    """
    model = Label(
        integrity=Integrity.UNTRUSTED, confidentiality=Confidentiality.INTERNAL, sources=(f"planner:{plan.planner}",)
    )
    writing = [step for step in plan.steps if step.tool in tools and tools[step.tool].effect.writes]
    if not writing:
        return plan
    reading = await reader.plan(await as_said(request, reader, tools), tools)
    said = reading.plan or Plan(steps=[])
    names = _Matching(plan, said, tools, finished or {}).names
    doubted = {step.id: plan.label.join(model) for step in writing if step.id not in names}
    if plan.on_failure != said.on_failure:
        doubted[ON_FAILURE] = plan.label.join(model)
    return plan.model_copy(update={"step_labels": plan.step_labels | doubted})
