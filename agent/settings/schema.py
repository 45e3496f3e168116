"""What may stand where: the keys of a table, and the field that a path leads to."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from agent.settings.environment import BETWEEN, FOR_LOADING, PREFIX, SHORT_NAMES
from agent.settings.positions import Path
from agent.settings.whole import DERIVED, Settings

__all__ = ["Place", "as_toml", "keys", "place", "toml_key", "variables"]


@dataclass(frozen=True)
class Place:
    """What the schema says of a path: its type, and the field that it is a value of."""

    annotation: Any
    field: FieldInfo | None = None

    @property
    def table(self) -> type[BaseModel] | None:
        """The model when a table with given keys stands here."""
        kind = _bare(self.annotation)
        return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None

    @property
    def heading(self) -> bool:
        """Whether it is the name that the table's heading gives."""
        extra = self.field.json_schema_extra if self.field else None
        return isinstance(extra, dict) and "heading" in extra

    @property
    def wants_list(self) -> bool:
        """Whether a list stands here."""
        return get_origin(_bare(self.annotation)) is tuple

    @property
    def secret(self) -> bool:
        """Whether a secret is wanted here, which the file must not hold."""
        return _bare(self.annotation) is SecretStr

    @property
    def variable(self) -> str | None:
        """The environment variable that is meant for it, where one is."""
        extra = self.field.json_schema_extra if self.field else None
        return str(extra["variable"]) if isinstance(extra, dict) and "variable" in extra else None

    def sample(self, path: Path) -> Any:
        """The example as a value for the path, which may lead to an element of a list; None where there is none."""
        examples = self.field.examples if self.field else None
        if not examples:
            return None
        value = examples[0]
        return value[0] if path and isinstance(path[-1], int) and isinstance(value, list) else value


def place(path: Path) -> Place | None:
    """What the schema says of the path; None where it knows nothing."""
    at = Place(Settings)
    for part in path:
        step = _inside(at, part)
        if step is None:
            return None
        at = step
    return at


def keys(path: Path) -> tuple[str, ...]:
    """The keys that the table at the path may have; none where any name is good or it is no table."""
    at = place(path)
    if at is None or at.table is None:
        return ()
    return tuple(key for key, field in at.table.model_fields.items() if _writable(path, key, field))


def variables() -> list[str]:
    """The names of all environment variables that set something, but for those of tables with names of their own."""
    found = [*SHORT_NAMES, *FOR_LOADING]
    for key in keys(()):
        inner = keys((key,))
        found += [PREFIX + BETWEEN.join((key, name)).upper() for name in inner] if inner else [PREFIX + key.upper()]
    return found


def _writable(path: Path, key: str, field: FieldInfo) -> bool:
    at = Place(field.annotation, field)
    return not (at.heading or (at.secret and not field.examples) or (path == () and key in DERIVED))


def _inside(at: Place, part: str | int) -> Place | None:
    kind = _bare(at.annotation)
    if at.table is not None:
        field = at.table.model_fields.get(str(part))
        return Place(field.annotation, field) if field and part not in (DERIVED if kind is Settings else ()) else None
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return Place(arguments[1])
    if origin is tuple and isinstance(part, int):
        return Place(arguments[0], at.field)
    return None


def _bare(annotation: Any) -> Any:
    """The type without Annotated and without None."""
    if hasattr(annotation, "__metadata__"):
        return _bare(annotation.__origin__)
    if get_origin(annotation) in (Union, types.UnionType):
        some = [part for part in get_args(annotation) if part is not type(None)]
        return _bare(some[0]) if len(some) == 1 else annotation
    return annotation


def as_toml(value: Any) -> str:
    """A value as it is written in TOML, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(as_toml(part) for part in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{toml_key(key)} = {as_toml(part)}" for key, part in value.items()) + " }"
    return str(value)


def toml_key(key: str | int) -> str:
    """A key as it must be written: quoted where it has more than letters, digits, `_` and `-`."""
    text = str(key)
    plain = text.replace("_", "").replace("-", "")
    return text if plain.isascii() and plain.isalnum() else as_toml(text)
