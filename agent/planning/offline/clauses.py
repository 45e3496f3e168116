"""A request split into clauses: what is asked for, under which condition, and how one thing follows another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.planning.offline.asides import OPENING, goes_ahead, in_front, joins_names
from agent.planning.offline.beginnings import (
    emphatic,
    is_verb,
    names_step,
    reports,
    starts_clause,
)
from agent.planning.offline.conditions import ends_condition, says_how_it_is
from agent.planning.offline.openings import Openings
from agent.planning.offline.parts import Clause, Link, Part
from agent.planning.offline.patterns import pattern
from agent.planning.offline.tokens import Token

__all__ = ["split"]

_STRONG: Final = frozenset({".", "!", "?", ";", "\n", "..", "...", "....", "¿", "¡"})
_WEAK: Final = frozenset({",", ":", "-", "--", "–", "—", "(", ")", "[", "]", "&", "=>", ">"})


_WISHING: Final = pattern("i|we @soft* would|want|need like|love|want|@you|to|@stack|@det")
"""`if it has drifted I'd like to know`"""


class _Splitter(Openings):
    """Goes through the tokens and decides where a clause ends."""

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
        if self._main_begins(at) or self._names_begin(at):
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
        opening = token.text == "," and (OPENING.match(self.current) is not None or in_front(self.current))
        if opening or self._before_an_address(at):
            return 1
        if self.part in (Part.IF, Part.UNLESS, Part.UNTIL, Part.AFTER, Part.BEFORE) and self._is_leading():
            if token.text in (",", ":", "-", "—", "–") and self.current and not self._listed(at):
                self.close(Link.AND, leading=True)
            return 1
        if begun := self._begun_by_a_comma(at):
            self.close(Link.AND, begun)
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

    def _begun_by_a_comma(self, at: int) -> Part | None:
        """`…, which is fine` and `and once it is healthy, prod`: what begins there, if anything does."""
        following = self.tokens[at + 1].text if at + 1 < len(self.tokens) else ""
        if self.tokens[at].text != ",":
            return None
        if self.part in (Part.IF, Part.UNLESS) and self.fresh and self._only_names(at + 1):
            return Part.MAIN
        return Part.REASON if following in ("which", "who", "whose", "where") else None

    def _only_names(self, at: int) -> bool:
        """`deploy dev and, once it is healthy, prod`: the sentence ends with more of what its verb is about."""
        end = next((i for i in range(at, len(self.tokens)) if self.tokens[i].text in _STRONG), len(self.tokens))
        rest = self.tokens[at:end]
        return any(token.has("stack") for token in rest) and all(
            token.has("name", "stack", "and", "det", "soft", "stack.n", "courtesy") or token.kind == "mark"
            for token in rest
        )

    def _before_an_address(self, at: int) -> bool:
        """`keep me posted on their prices: https://…`: what the colon announces is the page that is meant."""
        addressed = self.tokens[at].text == ":" and any(token.has("url") for token in self.tokens[at + 1 : at + 2])
        return addressed and any(before.has(":base") for before in self.current)

    def _main_begins(self, at: int) -> bool:
        """`if it is clean deploy it`: the main clause follows its condition without a comma."""
        if self.current and self.part in (Part.IF, Part.UNLESS) and _WISHING.match(self.tokens, at) is not None:
            return self._may_follow(self.tokens[at - 1])
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

    def _names_begin(self, at: int) -> bool:
        """`deploy dev and if that works prod`: after the condition, what else its verb is about."""
        conditional = self.part in (Part.IF, Part.UNLESS) and self.fresh and bool(self.current)
        return (
            conditional
            and self.tokens[at].has("stack")
            and self.current[0].has("it", "they")
            and ends_condition(self.tokens[at - 1])
            and self._only_names(at)
        )

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
        if link in (Link.AND, Link.THEN) and self.part is Part.MAIN and names_step(self.current, self.tokens, at + 1):
            self.close(link)
            return 1
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
        return at < len(self.tokens) and self.tokens[at].has(
            "stack", "competitor", "det", "it", "url", "audit", "health"
        )

    def _imperative(self, at: int) -> bool:
        while at < len(self.tokens) and (self.tokens[at].has("soft", "then") or emphatic(self.tokens, at)):
            at += 1
        return at < len(self.tokens) and self.tokens[at].has(":base") and is_verb(self.tokens, at)


def split(tokens: Sequence[Token]) -> list[Clause]:
    """The clauses of a request in order. Conditions are clauses of their own, marked by their part."""
    return [clause for clause in _Splitter(tokens).split() if clause.tokens]
