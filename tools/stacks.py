"""Looking at stacks: which there are, what a deploy would do, what they give out, whether they are well."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from infra.errors import UnknownKey
from infra.models import resource_name
from infra.previews import ChangePreview
from infra.stacks import Stacks, StackStatus
from memory.labels import LOGS
from tools.declaration import Clock, Effect, Progress, Role, Slot, tool
from tools.errors import ToolError
from tools.infrastructure.cards import described, replacements
from tools.infrastructure.telling import counted, heard, observed, pulumi, told
from tools.result import Finding, Result, Weight

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["stack_health", "stack_list", "stack_outputs", "stack_preview"]

Action = Literal["deploy", "destroy", "rollback", "repair"]
"""A change of a stack that can be shown before anybody asks for it."""


_LONGEST = 300
_LONGEST_ALONE = 4000
"""Letters of an output that are shown among others, and of one that was asked for."""


class StackListArguments(BaseModel):
    """Nothing: every stack."""

    model_config = ConfigDict(extra="forbid")


class StackLine(BaseModel):
    """One stack in a list."""

    name: str
    environment: str
    deployed: bool
    resources: int
    protected: bool
    owners: list[str]
    last_change: datetime | None
    last_by: str
    drifted: bool | None
    lock: str
    pending: int
    problem: str
    missing_host: str = ""

    @classmethod
    def of(cls, status: StackStatus) -> StackLine:
        """From the engine's status."""
        return cls(
            name=status.name,
            environment=status.environment,
            deployed=status.deployed,
            resources=status.resources,
            protected=status.protected,
            owners=list(status.owners),
            last_change=status.last_change,
            last_by=status.last_message.partition(" [sophia")[0],
            drifted=status.drifted,
            lock=status.lock.sentence if status.lock else "",
            pending=status.pending,
            problem=status.problem,
            missing_host=status.missing_host,
        )

    @property
    def sentence(self) -> str:
        """For a person."""
        host = self.missing_host
        unrun = f" Its program can't be run here: Pulumi's host for it, `{host}`, isn't installed." if host else ""
        return self._state + unrun

    @property
    def _state(self) -> str:
        if self.problem:
            return f"{self.name} ({self.environment}): {self.problem}"
        if not self.deployed:
            return f"{self.name} ({self.environment}) isn't deployed."
        parts = [f"{self.resources} resources"]
        if self.last_change:
            who = f" ({self.last_by})" if self.last_by else ""
            parts.append(f"last changed {self.last_change:%Y-%m-%d %H:%M} UTC{who}")
        if self.drifted is not None:
            parts.append("drifted when last checked" if self.drifted else "no drift when last checked")
        parts += [f"locked by {self.lock}"] if self.lock else []
        parts += [f"{self.pending} operations were cut off"] if self.pending else []
        parts += ["protected"] if self.protected else []
        return f"{self.name} ({self.environment}): {', '.join(parts)}."


class StackList(Result):
    """Every declared stack."""

    stacks: list[StackLine]
    deployed: int
    at: datetime

    def findings(self) -> list[Finding]:
        """A sentence for each."""
        return [
            observed(line.sentence, pulumi(line.name, self.at, "its state and history files"), stack=line.name)
            for line in self.stacks
        ]

    def as_terminal(self) -> RenderableType | None:
        """A table."""
        from rich.table import Table

        table = Table("stack", "environment", "resources", "last change", "by", "drift", "lock")
        for line in self.stacks:
            drift = {None: "not checked", True: "drifted", False: "none"}[line.drifted] if line.deployed else ""
            when = f"{line.last_change:%Y-%m-%d %H:%M}" if line.last_change else ""
            number = str(line.resources) if line.deployed else "not deployed"
            name = line.name + (" (protected)" if line.protected else "")
            table.add_row(name, line.environment, number, when, line.last_by, drift, line.lock)
        return table


@tool(
    effect=Effect.READ,
    phrases=("list stacks", "which stacks are there", "what is deployed", "show all stacks", "our environments"),
)
async def stack_list(arguments: StackListArguments, *, stacks: Stacks, clock: Clock) -> StackList:
    """List every stack with its last change, its size, drift and lock."""
    lines = [StackLine.of(status) for status in stacks.list()]
    return StackList(stacks=lines, deployed=sum(line.deployed for line in lines), at=clock.now())


