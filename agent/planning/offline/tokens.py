"""Tokens: words, and the things in a request that have a form of their own (URLs, channels, ids, times …)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Token", "own_form", "tokenise"]


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a thing, where it stands in the prepared text, and what it may mean."""

    text: str
    """In lower case and spelled right; what patterns compare."""
    raw: str
    start: int
    end: int
    kind: str = "word"
    """`word`, `mark`, `number`, `id`, `url`, `domain`, `channel`, `email`, `file`, `pair`, `quote`, `date`, `clock`,
    `span`, `name`, `time`, `payload`."""
    tags: frozenset[str] = frozenset()
    """The concepts (`deploy`), their forms (`:base`, `deploy:base`) and the kinds of name that it stands for."""
    value: object = None
    doubts: frozenset[str] = field(default=frozenset())
    """Other concepts that it may have been meant to say: it was misspelled between them."""

    def has(self, *tags: str) -> bool:
        """Whether it carries any of the tags."""
        return any(tag in self.tags for tag in tags)


_TOP_DOMAINS: Final = "com|ai|io|net|org|co|dev|app|cloud|eu|de|uk|fr|es|us|info|biz|tech|gov|edu|local|test|example"
_PATTERN: Final = re.compile(
    rf"""
  (?P<quote>\u27e6\d+\u27e7)
| (?P<url>(?:https?://|www\.)[^\s<>"'`\u27e6\u27e7]+)
| (?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
| (?P<file>[~.\w/-]*\w\.(?:csv|tsv|txt)\b)
| (?P<channel>\#[A-Za-z][\w-]*(?:\.[\w-]+)*)
| (?P<mention>@[A-Za-z][\w.-]*)
| (?P<pair>[A-Za-z][\w.:-]*\s?=\s?(?!\?)[^\s,;=]+)
| (?P<id>\d+(?:\.\d+)+[-+][A-Za-z]\w*(?:[-+.]\w+)*)
| (?P<date>\d{{4}}-\d{{2}}-\d{{2}}(?:T\d{{2}}:\d{{2}}(?::\d{{2}})?(?:Z|[+-]\d{{2}}:?\d{{2}})?)?)(?![\w-])
| (?P<clock>\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s?[ap]\.?m\b)?|\d{{1,2}}\s?(?:[ap]\.?m\b|o'clock)|\d{{1,2}}h\d{{2}}\b)
| (?P<span>\d+(?:\.\d+)?(?:h|hrs?|hours?|d|days?|wks?|w|weeks?|m|mins?|minutes?|mo|y)\b)(?!\s?=)
| (?P<domain>(?:[A-Za-z0-9](?:[\w-]*[A-Za-z0-9])?\.)+(?:{_TOP_DOMAINS})\b(?:/[^\s<>"'`\u27e6\u27e7]*)?)
| (?P<word>[^\W\d_]\w*(?:['\-.:+]\w+)*'?)
| (?P<number>[$\u20ac\u00a3]?\d+(?:[.,]\d+)*%?(?![\w])|\#?\d[\w-]*)
| (?P<mark>\n|\.{{2,}}|[-\u2013\u2014]{{1,3}}|[.!?,;:()\[\]/&+*=>|~_%$@\#"'`^<\\{{}}\u20ac\u00bf\u00a1])
""",
    re.VERBOSE,
)
_ID = re.compile(r"[a-z]{1,12}[-_:#]?\d[\w-]*|[a-z][a-z\d]*[-_][\w-]*\d[\w-]*|#?\d+|[a-f\d]{6,}", re.IGNORECASE)
_OWN_ID = re.compile(r"[a-z]_[a-z\d]{12}|s_[a-z]{4,}|c_[a-z]{2,}", re.IGNORECASE)
"""An id of Sophia's own, which may be without a digit; that of a built-in schedule is a word, and a checkpoint's may be
one that somebody remembers wrong."""
_TRAILING = ".,;:!?)>]}'\"*"
_CONTRACTED: Final = {"'re": "are", "'ve": "have", "'ll": "will", "'d": "would", "'m": "am"}
_IRREGULAR: Final = {
    "can't": "cannot", "cannot": "cannot", "won't": "will not", "shan't": "shall not", "let's": "let us",
    "ain't": "is not",
    "dont": "do not", "doesnt": "does not", "didnt": "did not", "cant": "cannot", "wont": "will not", "isnt": "is not",
    "arent": "are not", "wasnt": "was not", "werent": "were not", "shouldnt": "should not", "wouldnt": "would not",
    "couldnt": "could not", "hasnt": "has not", "havent": "have not", "mustnt": "must not", "neednt": "need not",
    "whats": "what is", "whos": "who is", "hows": "how is", "wheres": "where is", "whens": "when is",
    "thats": "that is",
    "theres": "there is", "lets": "let us", "im": "i am", "ive": "i have", "youre": "you are", "theyre": "they are",
    "weve": "we have", "its'": "its", "lemme": "let me", "gimme": "give me", "wanna": "want to", "gonna": "going to",
    "gotta": "have to", "whatcha": "what are you", "dunno": "do not know", "y'all": "you", "ya": "you", "u": "you",
    "ur": "your", "r": "are", "pls": "please", "plz": "please", "plss": "please", "pleeease": "please", "thx": "thanks",
    "ty": "thanks", "tmrw": "tomorrow", "tmr": "tomorrow", "tomorow": "tomorrow", "b4": "before", "bc": "because",
    "cuz": "because", "thru": "through", "tho": "though", "msg": "message", "chk": "check", "cfg": "config",
    "sched": "schedule", "w/o": "without", "w/": "with", "abt": "about", "rn": "now", "asap": "now", "wrt": "about",
    "btw": "incidentally", "fyi": "incidentally",
    "wat": "what", "wut": "what", "wht": "what", "kno": "know", "wich": "which", "tht": "that", "shud": "should",
    "cud": "could", "giv": "give",
    "teh": "the", "kinda": "kind of", "whaddya": "what do you", "o'clock": "oclock",
    "'em": "them", "em": "them", "n't": "not", "shld": "should", "cld": "could", "wld": "would", "ppl": "people",
    "nevermind": "never mind", "nvm": "never mind", "idk": "i do not know", "afaik": "incidentally",
    "imo": "incidentally", "coz": "because", "'cause": "because", "prolly": "maybe",
    "tryna": "trying to", "imma": "i will", "hafta": "have to", "woulda": "would have", "coulda": "could have",
    "shoulda": "should have", "d'you": "do you", "d'ya": "do you", "didja": "did you", "whatd": "what did",
    "youse": "you", "yous": "you", "dinnae": "do not", "cannae": "cannot", "wouldnae": "would not",
    "isnae": "is not", "wasnae": "was not", "havenae": "have not", "didnae": "did not", "ken": "know", "wid": "would",
    "gie": "give", "gies": "give me", "wee": "little", "nae": "no", "y'know": "incidentally",
}  # fmt: skip
_IS_AFTER: Final = frozenset(
    ["it", "that", "this", "there", "here", "what", "who", "where", "how", "when", "why", "he", "she", "everything",
    "something", "anything", "nothing", "everyone", "somebody", "someone"]
)  # fmt: skip


