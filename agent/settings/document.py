"""The file as it is written: parsed, with the line of everything, and without the secrets that don't belong there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from agent.settings.leaks import leaks
from agent.settings.positions import Path, Positions
from agent.settings.problems import SettingsProblem, dotted
from agent.settings.schema import place
from infra.secret_shapes import kind_of_secret, names_a_secret

__all__ = ["Document", "inside", "removed"]

_ERROR = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL)
_ASSIGNMENT = re.compile(r"^\s*[\"']?(?P<key>[\w.\-]+)[\"']?\s*=\s*[\"']?[^\s\"'\[{]")
_CHANGE_IT = "and change the secret, because it has been in a file."


class Document:
    """A text that should be TOML. What is wrong with it is in `problems`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.problems: list[SettingsProblem] = []
        self.values: dict[str, Any] = {}
        self.readable = True
        """Whether it is TOML; nothing but the problems says anything otherwise."""
        try:
            self.values = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            self.readable = False
            self.problems = [_syntax(error, text), *_leaks_in_lines(text)]
        else:
            self._take_out_secrets()

    @cached_property
    def _positions(self) -> Positions:
        return Positions(self._text)

    def line(self, path: Path) -> int | None:
        """The line of the path, or of what is nearest around it."""
        return self._positions.line(path)

    def _take_out_secrets(self) -> None:
        for path, kind in list(leaks(self.values, _harmless)):
            said = f"`{dotted(path)}` holds {kind}; secrets don't belong in this file."
            self._add(self.line(path), dotted(path), said, _keep_it(path))
            removed(self.values, path)
        if kind_of_secret(self._text):
            for line, comment in self._positions.comments:
                hidden = kind_of_secret(comment)
                if hidden:
                    self._add(line, "", f"a comment holds {hidden}.", f"Delete it {_CHANGE_IT}")

    def _add(self, line: int | None, path: str, message: str, instead: str) -> None:
        where = f"line {line}" if line else "the file"
        self.problems.append(SettingsProblem(where=where, line=line, path=path, message=message, instead=instead))


def removed(values: Any, path: Path) -> None:
    """Take the value out, and with an element of a list the whole list; nothing when it isn't there."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    holder = inside(values, path[:-1])
    if isinstance(holder, dict) and path:
        holder.pop(path[-1], None)


def inside(values: Any, path: Path) -> Any:
    """What is at the path of a parsed document; None when nothing is."""
    for part in path:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            return None
    return values


def _harmless(path: Path) -> bool:
    at = place(path)
    return at is not None and not at.secret


def _keep_it(path: Path) -> str:
    at = place(path)
    key = str(path[-1])
    if at and at.variable:
        return f"Delete it, export {at.variable}=… instead, {_CHANGE_IT}"
    if path[0] == "stacks" and len(path) > 2 and "pass" in key:
        variable = "SOPHIA_" + re.sub(r"\W", "_", str(path[1])).upper() + "_PASSPHRASE"
        return f'Write passphrase_env = "{variable}", export that variable, {_CHANGE_IT}'
    if path[0] == "people" and "token" in key:
        return 'Write token_sha256 = ["…"], the digest of a new token: `printf %s "$SOPHIA_TOKEN" | sha256sum`.'
    return f"Delete it, keep it in an environment variable of whoever needs it, {_CHANGE_IT}"


def _syntax(error: Exception, text: str) -> SettingsProblem:
    found = _ERROR.fullmatch(str(error))
    if isinstance(error, RecursionError) or not found:
        return SettingsProblem(where="the file", message="it is nested too deeply to be read.", instead="Flatten it.")
    line = int(found["line"]) if found["line"] else text.count("\n") + (not text.endswith("\n"))
    what = found["what"][0].lower() + found["what"][1:]
    column = f", column {found['column']}" if found["column"] else ""
    return SettingsProblem(
        where=f"line {line}", line=line, message=f"this isn't TOML: {what}{column}.", instead=_advice(what)
    )


def _advice(what: str) -> str:
    if "twice" in what or "overwrite" in what or "already" in what or "mutate" in what:
        return "Every table and every key may stand there once: join the two."
    if "'='" in what:
        return 'Write key = value, and text in quotes: name = "Pay Ready".'
    if "value" in what:
        return 'Write text in quotes, numbers and true or false without: zone = "Europe/Berlin", monthly = 5000.'
    if "string" in what or "escape" in what or "character" in what or "quote" in what:
        return "Close the quotes on the same line; write \\\\ for a backslash."
    if "bracket" in what or "]" in what or "array" in what or "}" in what:
        return "Close what was opened: [ ] around lists and headings, { } around tables in one line."
    return "See toml.io for how it is written, or begin anew: sophia init --force."


def _leaks_in_lines(text: str) -> Iterator[SettingsProblem]:
    for number, line in enumerate(text.splitlines(), 1):
        kind = kind_of_secret(line)
        assigned = _ASSIGNMENT.match(line)
        if kind is None and assigned and names_a_secret(assigned["key"].rpartition(".")[2]):
            known = assigned["key"] in ("token_sha256", "passphrase_env") or assigned["key"].startswith("tokens_per_")
            kind = None if known else f"a secret in `{assigned['key']}`, by the name of its key"
        if kind:
            said = f"this line holds {kind}; secrets don't belong in this file."
            yield SettingsProblem(where=f"line {number}", line=number, message=said, instead=f"Delete it {_CHANGE_IT}")
