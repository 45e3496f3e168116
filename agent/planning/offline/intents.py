"""The tool that a clause asks for: every reading is scored by how much of the clause it explains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from agent.planning.offline.concepts import ACTING, LOOKING, actions
from agent.planning.offline.readings import COMMANDS, EFFECTS, HYPOTHESES, INQUIRIES, PASTS, Reading
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.tokens import Token

__all__ = ["Choice", "Ranked", "choose", "subject"]

_OBJECTS: Final = frozenset(
    ["url", "domain", "channel", "schedule.n", "grant", "alert", "lock", "drift", "audit", "thread", "competitor",
     "config-key", "pair", "stack", "often", "everything", "checkpoint.n", "aligned"]
)  # fmt: skip
"""Things that a command has to account for."""
_TOPICS: Final = frozenset(
    ["drift", "health", "diagnose", "trouble", "output", "history", "config", "preview", "watchlist", "change",
     "before-after", "spend", "grant", "schedule.n", "audit", "tamper", "lock", "checkpoint.n", "alert", "help",
     "config-key", "would-change", "known", "work", "stacks", "approval"]
)  # fmt: skip
"""Things that a question may be about."""
_SPECIAL: Final = frozenset({"preview", "diagnose", "diff", "recall", "verify"})
"""Verbs that name what is looked at."""
_NO_MATTERS: Final = frozenset(
    ["many", "much", "else", "list", "lists", "names", "covered", "cover", "far", "number", "total", "count", "here",
     "right", "care", "compete", "competing", "system", "radar", "keep", "keeping", "currently", "moment"]
)  # fmt: skip
"""Words in a question about the competitors that say nothing of what they do."""
_MARGIN: Final = 0.55
"""A second reading this near to the best is as good."""


@dataclass(frozen=True)
class Choice:
    """A tool and how well it explains a clause."""

    tool: str
    score: float

    @property
    def writes(self) -> bool:
        """Whether the tables know the tool to have an effect."""
        return EFFECTS.get(self.tool, "read") != "read"


@dataclass(frozen=True)
class Ranked:
    """The best tools for a clause, each once, best first."""

    choices: tuple[Choice, ...]

    @property
    def best(self) -> Choice | None:
        """The best, if any reading fits at all."""
        return self.choices[0] if self.choices else None

    @property
    def close(self) -> tuple[Choice, ...]:
        """Those that can't be told from the best."""
        return tuple(choice for choice in self.choices if self.choices[0].score - choice.score < _MARGIN)


def _rank(scored: Iterable[tuple[str, float]]) -> Ranked:
    best: dict[str, float] = {}
    for tool, score in scored:
        best[tool] = max(score, best.get(tool, score))
    return Ranked(tuple(sorted((Choice(tool, score) for tool, score in best.items()), key=lambda c: -c.score)))


def tags_of(tokens: Sequence[Token]) -> frozenset[str]:
    """Everything that a clause mentions."""
    tags = frozenset(tag for token in tokens for tag in token.tags)
    past = any(one.text in ("how", "way") and other.has("it", "they") for one, other in pairwise(tokens))
    several = len({token.value for token in tokens if token.has("competitor")}) > 1
    derived = {"stack-here": "stack" in tags, "as-it-was": past, "two-competitors": several}
    return tags | {tag for tag, there in derived.items() if there}


def _command_score(row: Reading, heads: frozenset[str], tags: frozenset[str]) -> float | None:
    if row.verbs.isdisjoint(heads) or not row.bars.isdisjoint(tags):
        return None
    if any(group.isdisjoint(tags) for group in row.things):
        return None
    explained = row.hints.union(*row.things)
    unexplained = (tags & _OBJECTS) - explained
    return 3 + row.weight + 2 * len(row.things) + 0.6 * len(row.hints & tags) - 0.6 * len(unexplained)


def _command(said: Said, tags: frozenset[str]) -> Ranked:
    return _rank((row.tool, score) for row in COMMANDS if (score := _command_score(row, said.heads, tags)) is not None)


def _topic_score(
    row: Reading, tags: frozenset[str], topics: frozenset[str], heads: frozenset[str] = frozenset()
) -> float | None:
    groups = (row.verbs, *row.things)
    if not row.bars.isdisjoint(tags) or any(group.isdisjoint(tags) for group in groups):
        return None
    explained = row.hints.union(*groups)
    meant = 1.5 if not (heads & _SPECIAL).isdisjoint(frozenset().union(*groups)) else 0.0
    score = 2 * len(groups) + row.weight + 0.5 * len(row.hints & tags) + meant
    return score - 0.5 * len((tags & topics) - explained)


