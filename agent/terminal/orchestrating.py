"""`sophia run orchestrate`: the scheduled work once, for a pipeline that has a clock of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.text import Text

from agent.scheduling.summary import Summary, Worked
from agent.terminal.console import PlainConsole

if TYPE_CHECKING:
    from agent.scheduling.runner import Early
    from agent.settings import Settings
    from agent.sophia import Sophia
    from memory.schedules import Schedule, Schedules

__all__ = ["MODES", "orchestrate", "print_workflow"]

MODES: Final[Mapping[str, str]] = {
    "due": "only what has become due",
    "intelligent": "what has become due, and built-in work that was never done as far as that makes sense",
    "all": "what has become due, and all built-in work",
}
_WANTED: Final = {
    "auto-scale": ("scale", "nothing was scaled", 'sophia ask "health of production"'),
    "cost-optimize": ("cost_optimize", "nothing was changed for its cost", 'sophia ask "what did you spend"'),
}
"""Option → the tool that it needs, what wasn't done without it, and what is near it."""
_WORKFLOW = Path(__file__).with_name("orchestrate.yml")
_SECRETS = ("SOPHIA_DATABASE_URL", "SOPHIA_TOKEN", "SOPHIA_API_KEY", "SOPHIA_CHROMA_URL")


async def orchestrate(mode: str, *, auto_scale: bool, cost_optimize: bool, as_json: bool) -> int:
    """Do the work and say what it came to; the exit status says whether a person is needed."""
    from agent.errors import RequesterMustFix
    from agent.terminal.session import opened

    if mode not in MODES:
        raise RequesterMustFix(
            f"There is no mode {mode!r}.", to_do="; ".join(f"{name}: {what}" for name, what in MODES.items()) + "."
        )
    async with opened(None, PlainConsole(stderr=True)) as session:
        summary = await _run(session.sophia, mode)
        options = {"auto-scale": auto_scale, "cost-optimize": cost_optimize}
        missing = _not_there(session.sophia, [name for name, wanted in options.items() if wanted])
    summary = summary.model_copy(update={"not_there": missing})
    if as_json:
        sys.stdout.write(json.dumps(summary.as_json(), ensure_ascii=False) + "\n")
    else:
        PlainConsole().print(Text(summary.as_text()), soft_wrap=True)
    _write_job_summary(summary)
    return summary.exit_status


async def _run(sophia: Sophia, mode: str) -> Summary:
    from agent.scheduling.runner import ScheduleRunner
    from memory import schedules as stores
    from tools.timetable.foresight import BuiltIns

    shared = sophia.settings.storage.database_url is not None
    schedules: Schedules = sophia.ports.get(stores.Schedules)
    built_ins: BuiltIns = sophia.ports.get(BuiltIns)
    senseless = {} if shared or mode == "all" else await _senseless(sophia)
    await schedules.ensure(built_ins.defined(sophia.clock.now()))
    early = [found for each in await schedules.list() if (found := await _early(each, mode, schedules))]
    ran = await ScheduleRunner(sophia).run_due(also=[each for each in early if each.schedule.id not in senseless])
    left_out = [each.schedule for each in early if each.schedule.id in senseless]
    return Summary(
        mode=mode,
        remembered=_remembered(sophia.settings, shared),
        worked=[Worked.of(each) for each in ran],
        left_out={each.name: senseless[each.id] for each in left_out},
        following=await _following(sophia, schedules) if shared else [],
    )


async def _early(schedule: Schedule, mode: str, schedules: Schedules) -> Early | None:
    """Built-in work that is to be done though it isn't due."""
    from agent.scheduling.runner import Early
    from memory.schedules import Standing

    if not schedule.built_in or schedule.status is not Standing.ACTIVE or mode == "due":
        return None
    runs = await schedules.runs(schedule.id, 1)
    return None if runs and mode != "all" else Early(schedule, runs[0].id if runs else 0)


