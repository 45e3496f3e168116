"""What gives a secret away: the name of what holds it, how it looks, and how random it is.

No secret that is found is ever repeated in what this module returns.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

__all__ = ["MASK", "is_a_secret", "kind_of_secret", "names_a_secret", "shown", "without_secrets"]

MASK = "[secret]"
_WORD = (
    r"(?:^|[_\-.])"
    r"(?:(?:api|access|private|secret|signing|service|account|encryption)_?key|key_?secret|secret|pass(?:word|wd|phrase)"
    r"|pwd|token|credentials?|bearer|authorization|connection_?string|dsn|webhook(?:_?url)?)s?"
)
_NAME = re.compile(_WORD + r"(?:$|[_\-.](?!(?:env|provider|sha256|per_.*)$))", re.IGNORECASE)
_NAME_AT_ITS_END = re.compile(_WORD + "$", re.IGNORECASE)
_SHAPES: tuple[tuple[str, str], ...] = (
    ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^-]*-----END [A-Z ]*PRIVATE KEY-----)?"),
    ("an OpenAI or Anthropic API key", r"\bsk-[A-Za-z0-9_\-]{16,}"),
    ("a Slack token", r"\bxox[a-z]-[A-Za-z0-9\-]{8,}|\bxapp-[0-9]-[A-Za-z0-9\-]{8,}"),
    ("a Slack webhook", r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<s>[A-Za-z0-9/]{8,})"),
    ("a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}"),
    ("a GitLab token", r"\bglpat-[A-Za-z0-9_\-]{16,}"),
    ("an AWS access key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    ("a Google API key", r"\bAIza[A-Za-z0-9_\-]{30,}"),
    ("a Pulumi access token", r"\bpul-[a-f0-9]{32,}"),
    ("a Stripe key", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{12,}"),
    ("a SendGrid key", r"\bSG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}"),
    ("a package registry token", r"\bnpm_[A-Za-z0-9]{30,}|\bpypi-[A-Za-z0-9_\-]{40,}"),
    ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{24,}"),
    ("a signed token", r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*"),
    ("an authorization header", r"\b(?:[Bb]earer|[Bb]asic) +(?P<s>[A-Za-z0-9._~+/\-]{16,}=*)"),
    ("an address with a password", r"\b[a-zA-Z][a-zA-Z0-9+.\-]*://[^\s/?#:@\"']*:(?P<s>[^\s/?#@\"']+)@"),
    (
        "a connection string with a password",
        r"(?i:\b(?:password|passwd|pwd|sharedaccesskey|accountkey)=(?P<s>[^\s;&\"']{3,}))",
    ),
    (
        "an address with a key in it",
        r"(?i:[?&](?:access_token|api_?key|token|secret|sig|signature|key|password)=(?P<s>[^\s&\"']{8,}))",
    ),
)
_KINDS = tuple((kind, re.compile(shape)) for kind, shape in _SHAPES)
"""Where a group `s` is named, it is the secret itself, and what is around it may be shown."""
_ASSIGNED = re.compile(
    r"(?<![\w/:.$\\-])(?P<name>[A-Za-z_][\w.\-]{0,80})[\"']?(?P<sep>\s{0,3}(?:=>|=|:(?!:))\s{0,3})"
    r"(?P<value>\"[^\"\n]{4,}\"|'[^'\n]{4,}'|[^\s\"',;{}()\[\]<>]{6,})"
)
"""`name = value`, in the ways of environments, YAML, JSON and programs."""
_HARMLESS = re.compile(r"[\"']?(?:/|\./|https?://|\$|\[secret|<)|.*::")
"""A value that is a path, an address, a reference to another variable, or part of an URN."""
_TOKEN = re.compile(r"(?<![A-Za-z0-9+/_=\-])[A-Za-z0-9+/_\-]{24,}={0,2}(?![A-Za-z0-9+/_\-])")
_TURNS = 0.4
"""So many of a token's letters are followed by one of another class. Of random ones it is .6, in names made of words
below .3.
"""


def kind_of_secret(text: str) -> str | None:
    """What the text looks like, such as `a Slack token`; None when it looks harmless."""
    return next((kind for kind, shape in _KINDS if shape.search(text)), None)


def names_a_secret(key: str) -> bool:
    """Whether a key of this name holds a secret, as `api_key` and `db_password` do and `passphrase_env` doesn't."""
    return bool(_NAME.search(_in_words(key)))


def is_a_secret(key: str) -> bool:
    """Whether what is called so is a secret itself, as `dbPassword` is and `passwordLength` and `secretArn` aren't."""
    return bool(_NAME_AT_ITS_END.search(_in_words(key)))


def _in_words(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|-", "_", key)


def shown(name: str, value: Any) -> Any:
    """A value with a name, of plain data, as it may be shown: without what is a secret by its name or its looks.

    Random letters stay: among values they are mostly the identities of things.
    """
    if isinstance(value, dict):
        return {key: shown(str(key), part) for key, part in value.items()}
    if isinstance(value, list):
        return [shown(name, part) for part in value]
    if value is None or isinstance(value, bool) or value == "":
        return value
    if is_a_secret(name):
        return MASK
    return _without_shapes(value) if isinstance(value, str) else value


def without_secrets(text: str) -> str:
    """The text with everything masked that looks like a secret, that a name says is one, or that is random letters."""
    return _TOKEN.sub(_unless_words, _ASSIGNED.sub(_unless_harmless, _without_shapes(text)))


def _without_shapes(text: str) -> str:
    for _, shape in _KINDS:
        text = shape.sub(_masked, text)
    return text


def _masked(hit: re.Match[str]) -> str:
    whole = hit.group()
    secret = hit.groupdict().get("s")
    if secret is None:
        return MASK
    begin = hit.start("s") - hit.start()
    return whole[:begin] + MASK + whole[begin + len(secret) :]


def _unless_harmless(hit: re.Match[str]) -> str:
    name, value = hit["name"], hit["value"]
    if not names_a_secret(name) or _HARMLESS.match(value):
        return hit.group()
    said = hit["sep"].strip() == ":" and value[0] not in "\"'" and not any(letter.isdigit() for letter in value)
    return hit.group() if said else hit.group()[: hit.start("value") - hit.start()] + MASK


def _unless_words(hit: re.Match[str]) -> str:
    token = hit.group().rstrip("=")
    classes = [1 if letter.isupper() else 2 if letter.islower() else 3 if letter.isdigit() else 0 for letter in token]
    turns = sum(one != other for one, other in itertools.pairwise(classes)) / len(token)
    return MASK if {1, 2, 3} <= set(classes) and turns >= _TURNS else hit.group()
