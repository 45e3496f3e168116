"""Whatever is in them, cards, plans, dialogs and reports keep to Slack's documented limits; nothing is cut in two."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from agent.approval import Card
from agent.plan import Plan, Step
from agent.report import Report, ReportedStep
from agent.slack.cards import approval_card, delegate_dialog, deny_dialog, plan_dialog, plan_lines, plan_list
from agent.slack.requests import words
from agent.slack_blocks import escaped, in_messages, sections, unescaped
from memory.approvals import Approval, ApprovalStatus, Vote
from memory.labels import Provenance
from tests.slack.refusals import fine_blocks, fine_view
from tools.result import Citation, Finding, Weight

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXTS = {"plain": "word ", "markup": "<!here> & *b* `c` ", "lines": "a line\n", "one": "&", "hidden": "\u202e\u200b"}


def card_of(text: str, status: ApprovalStatus) -> Approval:
    card = Card(
        title=text, turn="t_1", step="s1", tool="put", arguments={"name": text}, why=text, requested_by="ann",
        request=text, effect="change", people=2, reasons=[text], summary=text, details=[text] * 40, risk=text,
        undo=text, sources=[text],
    )  # fmt: skip
    return Approval(
        id="a_1", turn="t_1", step="s1", tool="put", arguments={}, digest="", card=card.model_dump(mode="json"),
        people=2, requested_by="ann", role="approver", status=status, created_at=NOW,
        expires_at=NOW + timedelta(days=1), votes=(Vote(person="bob", approve=True, reason=text[:1000], at=NOW),),
    )  # fmt: skip


@pytest.mark.parametrize("times", [1, 4000])
@pytest.mark.parametrize("kind", TEXTS)
def test_everything_fits(kind: str, times: int) -> None:
    text = (TEXTS[kind] * times)[:20_000]
    plan = Plan(steps=[Step(id=f"s{n}", tool="put", args={"name": text}, why=text[:300]) for n in range(1, 21)])
    for status in (ApprovalStatus.WAITING, ApprovalStatus.USED):
        blocks = approval_card(card_of(text, status), {"bob": "<@U0BOB00001>"}, text)
        assert fine_blocks(blocks)
        assert (blocks[-1]["type"] == "actions") == (status is ApprovalStatus.WAITING)
    assert fine_blocks(plan_list(text, plan, {"s1": "running"}, {}, "working"))
    assert fine_view(deny_dialog(card_of(text, ApprovalStatus.WAITING), "{}"))
    people = {f"person-{number}": f"{number} {text}" for number in range(120)}
    assert fine_view(delegate_dialog(card_of(text, ApprovalStatus.WAITING), "{}", people))
    assert fine_view(plan_dialog(text, plan_lines(plan, {}, {}), [text] * 40))
    found = Finding(
        weight=Weight.OBSERVED, sentence=text, facts={}, provenance=Provenance.observed("here", NOW, "looked")
    )
    step = ReportedStep(id="s1", tool="put", status="succeeded", findings=[found] * 30)
    report = Report(
        turn="t_1", thread="c", request=text, status="done", planner="offline", steps=[step], started_at=NOW, seconds=1
    )
    assert all(fine_blocks(blocks) for blocks in in_messages(report.as_slack_blocks()))


@pytest.mark.parametrize(
    "call, changes, approvable", [(1, 1, True), (1, 14_000, True), (18_000, 1, False), (1, 200_000, False)]
)
def test_nobody_approves_in_slack_what_slack_doesnt_show(call: int, changes: int, approvable: bool) -> None:
    """Eight characters show each that hides, so that a long text of them leaves no room for all of it."""
    asked = card_of("why", ApprovalStatus.WAITING)
    card = asked.card | {"arguments": {"content": "\u202e" * call}, "details": ["\u202e" * changes]}
    blocks = approval_card(asked.model_copy(update={"card": card}), {})
    assert fine_blocks(blocks)
    assert ('"Approve"' in json.dumps(blocks)) is approvable
    assert ("sophia approvals show a_1" in json.dumps(blocks)) is not approvable
    assert "*Because*  why" in json.dumps(blocks), "whatever else doesn't fit"


def test_a_long_text_is_split_without_losing_or_breaking_anything() -> None:
    text = "AT&T <b> " * 2000
    pieces = [str(block["text"]["text"]) for block in sections(escaped(text))]  # type: ignore[index,call-overload]
    assert "".join(pieces) == escaped(text)
    assert all(piece.count("&") == piece.count(";") for piece in pieces)


@pytest.mark.parametrize("sentence", ["A release came.", "It says: “Now with  voice\nnotes”."])
def test_a_quote_is_shown_once_with_its_place_and_time(sentence: str) -> None:
    page = Citation(url="https://example.com/releases", captured_at=NOW, quote="Now with voice notes")
    where = Provenance.observed(page.url, NOW, "read on the page")
    finding = Finding(weight=Weight.OBSERVED, sentence=sentence, citations=(page,), provenance=where)
    step = ReportedStep(id="s1", tool="competitor_recall", status="succeeded", findings=[finding])
    report = Report(
        turn="t_1", thread="c", request="x", status="done", planner="offline", steps=[step], started_at=NOW, seconds=1
    )
    shown = " ".join(json.dumps(report.as_slack_blocks(), ensure_ascii=False).replace("\\n", " ").split())
    assert shown.count("Now with voice notes") == 1
    assert "<https://example.com/releases>, captured <!date^" in shown
    assert "|2026-03-01 00:00 UTC>" in shown


@pytest.mark.parametrize(
    "url, linked",
    [
        ("https://example.com/a_b?x=1&y=2#z", True),
        ("http://127.0.0.1:8080/", True),
        ("https://example.com/|click>", False),
        ("https://example.com/> <!channel>", False),
        ("https://ex\u0430mple.com/", False),
        ("https://example.com@evil.example/", False),
        ("javascript:alert(1)", False),
        ("https://example.com/\u202e", False),
        ("https://example.com/" + "x" * 3000, False),
    ],
)
def test_where_it_was_read_can_be_followed_and_is_nothing_else(url: str, linked: bool) -> None:
    finding = Finding(
        weight=Weight.OBSERVED,
        sentence="A release came.",
        citations=(Citation(url=url, captured_at=NOW, quote="Now"),),
        provenance=Provenance.observed(url, NOW, "read"),
    )
    step = ReportedStep(id="s1", tool="competitor_recall", status="succeeded", findings=[finding])
    report = Report(
        turn="t_1", thread="c", request="x", status="done", planner="offline", steps=[step], started_at=NOW, seconds=1
    )
    blocks = report.as_slack_blocks()
    assert fine_blocks(blocks)
    shown = json.dumps(blocks, ensure_ascii=False)
    assert ("<http" in shown) == linked
    assert "<!channel" not in shown


def test_what_is_copied_from_a_message_is_what_it_was() -> None:
    for text in ("a_2kqf7ka9r4nw", "c_20261128T093445_d1d23c", "stack_up", "0 */4 * * *", "`x` ~y~ _z_"):
        assert unescaped(escaped(text)) == text
    assert escaped("go back to c_2026_ab") == "go back to c_2026_ab"
    assert words(escaped("show *a_1* <!channel>"), "", {}) == "show *a_1* <!channel>"
    for text in ("_a_", "x _a_ y", "*a*", "~a~", "`a`"):
        assert text not in escaped(text)
    assert (
        words("tell <!subteam^S1|@ops-team>, <!here> and <!subteam^S2>", "", {}) == "tell @ops-team, @here and @subteam"
    )
    assert words("since <!date^1392734382^{date}|18 February>", "", {}) == "since 18 February"
