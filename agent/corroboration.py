"""What the requester's own words vouch for in a plan that a model made.

A model may be wrong or in an attacker's hand, so what it plans has an effect only as far as the request itself,
read without a model, says the same: the same tool with the same arguments. Everything else that the model planned is
labelled untrusted, and the guard asks a person before it has an effect. Reads need nobody's word.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from agent.plan import Plan, Step, references, tools_before
from agent.planning.planner import Planner, PlanningRequest
from memory.labels import Confidentiality, Integrity, Label
from tools.declaration import Tool

__all__ = ["vouch"]


def _literals(step: Step) -> dict[str, JsonValue]:
    return {name: value for name, value in step.args.items() if not any(references(value))}


def _says_the_same(planned: Step, read: Step) -> bool:
    """Same tool, same literal arguments, same sources of the others, same condition or a stricter one."""
    if planned.tool != read.tool or _literals(planned) != _literals(read):
        return False
    if set(planned.args) != set(read.args):
        return False
    return read.when is None or planned.when == read.when


async def vouch(
    plan: Plan,
    request: PlanningRequest,
    reader: Planner,
    tools: Mapping[str, Tool],
    finished: Mapping[str, str] | None = None,
) -> Plan:
    """The same plan with a label for each step that has an effect and that the request itself doesn't say.

    A step that comes before what it should come after isn't what was said either. `finished` are the turn's earlier
    steps, with their tools.
    """
    model = Label(
        integrity=Integrity.UNTRUSTED, confidentiality=Confidentiality.INTERNAL, sources=(f"planner:{plan.planner}",)
    )
    reading = await reader.plan(request, tools)
    said = reading.plan or Plan(steps=[])
    read = list(said.steps)
    doubted: dict[str, Label] = {}
    for step in plan.steps:
        before = tools_before(step, plan, finished)
        match = next(
            (other for other in read if _says_the_same(step, other) and tools_before(other, said) <= before), None
        )
        if match is not None:
            read.remove(match)
        elif step.tool in tools and tools[step.tool].effect.writes:
            doubted[step.id] = plan.label.join(model)
    return plan.model_copy(update={"step_labels": plan.step_labels | doubted})
