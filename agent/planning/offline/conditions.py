"""Conditions in plain words, as conditions of the closed grammar over what earlier steps find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.planning.offline.clauses import Clause, Part
from agent.planning.offline.patterns import pattern
from agent.planning.offline.tokens import Token

__all__ = ["Finding", "found_by", "negated"]


@dataclass(frozen=True)
class Finding:
    """What a condition is about: the tool that finds it out, and the comparison with `{}` for its step.

    Without a tool it is about how the step before ended.
    """

    tools: tuple[str, ...]
    comparison: str
    """`{}.drifted = true`."""


_NEGATIVE: Final = frozenset({"not", "no", "nothing", "none", "never", "without", "cannot", "neither", "hardly"})
_IN_STEP: Final = frozenset({"in sync", "in line", "in step", "match", "matches", "up-to-date", "up to date"})
_DOWN: Final = frozenset(
    {"unhealthy", "down", "dead", "unreachable", "unresponsive", "unavailable", "offline", "outage"}
)
_MORE: Final = ("more than", "greater than", "bigger than", "higher than")
_LESS: Final = ("less than", "fewer than", "smaller than", "lower than")
_SUCCESS: Final = frozenset(
    [
        "succeeds",
        "succeeded",
        "success",
        "successful",
        "successfully",
        "works",
        "worked",
        "passes",
        "passed",
        "pass",
        "through",
        "done",
        "finished",
        "finishes",
        "completes",
        "completed",
        "well",
        "ok",
        "okay",
        "fine",
        "good",
        "green",
        "clean",
        "goes",
        "went",
    ]
)
_FAILURE: Final = frozenset(
    [
        "fails",
        "fail",
        "failed",
        "failing",
        "failure",
        "errors",
        "error",
        "breaks",
        "broke",
        "broken",
        "wrong",
        "unsuccessful",
        "crashes",
        "crashed",
        "bad",
        "red",
        "goes",
        "sideways",
        "unhappy",
        "unsuccessfully",
        "bombs",
        "explodes",
        "trouble",
        "problem",
        "problems",
        "issue",
        "issues",
    ]
)
_COMPARING: Final = (
    ("<", pattern("below|under|<|beneath")), (">", pattern("above|over|>|beyond|exceeds")),
    (">=", pattern("at least|most")), ("<", pattern("less|fewer|smaller|lower than")),
    (">", pattern("more|greater|bigger|higher|larger than")), ("!=", pattern("not|isnt already|equal|set? to?")),
    ("=", pattern("@be already|still|set|exactly|equal|equals? to?")),
)  # fmt: skip


def found_by(clause: Clause, before: Sequence[str]) -> Finding | None:
    """What a condition says, or None when nothing that Sophia can look at tells.

    `before` are the tools of the steps so far, the last one last.
    """
    tokens = [token for token in clause.tokens if token.kind != "mark"]
    finding = _finding(tokens, before)
    if finding is None:
        return None
    return Finding(finding.tools, negated(finding.comparison)) if clause.part is Part.UNLESS else finding


def negated(comparison: str) -> str:
    """The opposite of a comparison."""
    opposite = {"= true": "= false", "= false": "= true", "> 0": "= 0", "= 0": "> 0"}
    for written, other in opposite.items():
        if comparison.endswith(written) and " or " not in comparison:
            return comparison.removesuffix(written) + other
    return f"not ({comparison})"


def _finding(tokens: Sequence[Token], before: Sequence[str]) -> Finding | None:
    negative = sum(token.text in _NEGATIVE for token in tokens) % 2 == 1
    words = {part for token in tokens for part in token.text.split()}
    compared = _compared(tokens, before)
    if compared:
        return compared
    if words & {
        "deleted",
        "destroyed",
        "removed",
        "deletes",
        "destroys",
        "lost",
        "loses",
        "deletion",
        "deletions",
        "data",
        "replaced",
        "torn",
    } and _looked("stack_preview", before):
        return Finding(("stack_preview",), "{}.data_lost = []" if negative else "{}.data_lost != []")
    topic = _topic(tokens, before, negative)
    if topic:
        return topic
    if _strange(tokens):
        return None
    return _pointing(tokens, words, before, negative)


def _looked(tool: str, before: Sequence[str]) -> bool:
    return tool in before


def _truth(tools: tuple[str, ...], field: str, *, holds: bool) -> Finding:
    return Finding(tools, f"{{}}.{field} = {'true' if holds else 'false'}")


def _topic(tokens: Sequence[Token], before: Sequence[str], negative: bool) -> Finding | None:
    """A condition that names what it is about."""
    for token in tokens:
        if token.has("drift", "aligned"):
            return _truth(
                ("stack_drift",), "drifted", holds=(token.text in _IN_STEP or token.has("aligned")) == negative
            )
    texts = {token.text for token in tokens}
    failing = bool(texts & _FAILURE)
    if any(token.has("health") or token.text in _DOWN for token in tokens):
        bad = bool(texts & _DOWN) or failing
        return _truth(("stack_health",), "healthy", holds=bad == negative)
    if any(token.has("audit", "tamper") for token in tokens):
        intact = bool(
            texts
            & {
                "intact",
                "untampered",
                "ok",
                "okay",
                "fine",
                "valid",
                "consistent",
                "sound",
                "complete",
                "unbroken",
                "holds up",
                "hold up",
            }
        )
        bad = failing or bool(texts & {"tampered", "broken", "invalid", "tamper", "forged"})
        return _truth(("audit_verify",), "ok", holds=(intact or not bad) != negative)
    if any(token.has("preview.n", "preview", "would-change") for token in tokens):
        clean = bool(texts & {"clean", "empty", "fine", "good", "ok", "okay"})
        return Finding(
            ("stack_preview",),
            "{}.changes = 0" if (clean or negative) and not (clean and negative) else "{}.changes > 0",
        )
    if any(token.has("diagnose", "repair.n", "deploy.n", "rollback.n") for token in tokens):
        return _ended(texts, before, negative)
    return None


def _compared(tokens: Sequence[Token], before: Sequence[str]) -> Finding | None:
    """`below 3`, `is debug`: what a configuration value is compared with."""
    if not _looked("stack_config_get", before):
        return None
    for at, token in enumerate(tokens):
        value = (
            token.raw
            if token.kind in ("number", "id")
            or (
                token.kind == "word"
                and at == len(tokens) - 1
                and at > 1
                and not token.has("soft", "prep", "health", "trouble", "well")
            )
            else None
        )
        if value is None:
            continue
        negative = any(word.text in _NEGATIVE for word in tokens[:at])
        for sign, row in _COMPARING:
            if row.search(tokens[:at]):
                return Finding(("stack_config_get",), _comparison(sign, value, negative))
        if any(word.has("be") for word in tokens[:at]):
            return Finding(("stack_config_get",), _comparison("=", value, negative))
    return None


def _comparison(sign: str, value: str, negative: bool) -> str:
    if negative and sign in ("=", "!="):
        sign = "!="
        negative = False
    literal = value if value.replace(".", "", 1).isdigit() or value.isalnum() else f'"{value}"'
    written = f"{{}}.value {sign} {literal}"
    return f"not ({written})" if negative else written


def _strange(tokens: Sequence[Token]) -> bool:
    """Whether a condition names something that no earlier step looked at: `if Bob agrees`."""
    known = ("be", "did", "they", "it", "det", "trouble", "well", "change", "negative", "work", "result", "soft",
    "prep", "check.n",
             "modal", "stack", "stack.n", "everything", "deleted", "down", "i", "you", "run", "and", "state",
             "noise", "known",
             "competitor", "aspect", "page", "fix", "repair", "needed", "then", "would-change", "safe", "yes",
             "health", "output", "set", "update", "ask", "show", "deploy", "rollback", "sweep")  # fmt: skip
    return any(
        not token.has(*known)
        and token.text
        not in _SUCCESS
        | _FAILURE
        | {
            "'s",
            "so",
            "any",
            "some",
            "clean",
            "needed",
            "necessary",
            "required",
            "empty",
            "new",
            "there",
            "gets",
            "get",
            "getting",
            "one",
            "found",
            "comes",
            "come",
            "goes",
            "up",
            "out",
            "back",
            "looks",
            "look",
            "seems",
            "turns",
            "still",
            "only",
            "such",
        }
        for token in tokens
    )


def _pointing(tokens: Sequence[Token], words: set[str], before: Sequence[str], negative: bool) -> Finding | None:
    """`if there is any`, `if it isn't`, `if so`, `if it fails`: about the step before."""
    if not before:
        return None
    last = next((tool for tool in reversed(before) if tool != "notify"), before[-1])
    texts = {token.text for token in tokens} | words
    failed = bool(texts & (_FAILURE - {"goes"})) or "down" in texts
    done = bool(texts & _SUCCESS)
    if last == "stack_drift":
        clean = bool(texts & {"clean", "fine", "ok", "okay", "good", "well", "nothing", "none"})
        return _truth((last,), "drifted", holds=not (clean or negative))
    if last == "stack_preview":
        if texts & {"clean", "empty", "fine", "ok", "okay", "good", "safe", "well", "green", "looks"}:
            return Finding((last,), "{}.changes > 0" if negative else "{}.changes = 0")
        return Finding((last,), "{}.changes = 0" if negative else "{}.changes > 0")
    if last == "stack_health":
        return _truth((last,), "healthy", holds=not (failed or "down" in texts) if not negative else failed)
    if last == "audit_verify":
        return _truth((last,), "ok", holds=(not failed) != negative)
    if last in ("competitor_sweep", "competitor_changes", "competitor_diff") and not failed:
        return Finding((last,), "{}.changes = 0" if negative else "{}.changes > 0")
    if failed or done or texts & {"not", "so"}:
        return _ended(texts, before, negative)
    return None


def _ended(texts: set[str], before: Sequence[str], negative: bool) -> Finding | None:
    if not before:
        return None
    last = before[-1]
    failed = bool(texts & (_FAILURE - {"goes"})) or "down" in texts
    bad = failed != negative if failed or texts & _SUCCESS else negative
    if last == "stack_health":
        return _truth((last,), "healthy", holds=not bad)
    if last in ("stack_up", "stack_rollback", "stack_repair"):
        return Finding((last,), "{0} failed or {0}.healthy = false" if bad else "{}.healthy = true")
    return Finding((last,), "{} failed" if bad else "{} succeeded")
