"""The lexicon: every word and set phrase that has a meaning here, with its concepts and forms as tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from agent.planning.offline.days import COUNTS
from agent.planning.offline.grammar import CLASSES, CONVERSATION
from agent.planning.offline.tables import rows
from agent.planning.offline.vocabulary import IRREGULAR_VERBS, VERBS
from agent.planning.offline.vocabulary_of_things import ASPECTS, NOUNS

__all__ = ["Lexicon", "Phrase", "entries", "lexicon"]

_COMMON_WORDS: Final = Path(__file__).with_name("common_words.txt")
"""What a misspelled word may have been meant to be, the most frequent first."""
_RARER_WORDS: Final = Path(__file__).with_name("rarer_words.txt")
"""More words that are spelled as they should be, and that nothing is corrected into: of the most frequent 45,000 of the
English dictionary of symspellpy (MIT; Google Books' counts of the words of SCOWL) those that aren't known otherwise."""
_VOWELS: Final = frozenset("aeiou")
_DOUBLED: Final = frozenset(
    ["ship", "stop", "drop", "plan", "scan", "map", "tag", "flag", "trim", "skip", "ban", "axe", "pin", "bin", "scrap"]
)
_ENDINGS: Final = (
    ("ies", ("y",)), ("ied", ("y",)), ("ing", ("", "e")), ("ed", ("", "e")), ("es", ("", "e")), ("s", ("",)),
    ("ly", ("", "le")), ("er", ("", "e")), ("est", ("", "e")), ("ment", ("",)), ("ness", ("",)), ("able", ("", "e")),
)  # fmt: skip

Words = tuple[str, ...]
Tags = frozenset[str]


@dataclass(frozen=True)
class Phrase:
    """A set phrase after its first word; `gap` when an object may stand before the rest."""

    rest: Words
    tags: Tags
    gap: bool = False


def entries(table: str) -> Iterator[tuple[str, list[str]]]:
    """The lines of a vocabulary table: a concept and its words."""
    for line in rows(table):
        concept, _, words = line.partition(": ")
        yield concept, [word.strip() for word in words.split(", ") if word.strip()]


def _third(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ies"
    return verb + "s"


def _past(verb: str) -> str:
    if verb in _DOUBLED:
        return verb + verb[-1] + "ed"
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ied"
    return verb + "ed"


def _ing(verb: str) -> str:
    if verb in _DOUBLED:
        return verb + verb[-1] + "ing"
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    return verb + "ing"


@cache
def _irregular() -> Mapping[str, list[str]]:
    return dict(entries(IRREGULAR_VERBS))


def _inflections(verb: str) -> Iterator[tuple[str, str]]:
    """Every form of a verb's first word, with the form's name."""
    yield verb, "base"
    listed = _irregular().get(verb)
    if not listed:
        yield from ((_third(verb), "third"), (_past(verb), "past"), (_ing(verb), "ing"))
        return
    for form in listed:
        yield form, "ing" if form.endswith("ing") else "third" if form.endswith("s") else "past"


def _kept_e(word: str, ending: str) -> bool:
    """`priceing`: nobody writes the e that this ending replaces, so it is a misspelling."""
    return ending == "ing" and word[-4] == "e" and word[-5] not in "eoy"


def _stems(word: str) -> Iterator[str]:
    """What a word may be an inflection of."""
    for ending, replacements in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2 and not _kept_e(word, ending):
            yield from (word[: -len(ending)] + replacement for replacement in replacements)


class Lexicon:
    """Words and phrases by their first word. Built once; reading it changes nothing."""

    def __init__(self) -> None:
        self.words: dict[str, Tags] = {}
        self.phrases: dict[str, list[Phrase]] = {}
        self.plain: dict[str, None] = dict.fromkeys(_COMMON_WORDS.read_text(encoding="utf-8").split())
        self.plain.update(dict.fromkeys((*CONVERSATION.split(), *COUNTS)))
        self.rarer: frozenset[str] = frozenset(_RARER_WORDS.read_text(encoding="utf-8").split())
        for concept, verbs in entries(VERBS):
            for verb in verbs:
                self._add_verb(concept, verb)
        for table in (NOUNS, CLASSES):
            for concept, words in entries(table):
                for word in words:
                    self._add(tuple(word.split()), frozenset({concept}))
        for aspect, words in entries(ASPECTS):
            for word in words:
                self._add(tuple(word.split()), frozenset({"aspect", f"aspect={aspect}"}))
        for phrases in self.phrases.values():
            phrases.sort(key=lambda phrase: (-len(phrase.rest), phrase.gap))
        self.spelling = self._spelling()

    def _add_verb(self, concept: str, verb: str) -> None:
        first, *rest = verb.split()
        for form, name in _inflections(first):
            tags = frozenset({concept, f"{concept}:{name}", f":{name}"})
            if rest[:1] == ["~"]:
                self._add((form, *rest[1:]), tags)
                self._phrase(form, Phrase(tuple(rest[1:]), tags, gap=True))
            else:
                self._add((form, *rest), tags)

    def _add(self, words: Words, tags: Tags) -> None:
        if len(words) == 1:
            self.words[words[0]] = self.words.get(words[0], frozenset()) | tags
        else:
            self._phrase(words[0], Phrase(words[1:], tags))

    def _phrase(self, first: str, phrase: Phrase) -> None:
        known = self.phrases.setdefault(first, [])
        for at, other in enumerate(known):
            if other.rest == phrase.rest and other.gap == phrase.gap:
                known[at] = Phrase(phrase.rest, other.tags | phrase.tags, phrase.gap)
                return
        known.append(phrase)

    def _spelling(self) -> frozenset[str]:
        """Every word that may be meant, single or as part of a phrase."""
        inside = {word for phrases in self.phrases.values() for phrase in phrases for word in phrase.rest}
        return frozenset(word for word in {*self.words, *self.phrases, *inside} if word.replace("-", "").isalpha())

    def knows(self, word: str) -> bool:
        """Whether a word is spelled as it should be."""
        if word in self.words or word in self.spelling or word in self.plain or word in self.rarer:
            return True
        return any(stem in self.plain or stem in self.words for stem in _stems(word))

    def tags(self, word: str) -> Tags:
        """The tags of a single word."""
        return self.words.get(word, frozenset())


@cache
def lexicon() -> Lexicon:
    """The English lexicon."""
    return Lexicon()
