"""The schedules that come with Sophia: a sweep and a drift check every four hours, a digest and an audit every day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from agent.plan import MAXIMUM_STEPS, Plan, Step
from agent.scheduling.owners import SOPHIA
from agent.settings import Settings
from memory.schedules import Schedule
from tools.timetable.reading import read_when
from tools.timetable.rules import Cron, Rule

__all__ = ["AUDIT", "BUILT_IN", "DIGEST", "DRIFT", "SWEEP", "BuiltInSchedules", "built_in_plan"]

SWEEP, DRIFT, DIGEST, AUDIT = "s_sweep", "s_drift", "s_digest", "s_audit"
PLANNER = "built in"


@dataclass(frozen=True)
class _Work:
    id: str
    name: str
    request: str
    key: str
    """Its name in the configuration."""
    alerts: bool
    """Told where changes are told; otherwise where operations are."""


_ALL = (
    _Work(SWEEP, "competitor sweep", "sweep the competitors' pages", "sweep", alerts=True),
    _Work(DRIFT, "drift check", "check every deployed stack for drift", "drift", alerts=False),
    _Work(DIGEST, "daily digest", "say what changed at the competitors within a day", "digest", alerts=True),
    _Work(AUDIT, "audit verification", "verify the audit log", "audit", alerts=False),
)
BUILT_IN = tuple(work.id for work in _ALL)
"""The ids of all of them."""


class BuiltInSchedules:
    """What is built in, as it is configured."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rules: dict[str, Cron] = {}

    def defined(self, now: datetime) -> Sequence[Schedule]:
        """Each with the time at which it would be due next. What is switched off isn't among them."""
        times = self._settings.schedules.times()
        return [self._schedule(work, times[work.key], now) for work in _ALL if work.key in times]

    def _rule(self, when: str, now: datetime) -> Rule:
        """What doesn't depend on now is read once: a process that serves asks for it every few seconds."""
        if when in self._rules:
            return self._rules[when]
        rule = read_when(when, self._settings.business.zone, now)
        if isinstance(rule, Cron):
            self._rules[when] = rule
        return rule

    def _schedule(self, work: _Work, when: str, now: datetime) -> Schedule:
        rule = self._rule(when, now)
        configured = self._settings.schedules
        channel = configured.alert_channel if work.alerts else configured.operations_channel
        channel = channel if channel in self._settings.channels else ""
        return Schedule(
            id=work.id,
            name=work.name,
            request=work.request,
            words=when,
            rule=rule.model_dump(mode="json"),
            zone=rule.zone,
            channel=channel,
            owner=SOPHIA,
            audience=f"channel:{channel}" if channel else f"person:{SOPHIA}",
            built_in=True,
            next_at=rule.following(now),
            created_at=now,
        )


def built_in_plan(schedule: str, deployed: Callable[[], Sequence[str]], *, watched: bool = True) -> Plan:
    """What a built-in schedule does now; `deployed` gives the stacks that can drift, and is asked only for them.

    Where nothing is `watched`, or deployed, that is seen and said: it is no failure.
    """
    match schedule:
        case "s_sweep" if not watched:
            steps = [Step(id="s1", tool="competitor_targets", why="no page is watched")]
        case "s_sweep":
            steps = [Step(id="s1", tool="competitor_sweep", why="look at the competitors' pages")]
        case "s_drift":
            steps = [
                Step(id=f"s{number}", tool="stack_drift", args={"stack": stack}, why=f"check {stack} for drift")
                for number, stack in enumerate(deployed()[:MAXIMUM_STEPS], 1)
            ] or [Step(id="s1", tool="stack_list", why="no stack is deployed")]
        case "s_digest":
            args: dict[str, JsonValue] = {"since": "24h", "untold": True}
            steps = [Step(id="s1", tool="competitor_changes", args=args, why="what changed and wasn't told yet")]
        case "s_audit":
            steps = [Step(id="s1", tool="audit_verify", why="see whether the audit log is whole")]
        case _:
            raise KeyError(schedule)
    return Plan(steps=steps, planner=PLANNER)
