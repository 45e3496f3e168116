"""Conditions in plain words, as conditions of the closed grammar over what earlier steps find.

A condition has a subject (drift, health, the preview, the audit log, a value, or whatever the step before looked at)
and a polarity: a good or a bad word, turned round by every negation. `nothing is wrong` is bad once and turned once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.planning.offline.parts import Clause, Part
from agent.planning.offline.patterns import pattern
from agent.planning.offline.tokens import Token

__all__ = [
    "Finding", "elliptical", "ends_condition", "found_by", "needed_for", "negated", "otherwise", "says_how_it_is",
    "spared_by", "tells_outcome", "turned",
]  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What a condition is about: the tool that finds it out, and the comparison with `{}` for its step."""

    tool: str
    comparison: str
    """`{}.drifted = true`."""


_NEGATIONS: Final = frozenset(
    ["not", "no", "nothing", "none", "never", "without", "cannot", "neither", "hardly", "nobody", "isn't", "if not"]
)
_GOOD: Final = frozenset(
    ["healthy", "ok", "okay", "fine", "good", "well", "green", "up", "alive", "intact", "untampered", "valid",
     "consistent", "sound", "complete", "unbroken", "hold up", "holds up", "integrity", "genuine", "unmodified",
     "clean",
     "passes", "pass", "passed", "succeeds", "succeed", "succeeded", "success", "successful", "successfully", "works",
     "work", "worked", "working", "responding", "responds", "respond", "up and running", "safe", "stable", "alright",
     "all right", "in sync", "in line", "in step", "match", "matches", "up-to-date", "up to date", "in good shape",
     "verified", "verifies", "great", "online", "reachable", "running", "normal", "tidy", "unchanged", "trustworthy",
     "running fine", "doing well", "doing fine", "right", "goes well",
     "goes through", "go through", "went through", "gets through", "lands", "empty", "serving", "back up"]
)  # fmt: skip
_BAD: Final = frozenset(
    ["unhealthy", "down", "dead", "fails", "fail", "failed", "failing", "failure", "failures", "error", "errors",
     "erroring", "breaks", "break", "broke", "broken", "wrong", "bad", "red", "crashes", "crash", "crashed", "crashing",
     "unsuccessful", "trouble", "problem", "problems", "issue", "issues", "unreachable", "unresponsive", "unavailable",
     "offline", "outage", "off", "invalid", "tampered", "tampered with", "tamper", "forged", "altered", "manipulated",
     "unverified", "odd", "weird", "strange", "suspicious", "risky", "unsafe", "dangerous", "sick", "messed with",
     "edited", "sideways", "goes wrong", "went wrong", "degraded", "slow", "stuck", "doctored", "been edited",
     "been changed", "been altered", "touched", "unhappy", "scary", "surprising", "surprises"]
)  # fmt: skip
_LOSSES: Final = frozenset(
    ["deleted", "destroyed", "removed", "deletes", "destroys", "removes", "lost", "loses", "deletion", "deletions",
     "data", "replaced", "torn", "destroy", "delete", "remove", "dropped", "lose"]
)  # fmt: skip
_IN_STEP: Final = frozenset({"in sync", "in line", "in step", "match", "matches", "up-to-date", "up to date"})
_SMALL_WORDS: Final = frozenset(
    ["'s", "so", "something", "anything", "any", "some",
      "needed", "necessary", "required", "new", "there", "gets", "get", "getting", "one",
     "found", "comes", "come", "goes", "go", "out", "back", "looks", "look", "seems", "turns", "still", "only", "such",
     "clean", "empty", "all", "that", "case", "yes", "same", "differently", "turned", "finds", "find", "shows", "show"]
)  # fmt: skip
_KNOWN: Final = (
    "be", "did", "they", "it", "det", "trouble", "well", "change", "negative", "work", "result", "soft", "prep",
    "check.n", "modal", "stack", "stack.n", "everything", "deleted", "down", "i", "you", "run", "and", "state", "noise",
    "known", "competitor", "aspect", "page", "fix", "repair", "then", "would-change", "safe", "yes", "health", "output",
    "set", "update", "ask", "show", "deploy", "rollback", "sweep", "no", "useful", "sweep.n", "deploy.n", "tamper",
)  # fmt: skip
"""Concepts that a condition may consist of. Another word names something that nothing here looks at."""
_COMPARING: Final = (
    ("<", pattern("below|under|<|beneath")), (">", pattern("above|over|>|beyond|exceeds")),
    (">=", pattern("at least|most")), ("<", pattern("less|fewer|smaller|lower than")),
    (">", pattern("more|greater|bigger|higher|larger than")), ("!=", pattern("not|isnt already|equal|set? to?")),
    ("=", pattern("@be already|still|set|exactly|equal|equals? to?")),
)  # fmt: skip
_OPPOSITE: Final = {
    "= true": "= false", "= false": "= true", "> 0": "= 0", "= 0": "> 0", "!= []": "= []", "= []": "!= []",
}  # fmt: skip


