"""What a person typed, made readable: bounded, free of hidden characters, and with quoted text taken out.

Quoted and pasted text is somebody else's. It may be carried along (what a message says, what a value is) and never
says what to do, so a placeholder stands where it was.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from agent.planning.offline.gapping import with_verbs_said_again
from agent.planning.offline.several_settings import spelled_out
from agent.planning.quotation import own_words

__all__ = ["MAXIMUM_CHARACTERS", "Prepared", "prepare", "unreadable"]

MAXIMUM_CHARACTERS = 20_000
"""Longer requests are asked to be shortened before anything reads them."""
MAXIMUM_OWN_CHARACTERS = 4_000
"""What is left without the quotations; a request of more than this is several."""

_PLACEHOLDER = "\u27e6{}\u27e7"
_CURLY = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u2011": "-", "\u2010": "-", "\u00a0": " ", "\u202f": " "})
_QUOTATIONS = re.compile(
    r"\u201c(?P<curly>[^\u201d]*)(?:\u201d|$)"
    r"|\u201e(?P<low>[^\u201c\u201d]*)(?:[\u201c\u201d]|$)"
    r"|\u00ab(?P<guillemets>[^\u00bb]*)(?:\u00bb|$)"
    r"|\u2018(?P<single_curly>[^\u2018\u2019\n]*)\u2019(?!\w)"
    r"|`(?P<code>[^`]*)(?:`|$)"
    r'|"(?P<double>[^"]*)(?:"|$)'
    r"|(?<![\w'])'(?P<single>[^'\n]*(?:'(?=\w)[^'\n]*)*)'(?!\w)",
    re.DOTALL,
)
_FENCES = re.compile(
    r'"""(?P<triple>.*?)(?:"""|$)'
    r"|'''(?P<apostrophes>.*?)(?:'''|$)"
    r"|```(?P<fence>.*?)(?:```|$)"
    r"|(?:^|\n)[ \t]*(?:-{3,}|={3,}|\*{3,})[ \t]*\n(?P<ruled>.*?)(?:\n[ \t]*(?:-{3,}|={3,}|\*{3,})[ \t]*(?=\n|$)|$)",
    re.DOTALL,
)
_VALUE_ARROW = re.compile("(?<=\\d)\\s*(?:\u2192|\u21d2|->)\\s*(?=\\d)")
_ARROW = re.compile("\\s*(?:\u2192|\u21d2|\u279c)\\s*")
_DOWN_UP = str.maketrans({"\u2193": " down ", "\u2191": " up "})
_WITHOUT = re.compile(r"\bw/o\b", re.IGNORECASE)
_STACK_FLAG = re.compile(r"(?<!\S)(?:-s|--stack)(?:\s+|=)(?=\w)")
_TARGET_FLAG = re.compile(r"(?<!\S)(?:-t|--target)(?:\s+|=)(?=\w)")
_OTHER_FLAGS = re.compile(
    r"(?<!\S)(?:-[yfj]|--(?:yes|skip-preview|diff|non-interactive|json|refresh|show-config))(?!\S)"
)
"""What people type after `pulumi up`: which stack, which part of it, and what nobody can switch off here."""
_CALLED = re.compile(r"(?<![\w.])@sophia\b", re.IGNORECASE)
_KEY_ARROW = re.compile(r"(?<=\w)(?P<key>[_:.]\w+)\s*(?:->|=>|\u2192)\s*(?=\w)")
"""`app:theme -> dark`"""
_LOGGED = re.compile(
    r"^[ \t]*(?:\d{1,2}:\d{2}:\d{2}\b|\[?\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}|urn:|"
    r"(?:[\w-]+:){2,}\S*.*\b(?:error|warning|failed)\b|(?:diagnostics|resources|outputs|traceback[^\n]*):[ \t]*$|"
    r"(?:error|warning|hint|fatal|panic|debug)[ \t]*:).*$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that a machine wrote."""
_TAG_QUESTION = re.compile(
    r",\s*(?:would|could|can|will|won't|wouldn't|couldn't|can't) (?:you|ya|u|ye)"
    r"(?: please| kindly| mate| now)?\s*\?*\s*$",
    re.IGNORECASE,
)
_TELLING_YOU = re.compile(r"\s*(?:(?:so|and|but|well|ok|okay)\b[ ,]*)*(?:you|u|ya)\b", re.IGNORECASE)
"""`you can deploy it, can't you?` asks, and doesn't ask for it."""
_AND_THEN = re.compile(r"\s+&&\s+")
_OPTION = re.compile(r"(?<!\S)--(?P<name>since|until|competitors?|channel|key|checkpoint)(?:\s+|=)(?=\S)")
_OPTIONS = {"competitor": "at ", "competitors": "at ", "channel": "in ", "checkpoint": "to ", "key": ""}
"""`changes --competitor EliseAI --since 30d`"""
_ITEM = re.compile(r"^[ \t]*(?:\d{1,2}[.)]|[-*\u2022\u2013])[ \t]+(?=\S)", re.MULTILINE)
_NUMBERED = re.compile(r"(?<!\S)\(?[1-9]\)\s+(?=[A-Za-z#@])")
"""`1) the audit log 2) open approvals`"""
_HEADING = re.compile(
    r"^[ \t]*(?:(?:please|kindly|can|could|would|you|do|run|the|these|those|following|things?|tasks?|to-?dos?|list"
    r"|steps?|jobs?|for|me|us|today|my|our|morning|evening|daily|in|this|order|two|three|four|a|few|here|is|are|what"
    r"|i|we|need|want|next|plan|as|follows)[ \t]*)+:[ \t]*(?=\n|;)",
    re.IGNORECASE,
)
"""`please do the following:`"""
_PLUS = re.compile(r"(?<=[\w)])\s+\+\s+(?=[A-Za-z#@(])")
"""`dev up + outputs`"""
_ELSE = re.compile(
    r"(?<!\bor)(?<!thing)(?<!one)(?<!body)(?<!where)(?<!what)(?<!who)(?<!whose)(?<!how)(?<!much)(?<!all)(?<!little)"
    r"(?P<gap>[\s,;.]+)else\b,?\s+(?=[a-z])(?!than\b|but\b|to\b|if\b)",
    re.IGNORECASE,
)
"""`…, else deploy dev`; not `anything else`, `who else changed it`."""
_FIELDS = r"(?:[\d*/,\-]+[ \t]+){4}[\d*/,\-A-Za-z]+"
_CRON = re.compile(
    rf"(?:\bcron\s+)?[\"'`\u201c]({_FIELDS})[\"'`\u201d]|^\s*(?:(?:at|on|by|with|per|using)\s+)?({_FIELDS})(?=\s+[A-Za-z])"
)
"""A cron expression in quotation marks, or before the request that it is for: never somebody else's words."""
_NICKNAMES = re.compile(r"(?<!\w)@(hour|week|month)ly\b|(?<!\w)@(daily|midnight)\b")
_PLACED = re.compile("\u27e6(\\d+)\u27e7")
_INSIDE_WORD = re.compile("(?<=\\w)[\u2019\u02bc](?=\\w)")
_OWN_BRACKETS = str.maketrans({"\u27e6": "(", "\u27e7": ")"})
_READABLE_CATEGORIES = frozenset("LMNPSZ")


@dataclass(frozen=True)
class Prepared:
    """A request with `⟦0⟧` … where something was quoted, and what was quoted."""

    text: str
    quotes: tuple[str, ...]


def unreadable(text: str) -> str | None:
    """Why this can't be read as a request, in words for the person, or None when it can."""
    if len(text) > MAXIMUM_CHARACTERS:
        return (
            f"That is {len(text):,} characters long and I read at most {MAXIMUM_CHARACTERS:,}. "
            "What should I do with it, in a sentence or two?"
        )
    visible = [character for character in text if not character.isspace()]
    if not visible:
        return "There is nothing to read in that. What should I do? `help` shows what I can do."
    odd = sum(unicodedata.category(character)[0] not in _READABLE_CATEGORIES for character in visible)
    odd += text.count("\ufffd")
    if odd * 10 > len(visible):
        return "That doesn't look like text to me. What should I do, in a sentence or two?"
    if not any(character.isalnum() for character in visible):
        return "I can't read a request in that. What should I do? `help` shows what I can do."
    return None


def prepare(text: str) -> Prepared | None:
    """Take the quotations out and clean what is left; None when what is left is too long to be one request."""
    quotes: list[str] = []

    def take_out(passage: str) -> str:
        quotes.append(passage.strip())
        return f" {_PLACEHOLDER.format(len(quotes) - 1)} "

    timed = _CRON.sub(lambda found: f" cron {_inner(found)} ", text.translate(_OWN_BRACKETS))
    timed = _NICKNAMES.sub(lambda found: f"every {found[1] or 'day'}", timed)
    fenced = _FENCES.sub(lambda found: take_out(_inner(found)), timed)
    quoted = _QUOTATIONS.sub(lambda found: take_out(_inner(found)), _INSIDE_WORD.sub("'", fenced))
    parts: list[str] = []
    for passage in own_words(quoted).passages:
        if passage.own or _PLACED.match(passage.text.lstrip()):
            parts.append(passage.text)
        elif any(character.isalnum() for character in passage.text):
            parts.append(take_out(_PLACED.sub(lambda found: quotes[int(found[1])], passage.text)))
    said = "".join(parts)
    own = with_verbs_said_again(
        spelled_out(_clean(_LOGGED.sub(lambda found: take_out(found.group()), said) if _said_beside(said) else said))
    )
    if len(own) > MAXIMUM_OWN_CHARACTERS:
        return None
    return Prepared(own, tuple(quotes))


def _said_beside(text: str) -> bool:
    """Whether lines that a person wrote stand beside what a machine wrote."""
    return "\n" in text and bool(_LOGGED.sub("", text).strip())


def _inner(found: re.Match[str]) -> str:
    return next((inner for inner in found.groups() if inner is not None), "")


def _unlisted(text: str) -> str:
    """A list of requests without its numbers, and without the words that only announce it."""
    numbered = _NUMBERED.sub("; ", text) if len(_NUMBERED.findall(text)) > 1 else text
    listed = _ITEM.sub("", numbered) if len(_ITEM.findall(numbered)) > 1 else numbered
    return _HEADING.sub("", listed, count=1) if listed != text else text


def _clean(text: str) -> str:
    composed = unicodedata.normalize("NFKC", text.translate(_CURLY)).translate(_CURLY).translate(_DOWN_UP)
    composed = _ARROW.sub(", then ", _VALUE_ARROW.sub(" to ", _KEY_ARROW.sub(r"\g<key> to ", composed))).replace(
        ":=", "="
    )
    composed = _unlisted(_AND_THEN.sub(", then ", composed))
    composed = _OPTION.sub(lambda found: _OPTIONS.get(found["name"], f"{found['name']} "), composed)
    composed = _ELSE.sub(r"\g<gap>otherwise ", _PLUS.sub(" and ", composed))
    composed = _OTHER_FLAGS.sub("", _TARGET_FLAG.sub("only ", _STACK_FLAG.sub("on ", composed)))
    composed = _CALLED.sub("Sophia", _WITHOUT.sub("without", composed))
    if _TELLING_YOU.match(composed) is None:
        composed = _TAG_QUESTION.sub(" please", composed)
    return "".join(
        character
        for character in composed
        if character in "\n\t`^" or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs", "So", "Sk", "Mn")
    )
