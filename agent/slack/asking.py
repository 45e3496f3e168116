"""Requests that people make in Slack: mentions, direct messages, replies, `/sophia`; their edits and deletions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.delegating import Wish, approval_meant, delegation_in
from agent.errors import NotAllowed
from agent.people import Person, Role
from agent.plan import Plan
from agent.requests import accept
from agent.slack.alerts import AlertButtons
from agent.slack.deciding import Deciding
from agent.slack.errors import SlackRefused
from agent.slack.knowing import Knowing, slack_user
from agent.slack.lists import SharedLists
from agent.slack.posting import Poster, Wanted
from agent.slack.requests import Place, Said, key_of, said_in, words
from agent.slack.work import Liveness
from agent.slack.workspace import Workspace
from agent.slack_blocks import escaped, sections
from agent.sophia import Sophia
from memory.arrivals import Arrivals
from memory.errors import OtherAudience
from memory.turns import NewTurn, Turn

__all__ = ["SURFACE", "Asking"]

SURFACE = "slack"
_UNREACHABLE = frozenset({"channel_not_found", "not_in_channel", "is_archived", "restricted_action"})


class Asking:
    """Makes turns of what people say."""

    def __init__(
        self,
        *,
        sophia: Sophia,
        arrivals: Arrivals,
        knowing: Knowing,
        workspace: Workspace,
        poster: Poster,
        liveness: Liveness,
        begun: Callable[[str], None],
        alerts: AlertButtons,
        deciding: Deciding,
        lists: SharedLists,
    ) -> None:
        """`begun` is told of a turn as soon as it is there, before anybody drives it."""
        self._sophia = sophia
        self._arrivals = arrivals
        self._knowing = knowing
        self._workspace = workspace
        self._poster = poster
        self._liveness = liveness
        self._begun = begun
        self._alerts = alerts
        self._deciding = deciding
        self._lists = lists

    async def concerns(self, body: Mapping[str, Any]) -> bool:
        """Whether an event may be for Sophia. What people say to each other is neither kept nor worked on."""
        event = body.get("event", {})
        if event.get("type") not in ("message", "app_mention"):
            return True
        if event.get("subtype") == "message_changed":
            now = event.get("message", {})
            return not now.get("bot_id") and now.get("text") != event.get("previous_message", {}).get("text")
        if event.get("subtype") == "message_deleted":
            return await self._turn_of(body, str(event.get("deleted_ts"))) is not None
        said = said_in(body)
        return said is not None and await self._is_for_us(said)

    async def event(self, key: str, body: Mapping[str, Any]) -> None:
        """Work on an event."""
        event = body["event"]
        match event.get("type"), event.get("subtype"):
            case "message", "message_changed":
                await self._edited(key, body)
            case "message", "message_deleted":
                await self._deleted(body)
            case "assistant_thread_started" | "assistant_thread_context_changed", _:
                await self._greeted(event["assistant_thread"])
            case "member_joined_channel" | "channel_shared" | "channel_unshared", _:
                self._workspace.forget(str(event.get("channel", "")))
            case _:
                said = said_in(body)
                if said is not None and await self._is_for_us(said):
                    await self._begin(key, said)

    async def _is_for_us(self, said: Said) -> bool:
        """A direct message, a mention, or a reply in a thread in which Sophia was asked already."""
        myself = await self._workspace.myself()
        if said.place.user == myself.user:
            return False
        if said.place.direct or said.mentions(myself.user):
            return True
        if not said.threaded or said.to_somebody:
            return False
        return await self._sophia.turns.has(said.place.conversation)

    async def _begin(self, key: str, said: Said) -> None:
        myself = await self._workspace.myself()
        text = words(said.raw, myself.user, self._knowing.names(myself.team))
        wish = delegation_in(text)
        at_hand = await self._deciding.at_hand(said.place) if wish else []
        if wish and (wish.ref or at_hand):
            await self._delegated(key, said, wish, at_hand)
        else:
            self._allowed(said.home, said.place.user)  # a stranger's files aren't even read
            await self._start(key, said.place, said.home, await self._lists.named(text, said.files))

    async def _delegated(self, key: str, said: Said, wish: Wish, at_hand: Sequence[str]) -> None:
        """Leave a decision to somebody, in words; the message that says so was signed by Slack like every other."""
        person = self._knowing.person(said.home, said.place.user)
        approval = await self._deciding.delegate(approval_meant(wish.ref, at_hand), person, wish.who)
        to = next(each.to for each in approval.delegations if each.person == person.voter)
        note = f"{approval.id} is left to {to}, who decides with a click of their own."
        await self._note(f"{key}:note", said.place, note)

    async def _start(self, key: str, place: Place, home: str, text: str, plan: Plan | None = None) -> Turn:
        """Begin the turn of a request, once, and have it driven."""
        person = self._allowed(home, place.user)
        audience = await self._knowing.audience(place, person)
        new = NewTurn(
            thread=place.conversation,
            request=accept(text),
            person=person.name,
            audience=audience,
            surface=SURFACE,
            plan=plan.model_dump(mode="json", by_alias=True) if plan else None,
        )
        try:
            turn = await self._arrivals.begin(key, new, place.model_dump(), self._sophia.clock.now())
        except OtherAudience as error:
            raise NotAllowed(str(error), to_do="Start a thread of your own.") from error
        self._begun(turn.id)
        await self._liveness.drive(turn.id, "start")
        return turn

    def _allowed(self, home: str, user: str) -> Person:
        """Whoever asks, if they may ask for anything."""
        person = self._knowing.asker(home, user)
        if not person.can(Role.REQUESTER):
            raise NotAllowed(
                f"{person.name} has no requester role.",
                not_done="Nothing was done.",
                to_do='An operator adds "requester" to their roles in sophia.toml.',
            )
        return person

    async def command(self, key: str, body: Mapping[str, Any]) -> None:
        """`/sophia …`: the request is repeated as a message, in whose thread the answers are."""
        user, team = str(body["user_id"]), str(body["team_id"])
        text = accept(str(body.get("text", "")).strip() or "help")
        self._knowing.asker(team, user)
        root = Wanted(
            id=f"{key}:root",
            about=key,
            channel=str(body["channel_id"]),
            thread="",
            blocks=sections(f"<@{user}> asks: “{escaped(words(text, '', self._knowing.names(team)))}”"),
            text=escaped(text),
        )
        try:
            post = await self._poster.show(root)
        except SlackRefused as error:
            if error.code not in _UNREACHABLE:
                raise
            direct = await self._workspace.direct(user)
            post = await self._poster.show(Wanted(f"{key}:direct", root.about, direct, "", root.blocks, root.text))
        place = Place(team=team, channel=post.channel, thread=post.ts, user=user, direct=post.channel.startswith("D"))
        await self._start(key, place, team, words(text, "", self._knowing.names(team)))

    async def pressed(self, key: str, body: Mapping[str, Any]) -> None:
        """A button of an alert: a request of whoever pressed it, in the alert's thread."""
        button, user = body["actions"][0], body["user"]
        container = body.get("container", {})
        channel, ts = str(container.get("channel_id", "")), str(container.get("message_ts", ""))
        if await self._poster.posts.at(channel, ts) is None:
            raise NotAllowed("These buttons have no power: it isn't an alert that I posted.")
        asked = await self._alerts.asked(str(button["action_id"]), str(button.get("value", "")))
        home = str(user.get("team_id") or body.get("team", {}).get("id", ""))
        place = Place(team=str(body.get("team", {}).get("id", home)), channel=channel, thread=ts, user=str(user["id"]))
        await self._start(key, place, home, asked.request, asked.plan)

    async def _edited(self, key: str, body: Mapping[str, Any]) -> None:
        """An edited request that isn't done yet is stopped, and made anew with its new words."""
        event = body["event"]
        now, before = event.get("message", {}), event.get("previous_message", {})
        if now.get("bot_id") or now.get("text") == before.get("text"):
            return
        said = said_in({**body, "event": {**now, "type": "message", "subtype": None, "channel": event["channel"]}})
        if said is None:
            return
        earlier = await self._turn_of(body, str(now.get("ts")))
        if earlier is None:
            if await self._is_for_us(said):
                await self._begin(key, said)
            return
        if not await self._withdrawn(earlier):
            note = "That was answered as it stood before the edit. Write again here if you want it done anew."
            await self._note(f"{key}:note", said.place, note)
            return
        await self._begin(key, said)

    async def _deleted(self, body: Mapping[str, Any]) -> None:
        """A request that is deleted before it is done is stopped."""
        event = body["event"]
        earlier = await self._turn_of(body, str(event.get("deleted_ts")))
        if earlier is not None:
            await self._withdrawn(earlier)

    async def _turn_of(self, body: Mapping[str, Any], ts: str) -> Turn | None:
        """The last turn that was begun by the message, or by an edit of it."""
        asked = {"type": "message", "channel": body["event"]["channel"], "ts": ts}
        arrival = await self._arrivals.get(key_of({"team_id": body.get("team_id"), "event": asked}, ""))
        if arrival is None or arrival.turn is None:
            return None
        first = await self._sophia.turns.get(arrival.turn)
        place = Place.model_validate(arrival.place)
        for turn in reversed(await self._sophia.turns.latest(first.thread)):
            begun = await self._arrivals.of_turn(turn.id)
            if begun is not None and Place.model_validate(begun.place).message == place.message:
                return turn
        return first

    async def _withdrawn(self, turn: Turn) -> bool:
        """Stop the turn; False when it has ended already."""
        if not await self._sophia.turns.request_cancel(turn.id, turn.person, self._sophia.clock.now()):
            return False
        await self._liveness.drive(turn.id, "withdrawn")
        return True

    async def _greeted(self, thread: Mapping[str, Any]) -> None:
        prompts = self._prompts(await self._looked_at(thread.get("context") or {}))
        await self._workspace.suggest(str(thread["channel_id"]), str(thread["thread_ts"]), prompts)

    async def _looked_at(self, context: Mapping[str, Any]) -> str:
        """The name of the channel beside the pane, where it is one that Sophia may tell things; otherwise nothing."""
        channel, team = str(context.get("channel_id") or ""), context.get("team_id")
        if not channel or team not in (None, "", (await self._workspace.myself()).team):
            return ""
        return await self._workspace.configured_name(channel)

    def _prompts(self, channel: str) -> list[str]:
        """Requests that make sense with what is configured, and with the channel that somebody looks at.

        It is named in their words: what isn't said decides nothing about who is told.
        """
        settings = self._sophia.settings
        news = "what changed at the competitors this week"
        watching = [f"Post {news} in {channel}" if channel else f"{news.capitalize()}?"] if settings.competitors else []
        told = f" and tell {channel}" if channel else ""
        drifting = [f"Check {stack} for drift{told}" for stack in list(settings.stacks)[:1]]
        return [*watching, *drifting, "What is scheduled?", "What can you do?"]

    async def tell(self, post: str, name: str, text: str) -> None:
        """Tell a person alone, where they have a user in the workspace."""
        person = self._knowing.people().get(name)
        user = slack_user(person, (await self._workspace.myself()).team) if person else ""
        if user:
            direct = await self._workspace.direct(user)
            await self._poster.show(Wanted(post, post, direct, "", sections(escaped(text)), escaped(text)))

    async def _note(self, post: str, place: Place, text: str) -> None:
        await self._poster.show(
            Wanted(post, place.conversation, place.channel, place.thread, sections(escaped(text)), escaped(text))
        )
