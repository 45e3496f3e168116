"""The only way in which an approval is decided or left to somebody: by a recognised person with the role, in time."""

from __future__ import annotations

from typing import NoReturn

from agent.errors import ApproverMustAct, NotAllowed, RequesterMustFix, SophiaError
from agent.people import Person, Role
from memory.approvals import Approval, Approvals, ApprovalStatus
from memory.audit import Audit
from memory.errors import AlreadyDecided, Expired, NotFound, SamePerson
from tools.declaration import Clock

__all__ = ["ApprovalDoor"]


class ApprovalDoor:
    """Decides approvals, and writes down every attempt that was refused."""

    def __init__(self, *, approvals: Approvals, audit: Audit, clock: Clock) -> None:
        self._approvals = approvals
        self._audit = audit
        self._clock = clock

    async def show(self, ref: str) -> Approval:
        """The approval. Raises RequesterMustFix when there is none of this id."""
        await self._approvals.expire(self._clock.now())
        try:
            return await self._approvals.get(ref)
        except NotFound as error:
            waiting = ", ".join(found.id for found in await self._approvals.waiting()) or "none"
            raise RequesterMustFix(f"There is no approval {ref!r}.", to_do=f"Waiting: {waiting}.") from error

    async def decide(self, ref: str, person: Person, *, approve: bool, reason: str = "") -> Approval:
        """Record the person's decision.

        Raises NotAllowed without the role or as a second vote of one person, ApproverMustAct when it is too late.
        """
        approval = await self._named(ref, person)
        if not person.can(Role(approval.role)):
            await self._refuse(
                approval,
                person,
                NotAllowed(
                    f"{person.name} has no {approval.role} role.",
                    not_done=f"{ref} was not decided; it still waits.",
                    to_do="Ask somebody who has it: sophia doctor lists them.",
                ),
            )
        try:
            return await self._approvals.decide(ref, person.voter, approve, reason, self._clock.now())
        except SamePerson as error:
            await self._refuse(
                approval,
                person,
                NotAllowed(str(error), not_done="The vote was not counted.", to_do="A different person must approve."),
            )
        except (AlreadyDecided, Expired) as error:
            await self._refuse(approval, person, await self._too_late(approval.id, error))

    async def delegate(self, ref: str, person: Person, to: Person) -> Approval:
        """Record that the person leaves the decision to another one, who has to make it themselves.

        Raises NotAllowed when one of them hasn't the role or has decided already, ApproverMustAct when it is too late.
        """
        approval = await self._named(ref, person)
        for each in (person, to):
            if not each.can(Role(approval.role)):
                await self._refuse(
                    approval,
                    person,
                    NotAllowed(
                        f"{each.name} has no {approval.role} role.",
                        not_done=f"{ref} was not delegated; it still waits for the same people.",
                        to_do="sophia doctor lists who has it.",
                    ),
                )
        try:
            if person.voter == to.voter:
                raise SamePerson(f"{to.name} is who delegates.")
            return await self._approvals.delegate(ref, person.voter, to.voter, self._clock.now())
        except SamePerson as error:
            await self._refuse(approval, person, NotAllowed(str(error), not_done=f"{ref} was not delegated."))
        except AlreadyDecided as error:
            await self._refuse(approval, person, ApproverMustAct(str(error), not_done="Nothing was delegated."))

    async def _too_late(self, ref: str, error: AlreadyDecided | Expired) -> ApproverMustAct:
        """Whoever presses a second time, or after somebody else, has nothing to do where it was approved."""
        given = (await self._approvals.get(ref)).status in (ApprovalStatus.APPROVED, ApprovalStatus.USED)
        to_do = "“what are you doing” shows how far it is." if given else "Ask for the effect again to be asked anew."
        return ApproverMustAct(str(error), to_do=to_do)

    async def _named(self, ref: str, person: Person) -> Approval:
        """The approval. One that doesn't exist is written down, too: somebody tried."""
        try:
            return await self.show(ref)
        except RequesterMustFix as error:
            await self._log(ref, "", person, error)
            raise

    async def _refuse(self, approval: Approval, person: Person, error: SophiaError) -> NoReturn:
        await self._log(approval.id, approval.turn, person, error)
        raise error

    async def _log(self, ref: str, turn: str, person: Person, error: SophiaError) -> None:
        await self._audit.append(
            "approval.refused",
            {"approval": ref[:200], "turn": turn, "why": error.tried},
            actor=person.name,
            now=self._clock.now(),
        )
