"""What Slack answers when it doesn't do what was asked, in sentences for whoever can mend it."""

from __future__ import annotations

from agent.errors import OperatorMustAct

__all__ = ["SlackAway", "SlackRefused", "TokenRefused", "refusal"]

_RENEW = "Put the bot token of api.slack.com/apps (OAuth & Permissions) into SOPHIA_SLACK_BOT_TOKEN and start again."
_TO_DO = {
    "not_authed": _RENEW,
    "invalid_auth": _RENEW,
    "token_revoked": _RENEW,
    "token_expired": _RENEW,
    "account_inactive": _RENEW,
    "is_archived": "Unarchive the channel, or name another one in sophia.toml.",
    "channel_not_found": "Invite Sophia to the channel (/invite @Sophia), or correct its slack_id in sophia.toml.",
    "not_in_channel": "Invite Sophia to the channel: /invite @Sophia.",
    "too_many_pages": "Give the channel its slack_id in sophia.toml, or ask in a direct message.",
    "restricted_action": "A workspace administrator has to allow apps to post there.",
}
_WORDS = {
    "not_authed": "there is no token",
    "invalid_auth": "the token isn't valid",
    "token_revoked": "the token was revoked",
    "token_expired": "the token has expired",
    "account_inactive": "the token belongs to an account or a workspace that is gone",
    "is_archived": "the channel is archived",
    "channel_not_found": "Sophia can't see the channel",
    "not_in_channel": "Sophia isn't in the channel",
    "restricted_action": "the workspace's settings forbid it",
}


class SlackRefused(OperatorMustAct):
    """Slack understood and said no: it hasn't happened."""

    def __init__(self, code: str, tried: str, *, not_done: str = "", to_do: str = "") -> None:
        super().__init__(tried, not_done=not_done, to_do=to_do)
        self.code = code


class SlackAway(OperatorMustAct):
    """There was no answer. What was asked may have happened. It is worth another try later."""


class TokenRefused(SlackAway):
    """Slack takes nothing with this token: whatever is to be said waits until there is another one."""


def refusal(method: str, code: str, needed: str = "", provided: str = "") -> SlackRefused | TokenRefused:
    """The error for Slack's error code; for a missing scope with its name and where to add it."""
    if code == "missing_scope":
        return SlackRefused(
            code,
            f"Slack refused {method}: the token lacks the scope {needed or 'needed'} (it has {provided or '?'}).",
            to_do="Add it under OAuth & Permissions, Bot Token Scopes (api.slack.com/apps), and install the app again; "
            "sophia serve --slack-manifest prints the whole list.",
        )
    if code == "too_many_pages":
        return SlackRefused(code, f"{method} has more than is read of it.", to_do=_TO_DO[code])
    words = _WORDS.get(code, code)
    if _TO_DO.get(code) is _RENEW:
        return TokenRefused(f"Slack refused {method}: {words}.", to_do=_RENEW)
    return SlackRefused(code, f"Slack refused {method}: {words}.", to_do=_TO_DO.get(code, "sophia doctor --slack"))
