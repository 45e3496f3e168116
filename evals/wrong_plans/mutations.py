"""Ways in which a planner gets a right plan wrong: another stack, a swapped argument, a step too many or too few …"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from pydantic import JsonValue

from agent.plan import Plan, Step, references
from agent.planning.planner import Names
from tools.declaration import Role, Tool

__all__ = ["MUTATIONS", "Mutation"]

Mutation = Callable[[Plan, Mapping[str, Tool], Names, random.Random], Plan | None]
"""A wrong plan made of a right one; None where it has nothing to get wrong in this way."""

_EXTRA: Sequence[Step] = (
    Step(id="x", tool="notify", args={"channel": "#exec", "content": "done"}),
    Step(id="x", tool="stack_up", args={"stack": "production"}),
    Step(id="x", tool="stack_destroy", args={"stack": "development"}),
    Step(id="x", tool="pause_all"),
    Step(id="x", tool="competitor_watch", args={"url": "https://www.eliseai.com/pricing", "aspect": "pricing"}),
)
_SIBLINGS = {
    "stack_up": "stack_destroy",
    "stack_destroy": "stack_up",
    "stack_repair": "stack_up",
    "stack_preview": "stack_up",
    "stack_drift": "stack_repair",
    "competitor_unwatch": "competitor_sweep",
    "pause_all": "resume_all",
    "resume_all": "pause_all",
    "schedule_pause": "schedule_delete",
    "stack_health": "stack_unlock",
}
"""A tool that takes the same arguments and does something else."""


def _places(plan: Plan, tools: Mapping[str, Tool], *roles: Role) -> list[tuple[int, str]]:
    """Where the plan says a text literally in an argument of one of these roles."""
    return [
        (number, name)
        for number, step in enumerate(plan.steps)
        for name, value in step.args.items()
        if isinstance(value, str) and name in tools[step.tool].slots and tools[step.tool].slots[name].role in roles
    ]


def _with(plan: Plan, number: int, **changed: object) -> Plan:
    steps = list(plan.steps)
    steps[number] = steps[number].model_copy(update=changed)
    return plan.model_copy(update={"steps": steps})


def _said(plan: Plan, place: tuple[int, str], value: JsonValue) -> Plan:
    number, name = place
    return _with(plan, number, args={**plan.steps[number].args, name: value})


def wrong_target(plan: Plan, tools: Mapping[str, Tool], names: Names, choice: random.Random) -> Plan | None:
    """Another stack, competitor, channel or page."""
    found = list(_others(plan, tools, names))
    return _said(plan, *choice.choice(found)) if found else None


def _others(plan: Plan, tools: Mapping[str, Tool], names: Names) -> Iterator[tuple[tuple[int, str], str]]:
    known: dict[str, list[str]] = {
        "stack": list(names.stacks),
        "competitor": list(names.competitors),
        "channel": list(names.channels),
        "url": list(names.pages),
    }
    for place in _places(plan, tools, Role.TARGET, Role.DESTINATION):
        step = plan.steps[place[0]]
        for other in known.get(tools[step.tool].slots[place[1]].kind, []):
            if other != step.args[place[1]]:
                yield place, other


def swapped_argument(plan: Plan, tools: Mapping[str, Tool], names: Names, choice: random.Random) -> Plan | None:
    """An option or what is said is another one."""
    places = _places(plan, tools, Role.OPTION, Role.PAYLOAD)
    if not places:
        return None
    place = choice.choice(places)
    value = str(plan.steps[place[0]].args[place[1]])
    return _said(plan, place, "30d" if value.endswith(("d", "h", "w")) and value[:-1].isdigit() else f"not {value}")


def missing_step(plan: Plan, tools: Mapping[str, Tool], names: Names, choice: random.Random) -> Plan | None:
    """A step is left out, and nobody waits for it any more."""
    free = [step for step in plan.steps if not any(step.id in _fixed(other) for other in plan.steps)]
    if len(plan.steps) < 2 or not free:
        return None
    gone = choice.choice(free)
    kept = [
        step.model_copy(update={"needs": [need for need in step.needs if need != gone.id]})
        for step in plan.steps
        if step is not gone
    ]
    return plan.model_copy(update={"steps": kept})


def _fixed(step: Step) -> set[str]:
    """The steps that a step takes something from, so that leaving them out would only be nonsense."""
    return {reference.step for reference in references(step.args)} | set((step.when or "").replace(".", " ").split())


def extra_step(plan: Plan, tools: Mapping[str, Tool], names: Names, choice: random.Random) -> Plan | None:
    """Something that has an effect, and that nobody asked for."""
    extra = choice.choice([step for step in _EXTRA if step.tool not in {each.tool for each in plan.steps}])
    number = 1 + max(int(step.id[1:]) for step in plan.steps if step.id[1:].isdigit())
    return plan.model_copy(update={"steps": [*plan.steps, extra.model_copy(update={"id": f"s{number}"})]})


def reordered(plan: Plan, tools: Mapping[str, Tool], names: Names, choice: random.Random) -> Plan | None:
    """The steps the other way round, each waiting for the one that should come after it."""
    if len(plan.steps) < 2 or any(_fixed(step) & {each.id for each in plan.steps} for step in plan.steps):
        return None
    steps = list(reversed(plan.steps))
    chained = [
        step.model_copy(update={"needs": [steps[number - 1].id] if number else []}) for number, step in enumerate(steps)
    ]
    return plan.model_copy(update={"steps": chained})


def dropped_condition(plan: Plan, tools: Mapping[str, Tool], names: Names, choice: random.Random) -> Plan | None:
    """What was to happen only in a case happens in every case."""
    found = [number for number, step in enumerate(plan.steps) if step.when]
    return _with(plan, choice.choice(found), when=None) if found else None


def another_tool(plan: Plan, tools: Mapping[str, Tool], names: Names, choice: random.Random) -> Plan | None:
    """A tool that takes the same arguments and does something else."""
    found = [number for number, step in enumerate(plan.steps) if step.tool in _SIBLINGS]
    if not found:
        return None
    number = choice.choice(found)
    other = _SIBLINGS[plan.steps[number].tool]
    fitting = {name: value for name, value in plan.steps[number].args.items() if name in tools[other].slots}
    return _with(plan, number, tool=other, args=fitting)


MUTATIONS: Mapping[str, Mutation] = {
    function.__name__: function
    for function in (
        wrong_target,
        swapped_argument,
        missing_step,
        extra_step,
        reordered,
        dropped_condition,
        another_tool,
    )
}