async def _senseless(sophia: Sophia) -> dict[str, str]:
    """What makes no sense where nothing is remembered: it compares with, or looks through, what was kept before."""
    from agent.scheduling.built_in import AUDIT, DIGEST, DRIFT, SWEEP
    from infra.stacks import Stacks
    from memory.competitors import Competitors

    competitors: Competitors = sophia.ports.get(Competitors)
    stacks: Stacks = sophia.ports.get(Stacks)
    pages = [page.url for page in await competitors.pages()]
    captured = any(standing.ok for standing in (await competitors.standing(pages)).values()) if pages else False
    nothing = "no earlier capture of a page is remembered to compare with"
    found = {} if captured else {SWEEP: nothing, DIGEST: nothing}
    if not any(status.deployed for status in stacks.list()):
        found[DRIFT] = "no stack is known to be deployed from here"
    if (await sophia.audit.head()).size == 0:
        found[AUDIT] = "the audit log is empty"
    return found


def _remembered(settings: Settings, shared: bool) -> str:
    if shared:
        return "Remembered in the team's database."
    return (
        "No shared database is set (SOPHIA_DATABASE_URL), so nothing is remembered between runs, except on this "
        f"machine in {settings.home}. Only what makes sense so is done; nobody elsewhere sees or approves it."
    )


async def _following(sophia: Sophia, schedules: Schedules) -> list[str]:
    from memory.schedules import Standing
    from tools.timetable.telling import moment

    zone = sophia.settings.business.zone
    return [
        f"{each.name or each.request}: {moment(each.next_at, zone)}"
        for each in await schedules.list()
        if each.status is Standing.ACTIVE and each.next_at is not None
    ]


def _not_there(sophia: Sophia, options: list[str]) -> list[str]:
    """What was asked for and isn't there yet."""
    return [
        f"--{option}: there is no {tool} yet, so {undone}. Near it: {near}"
        for option, (tool, undone, near) in _WANTED.items()
        if option in options and tool not in sophia.tools
    ]


def _write_job_summary(summary: Summary) -> None:
    from agent.settings import job_summary_file

    file = job_summary_file()
    if file is None:
        return
    try:
        with file.open("a", encoding="utf-8") as stream:
            stream.write(summary.as_markdown())
    except OSError as error:
        sys.stderr.write(f"The job summary could not be written to {file}: {error.strerror}.\n")


async def print_workflow(mode: str, *, auto_scale: bool, cost_optimize: bool) -> int:
    """Print a GitHub Actions workflow that does the same as this command, as often as the configuration wants it."""
    from agent.settings import load

    settings = load()
    options = [f"--mode {mode}"]
    options += ["--auto-scale"] if auto_scale else []
    options += ["--cost-optimize"] if cost_optimize else []
    names = [*_SECRETS, *sorted({stack.passphrase_env for stack in settings.stacks.values() if stack.passphrase_env})]
    environment = "\n".join(f"          {name}: ${{{{ secrets.{name} }}}}" for name in dict.fromkeys(names))
    text = _WORKFLOW.read_text(encoding="utf-8")
    text = text.replace("@CRON@", _cron(settings)).replace("@ENVIRONMENT@", environment)
    sys.stdout.write(text.replace("@OPTIONS@", " ".join(options)))
    return 0


def _cron(settings: Settings) -> str:
    """Often enough for the built-in work; not at the full hour, when GitHub's queue is longest."""
    from agent.clock import SystemClock
    from agent.scheduling.built_in import BuiltInSchedules
    from tools.timetable.rules import rule_of, shortest_gap

    now = SystemClock().now()
    gaps = [shortest_gap(rule_of(each.rule), now) for each in BuiltInSchedules(settings).defined(now)]
    hours = min((gap for gap in gaps if gap is not None), default=timedelta(days=1)) / timedelta(hours=1)
    if hours < 1:
        return "7,22,37,52 * * * *"
    step = max(step for step in (1, 2, 3, 4, 6, 8, 12, 24) if step <= hours)
    return {1: "7 * * * *", 24: "7 0 * * *"}.get(step, f"7 */{step} * * *")
