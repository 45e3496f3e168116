"""Making calls so that a crash neither loses nor repeats an effect.

For every effect: permit (approval or grant consumed, ledger row written, capability minted, in one transaction) → call
→ verify → result and `done` in one transaction. What a crash left between is reconciled with the world.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal

from agent.approval import binding_digest, bound_preview
from agent.calls import Call
from agent.errors import ApproverMustAct, ModelCanFix, NotAllowed, SophiaError
from agent.guard import POLICY_VERSION, decide
from agent.people import Role
from agent.people_now import Roster
from agent.surroundings import Surroundings
from agent.turn.calling import Calling
from agent.turn.sequels import tell_call, undo_call
from memory.approvals import Approval, ApprovalStatus
from memory.errors import Refused
from memory.labels import INTERNAL, Envelope, Label, Provenance, join
from memory.ledger import Effect as LedgerRow
from memory.ledger import EffectStatus, Ledger, PermitRow
from memory.results import Results
from memory.turns import Turn
from tools.declaration import Attempt, Clock, Effect, Outcome, Preview, Tool, Verification
from tools.errors import Forbidden, StateMoved, ToolError
from tools.result import Finding, Result

__all__ = ["Effects", "Ending", "Warrant"]

_MOST_SOURCES = 8
PATIENCE_SECONDS = 3.0
"""So long somebody else's beginning of an effect is waited for before a person is asked about it."""
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Ending:
    """How a step ended."""

    step: str
    status: str
    """As in the turn's state; `moved`: nothing was done, because what was approved isn't what would be done now."""
    problem: dict[str, str] | None = None


@dataclass(frozen=True)
class Warrant:
    """By what right an effect is made."""

    approval: Approval | None = None
    grant: str | None = None
    foreseen: Preview | None = None
    """What the grant was found to cover, where that depends on the preview."""
    undo_of: LedgerRow | None = None
    """The effect that this one takes back, or tells people of, under that effect's own approval."""

    @property
    def people(self) -> int:
        """How many approvals speak for it. An undo is covered by what was approved for what it takes back."""
        if self.undo_of is not None:
            return 2
        return self.approval.people if self.approval else 0


