"""What a person says themselves, apart from what they quote or paste.

A person's own words are their instruction. What they quote, forward or paste was written by somebody else, so it may be
talked about and never steers an effect. The split errs towards "quoted": a wrong "quoted" costs a question, a wrong
"own" lets a stranger give orders. Everything here is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from memory.labels import INTERNAL, Confidentiality, Integrity, Label

__all__ = ["OwnWords", "Passage", "own_words"]

LONG_QUOTE = 60
"""A quotation of at most so many characters is a name or a value that the person chose to put in quotes."""
LONG_PARAGRAPH = 1000
"""Nobody types more than this without a line break; it was pasted."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Passage:
    """A stretch of a request, said by the person or taken from elsewhere."""

    text: str
    own: bool


@dataclass(frozen=True)
class OwnWords:
    """A request, split. The passages joined are the request, character for character."""

    passages: tuple[Passage, ...]

    @property
    def own(self) -> str:
        """The person's own words, with `[quoted text 1]` … where something was left out."""
        parts: list[str] = []
        quoted = 0
        for passage in self.passages:
            if passage.own:
                parts.append(passage.text)
            elif not _HIDDEN.fullmatch(passage.text):
                quoted += 1
                parts.append(_with_its_line_breaks(passage.text, f"[quoted text {quoted}]"))
        return "".join(parts).strip()

    @property
    def quoted(self) -> tuple[str, ...]:
        """What was quoted or pasted, in order; hidden characters that stand alone left out."""
        return tuple(
            passage.text for passage in self.passages if not passage.own and not _HIDDEN.fullmatch(passage.text)
        )

    @property
    def trusted(self) -> bool:
        """Whether all of it is the person's own."""
        return all(passage.own for passage in self.passages)

    def label(self, person: str = "") -> Label:
        """The label of whatever is derived from the whole request."""
        source = f"person:{person}" if person else "request"
        if self.trusted:
            return INTERNAL.with_source(source)
        return Label(
            integrity=Integrity.UNTRUSTED, confidentiality=Confidentiality.INTERNAL, sources=(source, "quoted")
        )


def _with_its_line_breaks(text: str, placeholder: str) -> str:
    return ("\n" if text.startswith("\n") else "") + placeholder + ("\n" if text.endswith("\n") else "")


_FENCE = re.compile(r"```|^[ ]{0,3}~~~", re.MULTILINE)
_QUOTED_LINES = re.compile(r"^[ \t]{0,3}(?:>>>|&gt;&gt;&gt;)(?s:.*)|(?:^[ \t]{0,3}(?:>|&gt;)[^\n]*\n?)+", re.MULTILINE)
_FORWARDED = re.compile(
    r"^[ \t>*]{0,20}(?:-{2,}[ \t]*(?:original|forwarded) message|begin forwarded message|_{10,}[ \t]*$)"
    r"|(?:^[ \t*]{0,20}(?:from|sent|to|cc|date|subject|reply-to)\**:[^\n]*\n){2}",
    re.MULTILINE | re.IGNORECASE,
)
_ENDS_WITH_COLON = re.compile(r"^[^\n]{1,300}:[ \t]{0,20}\n", re.MULTILINE)
_TAKEN_FROM_ELSEWHERE = re.compile(
    r"\b(?:wrote|writes|says?|said|sent|reads?|e-?mails?|mails?|messages?|tickets?|transcripts?|logs?|outputs?|errors?|"
    r"traceback|article|pages?|text|notes?|comments?|reviews?|paste[ds]?|forward(?:ed)?|quote[ds]?|below)\b",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:wrote|writes|says|said|reads|stated|states|replied|answered):[ \t]{1,20}(?=\S)", re.IGNORECASE
)
_PARAGRAPH_END = re.compile(r"\n[ \t]{0,20}\n")
_TAG = re.compile(r"<(?![@#!][A-Z0-9a-z^|_-]+>|https?:|mailto:)[A-Za-z!/][^<>\n]{0,500}>")
_HIDDEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]+")
_LINE = re.compile(r"[^\n]+")
_LEFT, _RIGHT = "\u2018", "\u2019"
_CLOSERS = {
    mark: re.compile(f"[{closers}]")
    for mark, closers in {
        "“": "”",
        "„": "“”",
        "«": "»",
        "»": "«",
        "\u2039": "\u203a",
        "「": "」",
        "『": "』",
        _LEFT: _RIGHT,
        '"': '"',
        "'": "'",
        "`": "`",
    }.items()
}
_SYMMETRIC = frozenset("\"'`")
_APOSTROPHES = frozenset({"'", _LEFT})
"""Their closing mark is also an apostrophe."""
_MARK = re.compile(f"[{''.join(_CLOSERS)}]")


