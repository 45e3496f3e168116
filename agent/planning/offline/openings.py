"""Words that open a clause of their own: conditions, reasons, times, and what isn't wanted."""

from __future__ import annotations

from typing import Final

from agent.planning.offline.asides import excuses
from agent.planning.offline.beginnings import (
    ASKED_WHETHER,
    INVERTED_IF,
    POLITE_IF,
    WERE_TO,
    after_an_outcome,
    no_reason,
    polite_alone,
    starts_clause,
)
from agent.planning.offline.building import Building
from agent.planning.offline.concepts import acts
from agent.planning.offline.conditions import says_how_it_is
from agent.planning.offline.parts import Link, Part
from agent.planning.offline.patterns import Table, pattern
from agent.planning.offline.requested import kindly_if

__all__ = ["Openings"]

_UNTIL_SOMETHING: Final = Table.read(
    """
until: @i|@you|@they|@stack|@unknown @soft? @be|@did|@modal|@:past|@:base|@:third|@says
until: @det ... @be|@did|@modal|@:past|@:third|ends|starts|begins|finishes
    """
)
"""`until I say so`, `until the board meeting is over`"""


class Openings(Building):
    """Recognises where a subordinate clause begins. Each method says how many tokens the opening takes; 0 is none."""

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
        if token.has("unless") or (token.text == "until" and _UNTIL_SOMETHING.match(self.tokens, at + 1)):
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
        step = following.has("deploy.n", "rollback.n", "repair.n", "sweep.n") and not starts_clause(self.tokens, at + 1)
        return step or self._subject(at + 1) or following.has(":past", "det", "health", "trouble")

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
        ahead = self.tokens[at + 2 : at + 3]
        inflected = following.has(":ing") or (following.text == "to" and any(token.has(":base") for token in ahead))
        if inflected or (
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
        behind = self.tokens[at + 2 : at + 3]
        if no_reason(self.tokens, at) or (token.text == "as" and (not behind or behind[0].has("and", "then"))):
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
