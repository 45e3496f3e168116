"""A stack's configuration: reading it with secrets masked, and changing one key."""

from __future__ import annotations

import functools
import json
from contextlib import suppress
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from infra.configuration import UNSET, ConfigChange, ConfigKey
from infra.errors import InfraError, UnknownKey
from infra.stacks import Stacks
from memory.labels import Provenance
from tools.declaration import (
    Attempt,
    Clock,
    Effect,
    Gate,
    Outcome,
    Permit,
    Preview,
    Reconciliation,
    Requester,
    Role,
    Slot,
    Undo,
    Verification,
    tool,
)
from tools.infrastructure.telling import observed, told
from tools.result import Finding, Result, Weight

__all__ = ["stack_config_get", "stack_config_set", "stack_config_unset"]


class StackConfigGetArguments(BaseModel):
    """Which stack, and which key."""

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]
    key: Annotated[str | None, Slot(Role.OPTION, "key")] = None


class ConfigLine(BaseModel):
    """One key."""

    key: str
    name: str
    """Without the project's namespace; with any other."""
    value: JsonValue
    set: bool
    secret: bool
    type: str
    description: str

    @classmethod
    def of(cls, key: ConfigKey, project: str) -> ConfigLine:
        """From the engine's."""
        return cls(
            key=key.key,
            name=key.key.removeprefix(f"{project}:"),
            value=key.value,
            set=key.set,
            secret=key.secret,
            type=key.type,
            description=key.description,
        )

    @property
    def sentence(self) -> str:
        """For a person."""
        shown = self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False)
        if self.set:
            return f"{self.name} is {shown}."
        return f"{self.name} isn't set" + ("." if self.value is None else f"; the program takes {shown}.")


class StackConfig(Result):
    """What is configured, secrets masked."""

    stack: str
    keys: list[ConfigLine]
    value: JsonValue = None
    path: str
    at: datetime

    def findings(self) -> list[Finding]:
        """A sentence for each key."""
        where = Provenance.observed(f"pulumi:{self.stack}", self.at, f"read {self.path}")
        if not self.keys:
            return [observed(f"{self.stack} has no configuration.", where, stack=self.stack)]
        return [observed(line.sentence, where, key=line.key, value=line.value) for line in self.keys]


@tool(
    effect=Effect.READ,
    phrases=(
        "what is {key} set to in {stack}", "show the configuration of {stack}", "config of {stack}",
        "read {key} of {stack}",
    ),
)  # fmt: skip
async def stack_config_get(arguments: StackConfigGetArguments, *, stacks: Stacks, clock: Clock) -> StackConfig:
    """Show a stack's configuration, secrets masked."""
    with told():
        place = stacks.place(arguments.stack)
        keys = [await _known(stacks, place.name, arguments.key)] if arguments.key else stacks.config(place.name)
    return StackConfig(
        stack=place.name,
        keys=[ConfigLine.of(key, place.project) for key in keys],
        value=keys[0].value if arguments.key else None,
        path=place.config_path.name,
        at=clock.now(),
    )


async def _known(stacks: Stacks, stack: str, wanted: str) -> ConfigKey:
    """One key. Raises UnknownKey, which says so where it is an output that is called like this."""
    try:
        return stacks.config_key(stack, wanted)
    except UnknownKey as error:
        with suppress(InfraError):
            if wanted in await stacks.outputs(stack):
                error.to_do = f"It is an output of that name: say “show the outputs of {stack}”. {error.to_do}"
        raise


class StackConfigSetArguments(BaseModel):
    """Which stack, which key, and its new value; `unset` removes the key."""

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]
    key: Annotated[str, Slot(Role.OPTION, "key")] = Field(min_length=1, max_length=120)
    value: Annotated[str, Slot(Role.PAYLOAD, "value")] = Field(min_length=1, max_length=4000)


class StackConfigUnsetArguments(BaseModel):
    """Which stack, and which key."""

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]
    key: Annotated[str, Slot(Role.OPTION, "key")] = Field(min_length=1, max_length=120)


KeyArguments = StackConfigSetArguments | StackConfigUnsetArguments


class StackConfigured(Result):
    """What was set."""

    stack: str
    key: str
    previous: str
    value: str
    in_git: bool
    """It lies in a git repository, and the current commit hasn't got it so."""
    branch: str = ""
    commit: str = ""
    path: str
    at: datetime

    def findings(self) -> list[Finding]:
        """From what to what, and that nothing is deployed yet."""
        where = Provenance.observed(f"pulumi:{self.stack}", self.at, f"read {self.path} back")
        name = self.key.rpartition(":")[2]
        words = f"{name} of {self.stack} is {self.value} now; it was {self.previous}. The next deploy applies it."
        facts: dict[str, JsonValue] = {"key": self.key, "value": self.value, "previous": self.previous}
        found = [Finding(weight=Weight.DONE, sentence=words, facts=facts, provenance=where)]
        if self.commit:
            words = (
                f"It is committed on branch {self.branch} ({self.commit[:12]}), not pushed: merge it, or the next "
                "pipeline run reverts it."
            )
            facts = {"branch": self.branch, "commit": self.commit}
            found.append(Finding(weight=Weight.DONE, sentence=words, facts=facts, provenance=where))
        elif self.in_git:
            words = f"{self.path} lies in a git repository: commit it, or the next pipeline run reverts it."
            found.append(Finding(weight=Weight.WARNING, sentence=words, provenance=where))
        return found


