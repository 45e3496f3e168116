"""What is wrong with a configuration: every problem at once, with its line and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.errors import OperatorMustAct
from agent.settings.schema import Place, as_toml, keys, place, toml_key
from infra.secret_shapes import kind_of_secret, names_a_secret

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from agent.settings.positions import Path

__all__ = ["SettingsError", "SettingsProblem", "dotted", "explained", "nearest"]

_WANTED = {
    "string": "text in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple": "a list in brackets",
    "mapping": "a table",
    "dict": "a table",
    "model": "a table",
    "model_attributes": "a table",
    "enum": "one of the words that are meant for it",
}


class SettingsProblem(BaseModel):
    """One thing that is wrong, where, and what to write instead."""

    model_config = ConfigDict(frozen=True)

    where: str
    """`line 12`, the name of an environment variable, or a file."""
    line: int | None = None
    path: str = ""
    message: str
    instead: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" + (f" {self.instead}" if self.instead else "")


class SettingsError(OperatorMustAct):
    """A configuration that can't be used, with all of its problems."""

    def __init__(self, source: str, problems: Iterable[SettingsProblem]) -> None:
        self.source = source
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line or 0, problem.where, problem.path)))
        count = "a problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(
            f"{source} has {count}:{lines}",
            not_done="Nothing was started.",
            to_do="Mend these and try again; `sophia doctor` looks once more.",
        )

    def __str__(self) -> str:
        return f"{self.tried}\n{self.not_done} {self.to_do}"


def dotted(path: Path) -> str:
    """A path as a person reads it: `competitors.RealPage.pages[2].url`."""
    found = ""
    for part in path:
        found += f"[{part + 1}]" if isinstance(part, int) else f".{toml_key(part)}" if found else toml_key(part)
    return found


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name that the word is probably meant to be."""
    from difflib import get_close_matches

    by_folded = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=cutoff)
    return by_folded[found[0]] if found else None


def explained(error: ValidationError, document: Mapping[str, Any]) -> list[tuple[Path, str, str]]:
    """The path, the sentence and what to write instead, for every error of a validation."""
    found: dict[Path, tuple[Path, str, str]] = {}
    for detail in error.errors(include_url=False, include_input=False):
        path = _written(detail["loc"], document)
        told = any(other[: len(path)] == path for other in found)
        if not (told and detail["type"] in ("too_short", "value_error")):
            found.setdefault(path, (path, *_sentence(path, detail, document)))
    return list(found.values())


def _written(location: tuple[str | int, ...], document: Mapping[str, Any]) -> Path:
    """The part of pydantic's location that stands in the document, and one more key where one is missing."""
    path: Path = ()
    at: Any = document
    for part in location:
        if isinstance(at, Mapping):
            path = (*path, part)
            if part not in at:
                return path
            at = at[str(part)]
        elif isinstance(at, list | tuple) and isinstance(part, int) and part < len(at):
            path, at = (*path, part), at[part]
        else:
            return path
    return path


def _sentence(path: Path, detail: ErrorDetails, document: Mapping[str, Any]) -> tuple[str, str]:
    name, kind = dotted(path), detail["type"]
    if kind == "extra_forbidden":
        return _unknown(path)
    at = place(path)
    instead = _instead(path, at)
    if kind == "missing":
        return f"`{dotted(path[:-1])}` has no `{path[-1]}`.", instead.replace("Write", "Add", 1)
    reason = _reason(detail)
    if at is not None and at.heading:
        return f"`{dotted(path[:-1])}`: {reason}.", ""
    name = f"`{name}`" if reason.startswith(("must", "is")) else f"`{name}`:"
    if kind in ("literal_error", "enum"):
        close = nearest(str(_value(path, document)), _choices(detail))
        return f"{name} {reason}{_not(path, document)}.", _write(path, close) if close else ""
    return f"{name} {reason}{_not(path, document)}.", instead


def _unknown(path: Path) -> tuple[str, str]:
    key, known = str(path[-1]), keys(path[:-1])
    where = f" of `{dotted(path[:-1])}`" if len(path) > 1 else ""
    close = nearest(key, known)
    if close:
        return f"`{toml_key(key)}` is no setting{where}; did you mean `{close}`?", f"Write {close} = … or delete it."
    return f"`{toml_key(key)}` is no setting{where}.", f"Delete it; what can be set there is {', '.join(known)}."


def _reason(detail: ErrorDetails) -> str:
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "value_error":
        return str(context.get("error", detail["msg"]))
    if kind in ("literal_error", "enum"):
        return f"must be {context['expected']}".replace("'", '"')
    if kind == "string_pattern_mismatch":
        return "isn't written as it must be"
    if kind == "string_too_short":
        return "must not be empty"
    if kind == "too_short":
        return "must have at least one element"
    for ending in ("_parsing", "_type", "_from_float"):
        if kind.removesuffix(ending) in _WANTED:
            return f"must be {_WANTED[kind.removesuffix(ending)]}"
    message = str(detail["msg"]).replace("Input should", "must")
    return message.replace("must be a valid", "must be a")


def _choices(detail: ErrorDetails) -> list[str]:
    expected = str(detail.get("ctx", {}).get("expected", ""))
    return [part.strip(" '") for part in expected.replace(" or ", ",").split(",")]


def _value(path: Path, document: Mapping[str, Any]) -> Any:
    at: Any = document
    for part in path:
        try:
            at = at[part]
        except (KeyError, IndexError, TypeError):
            return None
    return at


def _not(path: Path, document: Mapping[str, Any]) -> str:
    """`, not VALUE`, unless the value might be a secret or is long."""
    value = _value(path, document)
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    if not isinstance(value, str | int | float) or names_a_secret(key) or key in ("passphrase_env", "token_sha256"):
        return ""
    text = as_toml(value)
    if len(text) > 60 or kind_of_secret(text):
        return ""
    return f", not {text}"


def _instead(path: Path, at: Place | None) -> str:
    sample = at.sample(path) if at else None
    if sample is None:
        return ""
    key = f"{toml_key(path[-1])} = " if isinstance(path[-1], str) else ""
    return f"Write something like {key}{as_toml(sample)}."


def _write(path: Path, value: str) -> str:
    key = f"{toml_key(path[-1])} = " if isinstance(path[-1], str) else ""
    return f"Write {key}{as_toml(value)}."
