"""What is said beside a request and tells how far back it looks: `what changed? I was away the last 5 days`."""

from __future__ import annotations

from collections.abc import Sequence

from agent.planning.offline.drafts import Composition
from agent.planning.offline.situation import Situation
from agent.planning.offline.slots import since
from agent.planning.offline.speech import Act, Said

__all__ = ["since_asides"]


def since_asides(said: Sequence[Said], done: Composition, situation: Situation) -> None:
    """Give the looks that don't say how far back they go what was said of it beside them."""
    aside = (each for each in said if each.act is Act.STATEMENT or _only_times(each))
    told = next((found for each in aside if (found := since(situation.things(each.tokens))).values), None)
    for draft in done.drafts if told else ():
        if not draft.writes and "since" in situation.slots(draft.tool):
            draft.args.setdefault("since", told.value if told else None)


def _only_times(said: Said) -> bool:
    """`look at the last 45 days`"""
    return said.act is Act.COMMAND and all(
        token.has("ask", "look", "show", "get", "time", "soft") for token in said.body
    )
