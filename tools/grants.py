"""Standing grants: what may happen again and again without asking, listed and revoked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from memory.grants import Grants
from memory.labels import Provenance
from tools.declaration import Clock, Effect, Permit, Preview, Requester, Role, Slot, Verification, tool
from tools.errors import ToolError
from tools.permits import PermitDesk
from tools.repeatable import repeatable
from tools.result import Finding, Result, Weight


class GrantListArguments(BaseModel):
    """Nothing: all that are in force."""

    model_config = ConfigDict(extra="forbid")


class GrantLine(BaseModel):
    """A grant as it is listed."""

    id: str
    tool: str
    destination: str
    owner: str
    uses: int
    window_hours: float
    expires_at: datetime
    about: str

    def in_words(self) -> str:
        """One sentence."""
        bounds = f"at most {self.uses} in {self.window_hours:g} h, until {self.expires_at:%Y-%m-%d}"
        about = f" ({self.about})" if self.about else ""
        return f"{self.id}: {self.tool} to {self.destination}, {bounds}, owned by {self.owner}{about}."


class GrantsListed(Result):
    """Grants in force."""

    grants: list[GrantLine]
    at: datetime

    def findings(self) -> list[Finding]:
        """A sentence for each."""
        provenance = Provenance.observed("sophia", self.at, "its own records of grants")
        if not self.grants:
            return [Finding(weight=Weight.OBSERVED, sentence="No standing grant is in force.", provenance=provenance)]
        return [
            Finding(
                weight=Weight.OBSERVED,
                sentence=line.in_words(),
                facts={"grant": line.id, "tool": line.tool, "destination": line.destination},
                provenance=provenance,
            )
            for line in self.grants
        ]


@tool(effect=Effect.READ, phrases=("which grants are there", "list standing grants", "what may happen without asking"))
async def grant_list(arguments: GrantListArguments, *, grants: Grants, clock: Clock) -> GrantsListed:
    """List the standing grants that are in force."""
    return GrantsListed(
        grants=[
            GrantLine(
                id=grant.id,
                tool=grant.tool,
                destination=grant.destination,
                owner=grant.owner,
                uses=grant.uses,
                window_hours=grant.window_seconds / 3600,
                expires_at=grant.expires_at,
                about=grant.about,
            )
            for grant in await grants.list(clock.now())
        ],
        at=clock.now(),
    )


class GrantRevokeArguments(BaseModel):
    """The grant's id."""

    model_config = ConfigDict(extra="forbid")

    grant: Annotated[str, Slot(Role.TARGET, "grant")]


class GrantRevoked(Result):
    """A grant that speaks for nothing any more."""

    grant: str
    at: datetime

    def findings(self) -> list[Finding]:
        """That it is revoked."""
        return [
            Finding(
                weight=Weight.DONE,
                sentence=f"Grant {self.grant} is revoked: what it allowed asks a person from now on.",
                facts={"grant": self.grant},
                provenance=Provenance.observed("sophia", self.at, "the grant was read back"),
            )
        ]


async def _active(grant: str, grants: Grants, clock: Clock) -> list[str]:
    return [found.id for found in await grants.list(clock.now()) if found.id == grant]


async def preview_revoke(arguments: GrantRevokeArguments, *, grants: Grants, clock: Clock) -> Preview:
    """Which grant would end."""
    if not await _active(arguments.grant, grants, clock):
        known = ", ".join(found.id for found in await grants.list(clock.now())) or "none"
        raise ToolError(
            f"No grant {arguments.grant} is in force.", not_done="Nothing was revoked.", to_do=f"In force: {known}."
        )
    return Preview(summary=f"revoke {arguments.grant}", undo="What it allowed can be granted again.")


async def verify_revoke(
    arguments: GrantRevokeArguments, result: GrantRevoked, *, grants: Grants, clock: Clock
) -> Verification:
    """Look whether it is still in force."""
    left = await _active(arguments.grant, grants, clock)
    return Verification(ok=not left, evidence=[f"{arguments.grant} is {'still' if left else 'no longer'} in force."])


@tool(
    effect=Effect.CHANGE,
    control=True,
    phrases=("revoke grant {grant}", "take back the grant {grant}", "stop the standing grant {grant}"),
    preview=preview_revoke,
    verify=verify_revoke,
    reconcile=repeatable("revoking a grant twice is the same as once"),
    irreversible="a grant that was revoked has to be granted anew",
)
async def grant_revoke(
    arguments: GrantRevokeArguments,
    *,
    grants: Grants,
    permit: Permit,
    desk: PermitDesk,
    requester: Requester,
    clock: Clock,
) -> GrantRevoked:
    """End a standing grant."""
    await desk.redeem(permit.id, permit.token, tool="grant_revoke")
    await grants.revoke(arguments.grant, requester.person, clock.now())
    return GrantRevoked(grant=arguments.grant, at=clock.now())
