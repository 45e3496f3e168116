"""Recognises what the engine's error output means and who acts next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from infra.errors import EngineFailure, InfraError, LockHeld, NotDeployed, PlanMoved, WrongPassphrase

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


def reasons(result: Mapping[str, Any], message: str) -> list[str]:
    """The lines that say why: error diagnostics first, else the error lines of the output."""
    found = [
        line
        for said in result.get("diagnostics", [])
        if said["severity"] == "error"
        for line in said["message"].splitlines()
        if line.strip()
    ]
    if found:
        return found
    lines = [line.strip() for line in message.splitlines() if not _NOISE.match(line)]
    first = next((at for at, line in enumerate(lines) if "error" in line.lower()), None)
    return lines[-5:] if first is None else lines[first : first + _MOST_LINES]


def _short(lines: Sequence[str]) -> str:
    exceptions = [line for line in lines if re.match(r"^[\w.]*(Error|Exception)\b.*:", line.strip())]
    chosen = exceptions[-1:] or lines[:1]
    if not chosen:
        return "it gave no reason"
    headed = [*chosen, *lines[1:2]] if not exceptions and chosen[0].endswith(":") else chosen
    return " ".join(_PREFIX.sub("", line.strip()) for line in headed)[:400]


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
                kind="backend",
                log=[*lines, *log],
                not_done="What it hadn't begun was not done; the state has what was written last.",
                to_do=f"Bring it back, then say “deploy {stack}”: that starts from what is there.",
            ),
            result,
        )
    failure = EngineFailure(
        f"The engine failed on {stack}: {_short(lines)}",
        kind=kind,
        log=[*lines, *log],
        to_do=f"Ask `diagnose {stack}`.",
    )
    return _of_run(failure, result)


def _of_run(failure: EngineFailure, result: Mapping[str, Any]) -> EngineFailure:
    failure.result = dict(result)
    return failure


def _held(stack: str, said: str) -> LockHeld:
    owners = tuple((user, host, int(pid)) for user, host, pid in _OWNER.findall(said))
    by = f" ({', '.join(f'{user}@{host}, process {pid}' for user, host, pid in owners)})" if owners else ""
    error = LockHeld(
        f"Somebody else is deploying {stack} right now{by}.",
        not_done="Nothing was changed by this call.",
        to_do=f"Wait for it to end, or see who holds the lock with `diagnose {stack}`.",
    )
    error.owners = owners
    return error