@dataclass(frozen=True)
class _Polarity:
    """The good and the bad words of a condition and whether an odd number of negations turns them."""

    good: bool
    bad: bool
    turned: bool

    @property
    def favourable(self) -> bool:
        """Whether the condition holds when things are as they should be. Without a word: `if so`."""
        return (not self.bad) != self.turned

    @property
    def exists(self) -> bool:
        """Whether the condition holds when something is there: drift, a change, a loss."""
        return (not self.good) != self.turned


def found_by(clause: Clause, before: Sequence[str]) -> Finding | None:
    """What a condition says, or None when nothing that Sophia can look at tells.

    `before` are the tools of the steps so far, the last one last.
    """
    tokens = [token for token in clause.tokens if token.kind != "mark"]
    while tokens and tokens[-1].text in ("and", "but", "or", "then"):
        tokens.pop()
    if clause.part is Part.UNTIL:
        return None
    finding = _compared(tokens, before) or _about(tokens, before)
    if finding is None or clause.part is Part.IF:
        return finding
    return Finding(finding.tool, negated(finding.comparison))


def says_how_it_is(tokens: Sequence[Token]) -> bool:
    """Whether the words so far can be a whole condition: `clean`, `there is drift on dev`; not `users`."""
    words = _GOOD | _BAD | _NEED | {"so", "not", "none", "any"}
    return any(token.text in words or token.has(*_SAYING) for token in tokens)


_SAYING: Final = (
    "be",
    "did",
    "modal",
    ":third",
    ":past",
    "health",
    "drift",
    "trouble",
    "well",
    "down",
    "change",
    "yes",
)
_NEED: Final = frozenset({"needed", "necessary", "required", "need", "needs", "warranted", "called for"})
_LAST: Final = frozenset({"any", "there", "so", "that", "then", "out", "off", "up", "down", "through", "over", "none"})


def ends_condition(token: Token) -> bool:
    """Whether a word that usually leads on to another may end a condition: `if all is good …`, `if it checks out …`."""
    return token.text in _GOOD | _BAD | _NEED | _LAST or token.text in ("new", "different")


def needed_for(tool: str, clause: Clause) -> Finding | None:
    """`repair it if needed`, `deploy it if necessary`: whether there is anything to do, where a look tells."""
    words = [token for token in clause.tokens if token.kind != "mark"]
    if clause.part is not Part.IF or not any(token.text in _NEED for token in words):
        return None
    if not all(token.text in _NEED or token.has("it", "they", "be", "did", "soft", "stack") for token in words):
        return None
    return _WHERE_NEEDED.get(tool)


def spared_by(tool: str, clause: Clause) -> Finding | None:
    """`deploy it as long as nothing gets deleted`: what a preview tells."""
    tokens = [token for token in clause.tokens if token.kind != "mark"]
    losing = any(token.text in _LOSSES for token in tokens) and not any(_strange(token) for token in tokens)
    return _preview(tokens, _polarity(tokens)) if tool == "stack_up" and losing and clause.part is Part.IF else None


_WHERE_NEEDED: Final = {
    "stack_repair": Finding("stack_drift", "{}.drifted = true"),
    "stack_up": Finding("stack_preview", "{}.changes > 0"),
}


_PROFORMS: Final = frozenset(
    ["so", "not", "yes", "no", "if not", "otherwise", "case", "the", "then", "and", "but", "that"]
)
_OUTCOMES: Final = frozenset(
    ["fails", "fail", "failed", "failing", "succeeds", "succeed", "succeeded", "works", "work", "worked", "breaks",
     "broke", "crashes", "crashed", "error", "errors", "goes wrong", "went wrong", "passes", "goes well",
     "wrong", "sideways", "that", "successful", "unsuccessful", "complete", "through"]
)  # fmt: skip