def _fences(text: str) -> Iterator[Span]:
    start: int | None = None
    kind = ""
    for mark in _FENCE.finditer(text):
        if start is None:
            start, kind = mark.start(), mark.group()[-1]
        elif mark.group()[-1] == kind:
            yield start, mark.end()
            start = None
    if start is not None:
        yield start, len(text)


def _quoted_lines(text: str) -> Iterator[Span]:
    yield from (found.span() for found in _QUOTED_LINES.finditer(text))


def _forwarded(text: str) -> Iterator[Span]:
    found = _FORWARDED.search(text)
    if found:
        yield found.start(), len(text)


def _introduced(text: str) -> Iterator[Span]:
    """A block under a line such as `here is the e-mail:`, to the end: where it ends, nobody can tell."""
    for line in _ENDS_WITH_COLON.finditer(text):
        if _TAKEN_FROM_ELSEWHERE.search(line.group()):
            if len(text[line.end() :].strip()) > LONG_QUOTE:
                yield line.end(), len(text)
            return


def _reported(text: str) -> Iterator[Span]:
    """`Bob wrote: …` to the end of the paragraph."""
    for found in _REPORTED.finditer(text):
        end = _PARAGRAPH_END.search(text, found.end())
        stop = end.start() if end else len(text)
        if stop - found.end() > LONG_QUOTE:
            yield found.end(), stop


def _markup(text: str) -> Iterator[Span]:
    first: int | None = None
    last = 0
    for found in _TAG.finditer(text):
        first = found.start() if first is None else first
        last = found.end()
    if first is not None:
        yield first, last


def _long_paragraphs(text: str) -> Iterator[Span]:
    yield from (found.span() for found in _LINE.finditer(text) if len(found.group()) > LONG_PARAGRAPH)


def _hidden(text: str) -> Iterator[Span]:
    yield from (found.span() for found in _HIDDEN.finditer(text))


def _opens(text: str, at: int) -> bool:
    """Whether a mark that looks the same on both sides begins a quotation here."""
    return (at == 0 or not text[at - 1].isalnum()) and at + 1 < len(text) and not text[at + 1].isspace()


def _closes(text: str, at: int) -> bool:
    return at + 1 == len(text) or not text[at + 1].isalnum()


def _closing(text: str, at: int, mark: str) -> int | None:
    """Where the quotation that begins at `at` ends; None when it doesn't, or when another one begins first."""
    for found in _CLOSERS[mark].finditer(text, at + 1):
        if _closes(text, found.start()):
            return found.start()
        if mark not in _APOSTROPHES:
            return found.start() if mark not in _SYMMETRIC else None
    return None


def _unclosed(text: str, at: int, mark: str) -> int:
    """Where a quotation without a proper end stops: at the last mark of its kind, else with the text."""
    last = text.rfind(mark)
    return last if mark in _SYMMETRIC and last > at else len(text) - 1


def _quotations(text: str) -> Iterator[Span]:
    at = 0
    apostrophes_only = False
    while found := _MARK.search(text, at):
        start, mark = found.start(), found.group()
        at = start + 1
        if mark in _SYMMETRIC and (not _opens(text, start) or (mark == "'" and apostrophes_only)):
            continue
        end = _closing(text, start, mark)
        if end is None and mark == "'":
            apostrophes_only = True
            continue
        end = _unclosed(text, start, mark) if end is None else end
        if end - start - 1 > LONG_QUOTE:
            yield start, end + 1
        at = end + 1


_RULES: tuple[Callable[[str], Iterator[Span]], ...] = (
    _fences,
    _quoted_lines,
    _forwarded,
    _introduced,
    _reported,
    _markup,
    _long_paragraphs,
    _hidden,
    _quotations,
)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def own_words(text: str) -> OwnWords:
    """Split a request into the person's own words and what they quoted, forwarded or pasted.

    Quoted are: code fences, lines that begin with `>`, forwarded messages, blocks under a line such as "here is the
    log:", reported speech, markup, quotations of more than 60 characters (also when they are never closed), paragraphs
    of more than 1,000 characters, and hidden characters.
    """
    passages: list[Passage] = []
    at = 0
    for start, end in _merged([span for rule in _RULES for span in rule(text) if span[1] > span[0]]):
        if start > at:
            passages.append(Passage(text[at:start], own=True))
        passages.append(Passage(text[start:end], own=False))
        at = end
    if at < len(text):
        passages.append(Passage(text[at:], own=True))
    return OwnWords(tuple(passages))