def own_form(raw: str) -> bool:
    """Whether a word is an identifier that nobody should spell differently: `log_level`, `s-3`, `minReplicas`."""
    return (
        any(character in "_:=@#/" for character in raw)
        or any(character.isdigit() for character in raw)
        or (any(character.isupper() for character in raw[1:]) and not raw.isupper())
    )


def tokenise(text: str) -> list[Token]:
    """Split a prepared text into tokens, contractions written out and possessives cut off."""
    return [token for found in _PATTERN.finditer(text) for token in _tokens(found)]


def _tokens(found: re.Match[str]) -> Iterator[Token]:
    kind, raw = str(found.lastgroup), found.group()
    if kind == "word":
        yield from _words(raw, found.start())
        return
    if kind in ("url", "domain"):
        yield from _address(raw, kind, found.start())
        return
    if kind == "number" and _ID.fullmatch(raw) and not raw.replace(",", "").isdigit():
        kind = "id"
    yield _token(raw, raw.lower(), found.start(), kind)


def _token(raw: str, text: str, start: int, kind: str = "word") -> Token:
    tags = frozenset() if kind in ("word", "mark") else frozenset({kind})
    return Token(text, raw, start, start + len(raw), kind, tags, value=raw if tags else None)


def _address(raw: str, kind: str, start: int) -> Iterator[Token]:
    kept = raw.removesuffix("'s").rstrip(_TRAILING)
    if kind == "domain" and "/" in kept:
        kind = "url"
    if kind == "url" and not kept.startswith("http"):
        yield Token(kept.lower(), kept, start, start + len(kept), kind, frozenset({kind}), value=f"https://{kept}")
    else:
        yield _token(kept, kept.lower(), start, kind)
    for offset, mark in enumerate(raw[len(kept) :] if not raw.endswith("'s") else ""):
        yield _token(mark, mark, start + len(kept) + offset, "mark")


def _words(raw: str, start: int) -> Iterator[Token]:
    lower = raw.lower()
    if lower in _IRREGULAR:
        yield from (_token(raw, word, start) for word in _IRREGULAR[lower].split())
        return
    stem, apostrophe, ending = lower.rpartition("'")
    if not apostrophe:
        yield _word(raw, start)
    elif ending == "t" and stem.endswith("n"):
        yield _token(raw, stem[:-1], start)
        yield _token(raw, "not", start)
    elif "'" + ending in _CONTRACTED:
        yield _word(raw[: len(stem)], start)
        yield _token(raw[len(stem) :], _CONTRACTED["'" + ending], start + len(stem))
    elif ending in ("s", ""):
        yield _word(raw[: len(stem)], start)
        if ending and stem in _IS_AFTER:
            yield _token(raw[len(stem) :], "is", start + len(stem))
        else:
            yield _token(raw[len(stem) :], "'s", start + len(stem))
    else:
        yield from _elided(raw, start)


def _elided(raw: str, start: int) -> Iterator[Token]:
    """French `l'historique`, `qu'est`: two words."""
    at = start
    for part in re.split(r"(?<=')", raw):
        yield _word(part.rstrip("'") or part, at)
        at += len(part)


def _word(raw: str, start: int) -> Token:
    kept = raw.rstrip("-.:+'")
    if _OWN_ID.fullmatch(kept) or (_ID.fullmatch(kept) and any(character.isdigit() for character in kept)):
        return _token(kept, kept.lower(), start, "id")
    return _token(kept, kept.lower(), start)
