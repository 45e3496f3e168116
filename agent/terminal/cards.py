"""An approval's card as the person at this terminal sees it."""

from __future__ import annotations

from rich.console import Console

from agent.approval import Card
from agent.terminal.session import Session
from memory.approvals import Approval

__all__ = ["show_card"]


def show_card(approval: Approval, session: Session, console: Console) -> None:
    """The card, with who could decide it when nobody or too few can."""
    lacking = session.sophia.people.lacking_approvers(approval.people)
    note = " ".join(part for part in (session.person.acting_as, lacking) if part)
    console.print(Card.model_validate(approval.card).as_terminal(approval.id, approval.expires_at, note))
