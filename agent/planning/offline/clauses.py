"""A request split into clauses: what is asked for, under which condition, and how one thing follows another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from agent.planning.offline.asides import OPENING, excuses, goes_ahead, in_front, joins_names, told
from agent.planning.offline.beginnings import (
    ASKED_WHETHER,
    INVERTED_IF,
    POLITE_IF,
    WERE_TO,
    after_an_outcome,
    emphatic,
    is_verb,
    names_step,
    no_reason,
    polite_alone,
    reports,
    starts_clause,
)
from agent.planning.offline.concepts import acts
from agent.planning.offline.conditions import ends_condition, says_how_it_is
from agent.planning.offline.parts import Clause, Link, Part
from agent.planning.offline.patterns import pattern
from agent.planning.offline.requested import kindly_if
from agent.planning.offline.tokens import Token

__all__ = ["split"]

_STRONG: Final = frozenset({".", "!", "?", ";", "\n", "..", "...", "....", "¿", "¡"})
_WEAK: Final = frozenset({",", ":", "-", "--", "–", "—", "(", ")", "[", "]", "&", "=>", ">"})


@dataclass
class _Splitter:
    tokens: Sequence[Token]
    clauses: list[Clause] = field(default_factory=list)
    current: list[Token] = field(default_factory=list)
    link: Link = Link.START
    part: Part = Part.MAIN
    sentence: int = 0
    fresh: bool = True

    def close(self, link: Link, part: Part = Part.MAIN, *, leading: bool = False) -> None:
        """End the clause that is being read and begin another."""
        if self.current:
            self.clauses.append(
                Clause(tuple(self.current), self.link, self.part, self.sentence, leading=leading, fresh=self.fresh)
            )
            self.current = []
        elif (self.link is not Link.START and link is Link.AND) or self.link is Link.ELSE:
            link = self.link
        self.link, self.part, self.fresh = link, part, True

    def end_sentence(self, question: bool) -> None:
        """End the sentence; with a question mark, all of its clauses were asked."""
        self.close(Link.START)
        if question:
            self.clauses = [
                replace(clause, question=True)
                if clause.sentence == self.sentence and (clause is self.clauses[-1] or not told(clause))
                else clause
                for clause in self.clauses
            ]
        self.sentence += 1

    def split(self) -> list[Clause]:
        at = 0
        while at < len(self.tokens):
            step = self._boundary(at)
            if step:
                at += step
                continue
            self.current.append(self.tokens[at])
            at += 1
        self.end_sentence(question=False)
        return self.clauses

    def _boundary(self, at: int) -> int:
        """How many tokens a boundary takes that is here; 0 when there is none."""
        token = self.tokens[at]
        if token.kind == "mark":
            return self._mark(at)
        if token.text == "according" and not self.current:
            self.close(self.link, Part.REASON)
        if (token.text == "according" and not self.current) or self._embedded(at):
            return 0
        if self._main_begins(at):
            self.close(Link.AND, leading=True)
            return 0
        if self.current and goes_ahead(self.tokens, at):
            self.close(Link.AND)
            return 0
        return (
            self._condition(at)
            or self._adjunct(at)
            or self._time_clause(at)
            or self._reason(at)
            or self._connective(at)
        )

    def _mark(self, at: int) -> int:
        token = self.tokens[at]
        if token.text in _STRONG:
            self.end_sentence(question=token.text == "?")
            return 1
        if token.text not in _WEAK:
            return 1
        if token.text == "," and (OPENING.match(self.current) is not None or in_front(self.current)):
            return 1
        if self.part in (Part.IF, Part.UNLESS, Part.UNTIL, Part.AFTER, Part.BEFORE) and self._is_leading():
            if token.text in (",", ":", "-", "—", "–") and self.current and not self._listed(at):
                self.close(Link.AND, leading=True)
            return 1
        following = self.tokens[at + 1].text if at + 1 < len(self.tokens) else ""
        if token.text == "," and following in ("which", "who", "whose", "where"):
            self.close(Link.AND, Part.REASON)
            return 1
        connective = at + 1
        link = self._link(connective)
        if link and self._starts_after(connective):
            return 1
        if (
            starts_clause(self.tokens, at + 1)
            or self._contrast(at + 1)
            or (self.current and (reports(self.tokens, at + 1) or names_step(self.current, self.tokens, at + 1)))
        ):
            self.close(Link.AND)
            return 1
        if token.text in (":", "(", ")", "—", "–", "-", "--") or self._only_soft():
            self.close(Link.AND)
        else:
            self.current.append(token)
        return 1

    def _main_begins(self, at: int) -> bool:
        """`if it is clean deploy it`: the main clause follows its condition without a comma."""
        if not self.current or not self.tokens[at].has(":base"):
            return False
        if self.part in (Part.AFTER, Part.BEFORE):
            done = self.current[0].has(":ing", "you") and self.tokens[at - 1].has("it", "name", "stack.n", "url")
            done = done or (self.part is Part.AFTER and self._may_follow(self.tokens[at - 1]))
            return done and len(self.current) > 1 and is_verb(self.tokens, at, paused=True)
        if self.part not in (Part.IF, Part.UNLESS, Part.UNTIL):
            return False
        answered = self.current[0].has("yes", "no") and all(token.has("soft", "yes") for token in self.current[1:])
        if answered:
            return is_verb(self.tokens, at, paused=True)
        return self._may_follow(self.tokens[at - 1]) and is_verb(self.tokens, at, paused=True)

    def _may_follow(self, before: Token) -> bool:
        """Whether a condition may end here, so that the verb after it is what depends on it."""
        if before.text == "to" or before.has("modal", "i", "you") or not says_how_it_is(self.current):
            return False
        if before.text == "not":
            return (
                len(self.current) == 1
                or (len(self.current) == 3 and self.current[0].has("it", "they"))
                or self.current[-2].has("be")
            )
        return ends_condition(before) or not before.has("they", "did", "negative", "det", "prep", "soft")

    def _only_soft(self) -> bool:
        return bool(self.current) and all(token.has("soft", "courtesy", "yes", "no") for token in self.current)

    def _listed(self, at: int) -> bool:
        """Whether a comma stands between names: `if dev, prod or …`."""
        following = self.tokens[at + 1 : at + 2]
        return (
            self.tokens[at].text == ","
            and bool(following)
            and following[0].has("name")
            and not starts_clause(self.tokens, at + 1)
        )

    def _contrast(self, at: int) -> bool:
        """`don't pause all of it, only schedule s-8`."""
        return (
            at < len(self.tokens)
            and not self.tokens[at].has("contrast")
            and self.tokens[at].text in ("only", "just", "but", "not")
            and any(token.has("negative") for token in self.current)
        )

    def _is_leading(self) -> bool:
        return not any(clause.sentence == self.sentence and clause.part is Part.MAIN for clause in self.clauses)

    def _embedded(self, at: int) -> bool:
        """Whether an `if` here asks (`check if …`) instead of making a condition."""
        if self.tokens[at].text == "when" and self.current and self.current[0].has("wh"):
            return self.current[-1].text in ("mean", "means", "happens", "happen", "changes", "do")
        if self.tokens[at].text not in ("if", "whether"):
            return False
        if self.current and self.current[0].has("wh", "be", "modal") and not pattern("@modal @you").match(self.current):
            return True
        for back in range(1, min(4, at + 1)):
            found = ASKED_WHETHER.match(self.tokens, at - back)
            if found and found[1] > at:
                return True
        return False

    def _condition(self, at: int) -> int:
        token = self.tokens[at]
        if token.has("else") and not token.has("if"):
            return self._else(at)
        if not self.current and (INVERTED_IF.match(self.tokens, at) or WERE_TO.match(self.tokens, at)):
            self.close(self.link, Part.IF)
            return 1
        if token.has("unless") or (
            token.text == "until"
            and pattern("@i|@you|@they|@stack|@unknown @soft? @be|@did|@modal|@:past|@:base|@:third|@says").match(
                self.tokens, at + 1
            )
        ):
            before = bool(self.current)
            self.close(Link.AND, Part.UNTIL if token.text == "until" else Part.UNLESS)
            self.fresh = not before
            return 1
        if token.text == "after" and after_an_outcome(self.current, self.tokens, at):
            return self._open_if(at)
        if not token.has("if") or token.has("time") or (token.text == "if" and kindly_if(self.current)):
            return 0
        if POLITE_IF.match(self.tokens, at):
            alone = polite_alone(self.tokens, at)
            self.close(Link.AND, Part.REASON if alone else Part.MAIN)
            return int(alone)
        if token.text in ("when", "once", "whenever") and not self._when_condition(at):
            return 0
        if pattern("once @you have @soft* @:past").match(self.tokens, at) is not None:
            return 0
        if excuses(self.current):
            self.close(self.link, Part.REASON)
            return 1
        return self._open_if(at)

    def _open_if(self, at: int) -> int:
        said = [token for token in self.current if token.kind != "mark" and not token.has("soft", "then")]
        if not said:
            self.current = []
        link = self.link if not said else Link.AND
        again = self.part is Part.IF and self.tokens[at - 1].text in ("and", "but", ",", "&", "-")
        self.close(link, Part.IF)
        self.fresh = not said or again
        return 1

    def _else(self, at: int) -> int:
        """`otherwise …` turns round what was asked; at the end it is a condition; `until I say otherwise` is none."""
        said = self.part in (Part.IF, Part.UNLESS) and says_how_it_is(self.current)
        if self.part is not Part.MAIN and self.current and not said:
            return 0
        last = bool(self.current) and all(after.kind == "mark" for after in self.tokens[at + 1 :])
        self.close(*((Link.AND, Part.IF) if last else (Link.ELSE, Part.MAIN)))
        return 0 if last else 1

    def _when_condition(self, at: int) -> bool:
        """`when it fails` is a condition; `when did …`, `show me when …`, `once a day` aren't."""
        following = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        if following is None or following.has("be", "did", "modal"):
            return False
        if (
            self.current
            and self.current[0].has(":base")
            and (acts(self.current[0]) or self.current[0].has("run"))
            and not self.current[0].has("ask", "show", "notify")
        ):
            return True
        asked = self.current and self.current[-1].has("ask", "show", "them", "notify")
        if asked and not any(token.has("channel") for token in self.current):
            return False
        return self._subject(at + 1) or following.has(":past", "det", "health", "trouble")

    def _subject(self, at: int) -> bool:
        return at < len(self.tokens) and self.tokens[at].has(
            "i", "you", "they", "stack", "competitor", "det", "everything"
        )

    def _adjunct(self, at: int) -> int:
        """`without deploying`, `instead of deleting it`: what isn't wanted, as a clause of its own."""
        end = pattern("without|instead|rather of|than?").match(self.tokens, at)
        if end is None or not self.current or end >= len(self.tokens):
            return 0
        following = self.tokens[end]
        if self.tokens[at].text == "rather" and end == at + 1:
            return 0
        named = self.tokens[at].text != "without" and following.has(":base", "deploy.n", "rollback.n")
        if following.has(":ing") or named:
            self.close(Link.AND)
            self.current += self.tokens[at:end]
            return end - at
        return 0

    def _time_clause(self, at: int) -> int:
        token = self.tokens[at]
        if token.text not in ("before", "after", "once") or at + 1 >= len(self.tokens):
            return 0
        following = self.tokens[at + 1]
        acting = following.has(":base") and not following.has("det") and starts_clause(self.tokens, at + 1)
        if token.text == "after" and acting:
            self.close(Link.THEN)
            return 1
        if following.has(":ing") or (
            self._subject(at + 1)
            and pattern("@i|@you|@they|@stack @soft? @:base|@:past|@be|@did|@modal|@:third").match(self.tokens, at + 1)
        ):
            self.close(Link.AND if self.current else self.link, Part.BEFORE if token.text == "before" else Part.AFTER)
            return 1
        return 0

    def _reason(self, at: int) -> int:
        token = self.tokens[at]
        if not token.has("because") or token.has("time"):
            return 0
        if no_reason(self.tokens, at):
            return 0
        strict = token.text in ("since", "as", "for", "while", "so", "given", "considering", "now that")
        if strict and not pattern(
            "@i|@you|@they|@stack|@competitor|@det|someone @soft? ... @be|@did|@modal|@:past|@:base|@:third"
        ).match(self.tokens, at + 1):
            return 0
        if token.text == "so" and starts_clause(self.tokens, at + 1) and not self._subject(at + 1):
            self.close(Link.AND)
            return 1
        if token.text == "for" or (token.text == "so" and not self.current):
            return 0
        self.close(Link.AND, Part.REASON)
        return 1

    def _link(self, at: int) -> Link | None:
        if at >= len(self.tokens):
            return None
        token = self.tokens[at]
        for link in (Link.THEN, Link.AND, Link.OR, Link.BUT):
            if token.has(link.value) and not self._inside(link, at):
                return link
        return None

    def _inside(self, link: Link, at: int) -> bool:
        """`the next deploy`, `only dev`: no connective, unless a pause is before it; nor `between … and …`."""
        if link is Link.AND:
            words = " ".join(token.text for token in self.current).partition("between")
            return bool(words[1]) and " and " not in words[2]
        if link is Link.THEN and self.tokens[at].text in ("next", "finally", "lastly", "afterwards", "subsequently"):
            return at > 0 and not (self.tokens[at - 1].kind == "mark" or self.tokens[at - 1].has("and"))
        return False

    def _starts_after(self, at: int) -> bool:
        """Whether a connective here is followed by a clause."""
        after = at + 1
        while after < len(self.tokens) and (self._link(after) or self.tokens[after].text == ","):
            after += 1
        return starts_clause(self.tokens, after) or (
            after < len(self.tokens) and self.tokens[after].has("if", "unless", "else")
        )

    def _connective(self, at: int) -> int:
        link = None if joins_names(self.current, self.tokens, at) else self._link(at)
        if link is Link.THEN and self.current and not self._starts_after(at) and self._thing(at + 1):
            self.close(Link.THEN)
            return 1
        if (
            link is Link.AND
            and pattern("@modal @you @soft* be? so? @soft* kind|good|nice $").match(self.current) is not None
        ):
            return 0
        if link is None or not self._starts_after(at):
            if link is Link.THEN and not self.current and self.link is Link.AND:
                self.link = Link.THEN
            if link is Link.BUT and self._contrast(at):
                self.close(Link.BUT)
                return 1
            return 0
        if (
            self.part is not Part.MAIN
            and link is not Link.THEN
            and self.part is not Part.REASON
            and not self._imperative(at + 1)
        ):
            return 0
        after = self._link(at + 1)
        leading = self.part is not Part.MAIN and self._is_leading() and link is Link.THEN
        self.close(Link.THEN if Link.THEN in (link, after) else link, leading=leading)
        return 1 + (after is not None)

    def _thing(self, at: int) -> bool:
        """A thing alone goes on with what was said: `preview dev, then prod`."""
        return at < len(self.tokens) and self.tokens[at].has("stack", "competitor", "det", "it", "url")

    def _imperative(self, at: int) -> bool:
        while at < len(self.tokens) and (self.tokens[at].has("soft", "then") or emphatic(self.tokens, at)):
            at += 1
        return at < len(self.tokens) and self.tokens[at].has(":base") and is_verb(self.tokens, at)


def split(tokens: Sequence[Token]) -> list[Clause]:
    """The clauses of a request in order. Conditions are clauses of their own, marked by their part."""
    return [clause for clause in _Splitter(tokens).split() if clause.tokens]
