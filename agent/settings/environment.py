"""The only door to the environment of this process."""

from __future__ import annotations

import hashlib
import os
import pwd
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

from agent.people import Identity, Provider
from infra.secret_shapes import kind_of_secret, names_a_secret

if TYPE_CHECKING:
    from agent.settings.positions import Path

__all__ = [
    "BETWEEN",
    "FOR_LOADING",
    "PREFIX",
    "SHORT_NAMES",
    "job_summary_file",
    "own_environment",
    "process_environment",
    "settings_from",
    "system_user",
    "terminal_identity",
]

PREFIX = "SOPHIA_"
BETWEEN = "__"
FOR_LOADING = ("SOPHIA_CONFIG", "SOPHIA_HOME", "SOPHIA_TOKEN")
SHORT_NAMES: Mapping[str, Path] = {
    "OPENAI_API_KEY": ("model", "api_key"),
    "OPENAI_BASE_URL": ("model", "base_url"),
    "SLACK_BOT_TOKEN": ("slack", "bot_token"),
    "SLACK_APP_TOKEN": ("slack", "app_token"),
    "SLACK_SIGNING_SECRET": ("slack", "signing_secret"),
    "SOPHIA_MODEL": ("model", "name"),
    "SOPHIA_MODEL_API_KEY": ("model", "api_key"),
    "SOPHIA_MODEL_BASE_URL": ("model", "base_url"),
    "SOPHIA_API_KEY": ("model", "api_key"),
    "SOPHIA_BASE_URL": ("model", "base_url"),
    "SOPHIA_EMBEDDER": ("embedder", "model"),
    "SOPHIA_EMBEDDER_API_KEY": ("embedder", "api_key"),
    "SOPHIA_EMBEDDER_BASE_URL": ("embedder", "base_url"),
    "SOPHIA_DATABASE_URL": ("storage", "database_url"),
    "SOPHIA_CHROMA_URL": ("storage", "chroma_url"),
    "SOPHIA_SLACK_BOT_TOKEN": ("slack", "bot_token"),
    "SOPHIA_SLACK_APP_TOKEN": ("slack", "app_token"),
    "SOPHIA_SLACK_SIGNING_SECRET": ("slack", "signing_secret"),
    "SOPHIA_BROWSER": ("network", "browser"),
    "SOPHIA_ZONE": ("business", "zone"),
}
"""Variables with a name of their own; of two that mean the same, the later in this list counts."""
_SECRET = frozenset(
    name
    for name, path in SHORT_NAMES.items()
    if path[-1] in ("api_key", "bot_token", "app_token", "signing_secret", "database_url")
)


def own_environment() -> dict[str, str]:
    """Everything in the environment: only for a child that is Sophia herself, or an engine that she hands secrets."""
    return dict(os.environ)


def process_environment(more_secrets: Iterable[str] = ()) -> dict[str, str]:
    """The environment for a foreign child: without Sophia's, OpenAI's and Slack's secrets, and without `more_secrets`.

    `more_secrets` are names of variables, such as those of the stacks' passphrases.
    """
    withheld = frozenset(more_secrets)
    return {name: value for name, value in os.environ.items() if name not in withheld and not _is_secret(name, value)}


def _is_secret(name: str, value: str) -> bool:
    if name in _SECRET or name == "SOPHIA_TOKEN":
        return True
    if not name.startswith((PREFIX, "OPENAI_", "SLACK_")):
        return False
    return names_a_secret(name) or kind_of_secret(value) is not None


def job_summary_file(environ: Mapping[str, str] | None = None) -> File | None:
    """The file that a GitHub Actions job shows as its summary; None outside of one."""
    name = (os.environ if environ is None else environ).get("GITHUB_STEP_SUMMARY", "")
    return File(name) if name else None


def system_user() -> str:
    """The operating-system user that this process belongs to, by its number and not by what $USER says."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid-{number}"


def terminal_identity(environ: Mapping[str, str] | None = None) -> Identity:
    """Who is at the terminal: the holder of SOPHIA_TOKEN where that is set, otherwise the operating-system user."""
    token = (os.environ if environ is None else environ).get("SOPHIA_TOKEN", "").strip()
    if token:
        return Identity(provider=Provider.TOKEN, user=hashlib.sha256(token.encode()).hexdigest())
    return Identity(provider=Provider.SYSTEM, user=system_user())


def settings_from(environ: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every variable that sets something, with the part of a configuration that it stands for.

    The part is empty for a variable of ours that sets nothing. pydantic-settings reads them; it is loaded only when
    there is something to read.
    """
    set_here = [(name, canonical) for name, canonical in _canonical(environ) if environ[name].strip()]
    if not set_here:
        return
    from agent.settings.variables import part_of_settings

    for name, canonical in set_here:
        yield name, part_of_settings(canonical, environ[name])


def _canonical(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, path in SHORT_NAMES.items():
        if name in environ:
            yield name, PREFIX + BETWEEN.join(str(part) for part in path)
    for name in environ:
        if name.startswith(PREFIX) and name not in SHORT_NAMES and name not in FOR_LOADING:
            yield name, name
