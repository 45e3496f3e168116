"""Puts the configuration together from what is built in, the file and the environment, and checks it as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path as Folder
from typing import Any

from pydantic import SecretStr, ValidationError

from agent.settings.agreement import disagreements, oddities
from agent.settings.defaults import built_in
from agent.settings.document import Document, inside, removed
from agent.settings.environment import own_environment, settings_from
from agent.settings.finding import Found, find, home_folder
from agent.settings.machine import Embedder, Model
from agent.settings.positions import Path
from agent.settings.problems import SettingsError, SettingsProblem, dotted, explained, nearest
from agent.settings.schema import place, variables
from agent.settings.whole import DERIVED, NAMED, Settings

__all__ = ["load"]

_ROUNDS = 8
"""How often what is wrong is replaced by something right, to see what else is wrong."""


def load(
    *,
    directory: Folder | None = None,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """The settings for somebody who works in `directory` (the working directory) with `environ` (the process's own).

    `overrides` is shaped like the file and counts most; a table of named things in it replaces the one below, and
    `home` in it is the data folder. Raises SettingsError with every problem at once.
    """
    where = Folder.cwd() if directory is None else directory
    given = own_environment() if environ is None else environ
    return _Loading(where, given, overrides or {}).run()


class _Loading:
    def __init__(self, directory: Folder, environ: Mapping[str, str], overrides: Mapping[str, Any]) -> None:
        self._directory, self._environ, self._overrides = directory, environ, overrides
        self._found = find(directory, environ)
        self._document = Document(self._found.text or "")
        self._problems: list[SettingsProblem] = list(self._document.problems)
        self._notices: list[str] = list(self._found.notices)
        self._defaults = built_in()
        self._origins: list[tuple[Path, str]] = []
        """What didn't come from the file: its path, and who said it."""

    def run(self) -> Settings:
        if self._found.problem:
            self._problems.append(_unreadable(self._found))
        settings = None
        if self._document.readable and not self._found.problem:
            settings = self._validated(self._assembled())
        if settings is None or self._problems:
            raise SettingsError(str(self._found.path or "The configuration"), self._problems)
        return self._finished(settings)

    def _assembled(self) -> dict[str, Any]:
        written = self._document.values
        for key in sorted(DERIVED & set(written)):
            self._add((key,), f"`{key}` is no setting.", "Delete it.")
        ours = {key: value for key, value in written.items() if key not in DERIVED}
        document = deepcopy(self._defaults | ours)
        unknown: list[str] = []
        for name, part in settings_from(self._environ):
            _merge(document, part)
            self._origins += [(path, name) for path in _leaves(part)]
            unknown += [] if part else [name]
        for key, value in self._overrides.items():
            if key != "home":
                _merge(document, {key: value}, replace=key in NAMED)
                self._origins.append(((key,), "the program"))
        self._unknown_variables(unknown, document)
        return document

    def _unknown_variables(self, unknown: list[str], document: Mapping[str, Any]) -> None:
        stacks = document.get("stacks")
        tables = stacks.values() if isinstance(stacks, dict) else ()
        passphrases = {table.get("passphrase_env") for table in tables if isinstance(table, dict)}
        for name in sorted(set(unknown) - passphrases):
            close = nearest(name, variables(), cutoff=0.85)
            if close:
                told = f"Export {close} instead, or unset it."
                self._problems.append(SettingsProblem(where=name, message="this variable sets nothing.", instead=told))
            else:
                self._notices.append(f"The environment variable {name} means nothing to Sophia.")

    def _validated(self, document: dict[str, Any]) -> Settings | None:
        declared = {section: _names(document.get(section)) for section in NAMED}
        folder = self._found.path.parent if self._found.path else self._directory
        wrong: list[Path] = []
        for _ in range(_ROUNDS):
            try:
                settings = Settings.model_validate(document, context={"folder": folder})
            except ValidationError as error:
                for path, message, instead in explained(error, document):
                    if path in wrong:
                        removed(document, path)
                        continue
                    self._add(path, message, instead)
                    _mended(document, path)
                    wrong.append(path)
                continue
            found = list(disagreements(settings, declared))
            outdated = [path for path, _, _ in found if self._source_of(path) is None]
            if outdated:
                self._leave_out(document, outdated)
                continue
            for path, message, instead in found:
                if not any(path[: len(other)] == other for other in wrong):
                    self._add(path, message, instead)
            return settings
        return None

    def _leave_out(self, document: dict[str, Any], paths: list[Path]) -> None:
        """What is built in gives way to what is configured: take out what no longer fits, the last first."""
        for path in reversed(paths):
            number = next((at for at, part in enumerate(path) if isinstance(part, int)), len(path) - 1)
            holder = inside(document, path[:number])
            if isinstance(holder, dict | list) and inside(holder, path[number : number + 1]) is not None:
                del holder[path[number]]  # type: ignore[arg-type]
            self._notices.append(f"Left out, because it no longer fits: the built-in `{dotted(path[: number + 1])}`.")

    def _finished(self, settings: Settings) -> Settings:
        home = self._overrides.get("home")
        said = {path[0] for path, _ in self._origins} | set(self._document.values)
        names = [stack.passphrase_env for stack in settings.stacks.values() if stack.passphrase_env]
        source = self._found.path
        finished = settings.model_copy(
            update={
                "source": source,
                "embedder": _with_server(settings.embedder, settings.model),
                "home": Folder(home).absolute() if home else home_folder(self._directory, self._environ, source),
                "built_in": frozenset(self._defaults) - said,
                "notices": (*self._notices, *oddities(settings)),
            }
        )
        return finished.holding({name: SecretStr(self._environ[name]) for name in names if self._environ.get(name)})

    def _source_of(self, path: Path) -> str | None:
        """The variable or the line that says what is at the path; None for what is built in."""
        said_by = next((name for origin, name in reversed(self._origins) if path[: len(origin)] == origin), None)
        if said_by is None and path[0] in self._document.values:
            return f"line {self._document.line(path)}"
        return said_by

    def _add(self, path: Path, message: str, instead: str) -> None:
        where = self._source_of(path) or "built in"
        line = self._document.line(path) if where.startswith("line ") else None
        problem = SettingsProblem(where=where, line=line, path=dotted(path), message=message, instead=instead)
        self._problems.append(problem)


def _with_server(embedder: Embedder, model: Model) -> Embedder:
    """Key and address only together: a key never goes to a server that it isn't for."""
    if embedder.model is None or embedder.base_url is not None:
        return embedder
    return embedder.model_copy(update={"base_url": model.base_url, "api_key": embedder.api_key or model.api_key})


def _unreadable(found: Found) -> SettingsProblem:
    where = f"line {found.line}" if found.line else "the file"
    return SettingsProblem(where=where, line=found.line, message=found.problem, instead=found.instead)


def _names(tables: Any) -> list[str]:
    return [*tables, *(f"#{name}" for name in tables if not name.startswith("#"))] if isinstance(tables, dict) else []


def _merge(document: dict[str, Any], part: Mapping[str, Any], *, replace: bool = False) -> None:
    for key, value in part.items():
        below = document.get(key)
        if isinstance(value, Mapping) and isinstance(below, dict) and not replace:
            _merge(below, value)
        else:
            document[key] = deepcopy(value)


def _leaves(part: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(part, dict) and part:
        for key, value in part.items():
            yield from _leaves(value, (*path, key))
    elif path:
        yield path


def _mended(document: dict[str, Any], path: Path) -> None:
    """Replace what is wrong by an example of what is right, or take it out, so that the rest can be checked."""
    holder = inside(document, path[:-1])
    at = place(path)
    example = at.sample(path) if at else None
    if example is not None and isinstance(holder, dict | list):
        holder[path[-1]] = deepcopy(example)  # type: ignore[index]
    elif isinstance(holder, dict) and path[-1] not in holder:
        removed(document, path[:-1])
    else:
        removed(document, path)
