"""Approvals: the card that a person sees, what it binds, and the door through which a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import AwareDatetime, BaseModel, JsonValue

from agent.calls import Call, digest_of
from agent.guard import Verdict
from agent.untrusted_text import visible
from memory.approvals import Approval
from memory.turns import Turn
from tools.declaration import Preview

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Binding", "Card", "binding_digest", "bound_preview"]


def binding_digest(call: Call, preview: Preview, turn: str, policy: str) -> str:
    """What an approval is for: policy, turn, step, tool, resolved arguments, preview and state version."""
    return digest_of(
        {
            "policy": policy,
            "turn": turn,
            "step": call.step.id,
            "tool": call.tool.name,
            "arguments": call.values,
            "preview": preview.model_dump(mode="json"),
        }
    )


class Binding(BaseModel):
    """What an approval keeps for its execution."""

    preview: Preview
    covers: list[str] = []
    """The tools that may follow under the same approval: what takes the effect back, and what tells people of it."""


def bound_preview(approval: Approval) -> Preview:
    """The preview that an approval binds."""
    return Binding.model_validate(approval.binding).preview


class Card(BaseModel):
    """What an approver is shown, made of the very values that are bound."""

    title: str
    turn: str
    step: str
    tool: str
    arguments: dict[str, JsonValue]
    why: str
    requested_by: str
    request: str
    effect: str
    people: int
    reasons: list[str]
    summary: str
    details: list[str]
    risk: str
    undo: str
    sources: list[str]
    """Where what influenced the call comes from."""

    @classmethod
    def of(cls, call: Call, preview: Preview, verdict: Verdict, turn: Turn) -> Card:
        """The card for a call, its preview and the verdict that asks for approval."""
        sources = {source for label in (call.influence, *call.labels.values()) for source in label.sources}
        return cls(
            title=f"{call.tool.name}: {preview.summary}",
            turn=turn.id,
            step=call.step.id,
            tool=call.tool.name,
            arguments=call.values,
            why=call.step.why,
            requested_by=turn.person,
            request=turn.request,
            effect=call.tool.effect,
            people=verdict.answer.people,
            reasons=[f"{rule}: {reason}" for rule, reason in zip(verdict.rules, verdict.reasons, strict=True)],
            summary=preview.summary,
            details=preview.details,
            risk=preview.risk,
            undo=preview.undo or call.tool.irreversible or "",
            sources=sorted(sources),
        )

    def as_terminal(self, approval: str, expires_at: AwareDatetime, note: str = "") -> RenderableType:
        """The card with the commands that decide it."""
        from rich.console import Group
        from rich.panel import Panel
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        rows = [
            ("what", self.summary),
            (
                "call",
                self.tool + "(" + ", ".join(f"{k}={v!r}" for k, v in self.arguments.items() if v is not None) + ")",
            ),
            ("asked by", f"{self.requested_by}: {self.request}"),
            ("needs", f"{self.people} approver" + ("s, two different people" if self.people > 1 else "")),
            ("because", "\n".join(self.reasons)),
            ("changes", "\n".join(self.details)),
            ("risk", self.risk),
            ("undo", self.undo),
            ("read from", ", ".join(self.sources)),
            ("expires", f"{expires_at:%Y-%m-%d %H:%M %Z}"),
            ("note", note),
        ]
        for name, text in rows:
            if text:
                table.add_row(name, Text(visible(text)))
        commands = Text(f"sophia approvals approve {approval}\nsophia approvals deny {approval} --reason …", "cyan")
        return Panel(Group(table, Text(), commands), title=f"approval {approval}", border_style="yellow")
