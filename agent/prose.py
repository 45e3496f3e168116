"""A model's prose for reports, held against what was found: what says anything else is struck, not shipped.

Every claim names the finding that it states. It may leave out an address, what stands in parentheses, or by how much
something moved; it may word a movement otherwise and place it elsewhere in its sentence; it may add whose finding it
is and a count that the facts give. Everything else has to be there, in the same order: numbers with their units, names,
who did what to whom, "not", "only", "may". So a claim that passes says what its finding says. Many honest sentences
don't pass; their findings are then reported in their own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, JsonValue

from agent.statement import Piece, Statement, same, statements, strange
from agent.untrusted_text import visible
from tools.result import Finding

__all__ = ["Checked", "Claim", "Struck", "Told", "check_prose", "objections"]

LONGEST_CLAIM = 600
LONGEST_COMPARED = 2_000
_SUBJECTS = ("competitor", "stack", "service", "resource", "url", "channel", "environment")
"""Facts that say whom a finding is about."""


class Claim(BaseModel):
    """A sentence and the finding that it states."""

    model_config = ConfigDict(frozen=True)

    finding: str
    text: str


@dataclass(frozen=True)
class Struck:
    """A claim that doesn't pass, and why."""

    claim: Claim
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """A sentence of a report: a model's wording that passed, or the finding's own."""

    finding: str
    text: str
    worded_by_model: bool


@dataclass(frozen=True)
class Checked:
    """Prose after the check."""

    kept: tuple[Claim, ...]
    struck: tuple[Struck, ...]

    def told(self, findings: Mapping[str, Finding]) -> list[Told]:
        """Every finding once, in the findings' order: in the prose's words where they passed, else in its own."""
        worded = {claim.finding: claim.text for claim in self.kept}
        return [
            Told(name, worded.get(name, finding.sentence), worded_by_model=name in worded)
            for name, finding in findings.items()
        ]


def check_prose(claims: Iterable[Claim], findings: Mapping[str, Finding]) -> Checked:
    """Keep what its finding says; strike the rest. A finding is stated once, by the first claim that passes."""
    kept: dict[str, Claim] = {}
    struck: list[Struck] = []
    for claim in claims:
        finding = findings.get(claim.finding)
        if finding is None:
            struck.append(Struck(claim, (f"there is no finding {claim.finding[:40]!r}",)))
        elif claim.finding in kept:
            struck.append(Struck(claim, ("its finding was stated before",)))
        elif reasons := objections(claim.text, finding):
            struck.append(Struck(claim, tuple(reasons)))
        else:
            kept[claim.finding] = claim
    return Checked(tuple(kept.values()), tuple(struck))


def objections(text: str, finding: Finding) -> list[str]:
    """Why this text doesn't state the finding; empty when it does."""
    if text == finding.sentence:
        return []
    if problem := _form(text, finding.sentence):
        return [problem]
    claimed, stated = statements(text), statements(finding.sentence)
    if not claimed:
        return ["it states nothing"]
    if _says(_joined(claimed), _joined(stated), finding.facts):
        return []
    if len(claimed) != len(stated):
        return [_difference(_joined(claimed), _joined(stated))]
    pairs = zip(claimed, stated, strict=True)
    return [_difference(mine, other) for mine, other in pairs if not _says(mine, other, finding.facts)]


def _joined(parts: Sequence[Statement]) -> Statement:
    return Statement(tuple(piece for part in parts for piece in part.pieces))


def _form(text: str, sentence: str) -> str | None:
    if len(text) > LONGEST_CLAIM or len(sentence) > LONGEST_COMPARED:
        return "it, or its finding, is too long to be compared"
    if visible(text) != text or "\n" in text.strip():
        return "it holds characters that are not shown, or several lines"
    odd = sorted(set(strange(text)) - set(strange(sentence)))
    return f"it holds {' '.join(odd)}" if odd else None


