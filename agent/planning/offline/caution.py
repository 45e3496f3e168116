"""When not to act: an effect is planned only for a plain request that says so and nothing against it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from agent.planning.offline.concepts import acts
from agent.planning.offline.drafts import Draft, Prohibition
from agent.planning.offline.filling import Filled
from agent.planning.offline.partial import PARTED, leaves_out
from agent.planning.offline.patterns import Table, pattern
from agent.planning.offline.questions import confirm
from agent.planning.offline.situation import Situation
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.tokens import Token

__all__ = ["carried_over", "forbids", "unsure"]

_VERBS: Final = {
    "stack_up": {"deploy", "update", "release", "set", "add", "run"}, "stack_destroy": {"destroy", "remove"},
    "stack_rollback": {"rollback"},
    "stack_repair": {"repair", "fix"}, "stack_checkpoint": {"checkpoint"}, "stack_unlock": {"unlock", "release",
    "remove"},
    "stack_config_set": {"set", "update"}, "stack_config_unset": {"unset", "remove"},
    "competitor_watch": {"watch", "add"}, "competitor_unwatch": {"unwatch",
    "remove"},
    "competitor_snooze": {"snooze", "pause"}, "competitor_sweep": {"sweep"},
    "competitor_import": {"import", "watch", "add"}, "competitor_discover": {"discover"},
    "notify": {"notify"}, "alert_feedback": {"rate"}, "work_cancel": {"cancel"}, "grant_revoke": {"revoke", "remove"},
    "pause_all": {"pause"}, "resume_all": {"resume", "restart"}, "schedule_create": {"schedule"},
    "schedule_pause": {"pause"}, "schedule_resume": {"resume"}, "schedule_delete": {"remove", "revoke", "cancel"},
}  # fmt: skip
"""The concepts that forbid a tool when they are forbidden."""
_TARGETS: Final = ("stack", "competitor", "competitors", "url", "schedule", "grant", "thread", "alert", "channel")


def unsure(tool: str, said: Said, filled: Filled, situation: Situation) -> str | None:
    """Why an effect isn't plainly asked for, as a question; None when it is, or when the tool only reads."""
    declared = situation.catalogue.get(tool)
    if declared is None or not declared.effect.writes:
        return None
    if instead := _cannot_be(tool, said):
        return instead
    if _doubtful(tool, said, filled):
        return confirm(tool, dict(filled.args))
    return _cannot_be_so(tool, said, filled, situation)


def _doubtful(tool: str, said: Said, filled: Filled) -> bool:
    """Whether it may not be meant as it stands there."""
    return (
        not _plain(tool, said)
        or _deliberates(said)
        or _ruinous(tool, said)
        or _joking(tool, said)
        or _misspelled(said)
        or _against(tool, said, filled)
        or _either(said)
        or _another_page(tool, said)
        or _two_things(tool, said)
        or _counted(tool, said)
        or _set_loosely(tool, said, filled)
    )


def _plain(tool: str, said: Said) -> bool:
    """Whether it is said in the way in which such a thing is asked for."""
    return (
        said.act is Act.COMMAND
        or (tool == "alert_feedback" and said.act is Act.STATEMENT)
        or (tool == "schedule_create" and said.act is Act.INQUIRY)
        or (tool == "competitor_dry_run" and _wants_a_try(said))
        or (
            tool in ("competitor_discover", "competitor_dry_run")
            and said.act in (Act.INQUIRY, Act.HYPOTHESIS)
            and said.body[0].has("wh")
        )
    )


def _cannot_be(tool: str, said: Said) -> str | None:
    """What is asked instead where no tool does what is said, however plainly it is said."""
    if _ends_or_pauses(tool, said):
        return (
            "I did nothing. Shall I pause everything, until you resume it, or cancel one thing? "
            "`what are you doing` shows what is going on."
        )
    if _only_for_a_time(tool, said):
        return (
            "I did nothing: I can't set it for a time only, and nothing sets it back by itself. Shall I set it for "
            "good, or now and back at a time that you give me?"
        )
    return None


def _cannot_be_so(tool: str, said: Said, filled: Filled, situation: Situation) -> str | None:
    """The same of what is plainly asked for, and more than the tool can."""
    if tool == "stack_up" and _which_version(said):
        return (
            f"I did nothing: I deploy the program of {filled.args.get('stack')} as it is there now, and can't choose a "
            "version, a branch or a commit of it. Shall I deploy that?"
        )
    if _a_part_of_it(tool, said):
        return f"I did nothing: I can only destroy a whole stack. Shall I destroy all of {filled.args.get('stack')}?"
    if tool in PARTED and not filled.args.get("only") and leaves_out(situation.read.tokens):
        return (
            "I did nothing: I can leave nothing out, but I can act on named parts alone. Which parts are meant, or "
            f"shall it be all of {filled.args.get('stack')}?"
        )
    return None


