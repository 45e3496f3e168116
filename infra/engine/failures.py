"""Recognises what the engine's error output means and who acts next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from infra.errors import EngineFailure, InfraError, LockHeld, NotDeployed, PlanMoved, WrongPassphrase
from infra.patterns import PATTERNS

__all__ = ["failure_of", "reasons"]

_NOISE = re.compile(
    r"^\s*(code: |stdout: |stderr: )?\s*$|^Updating \(|^Previewing |^Refreshing \(|^Destroying \(|\bSDK \S+ \S+ WARN "
)
_PREFIX = re.compile(r"^(?:stderr: )?(?:error: )?(?=\S)")
"""What the command line writes before its reason."""
_MOST_LINES = 20
_OWNER = re.compile(r"created by (\S+)@(\S+) \(pid (\d+)\)")
"""How the command line names who holds a lock."""
_BACKEND = re.compile(
    r"failed to save snapshot|failed to load checkpoint: blob|read \"\.pulumi/meta\.yaml\"|operation error S3|"
    r"unable to (?:open|access) (?:bucket|backend)",
)
"""What keeps the state can't be read or written."""


_EXITED = re.compile(r"program exited with non-zero exit code|program failed: exit status")
"""All that the engine says of a program that ended by itself: why, stands in what the program printed."""
_SPEAKS_OF_FAILURE = re.compile(r"\b(?:panic|fatal|exception|failed|failure|cannot|denied|\w*error)\b", re.IGNORECASE)
_RAISED = re.compile(
    r"[\s|+-]*(?!Exception Group Traceback)"
    r"([\w.]*(?:Error|Exception|ExceptionGroup)\b.*:.*|[\w.]*(?:Error|Exception)$)"
)
"""What Python raised, also as a member of a group, which it draws with bars."""
_MOST_OF_A_GROUP = 4
_PRINTED_LINES = 40
_IN_THE_PROGRAM = "program error"
"""Its place says little without what was raised there, which is the reason that is told anyway."""


def reasons(result: Mapping[str, Any], message: str) -> list[str]:
    """The lines that say why: error diagnostics first, else the error lines of the output."""
    found = [
        line
        for said in result.get("diagnostics", [])
        if said["severity"] == "error"
        for line in said["message"].splitlines()
        if line.strip()
    ]
    if found and all(_EXITED.search(line) for line in found):
        return [*_printed(result), *found]
    if found:
        return found
    lines = [line.strip() for line in message.splitlines() if not _NOISE.match(line)]
    first = next((at for at, line in enumerate(lines) if "error" in line.lower()), None)
    return lines[-5:] if first is None else lines[first : first + _MOST_LINES]


def _printed(result: Mapping[str, Any]) -> list[str]:
    """The last that a program printed: as an error where it did that, else at all."""
    for severity in ("info#err", "info"):
        said = [item["message"] for item in result.get("diagnostics", []) if item["severity"] == severity]
        lines = [line for message in said for line in message.splitlines() if line.strip()]
        if lines:
            return lines[-_PRINTED_LINES:]
    return []


def _short(lines: Sequence[str]) -> str:
    exceptions = [hit[1] for line in lines if (hit := _RAISED.match(line))]
    group = next((at for at, line in enumerate(exceptions) if "ExceptionGroup:" in line), None)
    if group is not None:
        return "; ".join(exceptions[group : group + _MOST_OF_A_GROUP])[:400]
    if not exceptions and lines and _EXITED.search(lines[-1]):
        return _last_words([line for line in lines if not _EXITED.search(line)])
    chosen = exceptions[-1:] or lines[:1]
    if not chosen:
        return "it gave no reason"
    headed = [*chosen, *lines[1:2]] if not exceptions and chosen[0].endswith(":") else chosen
    return " ".join(_PREFIX.sub("", line.strip()) for line in headed)[:400]


def _last_words(printed: Sequence[str]) -> str:
    """Of what a program printed before it ended by itself: the line that speaks of a failure, else the last."""
    if not printed:
        return "the program ended by itself and printed nothing that says why"
    return next((line for line in printed if _SPEAKS_OF_FAILURE.search(line)), printed[-1]).strip()[:400]


def failure_of(stack: str, error: Mapping[str, str], result: Mapping[str, Any], log: Sequence[str]) -> InfraError:
    """The error to raise for what the child reported."""
    message, kind = error["message"], error["kind"]
    lines = reasons(result, message)
    everything = "\n".join([*lines, message])
    if "currently locked by" in everything or kind == "ConcurrentUpdateError":
        return _held(stack, everything)
    if "incorrect passphrase" in everything or "passphrase must be set" in everything:
        return WrongPassphrase(
            f"The secrets of {stack} can't be read with the passphrase that is configured.",
            not_done="Nothing was changed.",
            to_do="Set the environment variable that its declaration names to the right passphrase.",
        )
    if kind == "StackNotFoundError":
        return NotDeployed(
            f"{stack} isn't there: its backend knows no such stack.",
            not_done="Nothing was changed.",
            to_do="Make it once with `pulumi stack init` in its project, or mend its name or backend in sophia.toml.",
        )
    if "violates plan" in everything or "resource violates" in everything:
        return PlanMoved(
            f"The engine refused to go beyond the approved plan for {stack}: {_short(lines)}",
            not_done="What deviates from the plan was not done.",
            to_do="Preview again and approve what the stack needs now.",
        )
    if re.search(r"code: -(9|15)\b", message):
        kind = "killed"
    if _BACKEND.search(everything):
        return _of_run(
            EngineFailure(
                f"The backend that keeps the state of {stack} can't be reached, or it takes nothing: {_short(lines)}",
                why=f"the backend that keeps its state can't be reached, or it takes nothing: {_short(lines)}",
                kind="backend",
                log=[*lines, *log],
                not_done="What it hadn't begun was not done; the state has what was written last.",
                to_do=f"Bring it back, then say “deploy {stack}”: that starts from what is there.",
            ),
            result,
        )
    why = _short(lines)
    failure = EngineFailure(
        f"The engine failed on {stack}: {why}", kind=kind, log=[*lines, *log], to_do=_next(stack, lines), why=why
    )
    return _of_run(failure, result)


def _next(stack: str, lines: Sequence[str]) -> str:
    """What it means and what to do, where a known failure shows, and where the evidence for it stands."""
    shown = [
        (pattern, groups)
        for pattern in PATTERNS
        for line in lines
        if pattern.kind != _IN_THE_PROGRAM and (groups := pattern.groups(line, "")) is not None
    ]
    if not shown:
        return f"Ask `diagnose {stack}`."
    pattern, groups = max(shown, key=lambda found: found[0].weight)
    todo = pattern.todo.format(stack=stack)
    return f"{pattern.filled(groups)} {todo[0].upper()}{todo[1:]}; `diagnose {stack}` shows the evidence."


def _of_run(failure: EngineFailure, result: Mapping[str, Any]) -> EngineFailure:
    failure.result = dict(result)
    return failure


def _held(stack: str, said: str) -> LockHeld:
    owners = tuple(dict.fromkeys((user, host, int(pid)) for user, host, pid in _OWNER.findall(said)))
    by = f" ({', '.join(f'{user}@{host}, process {pid}' for user, host, pid in owners)})" if owners else ""
    error = LockHeld(
        f"Somebody else is deploying {stack} right now{by}.",
        not_done="Nothing was changed by this call.",
        to_do=f"Wait for it to end, or see who holds the lock with `diagnose {stack}`.",
    )
    error.owners = owners
    return error