def _says(claimed: Statement, stated: Statement, facts: Mapping[str, JsonValue]) -> bool:
    """Whether the claim says what is stated, no more, and nothing of weight less."""
    for pieces in _readings(claimed, facts, stated):
        if _covers(pieces.pieces, stated.pieces):
            return True
        moved, origin = pieces.movement, stated.movement
        if moved and origin and same(moved, origin) and _covers(pieces.without(moved), stated.without(origin)):
            return True
    return False


def _readings(claimed: Statement, facts: Mapping[str, JsonValue], stated: Statement) -> Iterable[Statement]:
    """The claim as it is, and without what it may take from the facts: whose finding it is, and counts by name."""
    yield claimed
    pieces = _without_counts(claimed.pieces, facts, stated.pieces)
    subject = _subject(facts)
    if subject and _begins_with(pieces, subject) and not _contains(stated.pieces, subject):
        pieces = pieces[len(subject) :]
    if pieces != claimed.pieces:
        yield Statement(pieces)


def _subject(facts: Mapping[str, JsonValue]) -> tuple[Piece, ...]:
    """Whom the finding is about, when its facts name exactly one."""
    named = [value for key in _SUBJECTS if isinstance(value := facts.get(key), str) and value]
    return _pieces_of(named[0]) if len(named) == 1 else ()


def _pieces_of(text: str) -> tuple[Piece, ...]:
    return tuple(piece for statement in statements(text) for piece in statement.pieces)


def _without_counts(
    pieces: tuple[Piece, ...], facts: Mapping[str, JsonValue], stated: Sequence[Piece]
) -> tuple[Piece, ...]:
    """Without `with 3 changes` where the facts say changes = 3 and the sentence doesn't speak of changes."""
    kept: list[Piece] = []
    at = 0
    while at < len(pieces):
        pair = pieces[at : at + 2]
        if len(pair) == 2 and _is_fact(pair[0], pair[1], facts) and not any(same(pair[1], other) for other in stated):
            at += 2
        else:
            kept.append(pieces[at])
            at += 1
    return tuple(kept)


def _is_fact(number: Piece, word: Piece, facts: Mapping[str, JsonValue]) -> bool:
    if number.sort != "number" or number.role not in ("", "with") or word.sort != "word" or len(_subject(facts)) == 0:
        return False
    for name, value in facts.items():
        if isinstance(value, int) and not isinstance(value, bool):
            named = _pieces_of(name)
            if len(named) == 1 and named[0].value == word.value and number.value == str(value) and not number.unit:
                return True
    return False


def _begins_with(pieces: Sequence[Piece], start: Sequence[Piece]) -> bool:
    return len(pieces) > len(start) and all(map(same, pieces, start))


def _contains(pieces: Sequence[Piece], part: Sequence[Piece]) -> bool:
    return any(all(map(same, part, pieces[at:])) for at in range(len(pieces) - len(part) + 1))


def _covers(claimed: Sequence[Piece], stated: Sequence[Piece]) -> bool:
    """Whether the claim is what is stated, in order, but for what may be left out."""
    reached = {0}
    for piece in stated:
        further = {at + 1 for at in reached if at < len(claimed) and same(claimed[at], piece)}
        reached = further | (reached if piece.optional else set())
    return len(claimed) in reached


def _difference(claimed: Statement, stated: Statement) -> str:
    """In words, how the claim differs from what is stated."""
    new = [piece.shown for piece in claimed.pieces if not any(same(piece, other) for other in stated.pieces)]
    if new:
        return f"the finding doesn't say {', '.join(map(repr, new[:3]))} so"
    required = [piece for piece in stated.pieces if not piece.optional]
    missing = [piece.shown for piece in required if not any(same(other, piece) for other in claimed.pieces)]
    if missing:
        return f"it leaves out {', '.join(map(repr, missing[:3]))}"
    return "its words stand in another order: who did what, or how much, may differ"
