"""One of each thing that people see in Slack, made by the code that makes them, as pages for `pictures`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent.approval import Card
from agent.plan import Plan, Step
from agent.report import Report, ReportedStep
from agent.slack.alerts import alert_buttons
from agent.slack.cards import approval_card, delegate_dialog, deny_dialog, plan_dialog, plan_lines, plan_list
from agent.slack_blocks import escaped, report_blocks, sections
from memory.approvals import Approval, ApprovalStatus, Delegation, Vote
from memory.labels import Provenance
from tests.slack.pictures import as_html
from tools.registry import discover
from tools.result import Citation, Finding, Weight

__all__ = ["every_card"]

NOW = datetime(2026, 3, 2, 9, 12, tzinfo=UTC)
NAMES = {"U0ANN00001": "ann", "U0BOB00001": "bob"}
MENTIONS = {"ann": "<@U0ANN00001>", "bob": "<@U0BOB00001>"}
REQUEST = "deploy development and then check for drift"


def _approval(status: ApprovalStatus, votes: tuple[Vote, ...] = ()) -> Approval:
    card = Card(
        title="stack_up: deploy development (development): create 3",
        turn="t_gr6nc98ks7qv", step="s1", tool="stack_up", arguments={"stack": "development"}, why="asked",
        requested_by="cyd", request=REQUEST, effect="change", people=1,
        reasons=["R6: a person must approve this"], summary="deploy development (development): create 3",
        details=["create ledger (Database)", "create statements (Bucket)", "create api (Service)"],
        risk="none seen",
        undo="A checkpoint is taken first. This approval also covers going back to it when the deploy fails.",
        sources=[],
    )  # fmt: skip
    return Approval(
        id="a_zp6f43dt8r5t", turn="t_gr6nc98ks7qv", step="s1", tool="stack_up", arguments={}, digest="",
        card=card.model_dump(mode="json"), people=1, requested_by="cyd", role="approver", status=status, created_at=NOW,
        expires_at=NOW + timedelta(days=1), votes=votes,
        delegations=(Delegation(person="ann", to="bob", at=NOW + timedelta(minutes=3)),),
    )  # fmt: skip


def _report() -> Report:
    where = Provenance.observed("pulumi:development", NOW, "its state")
    page = Citation(url="https://www.realpage.com/releases", captured_at=NOW, quote="Now with *instant* <quotes>")
    found = [
        Finding(weight=Weight.DONE, sentence="development was deployed in 3.5 s: 3 created.", provenance=where),
        Finding(weight=Weight.OBSERVED, sentence="RealPage announced a release.", provenance=where, citations=(page,)),
    ]
    step = ReportedStep(id="s1", tool="stack_up", status="succeeded", findings=found)
    return Report(
        turn="t_gr6nc98ks7qv", thread="c", request=REQUEST, status="done", planner="offline", steps=[step],
        started_at=NOW, seconds=20.3, undo=["stack_up can be taken back by stack_rollback"],
    )  # fmt: skip


def every_card() -> dict[str, str]:
    """Name → page."""
    tools = discover()
    plan = Plan(
        steps=[
            Step(id="s1", tool="stack_up", args={"stack": "development"}, why="asked: “deploy development”"),
            Step(id="s2", tool="stack_drift", args={"stack": "development"}, needs=["s1"], when="s1 succeeded"),
        ]
    )
    waiting = _approval(ApprovalStatus.WAITING)
    approved = _approval(ApprovalStatus.USED, (Vote(person="bob", approve=True, reason="", at=NOW),))
    denied = _approval(ApprovalStatus.DENIED, (Vote(person="bob", approve=False, reason="not on Friday", at=NOW),))
    said = "RealPage, product updates: A price went up. (https://www.realpage.com/releases)"
    lines = plan_lines(plan, {"s1": "waiting"}, tools)
    messages = {
        "plan": plan_list(REQUEST, plan, {"s1": "running"}, tools, "working · t_gr6nc98ks7qv"),
        "approval": approval_card(waiting, MENTIONS),
        "approved": approval_card(approved, MENTIONS),
        "denied": approval_card(denied, MENTIONS),
        "report": report_blocks(_report()),
        "alert": [*sections(escaped(said)), alert_buttons("ch_1")],
    }
    dialogs = {
        "deny": deny_dialog(waiting, "{}"),
        "delegate": delegate_dialog(waiting, "{}", {"bob": "Bob Stone", "eve": "Eve Lee"}),
        "show_plan": plan_dialog(REQUEST, lines, Card.model_validate(waiting.card).details),
    }
    pages = {name: as_html(blocks, NAMES) for name, blocks in messages.items()}
    return pages | {
        name: as_html(view["blocks"], NAMES, view["title"]["text"])  # type: ignore[arg-type,index,call-overload]
        for name, view in dialogs.items()
    }