def _topics(
    rows: Iterable[Reading],
    tags: frozenset[str],
    topics: frozenset[str] = _TOPICS,
    heads: frozenset[str] = frozenset(),
) -> Ranked:
    scored = ((row.tool, _topic_score(row, tags, topics, heads)) for row in rows)
    return _rank((tool, score) for tool, score in scored if score is not None)


def choose(said: Said, beside: frozenset[str] = frozenset()) -> Ranked:
    """The tools for a clause, best first. `beside` are tags of what its pronouns stand for."""
    tags = tags_of(_relevant(said)) | beside
    named = next((tag.partition("=")[2] for tag in sorted(tags) if tag.startswith("tool=")), None)
    if _of_regular_work(said, tags):
        return Ranked((Choice("schedule_list", 6.0),))
    if said.act is Act.HOW and "unasked" in tags:
        return Ranked((Choice("grant_list", 5.0),))
    if said.act is Act.HOW:
        return Ranked((Choice("help", 5.0),))
    if named and said.act in (Act.COMMAND, Act.INQUIRY, Act.FRAGMENT):
        return Ranked((Choice(named, 9.0),))
    if said.act is Act.WHY:
        return _why(tags)
    if said.act is Act.PAST:
        asked = "thread" in tags and "audit" not in tags and said.body[0].text != "who"
        return Ranked((Choice("work_status", 4.0),)) if asked else _past(said, tags)
    if said.act is Act.HYPOTHESIS:
        mentioned = said.heads | frozenset(action for token in said.body for action in actions(token))
        supposed = _topics(HYPOTHESES, (tags - ACTING) | mentioned, frozenset())
        return supposed if supposed.best else _inquiry(said, tags)
    if said.act in (Act.COMMAND, Act.SUGGESTION):
        return _asked(said, tags)
    return _inquiry(said, tags)


_REGULAR: Final = frozenset(
    ["sweep.n", "check.n", "digest", "sweep", "drift", "audit", "report", "schedule.n", "described"]
)
"""What comes again and again by itself."""
_COMES: Final = frozenset(
    ["next", "often", "frequently", "regularly", "due", "run", "runs", "ran", "running", "going out",
     "still going out", "go out", "come", "comes", "fire", "fires", "kick in", "kicks in"]
)  # fmt: skip
_ASKING_ACTS: Final = frozenset({Act.INQUIRY, Act.PAST, Act.HOW, Act.HYPOTHESIS})


def _of_regular_work(said: Said, tags: frozenset[str]) -> bool:
    """`is the daily digest still going out?`, `when does the drift check run next?`, `how often do you sweep?`"""
    if said.act not in _ASKING_ACTS or not said.body[0].has("wh", "be", "did") or tags & {"since", "trouble", "it"}:
        return False
    if "stack" in tags and not tags & {"check.n", "described", "often", "digest"}:
        return False  # `does what's running on dev still match the code?`
    texts = {token.text for token in said.body}
    if said.body[0].text == "how" and "often" in texts and len(texts) > 1:
        return bool(tags & (_REGULAR | {"notify", "verify"})) and not tags & {"stack", "competitor"}
    timed = (
        said.body[0].text == "when"
        or bool(texts & {"still", "next", "still going out", "still on"})
        or bool(tags & {"described", "often"})
    )
    other = any(token.has("change", "history") and not token.has("digest", "run") for token in said.body)
    comes = bool(texts & _COMES) or "set-up" in tags
    return timed and comes and bool(tags & _REGULAR) and not other


def subject(said: Said) -> str:
    """The tool that `how do I …` is about; empty where it is about none."""
    tags = tags_of(_relevant(said))
    mentioned = said.heads | frozenset(action for token in said.body for action in actions(token))
    best = _command(replace(said, heads=mentioned), tags).best or _topics(INQUIRIES, tags).best
    return best.tool if best and "approval" not in tags else ""


def _relevant(said: Said) -> list[Token]:
    """The body, and the things that are named outside of it (`on production, …`)."""
    inside = set(map(id, said.body))
    return [
        token
        for token in said.tokens
        if id(token) in inside or token.has("name", "time", "url", "channel", "id", "domain", "pair", "fresh", "audit")
    ]


def _asked(said: Said, tags: frozenset[str]) -> Ranked:
    """A command: to act, to look, or either, when its verb can be both."""
    acting = (
        _command(said, tags)
        if said.heads & ACTING or said.heads & {"ask", "show", "get", "diagnose", "run"}
        else Ranked(())
    )
    looking = (
        _inquiry(said, tags | said.heads)
        if said.heads & (LOOKING | {"run", "update", "notify", "add", "generate"})
        or (not acting.choices and not _firm(said))
        else Ranked(())
    )
    if (
        acting.best
        and looking.best
        and said.heads & LOOKING
        and not said.heads & ACTING
        and acting.best.score <= looking.best.score + 1
    ):
        return looking
    if acting.best and looking.best and not said.heads & LOOKING:
        return acting
    return Ranked(tuple(sorted((*acting.choices, *looking.choices), key=lambda choice: -choice.score)))


