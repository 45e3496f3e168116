"""`sophia doctor --slack`: the token and its scopes, the channels, and a test message."""

from __future__ import annotations

from collections.abc import AsyncIterator

from slack_sdk.errors import SlackApiError

from agent.errors import SophiaError
from agent.people import NotRecognised, People
from agent.settings import Settings, terminal_identity
from agent.slack.door import SlackDoor, slack_door
from agent.slack.errors import refusal
from agent.slack.knowing import slack_user
from agent.slack.manifest import SCOPES
from agent.slack.workspace import Workspace
from agent.terminal.doctor import Check

__all__ = ["examine_slack"]


def _check(name: str, detail: str, to_do: str = "") -> Check:
    return Check(area="Slack", name=name, state="problem" if to_do else "ok", detail=detail, to_do=to_do)


def _refused(name: str, error: SophiaError) -> Check:
    return _check(name, error.tried, error.to_do or "Try again when Slack answers.")


async def examine_slack(settings: Settings) -> list[Check]:
    """Every check; the first that makes the others pointless is the last."""
    door = slack_door(settings)
    try:
        return [check async for check in _checks(settings, door)]
    finally:
        await door.aclose()


async def _checks(settings: Settings, door: SlackDoor) -> AsyncIterator[Check]:
    workspace = Workspace(door, settings)
    try:
        myself = await workspace.myself()
    except SophiaError as error:
        yield _refused("bot token", error)
        return
    yield _check("bot token", f"{myself.name} ({myself.team}), as {myself.user}")
    yield await _scopes(door)
    if settings.slack.mode == "socket":
        yield await _socket(settings, door)
    for name, channel in settings.channels.items():
        if "slack" in channel.delivery:
            yield await _channel(workspace, name)
    yield await _message(settings, door, workspace)


async def _scopes(door: SlackDoor) -> Check:
    missing = sorted(set(SCOPES) - await door.scopes())
    if not missing:
        return _check("scopes", f"all {len(SCOPES)} are there")
    told = "Add them under OAuth & Permissions, Bot Token Scopes (api.slack.com/apps), and install the app again."
    return _check("scopes", f"missing: {', '.join(f'{name} ({SCOPES[name]})' for name in missing)}", told)


async def _socket(settings: Settings, door: SlackDoor) -> Check:
    token = settings.slack.app_token
    assert token is not None, "Socket Mode has an app token"
    try:
        await door.client.apps_connections_open(app_token=token.get_secret_value())
    except SlackApiError as error:
        found = refusal("apps.connections.open", str(error.response.get("error")))
        told = "Make one with connections:write (Basic Information, App-Level Tokens)."
        return _check("app token", found.tried, told)
    return _check("app token", "a socket can be opened")


async def _channel(workspace: Workspace, name: str) -> Check:
    try:
        found = await workspace.channel(await workspace.id_of(name))
    except SophiaError as error:
        return _refused(name, error)
    if found.get("is_archived"):
        return _check(name, "is archived", "Unarchive it, or name another one in sophia.toml.")
    if not found.get("is_member"):
        return _check(name, "Sophia isn't in it", "Invite her there: /invite @Sophia.")
    return _check(name, f"{found.get('id')}, Sophia is in it")


async def _message(settings: Settings, door: SlackDoor, workspace: Workspace) -> Check:
    """A message to whoever runs the doctor."""
    myself = await workspace.myself()
    try:
        person = People.of(settings).at_terminal(terminal_identity())
    except NotRecognised as error:
        return _refused("test message", error)
    user = slack_user(person, myself.team)
    if not user:
        told = f'Add slack = [{{ workspace = "{myself.team}", user = "U…" }}] to [people.{person.name}].'
        return _check("test message", f"{person.name} has no Slack user in {myself.team}", told)
    try:
        direct = await workspace.direct(user)
        await door.call("chat.postMessage", channel=direct, text="This is Sophia's doctor: messages arrive.")
    except SophiaError as error:
        return _refused("test message", error)
    return _check("test message", f"sent to {person.name}")