_CARRIED_OVER: Final = pattern(
    "promote|copy|clone|mirror|sync|move|replicate|migrate|push|deploy|ship|release|set|bring|put|update|upgrade|"
    "switch "
    "@soft|@det|everything|from* @stack 's? @config|@soft* to|into|onto|over|with @det* @stack"
)
"""`promote dev to prod`"""
_WITH_ANOTHERS: Final = pattern("@stack with|using @soft|@det* @config|@output|@code of|from @det* @stack")
_WITH_ITS: Final = pattern("@stack with|using @soft|@det* @stack 's? @config|@output|@code")
"""`deploy dev with the config of prod`, `… using prod's settings`"""
_FOR_A_WHILE: Final = pattern("for @det? @soft? @number? @unit|@span|while")


def _only_for_a_time(tool: str, said: Said) -> bool:
    """`set log_level to debug on dev until tomorrow`: nothing here sets it back by itself."""
    lasting = any(token.has("until") for token in said.tokens) or _FOR_A_WHILE.search(said.tokens) is not None
    return tool in ("stack_config_set", "stack_config_unset") and lasting


def carried_over(said: Said) -> str | None:
    """What to ask when one stack, or its configuration, is to become another's."""
    tokens = said.tokens
    if said.act not in (Act.COMMAND, Act.SUGGESTION, Act.INQUIRY) or all(
        row.search(tokens) is None for row in (_CARRIED_OVER, _WITH_ANOTHERS, _WITH_ITS)
    ):
        return None
    return (
        "I did nothing: one stack isn't carried over to another here; each has a program and a configuration of "
        "its own. Which one shall I deploy, or what shall I set on it?"
    )


def _set_loosely(tool: str, said: Said, filled: Filled) -> bool:
    """`set region to us west`, `set a and b to 3`, `to 3 or 4`: more is said of keys and values than one of each."""
    if tool != "stack_config_set" or said.head is None:
        return False
    value = filled.args.get("value")
    at = next((i for i, token in enumerate(said.tokens) if token.raw.rstrip(".,;") == value), None)
    if at is None:
        return False
    start = next((i for i, token in enumerate(said.tokens) if token is said.head), 0)
    following = said.tokens[at + 1] if at + 1 < len(said.tokens) else None
    goes_on = (
        following is not None
        and following.kind in ("word", "number")
        and not following.has(
            "prep", "name", "soft", "courtesy", "and", "particle", "config-key", "stack.n", "be", "it"
        )
        and following.text not in ("%", "please", "there", "then", "instead", "rather", "not", "as", "like")
    )
    before = said.tokens[start:at]
    both = any(token.has("and") and not after.has("name") for token, after in pairwise(before))
    more = any(
        token.text in ("to", "=") and after.kind in ("word", "number") for token, after in pairwise(said.tokens[at:])
    )
    return goes_on or both or (more and not any(token.has("name") for token in said.tokens[at:]))


_VERSION: Final = re.compile(r"v?\d+(?:\.\d+)+(?:[-+][\w.]+)?|v\d+", re.IGNORECASE)
_NAMED_VERSION: Final = pattern(
    "version|release|build|tag|commit|revision|sha|branch @number|@id|@unknown|@config-key|@quote"
)


def _which_version(said: Said) -> bool:
    """`deploy 1.2 to dev`, `update dev to v2`, `deploy commit abc1234`: no tool chooses what the program is."""
    if _NAMED_VERSION.search(said.tokens) is not None:
        return True
    return any(
        _VERSION.fullmatch(token.raw) is not None and (before is said.head or before.text in ("to", "up to", "onto"))
        for before, token in pairwise(said.tokens)
    )


_COUNTED: Final = Table.read(
    """
times: twice|thrice
times: @number|two|three|four|five|six|ten|several|couple
    times|versions|deploys|deployments|releases|steps|updates|checkpoints @soft|back|ago|earlier?
"""
)
"""`twice`, `by two versions`: no tool does a thing more than once, or goes back by a number."""


def _counted(tool: str, said: Said) -> bool:
    return tool.startswith("stack_") and _COUNTED.search(said.tokens) is not None


def _wants_a_try(said: Said) -> bool:
    """`what would you keep of …`, `try … without watching it`; not `is the dry run done?`."""
    return said.act is Act.INQUIRY and not said.body[0].has("be", "did", "modal")


def _deliberates(said: Said) -> bool:
    """`should we …`, `shall I …`: whatever its verb, it is asked whether to."""
    asked = [token for token in said.tokens if not token.has("soft", "courtesy")][:2]
    return len(asked) > 1 and asked[0].text in ("should", "shall") and asked[1].has("i")


def _a_part_of_it(tool: str, said: Said) -> bool:
    """`drop the database on dev`: something in the stack is to go, and the tool would destroy all of it."""
    if tool != "stack_destroy" or said.head is None:
        return False
    after = [token for token in said.tokens if token.start > said.head.start]
    if any(token.text in ("whole", "entire", "complete", "all of it", "everything") for token in after):
        return False
    named = next((at for at, token in enumerate(after) if token.has("stack")), len(after))
    things = (token for token in after[: named + 2] if token.kind == "word" and not token.tags - {"unknown"})
    return any(not token.text.endswith("ly") for token in things)