class Effects:
    """Runs single steps to their end."""

    def __init__(
        self,
        *,
        tools: Mapping[str, Tool],
        ledger: Ledger,
        results: Results,
        surroundings: Surroundings,
        people: Roster,
        calling: Calling,
        clock: Clock,
    ) -> None:
        self._tools = tools
        self._ledger = ledger
        self._results = results
        self._surroundings = surroundings
        self._people = people
        self._calling = calling
        self._clock = clock

    async def perform(self, call: Call, turn: Turn, warrant: Warrant) -> Ending:
        """Run a step to its end: a read as it is, an effect under its warrant. Problems become the step's."""
        try:
            if call.tool.effect is Effect.READ:
                return await self._read(call, turn)
            row = await self._ledger.find(turn.id, call.step.id, call.digest)
            if row is None or _approved_anew(row, warrant):
                bound = await self._bound(call, turn, warrant)
                permit = await self._mint(call, turn, warrant, bound)
                return await self._make(call, turn, permit, bound)
            return await self._recover(call, turn, row)
        except ApproverMustAct as error:
            await self._ledger.refused(turn.id, call.step.id, call.tool.name, error.tried, self._clock.now())
            return Ending(call.step.id, status_after(error), problem_of(error))
        except StateMoved as error:
            return Ending(call.step.id, "moved", problem_of(error))
        except (SophiaError, ToolError) as error:
            return Ending(call.step.id, status_after(error), problem_of(error))
        except (Refused, PermissionError) as error:
            return Ending(
                call.step.id, "failed", {"tried": str(error), "not_done": f"{call.tool.name} was not called."}
            )

    async def begun(self, call: Call, turn: Turn) -> bool:
        """Whether the ledger knows of an attempt at this call."""
        return call.tool.effect.writes and await self._ledger.find(turn.id, call.step.id, call.digest) is not None

    async def take_back(self, call: Call, turn: Turn, row: LedgerRow) -> Ending | None:
        """Undo a done effect under its own approval; None when the tool says that it can't be taken back."""
        ending = await self._undo(call, turn, row)
        await self._mark_undone(row, ending)
        return ending

    async def _undo(self, call: Call, turn: Turn, row: LedgerRow) -> Ending | None:
        result = await self._ledger_result(row)
        undoing = undo_call(call, result, self._tools) if result else None
        return await self.perform(undoing, turn, Warrant(undo_of=row)) if undoing else None

    async def _mark_undone(self, row: LedgerRow, undone: Ending | None) -> None:
        if undone is not None and undone.status == "succeeded":
            await self._ledger.undone(row.id, self._clock.now())

    async def _ledger_result(self, row: LedgerRow) -> Envelope | None:
        return await self._results.get(row.result) if row.result else None

    async def _read(self, call: Call, turn: Turn) -> Ending:
        result = await self._calling.run(call, turn, None, None)
        await self._results.put(turn.id, call.step.id, self._envelope(call, result), self._clock.now())
        return Ending(call.step.id, "succeeded")

    async def _bound(self, call: Call, turn: Turn, warrant: Warrant) -> Preview:
        """The preview that execution is bound to: the approved one, unless anything differs from what was approved."""
        await self._still_allowed(call, turn, warrant)
        if warrant.approval is None:
            return warrant.foreseen or await self._calling.preview(call, turn)
        self._still_entitled(warrant.approval)
        bound = bound_preview(warrant.approval)
        if binding_digest(call, bound, turn.id, POLICY_VERSION) != warrant.approval.digest:
            raise ApproverMustAct(
                f"What {call.tool.name} would do now is not what was approved.",
                not_done="It was not called.",
                to_do="Ask again: a new preview will be shown.",
            )
        return bound

    async def _still_allowed(self, call: Call, turn: Turn, warrant: Warrant) -> None:
        """The world may have changed since the wave was prepared: paused, a grant revoked, an origin removed."""
        verdict = decide((await self._surroundings.look(call, turn)).facts)
        if verdict.allowed or 0 < verdict.answer.people <= warrant.people:
            return
        raise ApproverMustAct(
            f"{call.tool.name} may not be done any more: {'; '.join(verdict.reasons)}.",
            not_done="It was not called.",
            to_do="Ask again when that has changed.",
        )

    def _still_entitled(self, approval: Approval) -> None:
        """Who approved may have lost the role since."""
        people, role = self._people(), Role(approval.role)
        lost = [vote.person for vote in approval.votes if not people.may_decide(vote.person, role)]
        if lost:
            raise ApproverMustAct(
                f"{', '.join(lost)}, who approved it, is no {approval.role} any more.",
                not_done=f"{approval.tool} was not called.",
                to_do="Ask again: somebody who has the role must approve.",
            )

    async def _mint(self, call: Call, turn: Turn, warrant: Warrant, bound: Preview) -> PermitRow:
        return await self._ledger.mint(
            turn.id,
            call.step.id,
            call.tool.name,
            call.values,
            call.digest,
            bound.state_version,
            bound.model_dump(mode="json"),
            approval=warrant.approval.id if warrant.approval else None,
            approval_digest=warrant.approval.digest if warrant.approval else None,
            grant=warrant.grant,
            undo_of=warrant.undo_of.id if warrant.undo_of else None,
            now=self._clock.now(),
        )

    async def _make(self, call: Call, turn: Turn, permit: PermitRow, bound: Preview) -> Ending:
        try:
            result = await self._calling.run(call, turn, permit, bound)
        except ToolError as error:
            redeemed = (await self._ledger.get(permit.id)).status is not EffectStatus.INTENDED
            await self._ledger.fail(permit.id, error.tried, self._clock.now())
            if redeemed and isinstance(error, StateMoved):  # what was begun isn't begun anew under another approval
                raise ToolError(error.tried, not_done=error.not_done, to_do=error.to_do, acts=error.acts) from error
            raise
        return await self._finish(call, turn, permit.id, result)

    async def _finish(self, call: Call, turn: Turn, effect: str, result: Result) -> Ending:
        verification = await self._calling.verify(call, turn, result)
        await self._ledger.finish(
            effect, self._envelope(call, result), self._clock.now(), verification=verification.model_dump()
        )
        return await self._judged(call, turn, effect, verification)

    async def _judged(self, call: Call, turn: Turn, effect: str, verification: Verification) -> Ending:
        """A verified effect succeeded; one that wasn't is taken back at once where its tool declares that."""
        if verification.ok:
            return Ending(call.step.id, "succeeded")
        seen = _sentences(verification.evidence)
        problem = {
            "tried": f"{call.tool.name} was carried out, and it isn't as it should be: {seen}",
            "not_done": "The outcome is not what was wanted.",
        }
        if call.tool.undo is None or not call.tool.undo.automatic:
            return Ending(call.step.id, "failed", problem)
        row = await self._ledger.get(effect)
        undone = await self._undo(call, turn, row)
        problem |= _undoing(call.tool, undone)
        problem |= await self._tell(call, turn, row, problem)
        await self._mark_undone(row, undone)
        return Ending(call.step.id, "failed", problem)

    async def _tell(self, call: Call, turn: Turn, row: LedgerRow, problem: Mapping[str, str]) -> dict[str, str]:
        """Tell people of what failed and was taken back, under its own approval; what is to be said when that fails."""
        result = await self._ledger_result(row)
        telling = tell_call(call, result, problem, turn, self._tools) if result else None
        if telling is None:
            return {}
        told = await self.perform(telling, turn, Warrant(undo_of=row))
        if told.status == "succeeded":
            return {}
        why = told.problem["tried"] if told.problem else "it isn't known why"
        return {"not_done": f"{problem['not_done']} {telling.values['channel']} was not told: {why}"}

    async def _recover(self, call: Call, turn: Turn, row: LedgerRow) -> Ending:
        """Go on with an effect that is in the ledger: what isn't known to be done is looked for in the world."""
        match row.status:
            case "done":
                kept = Verification.model_validate(row.verification or {"ok": True, "evidence": []})
                return await self._judged(call, turn, row.id, kept)
            case "undone":
                return Ending(call.step.id, "failed", {"tried": f"{call.tool.name} was done and taken back."})
            case "failed":
                return Ending(call.step.id, "failed", {"tried": row.problem or f"{call.tool.name} failed."})
            case _:
                return await self._reconcile(call, turn, row)

    async def _reconcile(self, call: Call, turn: Turn, row: LedgerRow) -> Ending:
        row = await self._left_alone(row)
        if row.may_be_going_on:
            return await self._unknown(
                call,
                row,
                f"{call.tool.name} was begun by a process that still lives and doesn't go on (id {row.process_id}).",
                to_do=f"End process {row.process_id} or let it go on, look whether {call.tool.name} happened, "
                "and ask again if it didn't.",
            )
        if not row.status.pending:
            return await self._recover(call, turn, row)
        bound = Preview.model_validate(row.bound)
        attempt = Attempt(
            permit_id=row.id, started_at=row.created_at, state_version=row.state_version, bound=bound.bound
        )
        found = await self._calling.reconcile(call, turn, attempt)
        if found.outcome is Outcome.HAPPENED and found.result is not None:
            return await self._finish(call, turn, row.id, found.result)
        if found.outcome in (Outcome.NOT_HAPPENED, Outcome.PARTIAL):
            permit = await self._ledger.mint_again(row.id, self._clock.now())
            return await self._make(call, turn, permit, bound)
        return await self._unknown(
            call,
            row,
            f"{call.tool.name} was interrupted, and the world can't tell whether it happened.",
            to_do=found.evidence,
        )

    async def _left_alone(self, row: LedgerRow) -> LedgerRow:
        """The effect when nobody else works on it any more, or after a while.

        Whoever began it may have slept while its lease ran out, and act when it wakes up: what isn't there yet may
        come. A process that is only slow ends it meanwhile.
        """
        for _ in range(round(PATIENCE_SECONDS / _PAUSE_SECONDS)):
            if not row.may_be_going_on:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
            row = await self._ledger.get(row.id)
        return row

    async def _unknown(self, call: Call, row: LedgerRow, tried: str, *, to_do: str) -> Ending:
        """A person is asked."""
        await self._ledger.unknown(row.id, to_do, self._clock.now())
        return Ending(call.step.id, "failed", {"tried": tried, "not_done": "It was not repeated.", "to_do": to_do})

    def _envelope(self, call: Call, result: Result) -> Envelope:
        findings = result.findings()
        led = join([call.influence, *call.labels.values()]).with_source(call.tool.name)
        label = reduce(Label.with_source, _cited(findings), led.join(call.tool.label))
        made_here = () if call.tool.label.trusted else tuple(sorted(result.made_here()))
        return Envelope(
            value=result.model_dump(mode="json"),
            label=label,
            made_here=made_here,
            here=led.join(INTERNAL) if made_here else None,
            provenance=findings[0].provenance
            if findings
            else Provenance.observed("sophia", self._clock.now(), call.tool.name),
        )


