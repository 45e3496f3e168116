"""What was asked for and taken back again: `deploy prod, scratch that, deploy dev`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.planning.offline.concepts import ACTING, LOOKING
from agent.planning.offline.drafts import State
from agent.planning.offline.idioms import RETRACTING, doubting
from agent.planning.offline.parts import Link, Part
from agent.planning.offline.speech import Act, Said

__all__ = ["give_back", "taken_back"]


_ENDING: Final = frozenset(
    ["work_cancel", "schedule_delete", "schedule_pause", "grant_revoke", "competitor_unwatch", "competitor_snooze"]
)
_UNDOING: Final = frozenset({"undo", "stop", "cancel", "drop", "bin", "scrap"})
"""`undo that, go back to …` asks for it."""
_STOPPING: Final = frozenset({"cancel", "remove", "revoke", "pause", "snooze", "unwatch"})


def taken_back(at: int, said: Sequence[Said], state: State) -> bool:
    """Whether the clause here takes back what was asked before it; then that is withdrawn, or in doubt."""
    if doubting(said[at]):
        state.done.retracted = True
        return True
    meaning = RETRACTING.whole(said[at].tokens) if state.done.drafts else None
    if _of_an_earlier_request(at, said):
        return True
    if meaning and _under_a_condition(at, said):
        return said[at].act is not Act.PROHIBITION  # `otherwise never mind` takes nothing back; `…, don't` forbids then
    if meaning and state.fresh and all(draft.tool in _ENDING for draft in state.fresh) and said[at].heads & _STOPPING:
        return True  # `stop working on t-83, cancel it`: said twice
    marked = any(token.has("retracting") for token in said[at].tokens) or _slipped(at, said, state)
    if meaning is None and not (marked and state.done.drafts):
        return marked
    if meaning == "retract" or any(draft.writes for draft in state.done.drafts if draft not in state.fresh):
        state.done.retracted = True
        return True
    state.withdrawn += state.fresh
    state.done.drafts = [draft for draft in state.done.drafts if draft not in state.fresh]
    state.fresh = []
    return True


def _of_an_earlier_request(at: int, said: Sequence[Said]) -> bool:
    """`scratch that, deploy dev`, at the beginning; not `undo that, go back to …`, which asks for it."""
    undoing = any(token.text in _UNDOING for token in said[at].tokens)
    return not at and len(said) > 1 and not undoing and RETRACTING.whole(said[at].tokens) == "replace"


def _under_a_condition(at: int, said: Sequence[Said]) -> bool:
    before = said[at - 1].clause if at else None
    same = before is not None and before.sentence == said[at].clause.sentence
    deciding = before is not None and before.part in (Part.IF, Part.UNLESS)
    return said[at].clause.link is Link.ELSE or (same and deciding)


def _slipped(at: int, said: Sequence[Said], state: State) -> bool:
    """`deploy prod, sorry, deploy dev`: the same verb once more, after a word for a slip."""
    before, following = state.before, said[at + 1] if at + 1 < len(said) else None
    if not any(token.has("slip") for token in said[at].tokens) or following is None or before is None:
        return False
    return bool(following.heads & before.heads & (ACTING | LOOKING))


def give_back(state: State) -> None:
    """Nothing was said instead: what was taken back is what may be asked about."""
    if state.withdrawn and not state.done.drafts:
        state.done.drafts, state.done.retracted = state.withdrawn, True