class StackPreviewArguments(BaseModel):
    """Which stack, which change of it is to be imagined, of which resources alone, where not all are meant, and to
    which checkpoint a rollback would go, where one is named.
    """

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]
    action: Annotated[Action, Slot(Role.OPTION, "action")] = "deploy"
    only: Annotated[list[str] | None, Slot(Role.OPTION, "resources")] = None
    checkpoint: Annotated[str | None, Slot(Role.OPTION, "rollback-checkpoint")] = None


class StackPreviewed(Result):
    """What a change would do, were it made."""

    stack: str
    action: Action = "deploy"
    only: list[str] = Field(default=[])
    protected: bool = False
    changes: int
    clean: bool
    counts: dict[str, int]
    lines: list[str]
    drift: list[str]
    data_lost: list[str]
    replaced: list[str] = Field(default=[])
    """What being replaced means for whoever uses it."""
    source: str
    at: datetime

    def findings(self) -> list[Finding]:
        """What would change, what would be lost, what has drifted."""
        where = pulumi(self.stack, self.at, "pulumi preview with refresh")
        noun = "resource" if sum(self.counts.values()) == 1 else "resources"
        does = "change nothing" if self.clean else f"{counted(self.counts)} {noun}"
        does = does if self.clean or self.counts else "change no resource, but what follows"
        source = f" ({self.source})" if self.source else ""
        some = f"only {', '.join(self.only)} of " if self.only else ""
        head = f"A {self.action} of {some}{self.stack} would {does}{source}."
        found = [observed(head, where, stack=self.stack, changes=self.changes)]
        if self.protected and self.action == "destroy":
            words = f"{self.stack} is protected: a destroy is refused, whoever asks."
            found.insert(0, Finding(weight=Weight.WARNING, sentence=words, provenance=where))
        if self.data_lost:
            words = f"Data would be lost in {', '.join(self.data_lost)}."
            found.insert(0, Finding(weight=Weight.WARNING, sentence=words, provenance=where))
        found += [observed(f"It would {line}.", where) for line in self.lines]
        found += [Finding(weight=Weight.WARNING, sentence=f"{line}.", provenance=where) for line in self.replaced]
        found += [observed(f"Changed behind Pulumi's back: {line}", where) for line in self.drift]
        return found


@tool(
    effect=Effect.READ,
    phrases=(
        "preview {stack}", "what would happen if we deployed {stack}", "what would change in {stack}",
        "dry run {stack}", "plan {stack}", "is it safe to deploy {stack}", "diff {stack}",
        "what would happen if we destroyed {stack}", "what would a rollback of {stack} change",
    ),
)  # fmt: skip
async def stack_preview(
    arguments: StackPreviewArguments, *, stacks: Stacks, clock: Clock, progress: Progress
) -> StackPreviewed:
    """Show what a deploy, a destroy, a rollback or a repair would change, without changing anything."""
    if arguments.only and arguments.action == "destroy":
        raise ToolError(
            f"Only a whole stack can be destroyed, not {' and '.join(arguments.only)} alone.",
            not_done="Nothing was looked at.",
            to_do=f"Ask what destroying {arguments.stack} would do, or take it out of the program and deploy.",
            acts="requester",
        )
    some = {"only": arguments.only} if arguments.only else {}
    of: Mapping[Action, Callable[..., Awaitable[ChangePreview]]] = {
        "deploy": stacks.preview,
        "destroy": stacks.preview_destroy,
        "rollback": functools.partial(stacks.preview_rollback, wanted=arguments.checkpoint or ""),
        "repair": stacks.preview_repair,
    }
    with told():
        preview = await of[arguments.action](arguments.stack, listen=heard(progress), **some)
        protected = stacks.declaration(arguments.stack).protected
    return StackPreviewed(
        stack=preview.stack,
        action=arguments.action,
        only=[resource_name(urn) for urn in preview.binding.targets] if arguments.only else [],
        protected=protected,
        changes=preview.changes or len(preview.binding.steps) + len(preview.binding.besides),
        clean=preview.nothing,
        counts=preview.counts,
        lines=described(preview),
        drift=[item.sentence for item in preview.drift.drift] if preview.drift else [],
        data_lost=list(preview.data_lost),
        replaced=list(replacements(preview)),
        source=preview.source,
        at=clock.now(),
    )


class StackOutputsArguments(BaseModel):
    """Which stack, and which output."""

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]
    key: Annotated[str | None, Slot(Role.OPTION, "key")] = None


