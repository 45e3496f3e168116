"""Buttons and dialogs: a decision counts when Slack signed it, on a card that Sophia posted, from who may decide."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from agent.approval import Card
from agent.delegating import person_meant
from agent.errors import NotAllowed, SophiaError
from agent.people import Person, Role
from agent.plan import Plan
from agent.slack.cards import (
    APPROVE,
    DELEGATE,
    DENY,
    SHOW_PLAN,
    delegate_dialog,
    deny_dialog,
    plan_dialog,
    plan_lines,
)
from agent.slack.door import SlackDoor
from agent.slack.errors import SlackAway, SlackRefused
from agent.slack.knowing import Knowing
from agent.slack.requests import Place
from agent.slack.work import Liveness
from agent.slack_blocks import escaped
from agent.sophia import Sophia
from memory.approvals import Approval, ApprovalStatus
from memory.posts import Posts

__all__ = ["Deciding"]


class Deciding:
    """Works on what people press."""

    def __init__(
        self,
        *,
        sophia: Sophia,
        posts: Posts,
        knowing: Knowing,
        door: SlackDoor,
        liveness: Liveness,
        decided: Callable[[str], None],
    ) -> None:
        """`decided` is told of the turn whose approval got a vote."""
        self._sophia = sophia
        self._posts = posts
        self._knowing = knowing
        self._door = door
        self._liveness = liveness
        self._decided = decided

    async def action(self, body: Mapping[str, Any]) -> None:
        """A button of a card. Whoever pressed it in vain is told why, alone."""
        pressed = body["actions"][0]
        container = body.get("container", {})
        where = (str(container.get("channel_id", "")), str(container.get("message_ts", "")))
        try:
            await self._pressed(str(pressed["action_id"]), str(pressed.get("value", "")), where, body)
        except SlackAway:
            raise
        except SophiaError as error:
            await self.tell(body, error, where)

    async def _pressed(self, action: str, ref: str, where: tuple[str, str], body: Mapping[str, Any]) -> None:
        if action not in (APPROVE, DENY, DELEGATE, SHOW_PLAN):
            return
        await self._has_power(ref, where, body)
        if action == SHOW_PLAN:
            await self._show_plan(ref, str(body.get("trigger_id")))
            return
        person = await self._presser(ref, body)
        if action == APPROVE:
            await self._decide(ref, person, approve=True)
            return
        approval = await self._sophia.door.show(ref)
        await self._may_decide(approval, person)
        kept = json.dumps({"approval": ref, "channel": where[0], "ts": where[1]})
        view = deny_dialog(approval, kept)
        if action == DELEGATE:
            view = delegate_dialog(approval, kept, self._others(approval, person))
        await self._door.call("views.open", trigger_id=body.get("trigger_id"), view=view)

    def _others(self, approval: Approval, person: Person) -> dict[str, str]:
        """Who else may decide. Raises NotAllowed when nobody may."""
        out = {person.name} | {vote.person for vote in approval.votes}
        able = self._knowing.people().with_role(Role(approval.role))
        found = {each.name: each.full_name or each.name for each in able if each.name not in out}
        if not found:
            raise NotAllowed(f"Nobody else has the {approval.role} role.", not_done=f"{approval.id} was not delegated.")
        return found

    async def _may_decide(self, approval: Approval, person: Person) -> None:
        """Nobody writes a reason in vain: who may not decide, or comes too late, learns it before."""
        if approval.status is not ApprovalStatus.WAITING or not person.can(Role(approval.role)):
            await self._sophia.decide(approval.id, person, approve=False)

    async def sent_off(self, body: Mapping[str, Any]) -> None:
        """A dialog was sent off: why something is denied, or to whom the decision is left."""
        kept = json.loads(body["view"]["private_metadata"])
        ref, where = str(kept["approval"]), (str(kept["channel"]), str(kept["ts"]))
        values = body["view"]["state"]["values"]
        try:
            await self._has_power(ref, where, body)
            person = await self._presser(ref, body)
            if body["view"].get("callback_id") == DELEGATE:
                chosen = (values["to"]["to"].get("selected_option") or {}).get("value", "")
                await self.delegate(ref, person, str(chosen))
            else:
                reason = str(values["reason"]["reason"].get("value") or "")
                await self._decide(ref, person, approve=False, reason=reason)
        except SlackAway:
            raise
        except SophiaError as error:
            await self.tell(body, error, where)

    async def _has_power(self, ref: str, where: tuple[str, str], body: Mapping[str, Any]) -> None:
        """Only the very message that Sophia posted for this approval decides it: no copy, no other channel."""
        post = await self._posts.at(*where)
        if post is not None and post.about == ref:
            return
        await self._refused(ref, _user(body), "a card that Sophia did not post there")
        raise NotAllowed(
            "This card has no power: it isn't the one that I posted for this approval.",
            not_done="Nothing was decided.",
            to_do="Use the card in its own thread.",
        )

    async def _presser(self, ref: str, body: Mapping[str, Any]) -> Person:
        user = body["user"]
        home = str(user.get("team_id") or body.get("team", {}).get("id", ""))
        try:
            return self._knowing.person(home, str(user["id"]))
        except NotAllowed as error:
            await self._refused(ref, f"{home}/{user['id']}", error.tried)
            raise

    async def _decide(self, ref: str, person: Person, *, approve: bool, reason: str = "") -> None:
        approval = await self._sophia.decide(ref, person, approve=approve, reason=reason)
        self._decided(approval.turn)
        await self._liveness.drive(approval.turn, f"{approval.id}-{len(approval.votes)}")

    async def delegate(self, ref: str, person: Person, who: str) -> Approval:
        """Leave the decision to somebody; the cards say so, and whoever it is gets a message."""
        approval = await self._sophia.delegate(ref, person, person_meant(who, self._knowing.people()))
        self._decided(approval.turn)
        return approval

    async def at_hand(self, place: Place) -> list[str]:
        """The approvals that wait where somebody writes: the one whose card heads the thread, or the thread's own."""
        post = await self._posts.at(place.channel, place.thread)
        if post is not None and post.about.startswith("a_"):
            return [post.about]
        turns = {turn.id for turn in await self._sophia.turns.latest(place.conversation)}
        return [found.id for found in await self._sophia.approvals.waiting() if found.turn in turns]

    async def _refused(self, ref: str, actor: str, why: str) -> None:
        now = self._sophia.clock.now()
        await self._sophia.audit.append("approval.refused", {"approval": ref, "why": why}, actor=actor, now=now)

    async def _show_plan(self, ref: str, trigger: str) -> None:
        approval = await self._sophia.door.show(ref)
        turn = await self._sophia.turns.get(approval.turn)
        plan = Plan.model_validate(turn.plan) if turn.plan else Plan(steps=[])
        lines = plan_lines(plan, {approval.step: "waiting"}, self._sophia.tools)
        view = plan_dialog(turn.request, lines, Card.model_validate(approval.card).details)
        await self._door.call("views.open", trigger_id=trigger, view=view)

    async def tell(self, body: Mapping[str, Any], error: SophiaError, where: tuple[str, str] | None = None) -> None:
        """Tell whoever pressed, alone, why nothing came of it; `where` is the message, unless the payload says so."""
        container = body.get("container", {})
        where = where or (str(container.get("channel_id", "")), str(container.get("message_ts", "")))
        if isinstance(error, SlackRefused) and error.code in ("expired_trigger_id", "trigger_expired"):
            text = "That took too long, and Slack opens no dialog any more. Press again."
        else:
            text = str(error)
        post = await self._posts.at(*where)
        await self._door.call(
            "chat.postEphemeral",
            channel=where[0],
            user=str(body["user"]["id"]),
            thread_ts=post.thread if post and post.thread else None,
            text=escaped(text),
            parse="none",
        )


def _user(body: Mapping[str, Any]) -> str:
    user = body.get("user", {})
    return f"{user.get('team_id', '')}/{user.get('id', '')}"
