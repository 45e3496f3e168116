"""A stack's configuration: typed reads and changes, secrets masked and never taken from a conversation."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from pydantic import BaseModel, ConfigDict

from infra.digests import config_digest, digest
from infra.engine.protocol import Job
from infra.engine.room import EngineRoom
from infra.errors import InfraError, PlanMoved, UnknownKey
from infra.places import Place
from infra.ports import PermitDesk, PermitLike
from infra.repository import branch_for, may_be_offered, offer, offered, uncommitted
from infra.secret_shapes import MASK, is_a_secret, shown

__all__ = ["UNSET", "ConfigChange", "ConfigKey", "Configuration"]

UNSET = "unset"
"""The value of a key that isn't set; given as a value, it removes the key."""
_TRUTH = {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}


class ConfigKey(BaseModel):
    """One key: its value as it may be shown, and what the program says of it."""

    model_config = ConfigDict(frozen=True)

    key: str
    """With its namespace: `project:name`."""
    value: Any = None
    set: bool = False
    secret: bool = False
    type: str = ""
    default: Any = None
    description: str = ""


class ConfigChange(BaseModel):
    """A change of one key, as it is approved."""

    model_config = ConfigDict(frozen=True)

    stack: str
    key: str
    previous: str
    value: str
    digest: str
    """Of the configuration file that it starts from."""
    in_git: bool = False
    branch: str = ""
    """Where the change is offered as a commit; empty when it isn't."""
    path: str = ""

    @property
    def nothing_to_do(self) -> bool:
        """It is so already."""
        return self.previous == self.value


class Configuration:
    """Reads and changes configurations."""

    def __init__(self, room: EngineRoom, permits: PermitDesk) -> None:
        self._room = room
        self._permits = permits

    def keys(self, place: Place) -> list[ConfigKey]:
        """Every key that is set or that the program declares."""
        schema = _schema(place)
        values = place.config()
        seen = {name: _shown(name, value) for name, value in values.items()}
        found = []
        for key in dict.fromkeys([*schema, *values]):
            declared = schema.get(key, {})
            found.append(
                ConfigKey(
                    key=key,
                    value=seen.get(key, declared.get("default")),
                    set=key in values,
                    secret=_secret(key, values.get(key), declared),
                    type=str(declared.get("type", "")),
                    default=declared.get("default"),
                    description=str(declared.get("description", "")),
                )
            )
        return found

    def key(self, place: Place, wanted: str) -> ConfigKey:
        """One key by its name, with or without namespace. Raises UnknownKey with the nearest."""
        every = self.keys(place)
        full = _full(place, wanted)
        for found in every:
            if _plain(found.key) == _plain(full):
                return found
        raise UnknownKey(wanted, [item.key.rpartition(":")[2] for item in every])

    def propose(self, place: Place, wanted: str, value: str) -> ConfigChange:
        """The change that setting a key would be.

        Raises InfraError for secrets, unknown keys and values that don't fit.
        """
        try:
            key = self.key(place, wanted)
        except UnknownKey:
            _no_part_of_a_key(place, _full(place, wanted))
            ours = _full(place, wanted).startswith(f"{place.project}:")
            if ours and _schema(place) and not _secret(wanted, None, {}):
                raise
            key = ConfigKey(key=_full(place, wanted), secret=_secret(wanted, None, {}))
        name = key.key.rpartition(":")[2]
        if key.secret:
            raise _requester(
                f"{name} of {place.name} is a secret, and secrets aren't taken from a conversation.",
                f"Set it where nobody reads along: `pulumi config set --secret {key.key}` in {place.work_dir}.",
            )
        text = place.config_text()
        previous = _text(key.key, place.config()[key.key]) if key.set else UNSET
        removed = value.strip().strip("()").casefold() == UNSET
        wanted = UNSET if removed else _typed(place.name, name, value, key.type)
        in_git = any((folder / ".git").exists() for folder in (place.work_dir, *place.work_dir.parents))
        named = branch_for(place.name, name, digest([text, wanted]))
        return ConfigChange(
            stack=place.name,
            key=key.key,
            previous=previous,
            value=wanted,
            digest=config_digest(text),
            in_git=in_git,
            branch=named if in_git and may_be_offered(place.config_path) else "",
            path=str(place.config_path),
        )

    async def change(self, place: Place, change: ConfigChange, permit: PermitLike, *, by: str, tool: str) -> str:
        """Make the change, and offer it as a commit where it lies in git; the commit's id, or nothing.

        What an earlier attempt has set already stays. Raises PlanMoved when the configuration isn't as it was when it
        was approved.
        """
        there = self.current(place, change.key) == change.value
        if not there and config_digest(place.config_text()) != change.digest:
            raise PlanMoved(
                f"The configuration of {place.name} was changed by somebody else in between.",
                not_done=f"{change.key} was not set.",
                to_do="Ask for it again.",
            )
        async with self._room.open(place, create=place.may_be_made) as child:
            await self._permits.redeem(permit.id, permit.token, tool=tool)
            if there:
                pass
            elif change.value == UNSET:
                await child.run(Job("config_remove", {"key": change.key}))
            else:
                await child.run(Job("config_set", {"key": change.key, "value": change.value}))

        if not change.branch:
            return ""
        doing = f"Unset {change.key} of {change.stack}"
        if change.value != UNSET:
            doing = f"Set {change.key} of {change.stack} to {change.value}"
        words = f"{doing}\n\nAsked for by {by} [sophia {permit.id}]"
        return await asyncio.to_thread(offer, place.config_path, change.branch, words)

    @staticmethod
    def offered(place: Place, branch: str) -> str:
        """The commit on a branch that has the configuration as it is; otherwise nothing."""
        return offered(place.config_path, branch) if branch else ""

    @staticmethod
    def uncommitted(place: Place) -> bool:
        """Whether the configuration isn't as the current commit has it."""
        return uncommitted(place.config_path)

    def current(self, place: Place, key: str) -> str:
        """A key's value as text, or UNSET."""
        values = place.config()
        return _text(key, values[key]) if key in values else UNSET


