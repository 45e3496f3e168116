"""Which concepts act on the world, which only look, and the nouns for actions."""

from __future__ import annotations

from typing import Final

from agent.planning.offline.tokens import Token

__all__ = ["ACTING", "ACTION_NOUNS", "LOOKING", "NAMED", "UNHEARD", "actions", "acts"]

ACTING: Final = frozenset(
    [
        "deploy", "update", "destroy", "remove", "rollback", "repair", "fix", "checkpoint", "unlock", "free", "save",
        "retain",
        "set", "unset", "watch",
        "unwatch", "snooze", "sweep", "discover", "add", "notify", "rate", "cancel", "revoke", "pause", "resume",
        "restart", "schedule", "import",
    ]
)  # fmt: skip
"""Verbs that change, send or destroy something."""
LOOKING: Final = frozenset(["preview", "diagnose", "get", "diff", "recall", "verify", "show", "ask"])
"""Verbs that only look."""
UNHEARD: Final = "unheard"
"""What a verb stands for that means nothing here."""
ACTION_NOUNS: Final = {
    "deploy.n": "deploy", "destroy.n": "destroy", "rollback.n": "rollback", "repair.n": "repair", "sweep.n": "sweep",
    "checkpoint.n": "checkpoint", "discover.n": "discover",
}  # fmt: skip
"""What a noun does when somebody runs, makes or wants one."""
NAMED: Final = frozenset(["stack", "competitor", "channel", "url", "domain", "id"])
"""Tags of tokens that stand for one particular thing."""


def acts(token: Token) -> frozenset[str]:
    """The acting concepts that a token may stand for as a verb."""
    return token.tags & ACTING


def actions(token: Token) -> frozenset[str]:
    """The acting concepts that a token mentions, as a verb in any form or as a noun."""
    return acts(token) | {action for noun, action in ACTION_NOUNS.items() if noun in token.tags}
