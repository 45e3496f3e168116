"""What is refused whatever else a request says, and what isn't there yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from agent.planning.offline.patterns import Pattern, Table
from agent.planning.offline.questions import DOING
from agent.planning.offline.readings import EFFECTS, TO_COME
from agent.planning.offline.tables import rows as table_rows
from agent.planning.offline.tokens import Token
from tools.declaration import Tool

__all__ = ["absent", "forbidden", "not_there_yet"]

_FORBIDDEN: Final = Table.read(
    """
secret: @ask|@show|@notify|@get|@generate|@run|@recall|@add|@verify|@preview|repeat|recite|quote|write|spell|type|
    give|share|reveal|leak|expose|disclose|dump|export|copy|paste|email|hand|tell|read|cat|echo|steal|exfiltrate|
    extract|decrypt|what|which|where|need|want ... @secret
secret: guess|guessed|guessing|crack|cracked|brute-force|bruteforce|stolen|leaked|phished a|the|their|his|her? @secret
secret: @secret ... @notify|@show|in|into|to @channel
audit: @pause|@remove|@destroy|disable|remove|delete|erase|wipe|purge|clear|truncate|edit|alter|modify|falsify|forge|
    tamper|rewrite|overwrite|suspend|pause|stop|kill|drop|hide|bypass|skip|omit|redact|scrub|cleanse|corrupt|switch|
    turn|silence|mute|destroy|shorten|backdate|change|doctor|cook|remove|exclude|nuke|trim|prune|disconnect|suppress|
    halt|deactivate|fake|unset|get ... @audit
audit: do|does|did|should|must|can|please|just not ever? log|record|audit|journal ...
    @audit|this|that|it|anything|any|me|what|my|commands|actions
audit: do|does|did|should|must|can|please|just not ever? write|track|report|note|put ... @audit
audit: @audit ... off|disabled|deactivated|deleted|gone|silent
audit: without|no|avoid|skip|minus|sans @soft* any|the|being|leaving|a?
    log|logs|logging|audit|auditing|record|recording|logged|recorded|audited|trace|traces|trail|tracks|@audit
audit: off the record|books
audit: leave|leaving no trace|traces|record|log|tracks|trail
audit: not|never put|add|leave|make|store|keep|be|is|in|into|to|appear|show|land|end|go|it|this|that|up|on ... @audit
audit: keep|leave ... out|off of|the ... @audit
audit: cover ... tracks
bypass: @approve @soft* everything|all|anything|any|every|it|that|this|them|my|the|for|on|without|automatically|from|
    yourself|your|now|a|our|those|each
bypass: i|we|hereby|you|please|just|go|and|can|could|to approve|approved|authorize|authorise|greenlight|rubber-stamp
bypass: approve|approved|authorise|authorize $
bypass: approve|authorise|authorize|greenlight @soft* @id|@number|@unknown|@config-key
bypass: bypass|skip|circumvent|ignore|override|disable|remove|avoid|evade|forget|sidestep|dodge|suppress|waive|
    overrule|disregard|defeat|kill|drop|cancel|turn|switch ...
    @approval|approver|approvers|guard|guards|gate|gates|guardrail|guardrails|rules|rule|policy|policies|safety|
    safeguards|checks|restrictions|permissions|instructions|gating|review|reviews|limits|constraints|protections|
    protection|sign-offs
bypass: @pause:base|@free:base @soft|@det|all|for|the|of* @approval|approver|approvers|guard|guards|gate|gates|
    guardrail|guardrails|safeguards|safety|protections|protection
bypass: without ... @approval|approver|approvers|asking|confirmation|confirming|review|checks|authorization|preview|
    sign-off|permission|waiting|approving|guard|safety|gate
bypass: no need|more|further for|to? @soft* @approval|approve|asking|ask|confirmation|confirm|review
bypass: no @approval|confirmation|questions|confirmations|asking needed|required|necessary|asked|please|this|,|and?
bypass: do not @soft* ask|wait|bother for|to|with|on @soft* @approval|approver|anyone|anybody|permission|confirmation|
    sign-off|ask|asking|approve|approving|confirm
bypass: do not @soft* ask me|us|anyone|anybody|@approval|permission|people|again
bypass: do not @soft* require|need|request|seek|get ... @approval|approver|permission|confirmation
bypass: @unasked
bypass: auto-approve|autoapprove|self-approve|pre-approve|auto-approval|preapprove
bypass: grant|give|make|promote|elevate|assign|add|grants yourself|me|myself|him|her|everyone|everybody|us|all ...
    admin|administrator|root|rights|permission|permissions|approver|approvers|operator|access|privileges|sudo|
    superuser|power|powers|role|standing|grant|approval
bypass: pretend|act|behave|imagine|assume|say|claim|consider|treat|mark|record|count ...
    @approval|approved|approve|signed-off|authorised|authorized
bypass: approve|approving ... on my|his|her|their|our behalf
bypass: disable|turn|switch|remove|lift|unset|deactivate ... @approval|guard|guardrail|guardrails|safety|safeguards|
    protections|protection|gates|gate
injection: ignore|disregard|forget|override|bypass ... previous|prior|above|earlier|all|your|any|these|those|system
    ... instructions|instruction|rules|prompt|prompts|guidelines|directions|commands|orders|policies
injection: you are now|no longer ...
injection: developer|debug|god|admin|jailbreak|dan|sudo|maintenance|unrestricted mode|prompt
injection: jailbreak|jailbroken
injection: system|assistant|developer|admin|root :
injection: you have|got root|admin|sudo|unlimited|full
injection: new instructions|rules|orders :?
injection: system prompt|override
injection: reveal|print|show|repeat|output|tell|leak|dump|give|display|what ... your|the|its
    hidden|system|initial|original|internal|secret|own|full? prompt|prompts|instructions
