"""Secrets that somebody wrote into the file: by the name of the key, and by how the value looks.

No secret that is found is ever repeated in what this module returns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from agent.settings.positions import Path

__all__ = ["kind_of_secret", "leaks", "names_a_secret"]

_NAME = re.compile(
    r"(?:^|[_\-.])"
    r"(?:(?:api|access|private|secret|signing|service|account|encryption)_?key|key_?secret|secret|pass(?:word|wd|phrase)"
    r"|pwd|token|credentials?|bearer|authorization|connection_?string|dsn|webhook(?:_?url)?)s?"
    r"(?:$|[_\-.](?!(?:env|provider|sha256|per_.*)$))",
    re.IGNORECASE,
)
_SHAPES: tuple[tuple[str, str], ...] = (
    ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    ("an OpenAI or Anthropic API key", r"\bsk-[A-Za-z0-9_\-]{16,}"),
    ("a Slack token", r"\bxox[a-z]-[A-Za-z0-9\-]{8,}|\bxapp-[0-9]-[A-Za-z0-9\-]{8,}"),
    ("a Slack webhook", r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/]{8,}"),
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
    ("an authorization header", r"\b(?:[Bb]earer|[Bb]asic) +[A-Za-z0-9._~+/\-]{16,}=*"),
    ("an address with a password", r"\b[a-zA-Z][a-zA-Z0-9+.\-]*://[^\s/?#:@\"']*:[^\s/?#@\"']+@"),
    (
        "a connection string with a password",
        r"(?i:\b(?:password|passwd|pwd|sharedaccesskey|accountkey)=[^\s;&\"']{3,})",
    ),
    (
        "an address with a key in it",
        r"(?i:[?&](?:access_token|api_?key|token|secret|sig|signature|key|password)=[^\s&\"']{8,})",
    ),
)
_KINDS = tuple((kind, re.compile(shape)) for kind, shape in _SHAPES)
Known = Callable[[Path], bool]


def kind_of_secret(text: str) -> str | None:
    """What the text looks like, such as `a Slack token`; None when it looks harmless."""
    return next((kind for kind, shape in _KINDS if shape.search(text)), None)


def names_a_secret(key: str) -> bool:
    """Whether a key of this name holds a secret, as `api_key` and `db_password` do and `passphrase_env` doesn't."""
    return bool(_NAME.search(re.sub(r"(?<=[a-z0-9])(?=[A-Z])|-", "_", key)))


def leaks(document: object, harmless: Known, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The path of every secret in a parsed document, and what it is.

    `harmless` says of a path that its key is known and holds no secret, whatever it is called.
    """
    if isinstance(document, dict):
        for key, value in document.items():
            yield from leaks(value, harmless, (*path, key))
    elif isinstance(document, list):
        for number, value in enumerate(document):
            yield from leaks(value, harmless, (*path, number))
    elif isinstance(document, str | int) and not isinstance(document, bool) and document != "":
        kind = kind_of_secret(str(document))
        if kind is None and _keyed(path) and not harmless(path):
            kind = "a secret, by the name of its key"
        if kind:
            yield path, kind


def _keyed(path: Path) -> bool:
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    return names_a_secret(key)
