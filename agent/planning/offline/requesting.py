"""A clause that asks for something, as steps: its tool, its arguments, or the question that it leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from pydantic import JsonValue

from agent.planning.offline.caution import carried_over, unsure
from agent.planning.offline.concepts import ACTING, ACTION_NOUNS, UNHEARD
from agent.planning.offline.coordination import topics_apart
from agent.planning.offline.drafts import Draft, State
from agent.planning.offline.filling import Filled, fill, in_order, leans
from agent.planning.offline.findings import is_reference
from agent.planning.offline.idioms import GENERIC_VERBS, TELLING, invents, reports_back, says_something
from agent.planning.offline.intents import Ranked, choose
from agent.planning.offline.notifying import content_of
from agent.planning.offline.parts import Link, Part
from agent.planning.offline.questions import DOING, choose_between, confirm, missing
from agent.planning.offline.scope import absent
from agent.planning.offline.situation import TOPICS
from agent.planning.offline.speech import Act, Said
from agent.planning.offline.tokens import Token
from agent.planning.offline.whenever import no_moment
from agent.planning.planner import Call

__all__ = ["Requests"]

_LOOKING_ACTS: Final = frozenset({Act.INQUIRY, Act.COMMAND, Act.WHY, Act.PAST})
_GENERAL: Final = frozenset({"audit_log", "work_status", "stack_history", "competitor_changes", "help"})
"""Tools that answer `what happened?` when nothing is known to be wrong."""
_TOLD_TO: Final = ("unknown", "says", "it", "message", "result")


class Requests:
    """Turns clauses into drafts, one after the other."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.situation = state.situation
        self.done = state.done

    def request(self, said: Said, following: Said | None = None) -> None:
        """Plan what a clause asks for. `following` may hold the quotation that a message consists of."""
        if said.act is Act.FRAGMENT or self._only_a_result(said):
            return
        if said.act is Act.HOW and any(_was_asked(draft) for draft in self.state.fresh):
            self.done.retracted = True
        for part in topics_apart(said):
            self._chosen(part, choose(part, self._leaning(part)), following)
        self.state.before = said

    def _leaning(self, said: Said) -> frozenset[str]:
        """The tags of what its pronouns stand for."""
        topics = frozenset(self.situation.topics)
        bare = said.act is Act.COMMAND and len(said.body) == 1
        tags = self.situation.pronoun_tags() if leans(said) or bare else topics & {"drift"}
        if "done-with" in topics and "stack" in tags:
            tags |= {"stack-here"}
        if any(token.has("checkpoint.n") for token in said.body) and self.situation.named("stack"):
            tags |= {"stack"}
        if not said.heads & {"set", "update", "get"}:
            tags -= {"config-key"}
        if said.heads & {"set", "add", "run", "get", "save", "retain"}:
            tags -= {"checkpoint.n"}
        if said.heads & {"destroy", "deploy"} and "stack" in tags:
            tags -= {"checkpoint.n"}
        if said.heads & GENERIC_VERBS:
            return tags
        return tags - (topics - {"drift"} if said.heads & {"repair"} else topics)

    def _only_a_result(self, said: Said) -> bool:
        """`and tell me what you find`: every answer does."""
        named = any(token.has("channel", "name", "id", "url") for token in said.tokens)
        if not self.done.drafts or said.act not in _LOOKING_ACTS or named:
            return False
        if (
            said.head is not None
            and not said.head.has("ask", "show")
            and not (said.head.has("retain") and reports_back(said))
        ):
            return False
        opening = said.body[0].has("ask:base", "show:base", "notify:base")
        words = said.body[1:] if opening else said.body
        return not words or is_reference(words) or reports_back(said)

    def _chosen(self, said: Said, ranked: Ranked, following: Said | None) -> None:
        best = ranked.best
        if (elsewhere := carried_over(said)) is not None:
            self.done.ask(elsewhere)
        elif _unheard_beside(said) or _does_otherwise(said):
            self.done.unread.append(said)
        elif best is None or invents(said) or (best.tool == "competitor_recall" and best.score < _WEAK and _bids(said)):
            self._without_reading(said)
        elif best.tool == "competitor_targets" and _to_be_watched(said):
            self.done.ask(
                missing("competitor_watch", "url", {}, self.situation), Call(tool="competitor_watch", args={})
            )
        elif not self._asks_what_is_wrong(said, best.tool):
            tools = [choice.tool for choice in ranked.close]
            if len(tools) > 1 and any(choice.writes for choice in ranked.close):
                self.done.ask(choose_between(tools[:3]))
            else:
                self.add(best.tool, said, following)

    def _asks_what_is_wrong(self, said: Said, tool: str) -> bool:
        """`my deploy to prod failed, what happened?`"""
        trouble = self.done.troubled
        if trouble is None or tool not in _GENERAL or said.heads & ACTING:
            return False
        named = any(token.has("name", "since") for token in said.tokens)
        if named or not any(token.has("stack") for token in trouble.tokens):
            return False
        self.done.troubled = None
        self.add("stack_diagnose", trouble)
        return True

    def _without_reading(self, said: Said) -> None:
        """A clause that no row explains: perhaps enough of it to ask the right question."""
        wanted = said.act in (Act.COMMAND, Act.SUGGESTION)
        if any(draft.said is not None and draft.said.heads & said.heads for draft in self.state.fresh) and not leans(
            said
        ):
            return
        if invents(said):
            self.done.off_topic = True
        destroyed = any(draft.tool == "stack_destroy" for draft in self.state.fresh)
        if destroyed and leans(said) and said.heads & {"remove", "destroy"}:
            return
        supposed = self.state.before is not None and self.state.before.act is Act.HYPOTHESIS
        if supposed and len(said.body) == 1 and said.clause.link in (Link.AND, Link.OR):
            return  # `what would it create, alter or remove?`
        if wanted and (said.heads & (ACTING | {UNHEARD}) or _to_be_got(said)) and _says_something(said):
            self.done.unread.append(said)
        if wanted and "notify" in said.heads and "generate" not in said.heads and _tells(said):
            self.done.ask(missing("notify", "channel", {}, self.situation), Call(tool="notify", args={}))
        domain = next((token.text for token in said.tokens if token.has("domain")), None)
        there = self.situation.referent("domain")
        domain = domain or (there if leans(said) and isinstance(there, str) else None)
        worth = any(token.text in ("worth", "worthwhile", "could", "should", "might") for token in said.tokens)
        if (
            domain
            and worth
            and said.body[0].has("wh")
            and any(token.has("watch", "watchlist") for token in said.tokens)
        ):
            self.add("competitor_discover", said)
        elif domain and any(token.has("watch", "watchlist", "page", "known") for token in said.tokens):
            args: dict[str, JsonValue] = {"domain": domain}
            self.done.otherwise = confirm("competitor_discover", args), Call(tool="competitor_discover", args=args)

    def offer(self, said: Said) -> None:
        """`production needs a deploy`: nobody asked for it, but it may be what is wanted."""
        best = choose(replace(said, act=Act.COMMAND)).best
        if best is None or best.tool not in self.situation.catalogue:
            return
        filled = fill(best.tool, said, self.situation)
        if not filled.question:
            args = dict(filled.args)
            self.done.otherwise = confirm(best.tool, args), Call(tool=best.tool, args=args)

    def add(self, tool: str, said: Said, following: Said | None = None) -> None:
        """Plan one tool for a clause."""
        if tool not in self.situation.catalogue:
            self.done.refusal = absent(tool, self.situation.catalogue)
            return
        if self._absorbed(tool, said):
            return
        if tool == "work_cancel" and self._nothing_before(said):
            self.done.ask(missing(tool, "thread", {}, self.situation), Call(tool=tool, args={}))
            return
        if tool == "competitor_watch" and (site := self._site(said)):
            self._draft_all("competitor_discover", said, Filled("competitor_discover", [{"domain": site}]))
            return
        filled = fill(tool, said, self.situation)
        question = filled.question or unsure(tool, said, filled, self.situation) or self._moment(tool, said)
        if question:
            self.done.ask(question, Call(tool=tool, args=dict(filled.args)))
        elif self.state.unknowable is not None and self.state.writes(tool):
            self.state.cannot_check(self.state.unknowable)
        elif tool == "notify":
            self._notify(said, filled, following)
        elif self._alternative(tool, said):
            self.done.ask(choose_between([self.state.fresh[-1].tool, tool]))
        elif said.clause.link is Link.OR and self.state.writes(tool):  # `anything but deploy or destroy it`
            self.done.ask(confirm(tool, dict(filled.args)), Call(tool=tool, args=dict(filled.args)))
        else:
            self._draft_all(tool, said, in_order(said, filled))

    def _moment(self, tool: str, said: Said) -> str | None:
        """What is to be asked of an effect that was asked for at a moment which nobody can look up."""
        return no_moment(tool, said, self.done.drafts) if self.state.writes(tool) else None

    def _nothing_before(self, said: Said) -> bool:
        """`abort the job` at the beginning of a conversation: this thread has none that could be meant."""
        named = any(token.has("id", "number", "you", "everything") for token in said.tokens)
        return not self.situation.context.turns and not named and not self.situation.named("thread")

    def _site(self, said: Said) -> str | None:
        """`start watching RealPage` names no page: the site of its pages is looked through first."""
        tags = {tag for token in said.tokens for tag in token.tags}
        beginning = said.head is not None and said.head.text.startswith(("start", "begin"))
        if (
            said.act is not Act.COMMAND
            or not beginning
            or leans(said)
            or tags & {"url", "page", "aspect", "negative", "watchlist"}
        ):
            return None
        named = [token.value for token in said.tokens if token.has("competitor")]
        pages = self.situation.request.names.pages
        hosts = {urlsplit(url).netloc.removeprefix("www.") for url, page in pages.items() if [page.competitor] == named}
        return hosts.pop() if len(hosts) == 1 and "competitor_discover" in self.situation.catalogue else None

    def _alternative(self, tool: str, said: Said) -> bool:
        """`roll it back or repair it`: somebody has to choose."""
        fresh = self.state.fresh
        acting = self.state.writes(tool) or any(draft.writes for draft in fresh)
        return said.clause.link is Link.OR and bool(fresh) and acting

    def _draft_all(self, tool: str, said: Said, filled: Filled) -> None:
        self._listed(tool)
        self.state.fresh = [self._draft(tool, said, args) for args in filled.calls]
        self.situation.mentions += [self.situation.mention_of(draft.call()) for draft in self.state.fresh]
        stacks = [draft.args["stack"] for draft in self.state.fresh if isinstance(draft.args.get("stack"), str)]
        if len(stacks) > 1:  # `check all stacks and repair them`
            self.situation.mentions.append({"stack": [stack for stack in stacks if isinstance(stack, str)]})
        if tag := TOPICS.get(tool):
            self.situation.topics.add(tag)

    def _listed(self, tool: str) -> None:
        """`did we delete s-2? list the schedules`: the list is where to look, and not the audit log."""
        last, tag = self.done.drafts[-1] if self.done.drafts else None, _LISTING.get(tool)
        if last is None or tag is None or last.tool != "audit_log" or last.said is None:
            return
        if last.said.act is Act.PAST and any(token.has(tag, "described") for token in last.said.tokens):
            self.done.drafts.pop()

    def _draft(self, tool: str, said: Said, args: Mapping[str, JsonValue]) -> Draft:
        """A draft; the one that is there already when the same is asked twice."""
        made = Draft(
            tool,
            dict(args),
            said,
            said.clause.link,
            self.state.condition and self.state.condition.for_stack(args.get("stack")),
            self.state.writes(tool),
            self.why(tool, said),
        )
        if said.clause.link is not Link.THEN:
            for draft in self.done.drafts:
                if (draft.tool, draft.args, draft.when) == (tool, made.args, made.when):
                    return draft
        before = self.state.fresh[0] if _comes_first(said) and self.state.fresh else None
        at = self.done.drafts.index(before) if before in self.done.drafts else len(self.done.drafts)
        self.done.drafts.insert(at, made)
        return made

    def why(self, tool: str, said: Said) -> str:
        """What the person said that asks for a step."""
        written = self.state.written(said)
        plain = written and "\u27e6" not in written
        return f"asked: “{written}”" if plain else f"asked to {DOING.get(tool, tool)}"

    def _absorbed(self, tool: str, said: Said) -> bool:
        """`look around there and find out what's worth watching` is one request."""
        previous = self.done.drafts[-1].tool if self.done.drafts else ""
        looking = said.act is not Act.COMMAND and tool in ("competitor_targets", "competitor_discover")
        ours = any(token.text in ("who", "already", "currently") for token in said.tokens)
        if previous == "competitor_discover" and looking and not ours and said.clause.link is not Link.THEN:
            return True
        unnamed = not any(token.has("name", "url", "competitors", "aspect") for token in said.tokens)
        if tool == "competitor_changes" and previous == "stack_history" and unnamed and said.clause.link is Link.AND:
            return True
        if previous != tool or tool == "notify" or said.clause.link is Link.THEN:
            return False
        unnamed = not any(token.has("name", "url", "id", "number", "channel") for token in said.tokens)
        return unnamed and (leans(said) or tool == "stack_diagnose")

    def _notify(self, said: Said, filled: Filled, following: Said | None) -> None:
        watch = self.done.drafts[-1] if self.done.drafts else None
        if (
            watch
            and watch.tool in ("competitor_watch", "competitor_import")
            and "channel" not in watch.args
            and (not says_something(said) or _tells_alerts(said))
        ):
            watch.args["channel"] = filled.args["channel"]
            return
        for args in filled.calls:
            content = content_of(said, following, self.done.drafts, self.state.condition, self.situation)
            self.done.drafts += content.looked_up
            if content.value is None:
                self.done.ask(missing("notify", "content", args, self.situation), Call(tool="notify", args=args))
                return
            self.state.fresh = [self._told(said, args, each) for each in self._alike(content.value)]
            self.done.drafts += self.state.fresh

    def _told(self, said: Said, args: Mapping[str, JsonValue], content: str | Draft) -> Draft:
        """A message of what was said, or of what one step finds: under its condition, where it has one."""
        condition = self.state.condition
        if condition is not None and isinstance(content, Draft):
            condition = condition.for_stack(content.args.get("stack"))
        told: dict[str, JsonValue | Draft] = {**args, "content": content}
        why = self.why("notify", said)
        return Draft("notify", told, said, said.clause.link, condition, writes=True, why=why)

    def _alike(self, content: str | Draft) -> Sequence[str | Draft]:
        """`check dev and prod and tell #ops`: what each of the steps finds that one clause asked for."""
        condition = self.state.condition
        if not isinstance(content, Draft) or content.said is None or (condition and condition.looks == (content,)):
            return [content]
        return [draft for draft in self.done.drafts if draft.tool == content.tool and draft.said is content.said]


