"""What is outside of all that is done here: errands, poems, other people's systems, or nothing that a word says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from agent.planning.offline.lexicon import lexicon
from agent.planning.offline.tokens import Token

__all__ = ["HELP_TOPICS", "off_topic", "worldly"]


def off_topic(tokens: Sequence[Token], least: int = 1) -> bool:
    """Whether a request without any reading is about something else, instead of merely unclear.

    `least` is how many words it takes that mean nothing here.
    """
    if any(token.has(*_OWN) for token in tokens) or any(token.raw.lower() in _IMPROVING for token in tokens):
        return False
    content = [token for token in tokens if token.kind == "word" and _content(token)]
    ordinary = any(lexicon().knows(token.text) for token in content)
    return ordinary and len(content) >= least and any(len(token.text) > 3 for token in content)


_IMPROVING: Final = frozenset(
    ["tidy", "neaten", "polish", "improve", "optimise", "optimize", "better", "faster", "cheaper", "nicer", "smoother",
     "straighten", "spruce", "cleanup", "clean", "sort", "shape", "further", "usual", "needful", "necessary"]
)  # fmt: skip
"""What is to be made better, nobody says how: unclear, and perhaps about what is looked after here."""
_WORLDLY: Final = frozenset(
    ["merge", "phone", "wire", "transfer", "pay", "dial", "fax", "hack", "bribe", "sue", "hire", "steal", "invite",
     "impersonate", "spy", "infiltrate", "buy", "sell", "translate", "sing", "cook", "order", "kidnap", "threaten",
     "break into", "hack into", "write", "compose", "sketch", "rap", "call", "email", "visit", "acquire", "blackmail"]
)  # fmt: skip
_PERSONAL: Final = frozenset(
    ["sales", "ceo", "cfo", "cto", "boss", "support", "lawyer", "lawyers", "office", "somebody", "someone", "them",
     "him", "her", "head", "team", "founder", "manager", "customer", "customers", "database", "systems", "account"]
)  # fmt: skip
_MADE_UP: Final = frozenset(
    ["poem", "limerick", "haiku", "song", "joke", "story", "essay", "rap", "sonnet", "ode", "jingle", "ballad",
     "lyrics", "novel", "fable", "riddle", "screenplay"]
)  # fmt: skip
_ERRANDS: Final = frozenset(
    ["cab", "taxi", "uber", "lyft", "barbecue", "bbq", "restaurant", "hotel", "gym", "dentist", "doctor",
     "plumber", "babysitter", "pizza", "curry", "takeaway", "pub", "haircut", "groceries", "lottery", "horoscope",
     "playlist", "netflix", "birthday", "wedding", "dinner", "lunch", "breakfast", "recipe", "airport", "parking",
     "umbrella", "shoes", "chai", "samosa", "cricket", "footy", "football"]
)  # fmt: skip
"""Things out of people's lives that nothing here deals in."""
_OFFICE: Final = frozenset(["meeting", "appointment", "laptop", "printer", "wifi", "vpn", "calendar invite", "pull"])
"""What an office asks of others: `set up a meeting`, `merge pull request 4`."""
_AMBIGUOUS: Final = frozenset({"write", "compose", "call", "email", "visit", "order"})


def worldly(body: Sequence[Token]) -> bool:
    """`phone RealPage's sales`, `break into their database`, `write a poem about EliseAI`: done by nobody here."""
    named = any(token.has("name", "url", "id", "channel", "config-key", "often") for token in body)
    if not named and any(token.text in _ERRANDS for token in body):
        return True
    if not named and body and body[0].has(":base") and any(token.text in _OFFICE for token in body[1:]):
        return True
    verb = next((token.text for token in body if not token.has("soft", "i", "you", "modal", "courtesy")), "")
    if verb == "help" or (body and body[0].text == "help"):
        body = [token for token in body if token.text not in ("help", "me", "us", "to")]
        verb = body[0].text if body else ""
    if verb == "break" and len(body) > 1 and body[1].text == "into":
        return True
    if verb in _WORLDLY - _AMBIGUOUS:
        return True
    if any(token.text in _MADE_UP for token in body) and verb in ("write", "compose", "draft", "give", "tell", "make"):
        return True
    return verb in _AMBIGUOUS and any(token.text in _PERSONAL or token.has("competitor") for token in body[1:4])


_OWN: Final = (
    "stack", "competitor", "channel", "url", "domain", "file", "deploy.n", "rollback.n", "checkpoint.n", "drift",
    "schedule.n", "grant", "audit", "stack.n", "pair", "competitors", "watchlist", "deploy", "destroy", "unlock",
    "pause", "resume", "says", "trouble", "cancel", "revoke", "alert", "health", "config", "output", "history", "lock",
    "preview.n", "approve",
)  # fmt: skip
"""What is talked about here: a request about one of these is unclear, and never off the topic."""
HELP_TOPICS: Final = (*_OWN, "page", "preview", "approval", "help", "tool", "work", "spend", "sweep.n", "you",
    "everything", "before-after", "change")  # fmt: skip
"""What `how do I …` may be about."""
_VAGUE: Final = frozenset(
    [
        "bit",
        "half",
        "numbers",
        "number",
        "figures",
        "information",
        "info",
        "little",
        "double",
        "lot",
        "thing",
        "things",
        "stuff",
        "whatever",
        "whichever",
        "something",
        "anything",
        "nothing",
        "better",
        "faster",
        "slower",
        "worse",
        "bigger",
        "smaller",
        "nicer",
        "cheaper",
        "more",
        "less",
        "again",
        "now",
        "later",
        "talked",
        "about",
        "same",
        "other",
        "usual",
        "needed",
        "right",
        "wrong",
        "way",
        "make",
        "made",
        "sure",
        "well",
        "good",
        "great",
        "help",
        "need",
        "want",
        "like",
        "know",
        "think",
        "maybe",
        "please",
        "just",
        "also",
        "really",
        "very",
        "much",
        "many",
        "some",
        "sort",
        "kind",
        "problem",
        "issue",
        "improve",
        "improvement",
        "optimise",
        "optimize",
        "speed",
        "performance",
        "quickly",
        "done",
        "finish",
        "finished",
        "ready",
        "before",
        "after",
        "another",
        "person",
        "someone",
        "everybody",
        "somehow",
        "whoever",
        "earlier",
        "mentioned",
        "said",
        "discussed",
        "agreed",
        "figure",
        "properly",
        "correctly",
        "normal",
        "normally",
        "usual",
        "usually",
        "quicker",
        "smoother",
        "efficient",
        "efficiently",
        "tomorrow",
        "today",
        "yesterday",
        "tonight",
        "morning",
        "afternoon",
        "evening",
        "recommend",
        "suggest",
        "advise",
        "guess",
        "not",
        "none",
        "never",
        "cannot",
        "without",
    ]
)


_FUNCTION: Final = (
    "soft", "courtesy", "det", "prep", "be", "did", "modal", "i", "you", "they", "them", "it", "wh", "and", "or",
    "then", "but", "because", "run", "touch", "safe", "yes", "no", "if", "everything", "set", "get", "ask", "show",
    "add", "fix", "update", "cancel",
)  # fmt: skip


def _content(token: Token) -> bool:
    if token.text in _VAGUE or token.text == "'s" or len(token.text) < 3:
        return False
    return not token.has(*_FUNCTION) or token.has("generate", "unknown")