_STOPPING: Final = frozenset(["shut", "kill", "bring", "take", "turn", "spin", "pull the plug on"])


def _ruinous(tool: str, said: Said) -> bool:
    """`tear everything down`: perhaps a pause, perhaps the stacks; `clean up dev`: perhaps only what is left over."""
    head = said.head
    if head is not None and tool == "stack_destroy" and head.text.startswith("clean"):
        return not any(token.text in ("completely", "entirely", "everything") for token in said.tokens)
    if head is None or "destroy" not in said.heads:
        return False
    if tool == "work_cancel":
        return not any(token.has("thread", "work", "id") or ".n" in " ".join(token.tags) for token in said.tokens)
    return tool == "pause_all" and head.text not in _STOPPING


_ENDING: Final = (
    "cancel",
    "abort",
    "drop",
    "abandon",
    "scrap",
    "scrub",
    "bin",
    "ditch",
    "axe",
    "terminate",
    "call off",
)


def _ends_or_pauses(tool: str, said: Said) -> bool:
    """`cancel everything`: perhaps what is going on, perhaps a pause of all that is to come."""
    return tool == "pause_all" and said.head is not None and said.head.text.startswith(_ENDING)


_ANOTHER_PAGE: Final = pattern("@url ... and @det|@competitor|'s|@aspect|other* @page")


def _another_page(tool: str, said: Said) -> bool:
    """`watch https://… for features and its pricing page for pricing`: the address of the second one isn't said."""
    return tool == "competitor_watch" and _ANOTHER_PAGE.search(said.tokens) is not None


_IT_AS_WELL: Final = Table.read(
    """
it: it|them and|plus @det? @stack
it: @stack and|plus it|them $
"""
)


def _two_things(tool: str, said: Said) -> bool:
    """`repair it and prod`, `clear the lock on dev and prod's drift`: not one thing on stacks that are all named."""
    if not tool.startswith("stack_"):
        return False
    several = len({str(token.value) for token in said.tokens if token.has("stack") and token.has("name")}) > 1
    apart = all(any(token.has(thing) for token in said.tokens) for thing in ("lock", "drift"))
    return (several and apart) or _IT_AS_WELL.search(said.tokens) is not None


_JOKES: Final = (" not", "just kidding", "said nobody ever", "said no one ever", "if you were me", "if i were you")


def _joking(tool: str, said: Said) -> bool:
    """`… just kidding` at the end of what is to be said."""
    told = [f" {token.text.lower().rstrip(' .!?')}" for token in said.tokens if token.kind in ("payload", "quote")]
    return tool == "notify" and any(text.endswith(_JOKES) for text in told)


def _misspelled(said: Said) -> bool:
    """The verb may as well have been another word."""
    return said.head is not None and bool(said.head.doubts) and not said.contrast


def _against(tool: str, said: Said, filled: Filled) -> bool:
    """A word that says no stands in the clause, and isn't its verb or a value."""
    values = {str(value).lower() for value in filled.args.values()}
    return any(
        token.has("negative")
        and token is not said.head
        and token.text not in values
        and not _harmless(tool, token, said)
        for token in said.tokens
    )


def _harmless(tool: str, token: Token, said: Said) -> bool:
    if said.contrast:
        return True
    if token.kind in ("quote", "payload") or token.has("noise", "useful"):
        return True
    if (
        token.text in ("instead", "no", "without")
        and tool in ("competitor_watch", "notify", "alert_feedback")
        and token.text == "instead"
    ):
        return True
    if tool == "alert_feedback" and token.text in ("not", "no", "bad", "least"):
        return True
    return token.text == "instead" and token is said.tokens[-1]


def _either(said: Said) -> bool:
    """`repair or roll back dev`: two actions to choose from."""
    if any(token.text == "either" for token in said.tokens):
        return True
    return any(
        token.has("or") and any(acts(other) and other.has(":base") for other in said.tokens[at + 1 : at + 3])
        for at, token in enumerate(said.tokens)
    )


def forbids(prohibition: Prohibition, draft: Draft) -> bool:
    """Whether what was forbidden covers a step."""
    if not draft.writes or (draft.said is not None and draft.said.contrast):
        return False
    if prohibition.sweeping and not prohibition.anything and draft.tool not in ("pause_all", "resume_all"):
        return False
    if prohibition.values and "value" in draft.args and str(draft.args["value"]) not in prohibition.values:
        return False
    verbs = _VERBS.get(draft.tool, set())
    action = prohibition.anything or bool(prohibition.actions & verbs)
    targets = _named(draft)
    return action and (not prohibition.names or bool(prohibition.names & targets))


def _named(draft: Draft) -> set[str]:
    found: set[str] = set()
    for name in _TARGETS:
        value = draft.args.get(name)
        found.update(map(str, value) if isinstance(value, Sequence) and not isinstance(value, str) else [str(value)])
    return found