def elliptical(clause: Clause) -> bool:
    """`if it isn't`, `if so`, `if not`: only says whether the condition before it holds."""
    words = [token for token in clause.tokens if token.kind != "mark"]
    return bool(words) and all(
        token.text in _PROFORMS or token.has("it", "they", "be", "did", "soft") for token in words
    )


def turned(clause: Clause) -> bool:
    """Whether a condition says that something is not so."""
    return (sum(token.text in _NEGATIONS for token in clause.tokens) % 2 == 1) != (clause.part is Part.UNLESS)


def tells_outcome(clause: Clause) -> bool:
    """`if that fails`: how a step ended, and not how things were before it."""
    return any(token.text in _OUTCOMES or token.has("deploy.n", "rollback.n", "repair.n") for token in clause.tokens)


def otherwise(before: Sequence[str]) -> Finding | None:
    """`if not, …` without a condition before it: the step before found something that isn't as it should be."""
    turned = _Polarity(good=False, bad=False, turned=True)
    if not before:
        return None
    return _SUBJECTS[before[-1]]((), turned) if before[-1] in _SUBJECTS else _ended(before[-1], turned)


def negated(comparison: str) -> str:
    """The opposite of a comparison."""
    for written, other in _OPPOSITE.items():
        if comparison.endswith(" " + written) and " or " not in comparison:
            return comparison.removesuffix(written) + other
    return f"not ({comparison})"


def _polarity(tokens: Sequence[Token]) -> _Polarity:
    texts = [token.text for token in tokens]
    turned = sum(text in _NEGATIONS for text in texts) % 2 == 1
    return _Polarity(any(text in _GOOD for text in texts), any(text in _BAD for text in texts), turned)


def _about(tokens: Sequence[Token], before: Sequence[str]) -> Finding | None:
    """The subject that a condition names, or else the one that the step before looked at."""
    polarity = _polarity(tokens)
    subject = _subject(tokens, before)
    if _several(tokens):
        return None
    if subject is not None:
        return _SUBJECTS[subject](tokens, polarity)
    if any(_strange(token) for token in tokens):
        return None
    if not before:
        return _of_a_stack(tokens, polarity)
    last = before[-1]
    if last in _SUBJECTS:
        return _SUBJECTS[last](tokens, polarity)
    said = polarity.good or polarity.bad or any(token.text in ("so", "not", "yes") for token in tokens)
    return _ended(last, polarity) if said else None


def _several(tokens: Sequence[Token]) -> bool:
    """`it has drifted and is healthy`, `dev and prod are up`: more than one thing would have to be compared."""
    joined = any(token.has("and", "or", "but") for token in tokens[1:-1])
    subjects = sum(any(token.has(*tags) for token in tokens) for tags in _NAMED.values())
    stacks = {str(token.value) for token in tokens if token.has("stack") and token.has("name")}
    return joined and (subjects > 1 or len(stacks) > 1)


def _of_a_stack(tokens: Sequence[Token], polarity: _Polarity) -> Finding | None:
    """`once dev is up`, `if it is clean`: said of a stack, it is its health, or its drift."""
    if not any((token.has("stack") and token.has("name")) or token.text == "it" for token in tokens):
        return None
    if any(token.text in ("clean", "tidy", "unchanged") for token in tokens):
        return _drift(tokens, polarity)
    return _health(tokens, polarity) if polarity.good or polarity.bad else None


def _subject(tokens: Sequence[Token], before: Sequence[str]) -> str | None:
    """The tool whose subject a condition names."""
    losing = any(token.text in _LOSSES for token in tokens)
    for tool, tags in _NAMED.items():
        if any(token.has(*tags) for token in tokens) and not (losing and tool == "stack_drift"):
            return tool
    if losing and "stack_preview" in before:
        return "stack_preview"
    return None


def _strange(token: Token) -> bool:
    """Whether a word names something that no earlier step looked at: `if Bob agrees`."""
    return not token.has(*_KNOWN) and token.text not in _GOOD | _BAD | _SMALL_WORDS