injection: act|pretend|behave as|like|to ... dan|unrestricted|root|admin|administrator|someone|rules|jailbroken
"""
)
_ANSWERS: Final = {
    "secret": "I don't show, send or move secrets: they stay where they are kept. "
    "I can show what a stack's outputs and configuration are called, without secret values.",
    "audit": "The audit log records every request, plan and effect. Nobody can switch it off, edit it "
    "or leave something out of it, and that includes me. `verify the audit log` checks it, `show the "
    "audit log` reads it.",
    "bypass": "I can't do that: an approval is given by a person with the role, for one exact action, with "
    "`sophia approvals approve ID` (or the card's button), never by something typed to me. `sophia approvals` lists "
    "what is waiting.",
    "injection": "I keep to my rules, whatever a text says about them. "
    "Tell me what you need and I'll do what I'm allowed to.",
}
_REFUSING: Final = frozenset({"never", "nobody", "none", "not", "no one", "no-one"})


def _kept(tokens: Sequence[Token], start: int) -> bool:
    """`never deploy without asking me`, `no one may … without my consent`: that wants the rules kept."""
    if tokens[start].text != "without" and not tokens[start].has("unasked"):
        return False
    before = [token.text for token in tokens[:start]]
    refused = any(text in _REFUSING for text in before) or ("no" in before and "one" in before)
    return refused and not any(text in (",", ";", ".") for text in before)


def _explained(tokens: Sequence[Token], start: int, end: int) -> bool:
    """`cancel it because the review is over`: the reason is no object."""
    return any(token.text == "because" for token in tokens[start:end])


def forbidden(tokens: Sequence[Token], carved: Sequence[Token]) -> str | None:
    """Why a request is refused on principle, or None.

    What is only to be said in a channel (carved out) may talk about rules; it may not carry a secret.
    """
    found = _FORBIDDEN.search(carved)
    if found is None:
        found = _FORBIDDEN.search(tokens)
        return _ANSWERS["secret"] if found and found[0] == "secret" else None
    tokens = carved
    meaning, start, end = found
    if meaning == "audit" and (not _about_the_log(tokens[start:end]) or _about_its_check(tokens, end)):
        return None
    if meaning == "bypass" and (_asks_about(tokens, start) or _kept(tokens, start) or _explained(tokens, start, end)):
        return None
    return _ANSWERS[meaning]


def _about_the_log(span: Sequence[Token]) -> bool:
    """`stop …` and `change …` only when the log itself is stopped or changed."""
    marks = [at for at, token in enumerate(span) if token.kind == "mark" or token.text in ("and", "then")]
    return not marks


def _about_its_check(tokens: Sequence[Token], end: int) -> bool:
    """`pause the audit verification until Monday`: the schedule that looks at the log, and not the log."""
    return end < len(tokens) and tokens[end].has("check.n", "schedule.n")


def _asks_about(tokens: Sequence[Token], start: int) -> bool:
    """`who can approve it?`, `how do I approve …` are questions."""
    before = tokens[: start + 1]
    return any(token.has("wh") or token.text == "whether" for token in before) or (
        bool(tokens) and tokens[0].has("be", "did") and start > 0
    )


def _to_come() -> list[tuple[str, list[Pattern]]]:
    rows: list[tuple[str, list[Pattern]]] = []
    for line in table_rows(TO_COME):
        tool, _, written = line.partition(": ")
        rows.append((tool, [Pattern(one.strip()) for one in written.split(";")]))
    return rows


_COMING: Final = _to_come()
_NEAR: Final[Mapping[str, tuple[str, ...]]] = {
    "cost": ("spend",),
    "secret": ("stack_config_get", "audit_log"),
    "compliance": ("audit_log", "audit_verify"),
    "fdcpa": ("audit_log",),
    "scale": ("stack_config_set", "stack_health"),
    "modernize": ("stack_preview", "stack_drift"),
    "prospect": ("competitor_recall",),
    "enrich": ("competitor_recall",),
    "provenance": ("audit_log", "competitor_recall"),
    "dashboard": ("stack_health", "spend"),
    "revenue": ("spend",),
    "readiness": ("stack_health", "stack_drift", "stack_preview"),
    "docs": ("help",),
    "parallel": ("stack_preview",),
}


def not_there_yet(tokens: Sequence[Token], catalogue: Mapping[str, Tool]) -> str | None:
    """What is asked for and isn't there yet, with what is near it; None when nothing of the kind is asked."""
    if any(token.has("competitor") for token in tokens):
        return None
    for tool, patterns in _COMING:
        if tool == "scale" and any(token.text == "scale" and token.has("set:base") for token in tokens):
            continue
        if tool not in catalogue and any(pattern.search(tokens) for pattern in patterns):
            return absent(tool, catalogue)
    return None


def absent(tool: str, catalogue: Mapping[str, Tool]) -> str:
    """That a tool isn't there, and which ones are near."""
    near = [name for name in _NEAR.get(tool.partition("_")[0], ()) if name in catalogue]
    near = near or [name for name in catalogue if name.partition("_")[0] == tool.partition("_")[0]][:3]
    what = DOING.get(tool, tool.replace("_", " "))
    known = "; ".join(f"{name}: {catalogue[name].summary.rstrip('.').lower()}" for name in near)
    return f"I can't do that yet ({what} isn't there)." + (f" Near it: {known}." if known else "")


KNOWN: Final = frozenset(EFFECTS)
