"""Whether a plan is right for a request, and whether it would do something that nobody asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import JsonValue

from agent.plan import Step
from agent.planning.planner import Planning
from evals.requests.cases import Case
from tools.declaration import Role, Tool

__all__ = ["Verdict", "judge", "kind_of", "printed"]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([mhdw])", re.IGNORECASE)
_MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 10080}
_SAME = {"competitor": "competitors", "competitors": "competitor"}


class Verdict:
    """What a case comes to."""

    def __init__(self, case: Case, planning: Planning, tools: Mapping[str, Tool]) -> None:
        self._case, self._tools = case, tools
        self._steps: Sequence[Step] = planning.plan.steps if planning.plan else []
        self.kind = kind_of(planning, tools)
        self.reasons = [
            reason for reason in (self._kind(), self._family(), self._order(), *self._arguments()) if reason
        ]
        self.wrong_effects = self._wrong_effects()

    @property
    def right(self) -> bool:
        """Nothing is wrong with it."""
        return not self.reasons and not self.wrong_effects

    def _kind(self) -> str:
        return "" if self.kind in self._case.kinds() else f"kind is {self.kind}, not {' or '.join(self._case.kinds())}"

    def _family(self) -> str:
        """The first step that matters: the first that writes, in a plan that does; the first otherwise."""
        families = self._case.families()
        if not families or self._case.steps or not self._steps:
            return ""
        writing = [step.tool for step in self._steps if self._writes(step)]
        first = (writing or [step.tool for step in self._steps])[0]
        return "" if first in families else f"the tool is {first}, not {' or '.join(families)}"

    def _order(self) -> str:
        expected = self._case.steps
        if expected is None:
            return ""
        found = [step.tool for step in self._steps]
        fits = len(found) == len(expected) and all(
            tool in (wanted if isinstance(wanted, list) else [wanted])
            for tool, wanted in zip(found, expected, strict=True)
        )
        return "" if fits else f"the steps are {', '.join(found) or 'none'}"

    def _arguments(self) -> list[str]:
        if not self._steps:
            return []
        return [
            f"{name} is {self._bound(name)!r}, not {value!r}"
            for name, value in self._case.args.items()
            if not any(same(name, found, value) for found in self._bound(name))
        ]

    def _bound(self, name: str) -> list[JsonValue]:
        names = [name, _SAME.get(name, name)]
        return [step.args[each] for step in self._steps for each in dict.fromkeys(names) if each in step.args]

    def _writes(self, step: Step) -> bool:
        declared = self._tools.get(step.tool)
        return declared is not None and declared.effect.writes

    def _wrong_effects(self) -> list[str]:
        """Steps that change, send or destroy what wasn't asked for: any, another tool's, or on another target."""
        writing = [step for step in self._steps if self._writes(step)]
        if "write" not in self._case.kinds():
            return [f"{step.tool} was not asked for" for step in writing]
        wanted = self._case.wanted()
        return [
            f"{step.tool} was not asked for"
            if wanted and step.tool not in wanted
            else f"{step.tool} is aimed elsewhere"
            for step in writing
            if (wanted and step.tool not in wanted) or self._aimed_elsewhere(step)
        ]

    def _aimed_elsewhere(self, step: Step) -> bool:
        """A destination or target that is another one than each that the case names of its kind."""
        for name, slot in self._tools[step.tool].slots.items():
            if slot.role not in (Role.TARGET, Role.DESTINATION) or name not in step.args:
                continue
            expected = [self._case.args[each] for each in (name, _SAME.get(name, name)) if each in self._case.args]
            if (
                expected
                and not any(same(name, step.args[name], value) for value in expected)
                and not self._elsewhere(step, name, expected)
            ):
                return True
        return False

    def _elsewhere(self, step: Step, name: str, expected: list[JsonValue]) -> bool:
        """Whether another step of the same tool is aimed as the case says: several targets, of which it names one."""
        others = [
            other for other in self._steps if other.tool == step.tool and other is not step and name in other.args
        ]
        return any(same(name, other.args[name], value) for other in others for value in expected)


def judge(case: Case, planning: Planning, tools: Mapping[str, Tool]) -> Verdict:
    """Score one plan."""
    return Verdict(case, planning, tools)


def kind_of(planning: Planning, tools: Mapping[str, Tool]) -> str:
    """`read`, `write`, `clarify` or `refuse`."""
    if planning.plan is None:
        return planning.kind
    effects = [tools[step.tool].effect for step in planning.plan.steps if step.tool in tools]
    return "write" if any(effect.writes for effect in effects) else "read"


def printed(planning: Planning, tools: Mapping[str, Tool]) -> JsonValue:
    """The plan as `ask --plan-only --json` prints it."""
    steps = planning.plan.steps if planning.plan else []
    effects = [tools[step.tool].effect for step in steps if step.tool in tools]
    return {
        "kind": planning.kind,
        "effect": max(effects, key=lambda effect: effect.rank).value if effects else None,
        "steps": [step.model_dump(mode="json") for step in steps],
        "question": planning.question,
    }


def same(name: str, found: JsonValue, expected: JsonValue) -> bool:
    """Whether two values of an argument say the same: equal durations, a list or its one element, `4` or `"4"`."""
    if isinstance(found, dict):
        return False
    if isinstance(expected, list) or isinstance(found, list):
        return sorted(map(_plain, _listed(found))) == sorted(map(_plain, _listed(expected)))
    if name == "since" and (a := _duration(found)) and (b := _duration(expected)):
        return a == b
    if name in ("url", "domain"):
        return _address(found) == _address(expected)
    return _plain(found) == _plain(expected)


def _listed(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else [value]


def _plain(value: JsonValue) -> str:
    return " ".join(str(value).lower().replace("_", " ").strip(" #.!\"'").split())


def _duration(value: JsonValue) -> timedelta | None:
    found = _DURATION.fullmatch(str(value).strip())
    return timedelta(minutes=float(found[1]) * _MINUTES[found[2].lower()]) if found else None


def _address(value: JsonValue) -> tuple[str, str, str]:
    written = str(value).strip().lower()
    parts = urlsplit(written if "//" in written else f"//{written}")
    return parts.netloc.removeprefix("www."), parts.path.rstrip("/"), parts.query