def _drift(tokens: Sequence[Token], polarity: _Polarity) -> Finding:
    in_step = any(token.text in _IN_STEP or token.has("aligned") for token in tokens)
    drifted = _Polarity(polarity.good or in_step, polarity.bad, polarity.turned).exists
    return Finding("stack_drift", f"{{}}.drifted = {str(drifted).lower()}")


def _health(tokens: Sequence[Token], polarity: _Polarity) -> Finding:
    return Finding("stack_health", f"{{}}.healthy = {str(polarity.favourable).lower()}")


def _audit(tokens: Sequence[Token], polarity: _Polarity) -> Finding:
    return Finding("audit_verify", f"{{}}.ok = {str(polarity.favourable).lower()}")


def _preview(tokens: Sequence[Token], polarity: _Polarity) -> Finding:
    """`clean` is without changes; `fine` and `nothing is lost` are without loss of data."""
    texts = {token.text for token in tokens}
    if texts & {"clean", "empty", "unchanged"}:
        return Finding("stack_preview", f"{{}}.clean = {str(not polarity.turned).lower()}")
    if texts & _LOSSES:
        return Finding("stack_preview", f"{{}}.data_lost {'=' if polarity.turned else '!='} []")
    if polarity.good or polarity.bad:
        return Finding("stack_preview", f"{{}}.data_lost {'=' if polarity.favourable else '!='} []")
    return Finding("stack_preview", f"{{}}.changes {'> 0' if polarity.exists else '= 0'}")


def _changes(tool: str) -> Callable[[Sequence[Token], _Polarity], Finding | None]:
    def find(tokens: Sequence[Token], polarity: _Polarity) -> Finding | None:
        if polarity.bad or any(token.text in _GOOD for token in tokens):
            return _ended(tool, polarity)
        return Finding(tool, f"{{}}.changes {'= 0' if polarity.turned else '> 0'}")

    return find


def _ended(tool: str, polarity: _Polarity) -> Finding:
    """`if it fails`: how the step before ended. A deploy that leaves its stack unhealthy has failed too."""
    if tool in ("stack_up", "stack_rollback", "stack_repair"):
        good, bad = "{}.healthy = true", "{0} failed or {0}.healthy = false"
        return Finding(tool, good if polarity.favourable else bad)
    return Finding(tool, "{} succeeded" if polarity.favourable else "{} failed")


_NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "stack_drift": ("drift", "aligned"),
    "stack_health": ("health",),
    "audit_verify": ("audit", "tamper"),
    "stack_preview": ("preview.n", "preview", "would-change"),
}
"""The concepts that name a tool's subject outright."""
_SUBJECTS: Final[Mapping[str, Callable[[Sequence[Token], _Polarity], Finding | None]]] = {
    "stack_drift": _drift,
    "stack_health": _health,
    "audit_verify": _audit,
    "stack_preview": _preview,
    "competitor_sweep": _changes("competitor_sweep"),
    "competitor_changes": _changes("competitor_changes"),
    "competitor_diff": _changes("competitor_diff"),
}


def _compared(tokens: Sequence[Token], before: Sequence[str]) -> Finding | None:
    """`below 3`, `is debug`: what a configuration value is compared with."""
    if "stack_config_get" not in before:
        return None
    for at, token in enumerate(tokens):
        if not _is_value(tokens, at):
            continue
        turned = any(word.text in _NEGATIONS for word in tokens[:at])
        signs = (sign for sign, row in _COMPARING if row.search(tokens[:at]))
        sign = next(signs, "=" if any(word.has("be") for word in tokens[:at]) else None)
        if sign:
            return Finding("stack_config_get", _comparison(sign, token.raw, turned))
    return None


def _is_value(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    if token.kind in ("number", "id"):
        return True
    last = token.kind == "word" and at == len(tokens) - 1 and at > 1
    return last and not token.has("soft", "prep", "health", "trouble", "well")


def _comparison(sign: str, value: str, turned: bool) -> str:
    if turned and sign in ("=", "!="):
        sign, turned = "!=", False
    plain = value.replace(".", "", 1).isdigit() or value.isalnum()
    literal = value if plain else f'"{value}"'
    written = f"{{}}.value {sign} {literal}"
    return f"not ({written})" if turned else written