def _cited(findings: Sequence[Finding]) -> list[str]:
    """The pages that a result quotes, so that whoever is asked about what follows from it sees where it was read."""
    return list(dict.fromkeys(citation.url for finding in findings for citation in finding.citations))[:_MOST_SOURCES]


def _approved_anew(row: LedgerRow, warrant: Warrant) -> bool:
    """Whether an attempt that is known to have failed was previewed and approved once more, and not made yet."""
    approval = warrant.approval
    return row.status is EffectStatus.FAILED and approval is not None and approval.status is ApprovalStatus.APPROVED


def _sentences(lines: Sequence[str]) -> str:
    return " ".join(f"{line.rstrip('.')}." for line in lines)


def status_after(error: SophiaError | ToolError) -> Literal["failed", "refused"]:
    """What becomes of a step that an error ended: what the rules forbid was refused."""
    return "refused" if isinstance(error, Forbidden | NotAllowed) else "failed"


def problem_of(error: SophiaError | ToolError) -> dict[str, str]:
    """What was tried, what did not happen, what to do, and who acts next."""
    acts = "model" if isinstance(error, ModelCanFix) else getattr(error, "acts", "")
    return {"tried": error.tried, "not_done": error.not_done, "to_do": error.to_do, "acts": acts}


def _undoing(declared: Tool, undone: Ending | None) -> dict[str, str]:
    if undone is not None and undone.status == "succeeded":
        return {"not_done": f"{declared.name} was taken back by itself, and that was verified."}
    why = undone.problem["tried"] if undone and undone.problem else "there was nothing to go back to"
    return {
        "not_done": f"It could not be taken back: {why}",
        "to_do": "An operator must look at it before anything else is done.",
    }