class StackOutputs(Result):
    """What a stack gives out, secrets masked."""

    stack: str
    outputs: dict[str, JsonValue]
    key: str = ""
    value: JsonValue = None
    url: str = ""
    at: datetime

    def made_here(self) -> frozenset[str]:
        """What was asked for. Providers answer what the outputs are made of."""
        return frozenset({"stack", "at"}) if self.outputs else frozenset({"stack", "at", "outputs", "summary"})

    def findings(self) -> list[Finding]:
        """A sentence for each output that was asked for."""
        where = pulumi(self.stack, self.at, "the outputs in its state")
        chosen = {self.key: self.value} if self.key else self.outputs
        if not chosen:
            return [observed(f"{self.stack} has no outputs.", where, stack=self.stack)]
        longest = _LONGEST_ALONE if self.key else _LONGEST
        return [
            observed(f"{name} of {self.stack} is {_shown(value, longest)}.", where, **{name: value})
            for name, value in chosen.items()
        ]


def _shown(value: JsonValue, longest: int) -> str:
    text = _plain(value)
    return text if len(text) <= longest else f"{text[:longest]} … ({len(text):,} letters; --json shows all)"


def _plain(value: JsonValue) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(part) for part in value)
    return str(value)


def _same_key(wanted: str, name: str) -> bool:
    return wanted.replace("_", "").replace("-", "").replace(" ", "").casefold() == name.replace("_", "").casefold()


@tool(
    effect=Effect.READ,
    phrases=(
        "what's the {key} of {stack}", "show the outputs of {stack}", "what is the api url in {stack}",
        "where does {stack} run", "{stack} {key}",
    ),
    label=LOGS,
)  # fmt: skip
async def stack_outputs(arguments: StackOutputsArguments, *, stacks: Stacks, clock: Clock) -> StackOutputs:
    """Show what a stack gives out: addresses, names, versions."""
    with told():
        name = stacks.declaration(arguments.stack).name
        outputs = await stacks.outputs(name)
        key = arguments.key or ""
        if key:
            key = next((output for output in outputs if _same_key(key, output)), key)
            if key not in outputs:
                raise UnknownKey(key, sorted(outputs))
    url = outputs.get(key) if key else outputs.get("url") or outputs.get("api_url")
    return StackOutputs(
        stack=name,
        outputs=outputs,
        key=key,
        value=outputs.get(key) if key else None,
        url=url if isinstance(url, str) else "",
        at=clock.now(),
    )


class StackHealthArguments(BaseModel):
    """Which stack."""

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]


class StackHealth(Result):
    """Whether a stack is well."""

    stack: str
    healthy: bool
    checks: list[str]
    failed: list[str]
    at: datetime

    def made_here(self) -> frozenset[str]:
        """Whether it is well; what a service answered instead is its own."""
        whether = frozenset({"stack", "healthy", "at"})
        return whether | {"summary"} if self.healthy or not self.checks else whether

    def findings(self) -> list[Finding]:
        """What fails first, with what was found."""
        where = pulumi(self.stack, self.at, "its declared health checks, asked just now")
        if not self.checks:
            return [observed(f"{self.stack} declares no health checks.", where, stack=self.stack)]
        if self.healthy:
            words = f"{self.stack} is healthy: all {len(self.checks)} checks are ok."
            return [observed(words, where, stack=self.stack, healthy=True)]
        failing = sum(": FAILED, " in line for line in self.checks)
        head = f"{self.stack} is not healthy: {failing} of {len(self.checks)} checks fail."
        facts: dict[str, JsonValue] = {"stack": self.stack, "healthy": False}
        first = Finding(weight=Weight.WARNING, sentence=head, facts=facts, provenance=where)
        return [first, *(Finding(weight=Weight.WARNING, sentence=f"{line}.", provenance=where) for line in self.failed)]


@tool(
    effect=Effect.READ,
    phrases=(
        "is {stack} healthy",
        "health of {stack}",
        "is {stack} up",
        "check the health of {stack}",
        "smoke test {stack}",
    ),
    label=LOGS,
)
async def stack_health(arguments: StackHealthArguments, *, stacks: Stacks, clock: Clock) -> StackHealth:
    """Ask every health check of a stack."""
    with told():
        name = stacks.declaration(arguments.stack).name
        report = await stacks.health(name)
    return StackHealth(
        stack=name,
        healthy=report.healthy,
        checks=[check.sentence for check in report.checks],
        failed=list(report.failures),
        at=clock.now(),
    )