_LISTING: Final = {"schedule_list": "schedule.n", "grant_list": "grant", "competitor_targets": "watchlist"}
_FIRST: Final = frozenset(["first", "beforehand", "before that", "before you do", "before doing so", "first of all"])


def _comes_first(said: Said) -> bool:
    """`destroy dev, but snapshot it first`, `deploy dev after checkpointing it`: what is said later is done before."""
    if said.clause.part is Part.AFTER:
        return True
    return said.clause.link is not Link.START and any(token.text in _FIRST for token in said.tokens)


_WEAK: Final = 1.6
"""A competitor's name alone makes no more than this of a clause."""


def _bids(said: Said) -> bool:
    """`phone RealPage's sales`, `do the RealPage thing again`: something to be done, and nothing to be known."""
    first = said.body[0]
    if said.clause.question or first.has("name", "wh", "be", "modal", "aspect", "det", "prep", "ask", "show", "known"):
        return False
    return not first.has("did") or first.has(":base")


def _says_something(said: Said) -> bool:
    """Whether there is more to it than a verb of telling: not `report only`, `say 30 days`."""
    said_only = "notify" in said.heads and UNHEARD not in said.heads
    return not said_only or any(not token.has("soft", "det", "time", "number", "unit") for token in said.body[1:])


def _to_be_got(said: Said) -> bool:
    """`grab a checkpoint`: a thing that is made, and no look at one."""
    return "get" in said.heads and any(token.has("checkpoint.n", "deploy.n", "rollback.n") for token in said.body)