_FIRM: Final = frozenset(
    ["deploy", "destroy", "rollback", "repair", "unlock", "remove", "revoke", "pause", "resume", "unwatch", "snooze",
     "cancel", "set", "fix", "schedule"]
)  # fmt: skip
"""Verbs that can only mean an effect: never read as a question."""


def _firm(said: Said) -> bool:
    return not said.heads.isdisjoint(_FIRM)


def _inquiry(said: Said, tags: frozenset[str]) -> Ranked:
    if "since" in tags and all(token.text == "different" for token in said.tokens if token.has("before-after")):
        tags -= {"before-after"}  # `what's different over the past two weeks?`: what changed
    found = _topics(INQUIRIES, tags | _matters(said, tags), heads=said.heads)
    if found.best is None and said.body[0].text == "how" and "stack" in tags:
        return Ranked((Choice("stack_health", 3.0),))
    if found.best is None and said.body[0].text == "what" and {"stack", "work"} <= tags:
        return Ranked((Choice("stack_health", 3.0),))  # `what's running in production`
    return found


def _matters(said: Said, tags: frozenset[str]) -> frozenset[str]:
    """`which competitors offer a voice assistant?`: words of the world outside make it a question to the notes."""
    if "competitors" not in tags or "competitor" in tags:
        return frozenset()
    words = [token for token in said.body if token.kind == "word" and not token.tags - {"unknown"}]
    outside = [token for token in words if len(token.text) > 3 and token.text not in _NO_MATTERS]
    return frozenset({"matter"}) if outside else frozenset()


def _why(tags: frozenset[str]) -> Ranked:
    if "competitor" in tags or "competitors" in tags:
        return _topics(INQUIRIES, tags | {"known"})
    if tags & {"alert", "spend", "grant", "schedule.n", "audit"} and "stack" not in tags:
        return _topics(INQUIRIES, tags)
    return Ranked((Choice("stack_diagnose", 4.0),))


def _who(said: Said, tags: frozenset[str]) -> bool:
    """`who approved the deploy of prod?`, `who paused everything?`: asked of the audit log."""
    if tags & {"approve", "approval"} and said.body[0].text in ("who", "whom", "whose"):
        return True
    return said.body[0].text == "who" and not tags & {"stack", "competitor", "competitors", "aspect", "spend"}


def _did_what(said: Said) -> bool:
    """`what did you do`, `everything that was approved`"""
    if said.body[0].text in ("everything", "all", "anything", "whatever", "things"):
        return True
    if any(token.text in ("do", "done", "happened") for token in said.body[1:]) or said.body[1].text == "did":
        return True
    return any(token.text == "did" and before.has("competitor", "competitors") for before, token in pairwise(said.body))


def _past(said: Said, tags: frozenset[str]) -> Ranked:
    mentioned = said.heads | frozenset(action for token in said.body for action in actions(token))
    if ("competitor" in tags and tags & {"known", "before-after"}) or (
        tags & {"grant", "unasked"} and not mentioned & {"revoke"} and said.body[0].text != "who"
    ):
        return _inquiry(said, tags)
    if _who(said, tags):
        return Ranked((Choice("audit_log", 3.0),))
    altered = bool(mentioned & {"set", "update"}) or any(token.text.startswith("been ") for token in said.body)
    if {"config-key", "stack"} <= tags and altered and "drift" not in tags:
        return Ranked((Choice("stack_history", 4.0),))
    if _did_what(said):
        tags |= {"did-what"}
    if "stack" in tags and "audit" not in tags:
        tags -= {"tamper"}
    if tags & {"tamper", "drift", "would-change"} and not mentioned & {"deploy", "rollback", "destroy", "repair"}:
        return _inquiry(said, tags)
    if said.body[0].text == "who" and any(token.text in ("asked", "told", "ordered") for token in said.body[1:3]):
        return Ranked((Choice("audit_log", 3.0),))
    strong = mentioned & {
        "deploy",
        "destroy",
        "rollback",
        "repair",
        "unlock",
        "checkpoint",
        "revoke",
        "pause",
        "resume",
        "sweep",
        "notify",
        "snooze",
        "cancel",
    }
    past = _topics(PASTS, (tags - ACTING) | mentioned, frozenset())
    if strong or "approve" in tags or not past.best:
        return past if past.best else _inquiry(said, tags)
    asked = _inquiry(said, tags)
    if asked.best and asked.best.score > past.best.score:
        return asked
    return past