def _schema(place: Place) -> dict[str, dict[str, Any]]:
    """The keys that the project's file declares, with their namespace."""
    import yaml

    try:
        project = yaml.safe_load((place.work_dir / "Pulumi.yaml").read_text()) or {}
    except (OSError, yaml.YAMLError):
        return {}
    declared = project.get("config")
    if not isinstance(declared, dict):
        return {}
    return {
        _full(place, str(name)): dict(what) if isinstance(what, dict) else {"default": what}
        for name, what in declared.items()
    }


def _full(place: Place, name: str) -> str:
    return name if ":" in name else f"{place.project}:{name}"


def _no_part_of_a_key(place: Place, key: str) -> None:
    """Raises InfraError for what lies inside a key's value: set as a key of its own, it would change nothing there."""
    outer = re.split(r"[.\[]", key.rpartition(":")[2])[0]
    whole = f"{key.rpartition(':')[0]}:{outer}"
    if whole != key and isinstance(place.config().get(whole), dict | list):
        raise _requester(
            f"{key.rpartition(':')[2]} is a part of {outer} of {place.name}, and only whole keys are set from a "
            "conversation.",
            f"Set it by hand: `pulumi config set --path '{key}' VALUE` in {place.work_dir}.",
        )


def _plain(key: str) -> str:
    space, _, name = key.rpartition(":")
    return f"{space}:{re.sub(r'[-_ ]', '', name)}".casefold()


def _secret(key: str, value: Any, declared: dict[str, Any]) -> bool:
    if isinstance(value, dict) and "secure" in value:
        return True
    return bool(declared.get("secret")) or is_a_secret(key.rpartition(":")[2])


def _shown(key: str, value: Any) -> Any:
    """A key's value as it may be shown; secrets may lie deep in it."""
    return shown(key.rpartition(":")[2], _unlocked(value))


def _unlocked(value: Any) -> Any:
    """The value with a mask for what is encrypted in it."""
    if isinstance(value, dict):
        return MASK if list(value) == ["secure"] else {name: _unlocked(part) for name, part in value.items()}
    return [_unlocked(part) for part in value] if isinstance(value, list) else value


def _text(key: str, value: Any) -> str:
    """As it may be shown, in the words in which it is set."""
    seen = _shown(key, value)
    return seen if isinstance(seen, str) else json.dumps(seen, ensure_ascii=False)


def _typed(stack: str, name: str, value: str, kind: str) -> str:
    """The value as Pulumi writes it. Raises InfraError when it isn't of the key's type."""
    text = value.strip()
    if kind == "integer" and not re.fullmatch(r"-?\d+", text):
        raise _requester(f"{name} of {stack} takes a whole number, not {value!r}.", "Say for example 3.")
    if kind == "boolean":
        if text.lower() not in _TRUTH:
            raise _requester(f"{name} of {stack} is either on or off, not {value!r}.", "Say true or false.")
        return _TRUTH[text.lower()]
    return text


def _requester(tried: str, to_do: str) -> InfraError:
    error = InfraError(tried, not_done="Nothing was changed.", to_do=to_do)
    error.acts = "requester"
    return error