async def preview_set(arguments: StackConfigSetArguments, *, stacks: Stacks) -> Preview:
    """From what to what the key would change."""
    return _card(arguments.stack, arguments.key, arguments.value, stacks)


async def preview_unset(arguments: StackConfigUnsetArguments, *, stacks: Stacks) -> Preview:
    """What the key is now. Raises ToolError with the nearest when no such key is set or declared."""
    with told():
        stacks.config_key(arguments.stack, arguments.key)
    return _card(arguments.stack, arguments.key, UNSET, stacks)


def _card(stack: str, key: str, value: str, stacks: Stacks) -> Preview:
    with told():
        change = stacks.propose_config(stack, key, value)
        declared = stacks.declaration(stack)
    name = change.key.rpartition(":")[2]
    if change.value == UNSET:
        doing = f"unset {name} of {change.stack}, which is {change.previous}"
    else:
        doing = f"set {name} of {change.stack} from {change.previous} to {change.value}"
    return Preview(
        summary=doing,
        details=["nothing is deployed by this; the next deploy applies it", *_in_git(change)],
        risk="none until the next deploy" if change.branch or not change.in_git else _BY_HAND,
        undo=f"{name} can be set back to {change.previous}.",
        nothing_to_do=change.nothing_to_do,
        protected=declared.protected,
        state_version=change.digest,
        bound=change.model_dump(mode="json"),
    )


_BY_HAND = "the file lies in git with changes of somebody's own, or is ignored there: it isn't committed for you"


def _in_git(change: ConfigChange) -> list[str]:
    if not change.branch:
        return []
    return [f"it is offered as a commit on a new branch {change.branch}; nobody's branch is touched, nothing is pushed"]


async def verify_set(arguments: KeyArguments, result: StackConfigured, *, stacks: Stacks) -> Verification:
    """Read the key back from the file, and the file from the branch."""
    found = stacks.config_value(arguments.stack, result.key)
    evidence = [f"{result.path} says {result.key} is {found}."]
    kept = not result.commit or stacks.offered_config(arguments.stack, result.branch) == result.commit
    if result.commit:
        evidence.append(f"Branch {result.branch} {'has' if kept else 'has not'} that file in {result.commit[:12]}.")
    return Verification(ok=found == result.value and kept, evidence=evidence)


async def reconcile_set(arguments: KeyArguments, attempt: Attempt, *, stacks: Stacks, clock: Clock) -> Reconciliation:
    """Read the key from the file, and look for the commit: the new value is there or it isn't."""
    change = ConfigChange.model_validate(attempt.bound)
    found = stacks.config_value(arguments.stack, change.key)
    evidence = f"{change.path} says {change.key} is {found}."
    if found == change.value:
        commit, uncommitted = stacks.offered_config(arguments.stack, change.branch), _uncommitted(change, stacks)
        if change.branch and uncommitted and not commit:
            return Reconciliation(outcome=Outcome.PARTIAL, evidence=f"{evidence} It isn't committed yet.")
        result = _set(change, commit, uncommitted, clock.now())
        return Reconciliation(outcome=Outcome.HAPPENED, result=result, evidence=evidence)
    return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence=evidence)


def _uncommitted(change: ConfigChange, stacks: Stacks) -> bool:
    return change.in_git and stacks.uncommitted_config(change.stack)


def _set(change: ConfigChange, commit: str, uncommitted: bool, at: datetime) -> StackConfigured:
    return StackConfigured(
        stack=change.stack,
        key=change.key,
        previous=change.previous,
        value=change.value,
        in_git=uncommitted,
        branch=change.branch,
        commit=commit,
        path=change.path.rpartition("/")[2],
        at=at,
    )


_change = functools.partial(
    tool,
    effect=Effect.CHANGE,
    gate=Gate.ONE,
    verify=verify_set,
    reconcile=reconcile_set,
    undo=Undo("stack_config_set", {"stack": "arguments.stack", "key": "arguments.key", "value": "result.previous"}),
)
"""Declares what changes a key: both ways of it are verified, looked for after a crash, and taken back alike."""


@_change(
    phrases=(
        "set {key} to {value} on {stack}", "change {key} of {stack} to {value}", "configure {key} {value} for {stack}",
        "scale {stack} to {value}",
    ),
    preview=preview_set,
)  # fmt: skip
async def stack_config_set(
    arguments: StackConfigSetArguments,
    *,
    stacks: Stacks,
    clock: Clock,
    permit: Permit,
    bound: Preview,
    requester: Requester,
) -> StackConfigured:
    """Set one key of a stack's configuration; a deploy applies it, and a commit on a branch keeps it."""
    return await _changed("stack_config_set", stacks, clock, permit, bound, requester)


@_change(phrases=("unset {key} on {stack}", "remove {key} from the configuration of {stack}"), preview=preview_unset)
async def stack_config_unset(
    arguments: StackConfigUnsetArguments,
    *,
    stacks: Stacks,
    clock: Clock,
    permit: Permit,
    bound: Preview,
    requester: Requester,
) -> StackConfigured:
    """Remove one key from a stack's configuration; the next deploy applies what the program takes without it."""
    return await _changed("stack_config_unset", stacks, clock, permit, bound, requester)


async def _changed(
    name: str, stacks: Stacks, clock: Clock, permit: Permit, bound: Preview, requester: Requester
) -> StackConfigured:
    change = ConfigChange.model_validate(bound.bound)
    with told(acting=True):
        commit = await stacks.set_config(change.stack, change, permit, by=requester.person, tool=name)
    return _set(change, commit, _uncommitted(change, stacks), clock.now())
