"""Letting chosen kinds of drift be set back without asking each time: a standing grant of `stack_repair`."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from infra.stacks import Stacks
from memory.grants import Grant, Grants
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
from tools.errors import Forbidden, ToolError
from tools.infrastructure.telling import told
from tools.permits import PermitDesk
from tools.result import Finding, Result, Weight

__all__ = ["grant_repair"]

_DAYS = 90
_TOOL = "stack_repair"
_MOST_SHOWN = 12


class GrantRepairArguments(BaseModel):
    """Which stack, which kinds of drift, and how often a day.

    A kind is a property (`tags`), a type (`Service`), both (`Service.version`), or `gone` for what was deleted.
    """

    model_config = ConfigDict(extra="forbid")

    stack: Annotated[str, Slot(Role.TARGET, "stack")]
    kinds: Annotated[list[str], Slot(Role.OPTION, "kinds")] = Field(min_length=1, max_length=20)
    uses: Annotated[int, Slot(Role.OPTION, "number")] = Field(default=3, ge=1, le=50)


class RepairGranted(Result):
    """A grant that repairs rest on from now on."""

    grant: str
    stack: str
    kinds: list[str]
    uses: int
    expires_at: datetime
    at: datetime

    @classmethod
    def of(cls, made: Grant, at: datetime) -> RepairGranted:
        """From the stored grant."""
        return cls(
            grant=made.id,
            stack=made.destination,
            kinds=made.kinds or [],
            uses=made.uses,
            expires_at=made.expires_at,
            at=at,
        )

    def findings(self) -> list[Finding]:
        """What is set back from now on without asking, how often, until when, and what still asks."""
        words = (
            f"Drift in {', '.join(self.kinds)} on {self.stack} is set back without asking from now on, at most "
            f"{self.uses} times a day, until {self.expires_at:%Y-%m-%d}, under grant {self.grant}; all else asks."
        )
        where = Provenance.observed("sophia", self.at, "the grant was read back")
        return [
            Finding(
                weight=Weight.DONE,
                sentence=words,
                facts={"grant": self.grant, "stack": self.stack, "uses": self.uses},
                provenance=where,
            )
        ]


def _chosen(wanted: Sequence[str], known: Sequence[str]) -> list[str]:
    """The kinds as the stack has them: `service.Version` is `Service.version`. Raises ToolError for one it hasn't."""
    names = {name.casefold(): name for kind in known for name in (kind, *kind.split(".", 1))}
    chosen = []
    for kind in wanted:
        name = names.get(kind.strip().casefold())
        if name is None:
            near = difflib.get_close_matches(kind.casefold(), names, n=3) or sorted(names)[:_MOST_SHOWN]
            raise ToolError(
                f"Nothing on this stack can drift in {kind!r}.",
                not_done="Nothing was granted.",
                to_do=f"Near it: {', '.join(names[item] for item in near)}. A kind is a property, a type, both as "
                "Type.property, or gone for what was deleted.",
                acts="requester",
            )
        chosen.append(name)
    return sorted(set(chosen))


async def preview_grant(arguments: GrantRepairArguments, *, stacks: Stacks) -> Preview:
    """Which kinds of drift would be set back without asking. A protected stack is refused."""
    with told():
        declared = stacks.declaration(arguments.stack)
        if declared.protected:
            raise Forbidden(
                f"{declared.name} is protected, and no standing grant covers a protected stack.",
                not_done="Nothing was granted.",
                to_do=f"Say `repair {declared.name}` each time; a person approves it.",
                acts="requester",
            )
        kinds = _chosen(arguments.kinds, await stacks.grantable_repairs(declared.name))
    return Preview(
        summary=f"let drift in {', '.join(kinds)} on {declared.name} be set back without asking",
        details=[
            f"at most {arguments.uses} times a day, for {_DAYS} days, until the grant is revoked",
            "anything else that drifted at the same time makes it ask, and so does what would be replaced or deleted",
            "what drifts again and again asks too, after three times within a week",
        ],
        risk="What somebody changes there by hand on purpose is set back as well.",
        undo="The grant can be revoked at any time.",
        bound={"stack": declared.name, "kinds": list(kinds), "uses": arguments.uses},
    )


async def verify_grant(
    arguments: GrantRepairArguments, result: RepairGranted, *, grants: Grants, clock: Clock
) -> Verification:
    """Read the grant back."""
    kept = await grants.get(result.grant)
    ok = kept.active(clock.now()) and (kept.tool, kept.destination, kept.kinds) == (_TOOL, result.stack, result.kinds)
    return Verification(ok=ok, evidence=[f"Grant {kept.id} is for {kept.tool} on {kept.destination}: {kept.kinds}."])


async def reconcile_grant(
    arguments: GrantRepairArguments, attempt: Attempt, *, grants: Grants, clock: Clock
) -> Reconciliation:
    """Look for the grant that was made under this permit."""
    made = await _made(attempt.permit_id, grants, clock.now())
    if made is None:
        return Reconciliation(outcome=Outcome.NOT_HAPPENED, evidence="No grant was made under this permit.")
    return Reconciliation(
        outcome=Outcome.HAPPENED, result=RepairGranted.of(made, clock.now()), evidence=f"{made.id} was made by it."
    )


async def _made(permit: str, grants: Grants, now: datetime) -> Grant | None:
    return next((grant for grant in await grants.list(now) if grant.approved_by == _mark(permit)), None)


def _mark(permit: str) -> str:
    return f"effect {permit}"


@tool(
    effect=Effect.CHANGE,
    gate=Gate.ONE,
    phrases=(
        "let drift in {kinds} on {stack} be repaired without asking",
        "grant repairs of {kinds} on {stack}",
        "repair {kinds} on {stack} by yourself from now on",
    ),
    preview=preview_grant,
    verify=verify_grant,
    reconcile=reconcile_grant,
    undo=Undo("grant_revoke", {"grant": "result.grant"}),
)
async def grant_repair(
    arguments: GrantRepairArguments,
    *,
    grants: Grants,
    desk: PermitDesk,
    clock: Clock,
    requester: Requester,
    bound: Preview,
    permit: Permit,
) -> RepairGranted:
    """Let chosen kinds of drift on an unprotected stack be set back without asking each time."""
    now, stack = clock.now(), str(bound.bound["stack"])
    kinds = bound.bound["kinds"]
    assert isinstance(kinds, list), "as the preview bound it"
    await desk.redeem(permit.id, permit.token, tool="grant_repair")
    made = await _made(permit.id, grants, now) or await grants.create(
        _TOOL,
        stack,
        "",
        requester.person,
        arguments.uses,
        timedelta(days=1),
        now + timedelta(days=_DAYS),
        now,
        arguments={"stack": stack},
        approved_by=_mark(permit.id),
        effect=permit.id,
        about=f"sets back drift in {', '.join(map(str, kinds))}",
        kinds=[str(kind) for kind in kinds],
    )
    return RepairGranted.of(made, now)
