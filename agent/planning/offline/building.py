"""Clauses while they are being read: what has been read of one, and how it is tied to the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agent.planning.offline.asides import beside, told
from agent.planning.offline.parts import Clause, Link, Part
from agent.planning.offline.tokens import Token

__all__ = ["Building"]


@dataclass
class Building:
    """The clauses so far, and the one that is being read."""

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
        """End the sentence; with a question mark, all of it was asked but for what stands beside the question."""
        self.close(Link.START)
        if question and self.clauses:
            last = self.clauses[-1]
            self.clauses = [
                replace(clause, question=True)
                if clause.sentence == self.sentence and (clause is last or not (told(clause) or beside(clause, last)))
                else clause
                for clause in self.clauses
            ]
        self.sentence += 1