def _to_be_watched(said: Said) -> bool:
    """`watch Entrata`: a page is to be watched, and none is named."""
    plain = said.act is Act.COMMAND and said.heads <= {"watch"} and said.head is said.body[0]
    return plain and not any(token.has("wh", "watchlist", "everything", "show") for token in said.body[1:])


def _does_otherwise(said: Said) -> bool:
    """`limit the deploy of dev to the api`: its verb means nothing here, and what it is done to is an action."""
    return said.heads == {UNHEARD} and any(token.has(*ACTION_NOUNS) for token in said.body[1:])


def _unheard_beside(said: Said) -> bool:
    """`… and obfuscate the outputs`: whatever its other words name, its verb means nothing here."""
    return UNHEARD in said.heads and said.clause.link is not Link.START


def _was_asked(draft: Draft) -> bool:
    """An effect out of a sentence with a question mark."""
    return draft.writes and draft.said is not None and draft.said.clause.question


def _tells(said: Said) -> bool:
    """Whether something is plainly to be told, though nobody said where."""
    if said.head is not None and said.head.text in TELLING:
        return True
    return any(_carried(token) for token in said.body[1:])


_ALERTS: Final = frozenset(
    ["alert", "alerts", "warning", "warnings", "notification", "notifications", "change", "changes", "update",
     "updates", "news", "findings"]
)  # fmt: skip


_DETERMINING: Final = frozenset(["the", "any", "all", "its", "their", "these", "those", "every", "of", "about", "it"])


def _tells_alerts(said: Said) -> bool:
    """`… and send the alerts to #ops`: what a watch tells anyway."""
    words = [word for token in said.tokens if token.kind == "payload" for word in token.raw.lower().split()]
    return not _ALERTS.isdisjoint(words) and set(words) <= _ALERTS | _DETERMINING


def _carried(token: Token) -> bool:
    return token.kind in ("quote", "payload", "name") or token.has(*_TOLD_TO)
