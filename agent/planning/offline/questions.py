"""What is asked when a request can't be planned: one concrete question, with what there is to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from agent.planning.offline.situation import Situation, kind_of

__all__ = ["DOING", "choose_between", "confirm", "listed", "missing", "unclear", "unknown"]

DOING: Final = {
    "stack_up": "deploy", "stack_destroy": "destroy", "stack_rollback": "roll back", "stack_repair": "repair",
    "stack_checkpoint": "checkpoint", "stack_unlock": "unlock", "stack_config_set": "change the configuration of",
    "stack_preview": "preview", "stack_drift": "check for drift", "stack_outputs": "show the outputs of",
    "stack_history": "show the history of", "stack_health": "check the health of",
    "stack_config_unset": "remove a key from the configuration of",
    "stack_config_get": "read the configuration of",
    "stack_diagnose": "diagnose", "competitor_watch": "watch a page", "competitor_unwatch": "stop watching",
    "competitor_snooze": "snooze", "competitor_sweep": "sweep the competitors' pages",
    "competitor_discover": "discover pages",
    "competitor_changes": "show what changed at the competitors", "competitor_diff": "show the difference on a page",
    "competitor_import": "watch the pages of a file", "competitor_dry_run": "try out a page",
    "competitor_recall": "look up what is known", "competitor_targets": "list what is watched",
    "notify": "say something in a channel",
    "alert_feedback": "rate an alert", "work_cancel": "stop work", "work_status": "show what is going on",
    "spend": "show the spending",
    "grant_list": "list the grants",
    "grant_repair": "repair by myself", "grant_revoke": "revoke a grant", "pause_all": "pause everything",
    "resume_all": "resume everything",
    "schedule_create": "schedule something", "schedule_list": "list the schedules",
    "schedule_pause": "pause a schedule", "schedule_retime": "give a schedule another time",
    "schedule_resume": "resume a schedule", "schedule_delete": "delete a schedule", "audit_log": "show the audit log",
    "audit_verify": "verify the audit log", "help": "show what I can do", "stack_list": "list the stacks",
}  # fmt: skip
"""Each tool in a few words of a sentence."""

_MISSING: Final = {
    "competitor": "Which competitor do you mean: {competitors}?",
    "url": "Which page? Give me its address (https://…).",
    "domain": "Which site? Give me its domain, such as example.com.",
    "aspect": "What is it about: pricing, features, product_updates, job_postings, client_wins, "
    "technology or market_share?",
    "channel": "In which channel? {channels}",
    "content": "What should I say there?",
    "grant": "Which grant? `list grants` shows their ids.",
    "schedule": "Which schedule? `list schedules` shows their ids.",
    "alert": "Which alert? Give me its id.",
    "verdict": "Was the alert useful or noise?",
    "until": "Until when? A date such as 2026-12-10, or `for two weeks`.",
    "thread": "Which thread? `what are you doing` shows what is going on.",
    "when": "When, or how often? For example `every weekday at 08:00`.",
    "request": "What should be done on that schedule?",
    "checkpoint": "To which checkpoint?",
    "question": "What would you like to know?",
}


def listed(names: Sequence[str], last: str = "or") -> str:
    """`a, b or c`."""
    return f"{', '.join(names[:-1])} {last} {names[-1]}" if len(names) > 1 else "".join(names)


def missing(tool: str, argument: str, known: dict[str, JsonValue], situation: Situation) -> str:
    """What to ask for when an argument is missing."""
    slot = situation.slots(tool).get(argument)
    kind = kind_of(slot.kind if slot else argument)
    names = situation.request.names
    if kind == "stack":
        what = DOING.get(tool, tool)
        which = f": {listed(list(names.stacks))}" if names.stacks else ""
        return (
            f"Which stack should I {what}{which}?"
            if tool != "stack_drift"
            else f"Which stack should I check for drift{which}?"
        )
    if kind == "key":
        return f"Which configuration key of {known.get('stack', 'the stack')}?"
    if kind == "value":
        return f"What should {known.get('key', 'it')} be on {known.get('stack', 'the stack')}?"
    told = f"I know {listed(names.channels, 'and')}." if names.channels else "Write it as #channel."
    question = _MISSING.get(kind, f"What is the {argument.replace('_', ' ')} to {DOING.get(tool, tool)}?")
    return question.format(competitors=listed(list(names.competitors)) or "which one", channels=told)


def unclear(options: Sequence[str]) -> str:
    """When a word may mean several names."""
    return f"Do you mean {listed(list(options))}?"


def unknown(word: str, kind: str, situation: Situation) -> str:
    """When a name isn't known, with those that are, the nearest first."""
    near = situation.read.index.nearest(word, kind)
    called = {"stack": "stack", "competitor": "competitor", "channel": "channel"}[kind]
    return f"I know no {called} called “{word}”. " + (
        f"Do you mean {listed(near)}?" if near else f"No {called} is configured."
    )


def confirm(tool: str, args: dict[str, JsonValue]) -> str:
    """When an action was mentioned and not plainly asked for."""
    target = next(
        (
            str(args[name])
            for name in ("stack", "url", "schedule", "grant", "thread", "alert", "domain", "channel")
            if args.get(name)
        ),
        "",
    )
    what = f"{DOING.get(tool, tool)} {target}".strip()
    return f"I did nothing, because I'm not sure that you want it. Shall I {what}?"


def choose_between(tools: Sequence[str]) -> str:
    """When two readings are as good as each other."""
    return f"Shall I {listed([DOING.get(tool, tool) for tool in tools])}?"
